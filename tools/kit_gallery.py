"""Shows every control of the UI kit in both themes and saves the pictures to a folder.

python tools/kit_gallery.py FOLDER
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from kling_desktop.ui import paint_kit
from kling_desktop.ui.buttons import (
    DangerButton,
    GhostButton,
    IconButton,
    LinkButton,
    PrimaryButton,
    SecondaryButton,
)
from kling_desktop.ui.chips import (
    CapabilityChip,
    CountBadge,
    FilterChip,
    KeyCap,
    StateMark,
    TierBadge,
)
from kling_desktop.ui.fields import Field, PlainTextField, SearchField, TextField
from kling_desktop.ui.icons import IconSet
from kling_desktop.ui.labels import Label, SectionLabel, set_surface
from kling_desktop.ui.look import Look
from kling_desktop.ui.segmented import Segment, SegmentedControl
from kling_desktop.ui.select import Select
from kling_desktop.ui.slider import LabelledSlider, Slider
from kling_desktop.ui.stepper import Stepper
from kling_desktop.ui.switch import CheckBox, RadioButton, Switch
from kling_desktop.ui.theme import Appearance, ThemeChoice, ThemeSource

_SAMPLE = "Light moves between the trunks"
_STATES = (
    ("pencil", "Draft", "text-2"),
    ("clock", "Queued", "text-2"),
    ("cloud-off", "Waiting for network", "text-2"),
    ("upload", "Submitting", "accent-text"),
    ("spinner", "Generating", "accent-text"),
    ("download", "Downloading", "accent-text"),
    ("check", "Done", "success"),
    ("error", "Failed", "danger"),
)


class _Bars(QWidget):
    """The progress bar at several places, known and unknown."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setFixedSize(620, 12)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt names it
        painter = QPainter(self)
        for place, fraction in enumerate((0.0, 0.45, 1.0, None)):
            rect = QRectF(place * 156, 0, 140, 12)
            paint_kit.draw_bar(painter, rect, self._look.theme, fraction, phase=0.6)


class _AllIcons(QWidget):
    """Every icon of the set in rows."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setFixedSize(660, 130)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt names it
        painter = QPainter(self)
        ink = self._look.theme.color("text-2")
        for place, name in enumerate(self._look.icons.list_names()):
            rect = QRectF(place % 22 * 30, place // 22 * 31, 20, 20)
            self._look.icons.paint(painter, rect, name, ink)


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row


def _checked(button: Switch | CheckBox | RadioButton | IconButton) -> QWidget:
    button.setChecked(True)
    return button


def _active_chip(look: Look) -> FilterChip:
    chip = FilterChip(look, "Model")
    chip.set_active("2.1")
    return chip


def _disabled_button(look: Look) -> SecondaryButton:
    button = SecondaryButton(look, "Disabled")
    button.set_disabled_reason("Add a picture or write a prompt.")
    return button


def _button_rows(look: Look) -> list[QLayout]:
    generate = PrimaryButton(look, "Generate 2 takes", size="large")
    generate.set_shortcut_hint("Ctrl ↵")
    off = PrimaryButton(look, "Generate", size="large")
    off.set_disabled_reason("Write a prompt.")
    return [
        _row(
            PrimaryButton(look, "Primary"),
            SecondaryButton(look, "Secondary"),
            _disabled_button(look),
            GhostButton(look, "Ghost", icon="remix"),
            DangerButton(look, "Delete", icon="trash"),
            SecondaryButton(look, "Small", size="small"),
        ),
        _row(
            generate,
            off,
            DangerButton(look, "Stop waiting", filled=True),
            LinkButton(look, "Open account settings"),
        ),
        _row(
            IconButton(look, "heart", "Favourite"),
            _checked(IconButton(look, "panel-left", "Create", checkable=True)),
            IconButton(look, "pencil", "Save as draft", framed=True, size="large"),
            IconButton(look, "crop", "Crop", on_picture=True),
        ),
    ]


def _control_rows(look: Look) -> list[QLayout]:
    select = Select(look, "Theme")
    select.addItems(["System", "Dark", "Light"])
    shapes = [Segment(f"{w}:{h}", f"{w}:{h}", shape=(w, h)) for w, h in ((16, 9), (1, 1), (9, 16))]
    lengths = [Segment(5, "5 s"), Segment(10, "10 s")]
    filled = TextField("Text field")
    filled.setText("Text field")
    bad = Field("Folder", TextField("Folder"), aside="112 / 2500")
    bad.set_error("Can't write to the library folder.")
    strength = LabelledSlider(look, "Prompt strength", 0, 1, default=0.5)
    strength.setFixedWidth(240)
    size = Slider(look, "Thumbnail size", 96, 280, 148, neutral=True)
    size.setFixedWidth(140)
    return [
        _row(filled, TextField("Empty", "Placeholder"), SearchField(look, "Search", "Search")),
        _row(
            SegmentedControl(look, "Shape", shapes),
            SegmentedControl(look, "Length", lengths),
            Stepper(look, "Takes", 1, 4, 2),
            select,
        ),
        _row(
            _checked(CheckBox(look, "On")),
            CheckBox(look, "Off"),
            _checked(RadioButton(look, "One")),
            RadioButton(look, "Other"),
            _checked(Switch(look, "On")),
            Switch(look, "Off"),
            size,
        ),
        _row(bad, strength),
        _row(
            TierBadge(look, "Standard"),
            TierBadge(look, "Pro"),
            TierBadge(look, "Master"),
            CapabilityChip(look, "1080p"),
            CapabilityChip(look, "Last", fits=False),
            FilterChip(look, "Favourites", icon="heart", has_menu=False),
            FilterChip(look, "Model"),
            _active_chip(look),
            CountBadge(look, 5),
            KeyCap(look, "Ctrl"),
        ),
        _row(PlainTextField("Prompt", "Describe how it should move", visible_lines=3)),
        _row(*(StateMark(look, *state) for state in _STATES)),
        _row(_Bars(look)),
        _row(_AllIcons(look)),
    ]


def build_page(look: Look) -> QWidget:
    """Return one window with every control in the theme in force."""
    page = QWidget()
    set_surface(page, "panel")
    column = QVBoxLayout(page)
    column.setContentsMargins(30, 24, 30, 24)
    column.setSpacing(12)
    for style in ("display", "heading", "title", "body-strong", "body", "small", "caption"):
        column.addLayout(_row(SectionLabel(style), Label(_SAMPLE, style)))
    for row in [*_button_rows(look), *_control_rows(look)]:
        column.addLayout(row)
    column.addStretch(1)
    return page


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication(sys.argv)
    themes = ThemeSource(app)
    look = Look(themes, IconSet(themes))
    page = build_page(look)
    page.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    page.show()
    for choice in (ThemeChoice.DARK, ThemeChoice.LIGHT):
        themes.set_choice(Appearance(theme=choice))
        page.adjustSize()
        page.grab().save(str(folder / f"kit-{choice}.png"))


if __name__ == "__main__":
    main()
