from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from kling_desktop.ui.library.library_filters import LibraryFilters
from kling_desktop.ui.library.library_page import LibraryPage
from kling_desktop.ui.library.library_query import LibraryChoice, Scope
from kling_desktop.ui.overlays.menu import Menu
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.theme import Appearance
from tests.ui.clip_samples import build_clip, settle, until
from tests.ui.library_stage import LibraryStage, find_nameless, open_library, put_away


@asynccontextmanager
async def open_page(
    folder: Path, look: Look, count: int = 12, width: int = 1080
) -> AsyncIterator[tuple[LibraryPage, LibraryStage]]:
    async with open_library(folder) as stage:
        if count:
            await stage.records.fill(count)
        page = LibraryPage(look, stage.parts)
        page.resize(width, 700)
        page.show()
        page.start()
        try:
            yield page, stage
        finally:
            put_away(page)


def words_shown(page: LibraryPage) -> str:
    shown = page.empty.currentWidget()
    assert shown is not None
    return shown.accessibleName()


def choose_in_menu(page: LibraryPage, button: QPushButton, words: str) -> None:
    """Open a button's menu and take the row that says `words`."""
    button.click()
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, Menu)
    action = next(a for a in menu.actions() if a.text().split("\t")[0] == words)
    menu.close()
    action.trigger()


async def test_search_waits_for_a_pause_in_typing(tmp_path: Path, look: Look) -> None:
    async with open_page(tmp_path, look) as (page, stage):
        await stage.records.add(build_clip(50, prompt="a red fox in snow"))
        QTest.keyClicks(page.header.search, "red fox")
        assert page.choice.text == ""
        await until(lambda: page.choice.text == "red fox")
        assert page.model.rowCount() == 1
        assert page.filters.count.text() == "1 of 13"
        page.header.search.clear()
        assert page.model.rowCount() == 13
        assert page.filters.count.isHidden()


async def test_chips_narrow_and_clear_together(tmp_path: Path, look: Look) -> None:
    async with open_page(tmp_path, look) as (page, stage):
        ids = [page.model.id_at(n) for n in (0, 1, 2)]
        await stage.records.store.set_favourite(ids, favourite=True)
        await settle()
        page.filters.favourites.click()
        assert page.model.rowCount() == 3
        choose_in_menu(page, page.filters.shape, "1:1")
        assert page.model.rowCount() == 1
        assert page.filters.shape.text() == "1:1"
        assert page.filters.count.text() == "1 of 12"
        page.filters.shape.cleared.emit()
        assert page.model.rowCount() == 3
        page.filters.clear.click()
        assert page.model.rowCount() == 12
        assert page.filters.clear.isHidden()
        choose_in_menu(page, page.filters.length, "10 s")
        assert page.model.rowCount() == 0
        choose_in_menu(page, page.filters.sort, "Oldest first")
        choose_in_menu(page, page.filters.date, "Today")
        page.filters.clear.click()
        choose_in_menu(page, page.filters.model, "Kling 2.5 Turbo Pro")
        assert page.model.rowCount() == 12
        assert page.filters.model.text() == "2.5 Turbo Pro"


async def test_a_narrow_row_hides_what_is_needed_least(tmp_path: Path, look: Look) -> None:
    async with open_page(tmp_path, look, width=420) as (page, _):
        await settle()
        assert page.filters.length.isHidden()
        assert not page.filters.favourites.isHidden()
        assert page.header.tile_size.isHidden()
        page.show_choice(LibraryChoice(length_s=5))
        assert not page.filters.length.isHidden(), "a filter in force is never hidden"


async def test_scopes_and_their_empty_words(tmp_path: Path, look: Look) -> None:
    async with open_page(tmp_path, look, count=0) as (page, stage):
        wanted: list[str] = []
        page.picture_wanted.connect(lambda: wanted.append("picture"))
        page.sample_wanted.connect(lambda: wanted.append("sample"))
        buttons = {b.text(): b for b in page.empty.findChildren(QPushButton)}
        buttons["Choose a picture…"].click()
        buttons["Try a sample picture"].click()
        assert wanted == ["picture", "sample"]
        choose_in_menu(page, page.header.scope, "Favourites")
        assert page.header.scope.text() == "Favourites"
        assert words_shown(page) == ("No favourites yet Press F on a clip you like.")
        page.show_choice(LibraryChoice(text="owl"))
        assert words_shown(page) == ("No clips match Try fewer words or clear the filters.")
        offer = next(b for b in page.empty.findChildren(QPushButton) if b.text() == "Clear filters")
        offer.click()
        assert not page.choice.is_filtered
        await stage.records.add(build_clip(1))
        await settle()
        assert page.wall.isVisible()


