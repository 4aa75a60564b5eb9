"""The two pictures of a draft on their way from a dropped file to something that can be sent."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from kling_desktop.domain.catalog import MODELS, ModelSpec
from kling_desktop.domain.draft import FrameRole, ImageInput
from kling_desktop.domain.errors import KlingDesktopError, StorageError
from kling_desktop.domain.problems import Field
from kling_desktop.domain.validation import find_image_problems
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.media.fit import Box
from kling_desktop.media.images import ImageFault, PictureCheck, RefusedPicture
from kling_desktop.ui.create.picture_preparer import CROP_PREVIEW_PX, PicturePreparer
from kling_desktop.ui.create.slot_state import EMPTY_SLOT, WHITE, Colour, SlotPhase, SlotState
from kling_desktop.wording.reasons import describe_error

MakesFile = Callable[[], Awaitable[Path]]
_FIELDS = {FrameRole.FIRST: Field.FIRST_FRAME, FrameRole.LAST: Field.LAST_FRAME}


class FramePictures(QObject):
    """Holds both slots and runs the work on them; choosing another picture cancels what runs.

    Signals:
        state_changed: A slot (its role) looks different.
        image_changed: What goes into the draft changed by a person's doing (its role).
        picture_taken: A person put a picture into a slot (its role); it is not checked yet.
    """

    state_changed = Signal(object)
    image_changed = Signal(object)
    picture_taken = Signal(object)

    def __init__(
        self, preparer: PicturePreparer, tasks: TaskOwner, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._preparer = preparer
        self._tasks = tasks
        self._spec = MODELS[0]
        self._states = dict.fromkeys(FrameRole, EMPTY_SLOT)
        self._running: dict[FrameRole, asyncio.Task[None]] = {}

    def state(self, role: FrameRole) -> SlotState:
        return self._states[role]

    def image(self, role: FrameRole) -> ImageInput | None:
        return self._states[role].image

    @property
    def is_busy(self) -> bool:
        return any(state.phase is SlotPhase.CHECKING for state in self._states.values())

    def set_spec(self, spec: ModelSpec) -> None:
        """Hold the next pictures against this model's limits."""
        self._spec = spec

    # -------------------------------------------------------------- what a person does

    def take_path(
        self, role: FrameRole, path: Path, *, name: str = "", background: Colour = WHITE
    ) -> None:
        """Check a file and make it the slot's picture."""
        name = name or path.name
        before = SlotState(phase=SlotPhase.CHECKING, name=name, source=path, background=background)
        self._begin(role, before, self._check(role, before, path))
        self.picture_taken.emit(role)

    def take_image(self, role: FrameRole, image: QImage, name: str) -> None:
        """Make a picture without a file the slot's: from the clipboard or a browser."""
        self.take_made(role, lambda: self._preparer.keep_image(image), name)

    def take_made(self, role: FrameRole, make: MakesFile, name: str) -> None:
        """Make the file that `make` comes to the slot's picture, a clip's frame for instance."""
        before = SlotState(phase=SlotPhase.CHECKING, name=name)
        self._begin(role, before, self._check_made(role, before, make))
        self.picture_taken.emit(role)

    def take_last_frame(self, role: FrameRole) -> None:
        """Use the last frame of the video that lies in the slot."""
        state = self._states[role]
        video = state.source
        if video is not None:
            name = f"{video.stem}, last frame"
            self.take_made(role, lambda: self._preparer.take_last_frame(video), name)

    def apply_fix(self, role: FrameRole) -> None:
        """Make the copy that the slot's card offers."""
        state = self._states[role]
        source, fix, spec, background = state.source, state.fix, self._spec, state.background
        if source is not None and fix is not None:
            self._replace_image(
                role,
                lambda: self._preparer.apply_fix(source, fix, spec=spec, background=background),
            )

    def crop(self, role: FrameRole, box: Box) -> None:
        """Cut a part out of the slot's original."""
        state = self._states[role]
        source, spec, background = state.source, self._spec, state.background
        if source is not None:
            self._replace_image(
                role, lambda: self._preparer.crop(source, box, spec=spec, background=background)
            )

    def crop_present(self, role: FrameRole, box: Box) -> None:
        """Cut a part out of the slot's picture as it is now."""
        image, spec = self._states[role].image, self._spec
        if image is not None:
            path = image.path
            self._replace_image(role, lambda: self._preparer.crop(path, box, spec=spec))

    async def load_original(self, role: FrameRole) -> tuple[PictureCheck, QImage] | None:
        """Read the slot's original, large, for cropping by hand; None when it is gone."""
        state = self._states[role]
        if state.source is None:
            return None
        try:
            return await self._preparer.load_preview(
                state.source, side_px=CROP_PREVIEW_PX, background=state.background
            )
        except RefusedPicture as error:
            self._finish(role, _refuse(state, error))
            return None

    def set_background(self, role: FrameRole, colour: Colour) -> None:
        """Lay the picture's transparent parts on another colour."""
        state = self._states[role]
        if state.source is not None:
            self.take_path(role, state.source, name=state.name, background=colour)

    def remove(self, role: FrameRole) -> None:
        self._stop(role)
        self._set(role, EMPTY_SLOT)
        self.image_changed.emit(role)

    def swap(self) -> None:
        """Exchange first and last; nothing happens while one is being looked at."""
        if self.is_busy:
            return
        first, last = FrameRole.FIRST, FrameRole.LAST
        self._states[first], self._states[last] = self._states[last], self._states[first]
        for role in FrameRole:
            self.state_changed.emit(role)
        for role in FrameRole:
            self.image_changed.emit(role)

    # -------------------------------------------------------------- what a draft brings

    def show_image(self, role: FrameRole, image: ImageInput | None) -> None:
        """Put a draft's picture into a slot without telling; it is looked at again on disk."""
        state = self._states[role]
        if image is None:
            self._stop(role)
            self._set(role, EMPTY_SLOT)
        elif state.image != image or state.phase is SlotPhase.CHECKING:
            self._show_known(role, image)

    def recheck(self) -> None:
        """Notice pictures that were moved since, and those that came back."""
        for role, state in self._states.items():
            running = self._running.get(role)
            if running is not None and not running.done():
                continue  # it is being looked at this very moment
            if state.image is not None and state.phase in (SlotPhase.READY, SlotPhase.MOVED):
                self._run(role, self._look_again(role, state, state.image))

    def _show_known(self, role: FrameRole, image: ImageInput) -> None:
        state = SlotState(phase=SlotPhase.READY, name=image.name, source=image.path, image=image)
        if find_image_problems(image, self._spec, _FIELDS[role]):
            # It waited for a repair when the draft was left: the offer is worked out again.
            state = replace(state, phase=SlotPhase.CHECKING)
            self._begin(role, state, self._check(role, state, image.path))
        else:
            self._begin(role, state, self._load_known(role, state, image))

    # -------------------------------------------------------------- the work

    def _replace_image(self, role: FrameRole, make: Callable[[], Awaitable[ImageInput]]) -> None:
        state = self._states[role]
        busy = replace(state, phase=SlotPhase.CHECKING)
        self._begin(role, busy, self._make_image(role, state, make))

    def _begin(
        self, role: FrameRole, state: SlotState, work: Coroutine[object, object, None]
    ) -> None:
        had = self._states[role].image
        self._run(role, work)
        self._set(role, state)
        if had != state.image and state.phase is SlotPhase.CHECKING:
            self.image_changed.emit(role)

    def _run(self, role: FrameRole, work: Coroutine[object, object, None]) -> None:
        self._stop(role)
        self._running[role] = self._tasks.start(work, name=f"{role} frame")

    def _stop(self, role: FrameRole) -> None:
        task = self._running.pop(role, None)
        if task is not None:
            task.cancel()

    def _set(self, role: FrameRole, state: SlotState) -> None:
        if self._states[role] != state:
            self._states[role] = state
            self.state_changed.emit(role)

    def _finish(self, role: FrameRole, state: SlotState) -> None:
        had = self._states[role].image
        self._set(role, state)
        if had != state.image:
            self.image_changed.emit(role)

    async def _check_made(self, role: FrameRole, before: SlotState, make: MakesFile) -> None:
        try:
            path = await make()
        except KlingDesktopError as error:
            self._finish(role, _refuse(before, error))
            return
        await self._check(role, replace(before, source=path), path)

    async def _check(self, role: FrameRole, before: SlotState, path: Path) -> None:
        try:
            _, preview = await self._preparer.load_preview(path, background=before.background)
            before = replace(before, preview=preview)
            self._set(role, before)
            prepared = await self._preparer.prepare(
                path, spec=self._spec, field=_FIELDS[role], background=before.background
            )
        except (RefusedPicture, StorageError) as error:
            self._finish(role, _refuse(before, error))
            return
        image = prepared.image or prepared.check.image
        self._finish(
            role,
            replace(
                before,
                phase=SlotPhase.READY if prepared.image else SlotPhase.NEEDS_FIX,
                image=replace(image, name=before.name),
                fix=prepared.fix,
                frames=prepared.check.frames,
                notes=prepared.notes,
            ),
        )

    async def _make_image(
        self, role: FrameRole, before: SlotState, make: Callable[[], Awaitable[ImageInput]]
    ) -> None:
        try:
            image = await make()
            _, preview = await self._preparer.load_preview(image.path)
        except (RefusedPicture, StorageError) as error:
            self._finish(role, _refuse(before, error))
            return
        self._finish(
            role,
            replace(
                before,
                phase=SlotPhase.READY,
                image=replace(image, name=before.name),
                fix=None,
                preview=preview,
            ),
        )

    async def _load_known(self, role: FrameRole, state: SlotState, image: ImageInput) -> None:
        try:
            _, preview = await self._preparer.load_preview(image.path)
        except RefusedPicture as error:
            gone = error.kind in (ImageFault.MISSING, ImageFault.NO_ACCESS)
            moved = replace(state, phase=SlotPhase.MOVED)
            self._finish(role, moved if gone else _refuse(state, error))
            return
        self._set(role, replace(state, preview=preview))

    async def _look_again(self, role: FrameRole, state: SlotState, image: ImageInput) -> None:
        there = await self._preparer.is_there(image.path)
        if not there:
            self._set(role, replace(state, phase=SlotPhase.MOVED))
        elif state.phase is SlotPhase.MOVED:
            await self._load_known(role, replace(state, phase=SlotPhase.READY), image)


def _refuse(state: SlotState, error: KlingDesktopError) -> SlotState:
    """A slot whose file cannot be used; what the error says is said there."""
    fault = error.kind if isinstance(error, RefusedPicture) else ImageFault.NO_ACCESS
    message = describe_error(error)
    if not isinstance(error, RefusedPicture):
        message = "The copy can't be saved. There may be no room on the disk."
    return replace(
        state,
        phase=SlotPhase.REFUSED,
        image=None,
        fix=None,
        fault=fault,
        message=message,
    )
