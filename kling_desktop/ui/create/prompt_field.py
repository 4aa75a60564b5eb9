"""The prompt: plain text with a counter; what is too long is marked, never cut off."""

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QInputMethodEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QTextEdit, QVBoxLayout, QWidget

from kling_desktop.ui.controls.fields import Field
from kling_desktop.ui.create.drop_contents import DropKind, read_drop
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import create as words

_FEWEST_LINES = 3
_FRAME_PX = 22
"""Border, padding and the document's margin, above and below the lines together."""
_NEARLY_FULL = 100
"""The counter turns to the warning colour this many characters before the limit."""


class PromptEdit(QTextEdit):
    """A field for plain text; pictures pasted or dropped on it are passed on.

    It is no `QPlainTextEdit`, because that one has no line height; rich text is not accepted.
    """

    picture_pasted = Signal(object)

    def __init__(self, name: str, placeholder: str, *, visible_lines: int, line_px: int) -> None:
        super().__init__()
        self._visible_lines = visible_lines
        self._line_px = line_px
        self._composed = ""
        self._is_dropping = False
        self._carries_text = False
        self.setAcceptRichText(False)
        self.setAccessibleName(name)
        self._hint = QTextDocument(placeholder, self)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.set_line_height(line_px)

    def sizeHint(self) -> QSize:
        return QSize(200, self._line_px * self._visible_lines + _FRAME_PX)

    def minimumSizeHint(self) -> QSize:
        """Room for three lines: fewer would hide the text that is being edited."""
        lines = min(_FEWEST_LINES, max(1, self._visible_lines))
        return QSize(80, self._line_px * lines + _FRAME_PX)

    @property
    def line_px(self) -> int:
        return self._line_px

    def set_line_height(self, line_px: int) -> None:
        """Give every line at least this height in pixels; clears the undo history."""
        self._line_px = line_px
        # Spacing is no edit by the user: it emits no change and Ctrl+Z does not undo it.
        were_blocked = self.blockSignals(True)
        for document in (self.document(), self._hint):
            document.setUndoRedoEnabled(False)
            _space_lines(document, line_px)
        self.document().setUndoRedoEnabled(True)
        self.blockSignals(were_blocked)
        self.updateGeometry()

    def setPlainText(self, text: str) -> None:
        super().setPlainText(text)
        self.set_line_height(self._line_px)  # new paragraphs start without it

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._composed = event.preeditString()
        super().inputMethodEvent(event)

    def commit_composed(self) -> None:
        """Take the characters that an input method still holds, as they are seen, into the text."""
        if not self._composed:
            return
        QGuiApplication.inputMethod().commit()
        if self._composed:  # the input method did not answer
            event = QInputMethodEvent()
            event.setCommitString(self._composed)
            self.inputMethodEvent(event)

    def insert_words(self, text: str) -> None:
        """Insert text that was dropped, with a space where it would touch other words."""
        cursor = self.textCursor()
        document, start, end = self.document(), cursor.selectionStart(), cursor.selectionEnd()
        before = document.characterAt(start - 1) if start else " "
        after = document.characterAt(end)
        if not before.isspace() and not text[:1].isspace():
            text = f" {text}"
        if after and after.isprintable() and not after.isspace() and not text[-1:].isspace():
            text = f"{text} "
        cursor.insertText(text)
        self.setTextCursor(cursor)

    def dropEvent(self, event: QDropEvent) -> None:
        self._is_dropping = True
        super().dropEvent(event)
        self._is_dropping = False
        self.setFocus()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the placeholder in as many lines as it needs: Qt's own has one."""
        super().paintEvent(event)
        if self.toPlainText() or self.textCursor().block().layout().preeditAreaText():
            return
        self._hint.setDefaultFont(self.font())
        self._hint.setTextWidth(self.viewport().width())
        context = QAbstractTextDocumentLayout.PaintContext()
        palette = self.palette()
        ink = palette.color(QPalette.ColorRole.PlaceholderText)
        palette.setColor(QPalette.ColorRole.Text, ink)
        context.palette = palette  # pyright: ignore[reportAttributeAccessIssue]
        self._hint.documentLayout().draw(QPainter(self.viewport()), context)

    def insertFromMimeData(self, source: QMimeData) -> None:
        contents = read_drop(source)
        if contents.kind in (DropKind.FILES, DropKind.IMAGE):
            self.picture_pasted.emit(source)
        else:
            # A clip carries its prompt as text.
            insert = self.insert_words if self._is_dropping else self.insertPlainText
            insert(contents.text)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return read_drop(source).kind is not DropKind.NOTHING

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._carries_text = read_drop(event.mimeData()).kind is DropKind.TEXT
        if self._carries_text:
            super().dragEnterEvent(event)
        else:
            event.ignore()  # the panel around takes it

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if self._carries_text:
            super().dragMoveEvent(event)
        else:
            event.ignore()