async def test_new_scope_lists_what_was_never_looked_at(tmp_path: Path, look: Look) -> None:
    async with open_page(tmp_path, look, count=3) as (page, stage):
        page.show_choice(LibraryChoice(scope=Scope.NEW))
        assert page.model.rowCount() == 3
        await stage.records.store.mark_seen([page.model.id_at(0)])
        await settle()
        assert page.model.rowCount() == 2


async def test_the_bar_comes_with_a_selection(tmp_path: Path, look: Look) -> None:
    async with open_page(tmp_path, look) as (page, stage):
        asked: list[tuple[int, ...]] = []
        page.chosen_changed.connect(lambda videos: asked.append(tuple(v.id for v in videos)))
        assert page.bar.isHidden()
        ids = [page.model.id_at(0), page.model.id_at(1)]
        page.wall.choose(ids)
        assert not page.bar.isHidden()
        assert asked[-1] == tuple(ids)
        compare = next(b for b in page.bar.findChildren(QPushButton) if b.text() == "Compare")
        remix = next(b for b in page.bar.findChildren(QPushButton) if b.text() == "Remix")
        assert compare.isEnabled()
        assert remix.disabled_reason == "Choose a single clip."  # pyright: ignore[reportAttributeAccessIssue]
        pairs: list[tuple[int, int]] = []
        stage.actions.compare_requested.connect(lambda a, b: pairs.append((a.id, b.id)))
        compare.click()
        assert pairs == [tuple(ids)]
        page.bar.clear.click()
        assert page.bar.isHidden()


async def test_keys_reach_the_actions(tmp_path: Path, look: Look) -> None:
    async with open_page(tmp_path, look) as (page, stage):
        page.wall.choose([page.model.id_at(1)])
        QTest.keyClick(page.wall, Qt.Key.Key_F)
        await until(lambda: page.model.row_at(1).favourite)
        QTest.keyClick(page.wall, Qt.Key.Key_F)
        await until(lambda: not page.model.row_at(1).favourite)
        remixed: list[str] = []
        stage.actions.remix_requested.connect(lambda video: remixed.append(video.title))
        QTest.keyClick(page.wall, Qt.Key.Key_R)
        assert remixed == ["Clip number 1"]
        QTest.keyClick(page.wall, Qt.Key.Key_C)
        assert stage.notices[-1].title == "Choose two clips to compare."
        page.run_command("find")
        page.run_command("select-all")
        assert len(page.chosen_videos()) == 12


async def test_show_clip_goes_past_a_filter(tmp_path: Path, look: Look) -> None:
    async with open_page(tmp_path, look) as (page, _):
        wanted = page.model.id_at(7)
        page.show_choice(LibraryChoice(text="number 3"))
        page.show_clip(wanted)
        assert page.wall.chosen_ids() == (wanted,)
        assert page.find_neighbour(wanted, 1) == page.model.id_at(8)
        assert page.find_neighbour(page.model.id_at(0), -1) is None


async def test_every_control_has_a_name(tmp_path: Path, look: Look) -> None:
    async with open_page(tmp_path, look) as (page, _):
        page.wall.choose([page.model.id_at(0)])
        assert find_nameless(page) == []
        page.show_choice(LibraryChoice(text="nothing"))
        assert find_nameless(page) == []


def test_chips_give_way_when_the_words_grow(look: Look, qtbot: QtBot) -> None:
    row = LibraryFilters(look)
    qtbot.addWidget(row)
    chips = (row.favourites, row.model, row.shape, row.length, row.date)
    row.setFixedWidth(640)
    row.show()
    assert all(chip.isVisible() for chip in chips)
    look.themes.set_choice(Appearance(text_scale=1.5))
    assert not row.length.isVisible()
    wanted = [chip.sizeHint().width() for chip in chips if chip.isVisible()]
    assert sum(wanted) + row.sort.sizeHint().width() < 640, "the rest is whole"
    assert row.height() == look.theme.height("second-row")
    look.themes.set_choice(Appearance())
    assert all(chip.isVisible() for chip in chips)
