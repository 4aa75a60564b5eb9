"""The frames of a draft: both slots, what is said under them, and what can be done about it."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QColorDialog, QGridLayout, QVBoxLayout, QWidget

from kling_desktop.domain.catalog import MODELS, Dimensions, ModelSpec
from kling_desktop.domain.draft import Draft, FrameRole
from kling_desktop.domain.model_fit import find_model_for_last_frame
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.media.fit import crop_to_aspect
from kling_desktop.media.images import ImageFault
from kling_desktop.ui.controls.buttons import IconButton
from kling_desktop.ui.controls.inline_notice import InlineNotice
from kling_desktop.ui.controls.labels import SectionLabel
from kling_desktop.ui.create.crop_sheet import CropSheet
from kling_desktop.ui.create.drop_targets import DropTargets
from kling_desktop.ui.create.frame_pictures import FramePictures
from kling_desktop.ui.create.image_slot import ImageSlot, SlotShape
from kling_desktop.ui.create.picture_fix_card import PictureFixCard
from kling_desktop.ui.create.shape_advice import find_advice
from kling_desktop.ui.create.slot_caption import SlotCaption
from kling_desktop.ui.create.slot_notice import SlotNotice
from kling_desktop.ui.create.slot_state import SlotPhase, SlotState
from kling_desktop.ui.overlays.dialogs import choose_file, find_pictures_folder
from kling_desktop.ui.overlays.menu import Menu
from kling_desktop.ui.overlays.sheet import show_dialog
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import create as create_words
from kling_desktop.wording import pictures as words
from kling_desktop.wording.actions import Action
from kling_desktop.wording.pictures import PictureCard


class FramesPanel(QWidget):
    """Shows `FramePictures`; owned by the page.

    Signals:
        paste_wanted: The clipboard is wanted for a role.
        undo_wanted: The notice's Undo.
        size_wanted: The clip is to have this size (`Dimensions`), for a picture's shape.
    """

    paste_wanted = Signal(object)
    undo_wanted = Signal()
    size_wanted = Signal(object)

    def __init__(
        self,
        look: Look,
        pictures: FramePictures,
        tasks: TaskOwner,
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self.pictures = self._pictures = pictures
        self._tasks = tasks
        self._draft = Draft()
        self._spec = MODELS[0]
        self._switch_hint = ""
        self._is_short = False
        self._folder: Path | None = find_pictures_folder()
        self.slots = {role: ImageSlot(look, role) for role in FrameRole}
        self.captions = {role: SlotCaption(look) for role in FrameRole}
        self.cards = {role: PictureFixCard(look) for role in FrameRole}
        self._card_handlers: dict[Action, Callable[[FrameRole], object]] = {
            Action.FIT_PICTURE: pictures.apply_fix,
            Action.CROP_PICTURE: self.open_crop,
            Action.CHOOSE_PICTURE: self.browse,
            Action.USE_LAST_FRAME: lambda role: self._take_last_frame(
                role, pictures.state(role).source
            ),
        }
        self.targets = DropTargets(look)
        self.notice = InlineNotice(look, "check", "accent-text", ground="accent-soft")
        self.refusal = SlotNotice(look, "alert", "warning")
        self.advice = SlotNotice(look, "info", "text-2")
        self._label = SectionLabel(create_words.frames_label())
        self.swap = IconButton(look, "swap", words.swap_frames(), on_picture=True)
        self._area = QWidget()
        self._grid = QGridLayout(self._area)
        self._build()
        self._connect()
        self._arrange()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._label)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        column.addWidget(self._area)
        for card in self.cards.values():
            column.addWidget(card)
        column.addWidget(self.refusal)
        column.addWidget(self.advice)
        column.addWidget(self.notice)
        column.addWidget(self.targets)
        self.targets.hide()
        self.swap.setParent(self._area)
        self.swap.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def _connect(self) -> None:
        for role in FrameRole:
            slot = self.slots[role]
            slot.browse_wanted.connect(lambda role=role: self.browse(role))
            slot.paste_wanted.connect(lambda role=role: self.paste_wanted.emit(role))
            slot.crop_wanted.connect(lambda role=role: self.open_crop(role))
            slot.remove_wanted.connect(lambda role=role: self.remove(role))
            slot.swap_wanted.connect(self._pictures.swap)
            self.cards[role].action_wanted.connect(
                lambda action, role=role: self._card_handlers[action](role)
            )
            self.captions[role].colour_wanted.connect(lambda role=role: self._offer_colours(role))
        self.swap.clicked.connect(lambda: self._pictures.swap())
        self.notice.acted.connect(self.undo_wanted)
        self._pictures.state_changed.connect(self._on_state_changed)
        self._pictures.picture_refused.connect(self._on_picture_refused)

    # -------------------------------------------------------------- what is shown

    def show_draft(self, draft: Draft, spec: ModelSpec) -> None:
        """Show what depends on the other settings: hints and the advice about shapes."""
        self._draft, self._spec = draft, spec
        optional = spec.takes_text_alone and bool(draft.prompt.strip())
        empty = draft.first_frame is None and draft.last_frame is None
        self._label.set_aside(create_words.optional() if optional and empty else "")
        switch = find_model_for_last_frame()
        needs_switch = switch is not None and not spec.takes_last_frame
        hint = create_words.uses_model(switch) if switch and needs_switch else ""
        self.slots[FrameRole.LAST].set_aside(hint)
        self._switch_hint = create_words.switches_to(switch) if switch and needs_switch else ""
        self.targets.set_hint(FrameRole.LAST, self._switch_hint)
        self._show_advice()

    def set_short(self, is_short: bool) -> None:
        """Make the first frame's slot lower, for a low window."""
        if is_short != self._is_short:
            self._is_short = is_short
            self._arrange()

    def show_targets(self, contents_hint: str) -> None:
        """Turn the slots into two big targets for a drag."""
        self._label.set_text(create_words.drop_label())
        self._label.set_aside("")
        self.targets.set_hint(FrameRole.FIRST, contents_hint)
        for widget in (
            self._area,
            self.refusal,
            self.advice,
            self.notice,
            *self.cards.values(),
        ):
            widget.hide()
        self.targets.show()

    def set_clip_hint(self, *, swapped: bool) -> None:
        """Show which frame of a dragged clip each target would take."""
        first, last = FrameRole.LAST, FrameRole.FIRST
        if swapped:
            first, last = last, first
        self.targets.set_hint(FrameRole.FIRST, create_words.end_of_clip(first))
        switch = self._switch_hint
        hint = create_words.end_of_clip_and(last, switch) if switch else ""
        self.targets.set_hint(FrameRole.LAST, hint or create_words.end_of_clip(last))

    def hide_targets(self) -> None:
        self._label.set_text(create_words.frames_label())
        self.targets.hide()
        self.targets.set_hot(None)
        self._area.show()
        for notice in (self.notice, self.refusal):
            notice.setVisible(bool(notice.text))
        self._arrange()
        self._show_advice()

    def _on_state_changed(self, role: FrameRole) -> None:
        state = self._pictures.state(role)
        if state.phase is SlotPhase.CHECKING or state.is_empty:
            self.refusal.say("")
        self.slots[role].show_state(state)
        self._arrange()
        self._show_advice()

    def _arrange(self) -> None:
        first, last = (self._pictures.state(role) for role in FrameRole)
        pair = not last.is_empty
        shape = SlotShape.SHORT if self._is_short else SlotShape.TALL
        self.slots[FrameRole.FIRST].set_shape(SlotShape.PAIR if pair else shape)
        self.slots[FrameRole.LAST].set_shape(SlotShape.PAIR if pair else SlotShape.ROW)
        self.slots[FrameRole.LAST].setVisible(pair or not (first.is_empty or first.is_in_the_way))
        for column, role in enumerate(FrameRole):
            slot, caption = self.slots[role], self.captions[role]
            for widget in (slot, caption):
                self._grid.removeWidget(widget)
            if pair:
                self._grid.addWidget(slot, 0, column)
                self._grid.addWidget(caption, 1, column, Qt.AlignmentFlag.AlignTop)
            else:
                self._grid.addWidget(slot, 2 * column, 0, 1, 2)
                self._grid.addWidget(caption, 2 * column + 1, 0, 1, 2)
            slot.set_can_swap(pair)
            state = self._pictures.state(role)
            caption.show_state(state, beside=pair)
            card = self._describe(state)
            self.cards[role].setVisible(card is not None and not self.targets.isVisibleTo(self))
            if card is not None:
                self.cards[role].show_card(card)
        self.swap.setVisible(pair)
        self.swap.set_disabled_reason(words.checking() if self._pictures.is_busy else "")
        self._place_swap()

    def _describe(self, state: SlotState) -> PictureCard | None:
        match state.phase:
            case SlotPhase.NEEDS_FIX if state.image is not None and state.fix is not None:
                return words.describe_fix(state.image, state.fix, self._spec)
            case SlotPhase.REFUSED if state.fault is not None:
                return words.describe_refusal(state.fault, state.message)
            case SlotPhase.MOVED:
                return words.describe_missing()
            case _:
                return None

    def _show_advice(self) -> None:
        states = {role: self._pictures.state(role) for role in FrameRole}
        sound = {
            role: state.image
            for role, state in states.items()
            if state.phase is SlotPhase.READY and state.image is not None
        }
        shown = not self.targets.isVisibleTo(self)
        advice = find_advice(sound, self._draft.dimensions, self._spec) if shown else None
        if advice is None:
            self.advice.say("")
            return
        links = [(advice.crop_label, lambda: self._crop_to_shape(*advice.crop))]
        if (size := advice.size) is not None:
            label = words.make_clip(size.aspect_ratio)
            links.insert(0, (label, lambda: self.size_wanted.emit(size)))
        self.advice.say(advice.text, *links)

    def _on_picture_refused(self, role: FrameRole, refused: SlotState) -> None:
        """Say why something unusable was not taken; a video's last frame is offered."""
        text, video = words.refused_notice(refused.name, refused.message), refused.source
        if refused.fault is ImageFault.VIDEO and video is not None:
            link = (words.use_last_frame(), lambda: self._take_last_frame(role, video))
            self.refusal.say(text, link)
        else:
            self.refusal.say(text)

    def _take_last_frame(self, role: FrameRole, video: Path | None) -> None:
        if video is not None:
            self._pictures.take_last_frame(role, video)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_swap()

    def _place_swap(self) -> None:
        side = self.swap.sizeHint().width()
        slot = self.slots[FrameRole.FIRST]
        middle = QPoint(self.width() // 2, slot.sizeHint().height() // 2)
        self.swap.setGeometry(middle.x() - side // 2, middle.y() - side // 2, side, side)
        self.swap.raise_()

    # -------------------------------------------------------------- what can be done

    def browse(self, role: FrameRole, then: Callable[[], None] | None = None) -> None:
        """Let a file be chosen for a slot; `then` is called when one was."""
        self._tasks.start(self._choose(role, then), name="choose a picture")

    async def _choose(self, role: FrameRole, then: Callable[[], None] | None = None) -> None:
        path = await choose_file(
            self,
            words.choose_title(role),
            folder=self._folder,
            patterns=words.file_patterns(),
        )
        if path is not None:
            self._folder = path.parent
            self._pictures.take_path(role, path)
            if then is not None:
                then()

    def remove(self, role: FrameRole) -> None:
        self._pictures.remove(role)
        slot = self.slots[role]
        (slot if slot.isVisibleTo(self) else self.slots[FrameRole.FIRST]).setFocus()

    def open_crop(self, role: FrameRole) -> None:
        """Open the crop sheet on the slot's original."""
        if self._pictures.state(role).phase in (SlotPhase.READY, SlotPhase.NEEDS_FIX):
            self._tasks.start(self._crop(role), name="crop")

    async def _crop(self, role: FrameRole) -> None:
        loaded = await self._pictures.load_original(role)
        if loaded is None:
            return
        check, picture = loaded
        size = Dimensions(check.image.width, check.image.height)
        sheet = CropSheet(self._look, self, picture, size, self._spec)
        if await show_dialog(sheet):
            self._pictures.crop(role, sheet.box)

    def _crop_to_shape(self, role: FrameRole, shape: Dimensions) -> None:
        image = self._pictures.image(role)
        if image is not None:
            # From the picture as it is now: it may have been cropped by hand before.
            box = crop_to_aspect(image.width, image.height, shape)
            self._pictures.crop_present(role, box)

    def _offer_colours(self, role: FrameRole) -> None:
        menu = Menu(self._look, self)
        menu.aboutToHide.connect(menu.deleteLater)
        background = self._pictures.state(role).background
        for name, colour in words.background_colours():
            menu.add(
                name,
                lambda colour=colour: self._pictures.set_background(role, colour),
                checked=colour == background,
            )
        menu.addSeparator()
        menu.add(
            words.other_colour(),
            lambda: self._tasks.start(self._choose_colour(role), name="colour"),
        )
        menu.popup_below(self.captions[role].colour_link)

    async def _choose_colour(self, role: FrameRole) -> None:
        dialog = QColorDialog(self.window())
        dialog.setOption(QColorDialog.ColorDialogOption.DontUseNativeDialog)
        dialog.setWindowTitle(words.colour_title())
        if await show_dialog(dialog):
            colour = dialog.selectedColor()
            self._pictures.set_background(role, (colour.red(), colour.green(), colour.blue()))
