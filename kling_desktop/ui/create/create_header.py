"""The header of Create: its name, where the settings came from, recent settings, start over."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from kling_desktop.ui.controls.buttons import IconButton
from kling_desktop.ui.controls.labels import ElidedLabel, Label
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import create as words


class CreateHeader(QWidget):
    """Its signals report what was pressed; `recent_wanted` carries the button to open below."""

    recent_wanted = Signal(QWidget)
    restart_wanted = Signal()

    def __init__(self, look: Look, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._source = ElidedLabel("", "small", "text-3")
        self.recent = IconButton(look, "history", words.recent_settings())
        self.restart = IconButton(look, "undo", words.start_over())
        self.recent.clicked.connect(lambda: self.recent_wanted.emit(self.recent))
        self.restart.clicked.connect(lambda: self.restart_wanted.emit())
        space = look.theme.space
        row = QHBoxLayout(self)
        row.setContentsMargins(space(4), 0, space(3) - 2, 0)
        row.setSpacing(space(1))
        row.addWidget(Label(words.panel_name(), "title"))
        row.addSpacing(space(2))
        row.addWidget(self._source, 1)
        row.addWidget(self.recent)
        row.addWidget(self.restart)
        look.themes.changed.connect(self._fit)
        self._fit()

    @property
    def source(self) -> str:
        return self._source.text()

    def show_source(self, text: str) -> None:
        """Show where the settings came from, ``From lanterns-rise_a41c``."""
        self._source.setText(text)

    def _fit(self) -> None:
        self.setFixedHeight(self._look.theme.height("header"))
