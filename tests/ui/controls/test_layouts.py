from PySide6.QtCore import QSize
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from kling_desktop.domain.catalog import MODELS
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.money import Usual
from kling_desktop.ui.controls.layouts import PairingRow
from kling_desktop.ui.create.create_footer import CreateFooter, Mode
from kling_desktop.ui.create.option_form import OptionForm
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.theme import Appearance


def make_part() -> QWidget:
    part = QWidget()
    part.setMinimumSize(100, 30)
    part.setMaximumHeight(30)
    return part


def build(qtbot: QtBot) -> tuple[QWidget, PairingRow, QWidget, QWidget]:
    host, row, left, right = QWidget(), PairingRow(10, 4), make_part(), make_part()
    row.addWidget(left, 2)
    row.addWidget(right, 1)
    column = QVBoxLayout(host)
    column.setContentsMargins(0, 0, 0, 0)
    column.addLayout(row)
    column.addStretch(1)
    qtbot.addWidget(host)
    host.resize(210, 200)
    host.show()
    return host, row, left, right


def test_side_by_side_where_both_have_room(qtbot: QtBot) -> None:
    _, row, left, right = build(qtbot)
    assert not row.is_stacked
    assert left.y() == right.y()
    assert right.x() == left.geometry().right() + 11


def test_stacked_where_they_have_not_and_back(qtbot: QtBot) -> None:
    host, row, left, right = build(qtbot)
    host.resize(209, 200)
    qtbot.waitUntil(lambda: right.y() == left.geometry().bottom() + 5)
    assert row.is_stacked
    assert left.x() == right.x() == 0
    assert left.width() == right.width() == 209
    host.resize(400, 200)
    qtbot.waitUntil(lambda: left.y() == right.y())
    assert not row.is_stacked


def test_needs_no_more_room_than_the_widest_part(qtbot: QtBot) -> None:
    host, row, _, _ = build(qtbot)
    assert row.minimumSize() == QSize(100, 30)
    assert row.heightForWidth(209) == 64
    assert row.heightForWidth(210) == 30
    assert host.minimumSizeHint().width() == 100


def test_large_text_fits_the_narrowest_create(look: Look, qtbot: QtBot) -> None:
    look.themes.set_choice(Appearance(text_scale=1.5))
    form, footer = OptionForm(look, MODELS[0]), CreateFooter(look)
    form.show_draft(Draft(), MODELS[0])
    footer.show_draft(1, Usual(), Mode(sandbox=True))
    for widget, width in ((form, 308 - 2 * look.theme.space(4)), (footer, 308)):
        qtbot.addWidget(widget)
        assert widget.minimumSizeHint().width() <= width
