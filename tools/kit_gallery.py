"""Shows every control of the UI kit in both themes and saves the pictures to a folder.

python tools/kit_gallery.py FOLDER
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from kling_desktop.domain.resources import find_resource
from kling_desktop.ui.controls.action_offer import ActionOffer
from kling_desktop.ui.controls.buttons import (
    DangerButton,
    GhostButton,
    IconButton,
    LinkButton,
    PrimaryButton,
    SecondaryButton,
)
from kling_desktop.ui.controls.chips import (
    CountBadge,
    FilterChip,
    KeyCap,
    TierBadge,
)
from kling_desktop.ui.controls.collapsible import CollapsibleSection
from kling_desktop.ui.controls.empty_state import EmptyState
from kling_desktop.ui.controls.fields import Field, PlainTextField, SearchField, TextField
from kling_desktop.ui.controls.labels import Label, SectionLabel, set_surface
from kling_desktop.ui.controls.segmented import Segment, SegmentedControl
from kling_desktop.ui.controls.slider import LabelledSlider, Slider
from kling_desktop.ui.controls.stepper import Stepper
from kling_desktop.ui.controls.toggles import RadioButton, Switch
from kling_desktop.ui.desktop.app_icon import AppIconMark, paint_app_icon
from kling_desktop.ui.overlays.dialogs import Answer, Question
from kling_desktop.ui.overlays.menu import Menu
from kling_desktop.ui.overlays.notices import Notice, Notices
from kling_desktop.ui.overlays.popup_frame import PopupFrame
from kling_desktop.ui.shell.banner import Banner
from kling_desktop.ui.theme import painting
from kling_desktop.ui.theme.icons import IconSet
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.theme import Appearance, ThemeChoice, ThemeSource

_SAMPLE = "Light moves between the trunks"


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
            painting.draw_bar(painter, rect, self._look.theme, fraction, phase=0.6)


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


def _checked(button: Switch | RadioButton | IconButton) -> QWidget:
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
        ),
        _row(
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
            FilterChip(look, "Favourites", icon="heart", has_menu=False),
            FilterChip(look, "Model"),
            _active_chip(look),
            CountBadge(look, 5),
            KeyCap(look, "Ctrl"),
        ),
        _row(PlainTextField("Prompt", "Describe how it should move", visible_lines=3)),
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


def _build_notices(look: Look, host: QWidget) -> Notices:
    def nothing() -> None:
        pass

    picture = QPixmap(str(find_resource("samples/lighthouse-first.jpg")))
    notices = Notices(look, host)
    notices.show_notice(Notice("Back online", "5 waiting clips are starting.", kind="success"))
    notices.show_notice(
        Notice(
            "Beam sweeps once across the water",
            "Done in 2:31 for $0.35",
            picture=picture,
            offers=(ActionOffer("Show", nothing),),
        )
    )
    notices.show_notice(
        Notice(
            "Runware credit has run out",
            "The queue is paused. Top up in the Runware dashboard, then resume.",
            kind="warning",
            icon="wallet",
            offers=(ActionOffer("Open dashboard", nothing), ActionOffer("Resume", nothing)),
        )
    )
    notices.show_notice(
        Notice("Moved 1 clip to the trash", offers=(ActionOffer("Undo", nothing),), icon="undo")
    )
    return notices


def build_system_page(look: Look) -> QWidget:
    """Return a window with a banner, an empty view, a folded section and notices."""
    page = QWidget()
    page.resize(1000, 620)
    set_surface(page, "canvas")
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    banner = Banner(look)
    banner.set_message(
        "You're offline.",
        "Keep working: new clips wait in the queue and start by themselves when you're back.",
        icon="cloud-off",
        offers=[ActionOffer("Try now", banner.hide)],
    )
    column.addWidget(banner)
    options = CollapsibleSection(
        look, "More options", QWidget(), summary="Negative prompt, strength 0.50"
    )
    options.setFixedWidth(320)
    column.addWidget(options)
    offers = [
        ActionOffer("Choose a picture…", page.update),
        ActionOffer("Try a sample picture", page.update),
    ]
    words = "Drop a picture anywhere in this window to start."
    empty = EmptyState(look, "Your clips will live here.", words, offers, icon="film")
    empty.setFixedWidth(560)
    column.addWidget(empty, 1)
    return page


def build_menu(look: Look, parent: QWidget) -> Menu:
    menu = Menu(look, parent)
    menu.add("Play", shortcut="Space")
    menu.add("Compare", shortcut="C", enabled=False)
    menu.addSeparator()
    menu.add("Remix", shortcut="R")
    menu.add("Copy prompt", shortcut="Ctrl Shift C")
    menu.addSeparator()
    menu.add("Move to trash", shortcut="Del", danger=True)
    return menu


def _grab_all(look: Look, folder: Path, suffix: str) -> None:
    page = build_system_page(look)
    page.show()
    notices = _build_notices(look, page)
    QApplication.sendPostedEvents()
    page.grab().save(str(folder / f"system-{suffix}.png"))
    notices.clear()
    menu = build_menu(look, page)
    menu.popup(page.mapToGlobal(page.rect().topLeft()))
    menu.grab().save(str(folder / f"menu-{suffix}.png"))
    menu.close()
    popup = PopupFrame(look, page)
    popup.body.addWidget(Label("Kling 2.1", "body-strong"))
    popup.popup_beside(page)
    popup.grab().save(str(folder / f"popup-{suffix}.png"))
    popup.close()
    question = Question(
        look,
        page,
        "2 clips are still running",
        "They go on at Runware after you quit and are collected next time.",
        icon="download",
        ink="accent-text",
    )
    answers = [
        Answer("quit", "Quit", "ghost"),
        Answer("tray", "Keep in tray"),
        Answer("stay", "Stay", "primary"),
    ]
    question.add_answers(answers, default=None)
    question.open()
    question.grab().save(str(folder / f"question-{suffix}.png"))
    question.close()
    marks = (None, AppIconMark(0.45), AppIconMark(1.0, "warning"), AppIconMark(unseen=3))
    strip = QPixmap(4 * 140, 140)
    strip.fill(look.theme.color("window"))
    painter = QPainter(strip)
    for place, mark in enumerate(marks):
        paint_app_icon(painter, QRectF(place * 140 + 6, 6, 128, 128), look.theme, mark)
    painter.end()
    strip.save(str(folder / f"app-icon-{suffix}.png"))
    page.close()


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
        _grab_all(look, folder, choice)


if __name__ == "__main__":
    main()
