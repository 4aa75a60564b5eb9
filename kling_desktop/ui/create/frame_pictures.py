"""The two pictures of a draft: who owns them, and the work from a dropped file to a sound one."""

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
from kling_desktop.ui.create.slot_state import EMPTY_SLOT, Colour, SlotPhase, SlotState
from kling_desktop.wording import pictures as words
from kling_desktop.wording.reasons import describe_error

MakesFile = Callable[[], Awaitable[Path]]
MakesImage = Callable[[], Awaitable[ImageInput]]
_Work = Coroutine[object, object, None]
_FIELDS = {FrameRole.FIRST: Field.FIRST_FRAME, FrameRole.LAST: Field.LAST_FRAME}


class FramePictures(QObject):
    """Owns what both slots hold; giving a slot another picture cancels the work on the former.

    A picture stays in its slot until the next one is known to be usable.

    Signals:
        state_changed: A slot (its role) looks different.
        changing: The user's act is about to change what a slot (its role) gives to the draft.
        image_changed: What a slot (its role) gives to the draft has changed.
        picture_taken: A picture that the user gave is in its slot (its role) now.
        picture_refused: What the user gave to a slot (its role) cannot be used; the `SlotState`
            says why.  The picture that was there stays.
    """

    state_changed = Signal(object)
    changing = Signal(object)
    image_changed = Signal(object)
    picture_taken = Signal(object)
    picture_refused = Signal(object, object)

    def __init__(
        self, preparer: PicturePreparer, tasks: TaskOwner, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._preparer = preparer
        self._tasks = tasks
        self._spec = MODELS[0]
        self._states = dict.fromkeys(FrameRole, EMPTY_SLOT)
        self._settled: dict[FrameRole, SlotState] = {}
        """What each slot held before the work that is going on in it."""
        self._running: dict[FrameRole, asyncio.Task[None]] = {}
        self._by_user: set[FrameRole] = set()
        """Slots in which the work that is going on was started by the user."""
        self._taking: set[FrameRole] = set()
        """Those of them that are given another picture, not another form of theirs."""

    def state(self, role: FrameRole) -> SlotState:
        return self._states[role]

    def image(self, role: FrameRole) -> ImageInput | None:
        """What the slot gives to the draft."""
        return self._states[role].image

    @property
    def is_busy(self) -> bool:
        return any(state.phase is SlotPhase.CHECKING for state in self._states.values())

    def set_spec(self, spec: ModelSpec) -> None:
        """Check the next pictures against this model's limits."""
        self._spec = spec

    # -------------------------------------------------------------- what the user does

    def take_path(self, role: FrameRole, path: Path) -> None:
        """Check a file and make it the slot's picture."""
        state = SlotState(
            phase=SlotPhase.CHECKING, name=path.name, source=path, image=self.image(role)
        )
        self._begin(role, state, self._check(role, state, path), taking=True)

    def take_image(self, role: FrameRole, image: QImage, name: str) -> None:
        """Take a picture without a file: from the clipboard or a browser."""
        self.take_made(role, lambda: self._preparer.keep_image(image), name)

    def take_made(self, role: FrameRole, make: MakesFile, name: str) -> None:
        """Take the file that `make` returns, a clip's frame for instance."""
        state = SlotState(phase=SlotPhase.CHECKING, name=name, image=self.image(role))
        self._begin(role, state, self._check_made(role, state, make), taking=True)

    def take_last_frame(self, role: FrameRole, video: Path) -> None:
        """Take the last frame of a video."""
        name = words.name_of_last_frame(video.stem)
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
            self.picture_refused.emit(role, _refuse(state, error))
            return None

    def set_background(self, role: FrameRole, colour: Colour) -> None:
        """Lay the picture's transparent parts on another colour."""
        state, source = self._states[role], self._states[role].source
        if source is not None:
            state = replace(state, phase=SlotPhase.CHECKING, background=colour, preview=None)
            self._begin(role, state, self._check(role, state, source), taking=False)

    def remove(self, role: FrameRole) -> None:
        self.changing.emit(role)
        self._stop(role)
        self._set(role, EMPTY_SLOT)
        self.image_changed.emit(role)

    def swap(self) -> None:
        """Exchange first and last; nothing happens while one is being checked."""
        if self.is_busy:
            return
        first, last = FrameRole.FIRST, FrameRole.LAST
        self.changing.emit(first)
        before = dict(self._states)
        self._set(first, before[last])
        self._set(last, before[first])
        for role in FrameRole:
            self.image_changed.emit(role)

    # -------------------------------------------------------------- what a draft brings

    def show_image(self, role: FrameRole, image: ImageInput | None) -> None:
        """Show a draft's picture without a signal for it; it is looked at again on disk."""
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
                continue  # it is being looked at right now
            if state.image is not None and state.phase in (SlotPhase.READY, SlotPhase.MOVED):
                self._run(role, self._look_again(role, state, state.image))

    def _show_known(self, role: FrameRole, image: ImageInput) -> None:
        self._stop(role)
        state = SlotState(phase=SlotPhase.READY, name=image.name, source=image.path, image=image)
        if find_image_problems(image, self._spec, _FIELDS[role]):
            # It still needed a repair when the draft was kept: work the offer out again.
            state = replace(state, phase=SlotPhase.CHECKING)
            self._run(role, self._check(role, state, image.path))
        else:
            self._run(role, self._load_known(role, state, image))
        self._set(role, state)

    # -------------------------------------------------------------- the work

    def _replace_image(self, role: FrameRole, make: MakesImage) -> None:
        state = replace(self._states[role], phase=SlotPhase.CHECKING)
        self._begin(role, state, self._make_image(role, state, make), taking=False)

    def _begin(self, role: FrameRole, state: SlotState, work: _Work, *, taking: bool) -> None:
        """Start work that the user asked for."""
        self._run(role, work)
        self._by_user.add(role)
        if taking:
            self._taking.add(role)
        self._set(role, state)

    def _run(self, role: FrameRole, work: _Work) -> None:
        self._stop(role)
        self._running[role] = self._tasks.start(work, name=f"{role} frame")

    def _stop(self, role: FrameRole) -> None:
        self._by_user.discard(role)
        self._taking.discard(role)
        task = self._running.pop(role, None)
        if task is not None:
            task.cancel()

    def _set(self, role: FrameRole, state: SlotState) -> None:
        if state.phase is not SlotPhase.CHECKING:
            self._settled[role] = state
        if self._states[role] != state:
            self._states[role] = state
            self.state_changed.emit(role)

    def _finish(self, role: FrameRole, state: SlotState) -> None:
        """The work on a slot ended: show what came of it, or keep what was there."""
        by_user, taking = role in self._by_user, role in self._taking
        self._by_user.discard(role)
        self._taking.discard(role)
        kept = self._states[role].image
        if by_user and state.phase is SlotPhase.REFUSED and kept is not None:
            former = self._settled.get(role, EMPTY_SLOT)
            if former.image == kept:
                self._set(role, former)
            else:  # a draft had brought it, and its own check had not ended
                self._running.pop(role, None)
                self._show_known(role, kept)
            self.picture_refused.emit(role, state)
            return
        changes = self._states[role].image != state.image
        if changes and by_user:
            self.changing.emit(role)
        self._set(role, state)
        if changes:
            self.image_changed.emit(role)
        if taking and state.image is not None:
            self.picture_taken.emit(role)

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

    async def _make_image(self, role: FrameRole, before: SlotState, make: MakesImage) -> None:
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
            cleaned = await self._preparer.clean(image)
        except RefusedPicture as error:
            gone = error.kind in (ImageFault.MISSING, ImageFault.NO_ACCESS)
            moved = replace(state, phase=SlotPhase.MOVED)
            self._finish(role, moved if gone else _refuse(state, error))
            return
        except StorageError as error:
            self._finish(role, _refuse(state, error))
            return
        state = replace(state, preview=preview, image=cleaned)
        if cleaned == image:
            self._set(role, state)
        else:  # the draft of an older version held more than what is seen
            self._finish(role, state)

    async def _look_again(self, role: FrameRole, state: SlotState, image: ImageInput) -> None:
        is_there = await self._preparer.is_there(image.path)
        if not is_there:
            self._set(role, replace(state, phase=SlotPhase.MOVED))
        elif state.phase is SlotPhase.MOVED:
            await self._load_known(role, replace(state, phase=SlotPhase.READY), image)


def _refuse(state: SlotState, error: KlingDesktopError) -> SlotState:
    """A slot whose file cannot be used, with the reason in words."""
    fault = error.kind if isinstance(error, RefusedPicture) else ImageFault.NO_ACCESS
    message = describe_error(error) if isinstance(error, RefusedPicture) else words.copy_failed()
    return replace(
        state,
        phase=SlotPhase.REFUSED,
        image=None,
        fix=None,
        fault=fault,
        message=message,
    )
