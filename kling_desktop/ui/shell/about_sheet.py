"""The about sheet: version, authors and licences."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from kling_desktop.domain.resources import find_resource
from kling_desktop.ui.controls.buttons import PrimaryButton
from kling_desktop.ui.controls.fields import PlainTextField
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.desktop.app_icon import paint_app_icon
from kling_desktop.ui.overlays.sheet import Sheet
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import phrases
from kling_desktop.wording import shell as texts
from kling_desktop.wording.commands import translate_command

_WIDTH = 560
_ICON = 64
_LINES = 12


class AboutSheet(Sheet):
    """Shows the version and the notices that ship with the app."""

    def __init__(self, look: Look, window: QWidget, version: str) -> None:
        super().__init__(look, window, width=_WIDTH)
        self.setWindowTitle(translate_command("about"))
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch(1)
        words.addWidget(Label("Kling Desktop", "heading"))
        words.addWidget(Label(texts.VERSION(version=version), "body", "text-2"))
        words.addWidget(Label(texts.ABOUT_APP(), "body", "text-2"))
        words.addStretch(1)
        top = QHBoxLayout()
        top.setSpacing(look.theme.space(4))
        top.addWidget(_AppIcon(look))
        top.addLayout(words, 1)
        notices = PlainTextField(texts.LICENCES(), visible_lines=_LINES)
        notices.setReadOnly(True)
        notices.setPlainText(_read_notices())
        done = PrimaryButton(look, phrases.DONE())
        done.clicked.connect(self.accept)
        done.setDefault(True)
        self.body.addLayout(top)
        self.body.addWidget(notices)
        self.add_buttons(done)
        done.setFocus()


def _read_notices() -> str:
    """The notices as plain words: the marks of their table are for another reader."""
    text = find_resource("NOTICES.md").read_text(encoding="utf-8")
    blocks = [_plain_block(block) for block in text.split("\n\n")]
    plain = "\n\n".join(block for block in blocks if block)
    return plain.replace("**", "").replace("`", "")


def _plain_block(block: str) -> str:
    """One paragraph, heading or table; lines that were broken to fit a file are joined again."""
    lines = block.strip().splitlines()
    if not lines or not lines[0].startswith("|"):
        return " ".join(lines).lstrip("# ")
    rows = [line for line in lines if not line.startswith("| ---")]
    return "\n".join(_plain_row(row) for row in rows)


def _plain_row(row: str) -> str:
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    return "  ·  ".join(cell for cell in cells if cell)


class _AppIcon(QWidget):
    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(_ICON, _ICON)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_app_icon(QPainter(self), QRectF(0, 0, _ICON, _ICON), self._look.theme)