def _space_lines(document: QTextDocument, line_px: int) -> None:
    style = QTextBlockFormat()
    style.setLineHeight(line_px, QTextBlockFormat.LineHeightTypes.MinimumHeight.value)
    cursor = QTextCursor(document)
    cursor.select(QTextCursor.SelectionType.Document)
    cursor.mergeBlockFormat(style)


class PromptField(QWidget):
    """A prompt under its label; `text_changed` reports only what the user typed."""

    text_changed = Signal(str)
    picture_pasted = Signal(object)

    def __init__(
        self,
        look: Look,
        label: str,
        placeholder: str,
        *,
        visible_lines: int = 3,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._most = 0
        self._hint = ""
        self._counter_ink = "text-3"
        self._silent = False
        line_px = look.theme.line_height("body")
        self.edit = PromptEdit(label, placeholder, visible_lines=visible_lines, line_px=line_px)
        self._field = Field(label, self.edit)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._field)
        self.edit.textChanged.connect(self._on_text_changed)
        self.edit.picture_pasted.connect(self.picture_pasted)
        look.themes.changed.connect(self._on_theme_changed)

    def text(self) -> str:
        return self.edit.toPlainText()

    def set_text(self, text: str) -> None:
        """Show a text; emits nothing.  The cursor stays when the text is the same."""
        if text != self.text():
            self._silent = True
            self.edit.setPlainText(text)
            self._silent = False
        self._mark()

    def set_limits(self, most: int, *, optional: bool) -> None:
        self._most = most
        self._hint = words.optional_hint() if optional else ""
        self._field.set_hint(self._hint)
        self._mark()

    def commit_composed(self) -> None:
        """Take the characters that an input method still holds into the text."""
        self.edit.commit_composed()

    def set_error(self, text: str) -> None:
        """Show what is wrong beside the field, for screen readers too."""
        self._field.set_error(text)

    @property
    def hint(self) -> str:
        """What stands below the field."""
        return self._hint

    @property
    def counter_ink(self) -> str:
        """The colour token of the counter."""
        return self._counter_ink

    @property
    def counter(self) -> str:
        """The counter's text; empty while nothing is written."""
        return words.prompt_counter(len(self.text().strip()), self._most)

    def _on_text_changed(self) -> None:
        if not self._silent:
            self._mark()
            self.text_changed.emit(self.text())

    def _on_theme_changed(self) -> None:
        line_px = self._look.theme.line_height("body")
        if line_px != self.edit.line_px:
            self.edit.set_line_height(line_px)
        self._mark()

    def _mark(self) -> None:
        text = self.text()
        length = len(text.strip())
        ink = "text-3"
        if self._most and length > self._most:
            ink = "danger"
        elif self._most and length > self._most - _NEARLY_FULL:
            ink = "warning"
        self._counter_ink = ink
        self._field.set_aside(self.counter, ink)
        self.edit.setExtraSelections(self._underline_excess(text, length))

    def _underline_excess(self, text: str, length: int) -> list[QTextEdit.ExtraSelection]:
        if not self._most or length <= self._most:
            return []
        lead = len(text) - len(text.lstrip())
        kept, end = text[: lead + self._most], text.rstrip()
        marked = QTextEdit.ExtraSelection()
        style = QTextCharFormat()
        style.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        style.setUnderlineColor(self._look.theme.color("danger"))
        style.setForeground(self._look.theme.color("danger"))
        cursor = QTextCursor(self.edit.document())
        # Qt counts in UTF-16: an emoji is two of its characters and one of ours.
        cursor.setPosition(_utf16_length(kept))
        cursor.setPosition(_utf16_length(end), QTextCursor.MoveMode.KeepAnchor)
        marked.format = style  # pyright: ignore[reportAttributeAccessIssue]
        marked.cursor = cursor  # pyright: ignore[reportAttributeAccessIssue]
        return [marked]


def _utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
