"""Words that open a menu: the name of a view with a small chevron behind it."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from kling_desktop.ui.controls.painted_button import ButtonInks, PaintedButton
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import draw_text, measure_text

_CHEVRON = 14
_GAP = 6
_PADDING = 6


class MenuButton(PaintedButton):
    """A button without a frame whose menu hangs below it; owned by the page that fills the menu."""

    INKS = ButtonInks(text="text", hover_text="text")

    def __init__(
        self,
        look: Look,
        text: str,
        *,
        style: str = "title",
        quiet: bool = False,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        inks = ButtonInks(text="text-2", hover_text="text") if quiet else None
        super().__init__(look, text, name=name, inks=inks, parent=parent)
        self._style = style
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_words(self, text: str, name: str) -> None:
        """Say what is chosen now; `name` is what a screen reader says."""
        self.setText(text)
        self.set_name(name)
        self.updateGeometry()

    def _font(self) -> QFont:
        return self._look.theme.font(self._style)

    def sizeHint(self) -> QSize:
        width = measure_text(self._font(), self.text()) + _GAP + _CHEVRON + 2 * _PADDING
        return QSize(round(width + 0.5), self._look.theme.height("icon"))

    def _paint_content(self, painter: QPainter, rect: QRectF) -> None:
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        words = rect.adjusted(_PADDING, 0, -_PADDING, 0)
        chevron = QRectF(words.right() - _CHEVRON, rect.y(), _CHEVRON, rect.height())
        room = _CHEVRON + _GAP
        if mirrored:
            chevron.moveLeft(words.left())
            words.adjust(room, 0, 1, 0)
        else:
            words.adjust(0, 0, 1 - room, 0)
        draw_text(painter, words, self.text(), self._font(), self._ink())
        self._look.icons.paint(painter, chevron, "chevron-down", self._look.theme.color("text-2"))
