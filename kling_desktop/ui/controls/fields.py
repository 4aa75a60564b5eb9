"""Fields for words, and the label, hint and error that belong to a field."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from kling_desktop.ui.controls.labels import Label, SectionLabel, set_style_property
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import phrases

_LABEL_GAP = 6


def set_bad(widget: QWidget, bad: bool) -> None:
    """Give a field the outline of an error, or take it away."""
    set_style_property(widget, "bad", "true" if bad else "false")


class TextField(QLineEdit):
    """One line of words."""

    def __init__(self, name: str, placeholder: str = "", *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)


class SearchField(TextField):
    """A field with a magnifier, cleared by Escape or its mark."""

    def __init__(
        self, look: Look, name: str, placeholder: str, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(name, placeholder, parent=parent)
        self.setProperty("search", True)
        # Both are buttons to a screen reader, so both say what they are.
        magnifier = QAction(look.icons.icon("search", "text-3"), name, self)
        self.addAction(magnifier, self.ActionPosition.LeadingPosition)
        self._clear = QAction(look.icons.icon("x", "text-2"), phrases.CLEAR_THE_SEARCH(), self)
        self._clear.setShortcut(QKeySequence(Qt.Key.Key_Escape))
        self._clear.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._clear.triggered.connect(self.clear)
        self.addAction(self._clear, self.ActionPosition.TrailingPosition)
        self._clear.setVisible(False)
        self.textChanged.connect(self._on_text_changed)

    def _on_text_changed(self, text: str) -> None:
        # Hidden and disabled with nothing to clear: Escape is then the window's.
        self._clear.setVisible(bool(text))


class PlainTextField(QPlainTextEdit):
    """Several lines of words; Tab leaves it."""

    def __init__(
        self,
        name: str,
        placeholder: str = "",
        *,
        visible_lines: int = 5,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._visible_lines = visible_lines
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def sizeHint(self) -> QSize:
        lines = self.fontMetrics().lineSpacing() * self._visible_lines
        return QSize(200, lines + 24)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.fontMetrics().lineSpacing() * min(2, self._visible_lines) + 24)


class Field(QWidget):
    """A control under its label, with a hint or an error below it."""

    def __init__(
        self,
        label: str,
        widget: QWidget,
        *,
        aside: str = "",
        hint: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._widget = widget
        self._hint = hint
        self._label = SectionLabel(label, aside)
        self._label.set_buddy(widget)
        self._note = Label("", "small", "text-3", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(_LABEL_GAP)
        column.addWidget(self._label)
        column.addWidget(widget, 1)
        column.addWidget(self._note)
        if not widget.accessibleName():
            widget.setAccessibleName(label)
        self._show_note(hint, "text-3")

    @property
    def widget(self) -> QWidget:
        return self._widget

    def set_aside(self, text: str, ink: str = "text-3") -> None:
        """Set the quiet words at the end of the label's line, such as a counter."""
        self._label.set_aside(text, ink)

    def set_hint(self, text: str) -> None:
        self._hint = text
        self._show_note(text, "text-3")

    def set_error(self, text: str) -> None:
        """Show what is wrong, for eye and ear; an empty text brings the hint back."""
        set_bad(self._widget, bool(text))
        self._widget.setAccessibleDescription(text)
        if text:
            self._show_note(text, "danger")
        else:
            self._show_note(self._hint, "text-3")

    def _show_note(self, text: str, ink: str) -> None:
        self._note.setText(text)
        self._note.set_ink(ink)
        self._note.setVisible(bool(text))
