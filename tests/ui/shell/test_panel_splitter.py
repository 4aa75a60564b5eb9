"""The widths of the regions: as drawn for the window, or as they were dragged."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from kling_desktop.ui.shell.panel_splitter import LIBRARY_LEAST_PX, PanelSplitter
from tests.ui.pointer import double_click


def find_region(splitter: PanelSplitter, index: int) -> QWidget:
    region = splitter.widget(index)
    assert region is not None
    return region


@pytest.fixture
def splitter(qapp: QApplication) -> Iterator[PanelSplitter]:
    splitter = PanelSplitter()
    for _ in range(3):
        splitter.addWidget(QWidget())
    find_region(splitter, 1).setMinimumWidth(LIBRARY_LEAST_PX)
    splitter.setStretchFactor(1, 1)
    splitter.bound_panels()
    splitter.resize(1500, 700)
    splitter.reset_widths(1500)
    splitter.show()
    yield splitter
    splitter.close()
    splitter.deleteLater()


def panels(splitter: PanelSplitter) -> tuple[int, int]:
    QApplication.sendPostedEvents()
    return find_region(splitter, 0).width(), find_region(splitter, 2).width()


def test_panels_follow_the_window_over_the_line_and_back(splitter: PanelSplitter) -> None:
    assert panels(splitter) == (348, 340)
    splitter.resize(1439, 700)
    assert panels(splitter) == (324, 316)
    splitter.resize(1440, 700)
    assert panels(splitter) == (348, 340)


def test_what_the_user_dragged_stays(splitter: PanelSplitter) -> None:
    splitter.moveSplitter(400, 1)
    assert panels(splitter) == (400, 340)
    splitter.resize(1280, 700)
    assert panels(splitter) == (400, 316)


def test_a_double_click_brings_the_drawn_widths_back(splitter: PanelSplitter) -> None:
    splitter.moveSplitter(400, 1)
    double_click(splitter.handle(1), splitter.handle(1).rect().center())
    assert panels(splitter) == (348, 340)


def test_details_are_wider_where_there_is_room(splitter: PanelSplitter) -> None:
    splitter.show_details(shown=True)
    assert panels(splitter) == (348, 360)
    splitter.resize(1280, 700)
    assert panels(splitter) == (324, 316)
    splitter.resize(1500, 700)
    assert panels(splitter) == (348, 360)


def test_a_folded_panel_comes_back_as_wide_as_it_was(splitter: PanelSplitter) -> None:
    create = find_region(splitter, 0)
    splitter.moveSplitter(390, 1)
    splitter.set_shown(create, shown=False)
    splitter.show_details(shown=True)  # widths are set while it is away
    splitter.set_shown(create, shown=True)
    assert panels(splitter) == (390, 360)


def test_a_folded_panel_comes_back_as_drawn_for_the_window_of_now(
    splitter: PanelSplitter,
) -> None:
    create = find_region(splitter, 0)
    splitter.set_shown(create, shown=False)
    splitter.resize(1280, 700)
    splitter.set_shown(create, shown=True)
    assert panels(splitter) == (324, 316)
