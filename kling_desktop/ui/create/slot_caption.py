"""The caption under a frame's picture."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kling_desktop.media.images import Conversion
from kling_desktop.ui.controls.buttons import LinkButton
from kling_desktop.ui.controls.icon_view import IconView
from kling_desktop.ui.controls.labels import ElidedLabel, Label
from kling_desktop.ui.create.slot_state import SlotPhase, SlotState
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import formatting
from kling_desktop.wording import pictures as words


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
        self._colour = LinkButton(look, words.change_colour())
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
        """Show what the slot holds; `beside` another slot there is room for the name alone."""
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
