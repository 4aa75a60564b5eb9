"""A sentence about the frames, with up to two links below it."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from kling_desktop.ui.controls.buttons import LinkButton
from kling_desktop.ui.controls.icon_view import IconView
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.controls.layouts import WrappingRow
from kling_desktop.ui.theme.look import Look

Act = Callable[[], object]
_ICON = 16
_MOST_LINKS = 2


class SlotNotice(QWidget):
    """Hidden while it has nothing to say.

    Args:
        look: The theme and the icons.
        icon: What stands before the sentence.
        ink: The colour token of the icon.
    """

    def __init__(self, look: Look, icon: str, ink: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        space = look.theme.space
        self._text = Label("", "small", "text-2", wrap=True)
        self._acts: list[Act] = []
        self.links = tuple(LinkButton(look, "") for _ in range(_MOST_LINKS))
        self._links = QWidget()
        row = WrappingRow(space(3))
        self._links.setLayout(row)
        for place, link in enumerate(self.links):
            link.clicked.connect(lambda _=False, place=place: self._acts[place]())
            row.addWidget(link)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self._text)
        column.addWidget(self._links)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(space(2))
        line.addWidget(IconView(look, icon, size=_ICON, ink=ink), 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(column, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.hide()

    @property
    def text(self) -> str:
        return self._text.text()

    def say(self, text: str, *links: tuple[str, Act]) -> None:
        """Show a sentence with links, each with what a click does; an empty one hides all."""
        self._text.setText(text)
        self._acts = [act for _label, act in links]
        for place, link in enumerate(self.links):
            label = links[place][0] if place < len(links) else ""
            link.setText(label)
            link.set_name(f"{label}: {text}" if label else text)
            link.setVisible(bool(label))
            link.updateGeometry()
        self._links.setVisible(bool(links))
        self.setAccessibleName(text)
        self.setVisible(bool(text))
