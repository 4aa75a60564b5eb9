"""Words on a surface: labels in the theme's styles, cut where they are too long."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from kling_desktop.ui.theme.plain_text import set_tooltip


def set_surface(widget: QWidget, surface: str) -> None:
    """Fill a widget with a surface of the theme: "panel", "canvas", "window", "card" and so on."""
    widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    set_style_property(widget, "surface", surface)


def set_style_property(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet asks for, and let it look again."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.updateGeometry()
    widget.update()


class Label(QLabel):
    """Plain text in a style of type and a colour of the theme."""

    def __init__(
        self,
        text: str = "",
        style: str = "body",
        ink: str = "text",
        *,
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)  # a file name may look like markup
        self.setText(text)
        self.setWordWrap(wrap)
        self.setProperty("type", style)
        self.setProperty("ink", ink)

    def set_ink(self, ink: str) -> None:
        set_style_property(self, "ink", ink)


class ElidedLabel(Label):
    """One line that is cut with an ellipsis; the whole text is then its tooltip."""

    def __init__(
        self,
        text: str = "",
        style: str = "body",
        ink: str = "text",
        *,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, style, ink, parent=parent)
        self._mode = mode
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        rect = self.contentsRect()
        shown = QFontMetrics(self.font()).elidedText(self.text(), self._mode, rect.width())
        set_tooltip(self, self.text() if shown != self.text() else "")
        painter = QPainter(self)
        self.style().drawItemText(
            painter,
            rect,
            int(self.alignment()),
            self.palette(),
            self.isEnabled(),
            shown,
            QPalette.ColorRole.WindowText,
        )


class SectionLabel(QWidget):
    """The name of a section or field, with a quieter word at the other end of the line."""

    def __init__(self, text: str, aside: str = "", *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = Label(text, "label", "text-2")
        self._aside = Label(aside, "small", "text-3")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._text)
        row.addStretch(1)
        row.addWidget(self._aside)

    def set_text(self, text: str) -> None:
        self._text.setText(text)

    def set_aside(self, text: str, ink: str = "text-3") -> None:
        self._aside.setText(text)
        self._aside.set_ink(ink)

    def set_buddy(self, widget: QWidget) -> None:
        """Make the text the label of `widget` for screen readers."""
        self._text.setBuddy(widget)


class Hairline(QFrame):
    """A line of one pixel between two parts."""

    def __init__(self, *, vertical: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_surface(self, "line")
        if vertical:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)
