"""The frames of a draft: both slots, what is said under them, and the ways to put things right."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QColorDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from kling_desktop.domain.catalog import IMAGE_LIMITS, MODELS, Dimensions, ModelSpec
from kling_desktop.domain.draft import Draft, FrameRole
from kling_desktop.domain.model_fit import find_model_for_last_frame, has_other_shape
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.media.fit import crop_to_aspect
from kling_desktop.media.images import Conversion
from kling_desktop.ui.controls.buttons import IconButton, LinkButton
from kling_desktop.ui.controls.icon_view import IconView
from kling_desktop.ui.controls.inline_notice import InlineNotice
from kling_desktop.ui.controls.labels import ElidedLabel, Label, SectionLabel
from kling_desktop.ui.create.crop_sheet import CropSheet
from kling_desktop.ui.create.drop_targets import DropTargets
from kling_desktop.ui.create.frame_pictures import FramePictures
from kling_desktop.ui.create.image_slot import ImageSlot, SlotShape
from kling_desktop.ui.create.picture_fix_card import PictureFixCard
from kling_desktop.ui.create.slot_state import SlotPhase, SlotState
from kling_desktop.ui.overlays.dialogs import choose_file, find_pictures_folder
from kling_desktop.ui.overlays.menu import Menu
from kling_desktop.ui.overlays.sheet import show_dialog
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import create as words
from kling_desktop.wording import formatting
from kling_desktop.wording.create import Card, CardAction

_COLOURS = (("White", (255, 255, 255)), ("Black", (0, 0, 0)), ("Grey", (128, 128, 128)))


class SlotCaption(QWidget):
    """Under a picture: its name, its measure, a green check, and what was done to it."""

    colour_wanted = Signal()

    def __init__(self, look: Look, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ElidedLabel("", "small", mode=Qt.TextElideMode.ElideMiddle)
        self._measure = Label("", "small", "text-3")
        self._check = IconView(look, "check", size=14, ink="success")
        self._check.setFixedSize(14, 14)
        self._note = Label("", "small", "text-3", wrap=True)
        self._transparent = Label("", "small", "text-3", wrap=True)
        self._colour = LinkButton(look, "Change colour")
        self._colour.clicked.connect(lambda: self.colour_wanted.emit())
        self._line = QHBoxLayout()
        self._line.setSpacing(6)
        for widget in (self._name, self._measure, self._check):
            self._line.addWidget(widget, 1 if widget is self._name else 0)
        below = QHBoxLayout()
        below.setSpacing(6)
        below.addWidget(self._transparent, 1)
        below.addWidget(self._colour)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(self._line)
        column.addWidget(self._note)
        column.addLayout(below)

    @property
    def colour_link(self) -> LinkButton:
        return self._colour

    def show_state(self, state: SlotState, *, beside: bool) -> None:
        """Say what the slot holds; `beside` another slot there is room for the name alone."""
        self.setVisible(state.phase in (SlotPhase.READY, SlotPhase.CHECKING))
        image = state.image if state.phase is SlotPhase.READY else None
        self._name.setText(state.name)
        measure = (
            formatting.picture_measure(image.width, image.height, image.size_bytes) if image else ""
        )
        self._measure.setText(measure)
        self._measure.setVisible(bool(measure) and not beside)
        self._check.setVisible(image is not None)
        self._line.removeWidget(self._check)
        self._line.insertWidget(0 if beside else 2, self._check)
        notes = words.conversion_notes(image, state.notes, state.frames)
        self._note.setText(" · ".join(notes))
        self._note.setVisible(bool(notes))
        see_through = image is not None and Conversion.TRANSPARENT in state.notes
        self._transparent.setText(words.transparency_note(state.background) if see_through else "")
        self._transparent.setVisible(see_through)
        self._colour.setVisible(see_through)

    @property
    def note(self) -> str:
        return self._note.text()


class FramesPanel(QWidget):
    """Shows `FramePictures`; owned by the page.

    Signals:
        paste_wanted: The clipboard is wanted for a role.
        undo_wanted: The notice's Undo.
        changing: A picture (its role) is about to be removed or cropped by the person.
    """

    paste_wanted = Signal(object)
    undo_wanted = Signal()
    changing = Signal(object)

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
        self._pictures = pictures
        self._tasks = tasks
        self._draft = Draft()
        self._spec = MODELS[0]
        self._switch_hint = ""
        self._is_short = False
        self._folder: Path | None = find_pictures_folder()
        self.slots = {role: ImageSlot(look, role) for role in FrameRole}
        self.captions = {role: SlotCaption(look) for role in FrameRole}
        self.cards = {role: PictureFixCard(look) for role in FrameRole}
        self.targets = DropTargets(look)
        self.notice = InlineNotice(look, "check", "accent-text", ground="accent-soft")
        self.advice = InlineNotice(look, "info", "text-2")
        self._label = SectionLabel("Frames")
        self.swap = IconButton(look, "swap", "Swap first and last", on_picture=True)
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
                lambda action, role=role: self._on_card_action(role, action)
            )
            self.captions[role].colour_wanted.connect(lambda role=role: self._offer_colours(role))
        self.swap.clicked.connect(lambda: self._pictures.swap())
        self.notice.acted.connect(self.undo_wanted)
        self.advice.acted.connect(self._crop_to_shape)
        self._pictures.state_changed.connect(self._on_state_changed)

    # -------------------------------------------------------------- what is shown

    def show_draft(self, draft: Draft, spec: ModelSpec) -> None:
        """Take over what depends on the other settings: hints and the advice about the shape."""
        self._draft, self._spec = draft, spec
        optional = spec.takes_text_alone and bool(draft.prompt.strip())
        empty = draft.first_frame is None and draft.last_frame is None
        self._label.set_aside("optional for this model" if optional and empty else "")
        switch = find_model_for_last_frame()
        needs_switch = switch is not None and not spec.takes_last_frame
        hint = words.last_frame_hint(switch) if switch and needs_switch else ""
        self.slots[FrameRole.LAST].set_aside(hint)
        self._switch_hint = words.last_target_hint(switch) if switch and needs_switch else ""
        self.targets.set_hint(FrameRole.LAST, self._switch_hint)
        self._show_advice()

    def set_short(self, is_short: bool) -> None:
        """Make the first frame's slot lower, for a low window."""
        if is_short != self._is_short:
            self._is_short = is_short
            self._arrange()

    def show_targets(self, contents_hint: str) -> None:
        """Turn the slots into two big targets for a drag."""
        self._label.set_text("Drop a picture")
        self._label.set_aside("")
        self.targets.set_hint(FrameRole.FIRST, contents_hint)
        for widget in (self._area, self.advice, self.notice, *self.cards.values()):
            widget.hide()
        self.targets.show()

    def set_clip_hint(self, *, swapped: bool) -> None:
        """Say which end of a dragged clip each target would take."""
        ends = ("its last frame", "its first frame")
        first, last = reversed(ends) if swapped else ends
        self.targets.set_hint(FrameRole.FIRST, first)
        both = ", ".join(text for text in (last, self._switch_hint) if text)
        self.targets.set_hint(FrameRole.LAST, both)

    def hide_targets(self) -> None:
        self._label.set_text("Frames")
        self.targets.hide()
        self.targets.set_hot(None)
        self._area.show()
        self.notice.setVisible(bool(self.notice.text))
        self._arrange()
        self._show_advice()

    def _on_state_changed(self, role: FrameRole) -> None:
        self.slots[role].show_state(self._pictures.state(role))
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
        self.swap.set_disabled_reason(words.CHECKING if self._pictures.is_busy else "")
        self._place_swap()

    def _describe(self, state: SlotState) -> Card | None:
        match state.phase:
            case SlotPhase.NEEDS_FIX if state.image is not None and state.fix is not None:
                return words.describe_fix(state.image, state.fix, IMAGE_LIMITS)
            case SlotPhase.REFUSED if state.fault is not None:
                return words.describe_refusal(state.fault, state.message)
            case SlotPhase.MOVED:
                return words.MOVED_CARD
            case _:
                return None

    def _show_advice(self) -> None:
        text, link = "", ""
        state, size = self._pictures.state(FrameRole.FIRST), self._draft.dimensions
        if (
            state.phase is SlotPhase.READY
            and state.image is not None
            and size is not None
            and has_other_shape(state.image, size)
        ):
            text, link = words.shape_advice(state.image, size.aspect_ratio)
        if self.targets.isVisibleTo(self):
            text = ""
        self.advice.say(text, link)

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
        caption = f"Choose the {words.role_name(role).lower()}"
        path = await choose_file(
            self, caption, folder=self._folder, patterns=words.PICTURE_PATTERNS
        )
        if path is not None:
            self._folder = path.parent
            self._pictures.take_path(role, path)
            if then is not None:
                then()

    def remove(self, role: FrameRole) -> None:
        self.changing.emit(role)
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
            self.changing.emit(role)
            self._pictures.crop(role, sheet.box)

    def _crop_to_shape(self) -> None:
        state, size = self._pictures.state(FrameRole.FIRST), self._draft.dimensions
        if state.image is not None and size is not None:
            # From the picture as it is now: it may have been cropped by hand before.
            self.changing.emit(FrameRole.FIRST)
            box = crop_to_aspect(state.image.width, state.image.height, size)
            self._pictures.crop_present(FrameRole.FIRST, box)

    def _on_card_action(self, role: FrameRole, action: CardAction) -> None:
        match action:
            case CardAction.FIX:
                self._pictures.apply_fix(role)
            case CardAction.CROP:
                self.open_crop(role)
            case CardAction.USE_LAST_FRAME:
                self._pictures.take_last_frame(role)
            case CardAction.CHOOSE | CardAction.FIND:
                self.browse(role)

    def _offer_colours(self, role: FrameRole) -> None:
        menu = Menu(self._look, self)
        menu.aboutToHide.connect(menu.deleteLater)
        background = self._pictures.state(role).background
        for name, colour in _COLOURS:
            menu.add(
                name,
                lambda colour=colour: self._pictures.set_background(role, colour),
                checked=colour == background,
            )
        menu.addSeparator()
        menu.add("Another…", lambda: self._tasks.start(self._choose_colour(role), name="colour"))
        menu.popup_below(self.captions[role].colour_link)

    async def _choose_colour(self, role: FrameRole) -> None:
        dialog = QColorDialog(self.window())
        dialog.setOption(QColorDialog.ColorDialogOption.DontUseNativeDialog)
        dialog.setWindowTitle("Colour behind transparent parts")
        if await show_dialog(dialog):
            colour = dialog.selectedColor()
            self._pictures.set_background(role, (colour.red(), colour.green(), colour.blue()))
