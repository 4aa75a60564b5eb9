from typing import Any

import pytest
from PySide6.QtGui import QAction, QIcon

from kling_desktop.domain.events import EngineStatus, Network, PauseReason
from kling_desktop.domain.job import Service
from kling_desktop.ui.desktop.tray import AppMark, Tray, read_mark
from kling_desktop.ui.theme.look import Look


def _status(**facts: Any) -> EngineStatus:
    return EngineStatus(service=Service.RUNWARE, **facts)


def _action(tray: Tray, text: str) -> QAction:
    return next(a for a in tray.menu.actions() if a.text().partition("\t")[0] == text)


@pytest.fixture
def tray(look: Look) -> Tray:
    return Tray(look)


def test_the_menu_tells_the_count_and_what_can_be_done(tray: Tray) -> None:
    tray.set_status(_status(running=2, waiting=3))
    words = [action.text().partition("\t")[0] for action in tray.menu.actions()]
    assert words == [
        "2 running, 3 waiting",
        "",
        "Show Kling Desktop",
        "Pause all",
        "New from clipboard",
        "",
        "Quit",
    ]
    assert not tray.menu.actions()[0].isEnabled()


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("Show Kling Desktop", "show_wanted"),
        ("Pause all", "pause_wanted"),
        ("New from clipboard", "clipboard_wanted"),
        ("Quit", "quit_wanted"),
    ],
)
def test_each_row_asks_for_its_thing(tray: Tray, text: str, signal: str) -> None:
    tray.set_status(_status(running=1))
    asked: list[str] = []
    getattr(tray, signal).connect(lambda: asked.append(signal))
    _action(tray, text).trigger()
    assert asked == [signal]


def test_a_paused_queue_can_be_resumed_where_that_helps(tray: Tray) -> None:
    resumed: list[bool] = []
    tray.resume_wanted.connect(lambda: resumed.append(True))
    tray.set_status(_status(waiting=1, pause=PauseReason.USER))
    _action(tray, "Resume").trigger()
    assert resumed == [True]
    tray.set_status(_status(waiting=1, pause=PauseReason.KEY_MISSING))
    assert not _action(tray, "Resume").isEnabled()
    assert _action(tray, "Resume").toolTip() == "Add an API key or switch to the sandbox."


@pytest.mark.parametrize(
    ("facts", "fraction", "ink", "shown"),
    [
        ({}, None, "accent-text", None),
        ({"running": 1}, 0.452, "accent-text", 0.45),
        ({"running": 1}, None, "accent-text", None),
        ({"waiting": 1, "network": Network.OFFLINE}, None, "warning", 1.0),
        ({"needs_user": 1}, None, "danger", 1.0),
        ({"waiting": 1, "pause": PauseReason.CREDIT}, 0.5, "danger", 0.5),
        ({"running": 1, "pause": PauseReason.USER}, 0.5, "accent-text", 0.5),
    ],
)
def test_the_icon_tells_how_the_queue_is(
    facts: dict[str, Any], fraction: float | None, ink: str, shown: float | None
) -> None:
    mark = read_mark(_status(**facts), fraction, 3)
    assert (mark.ink, mark.fraction, mark.unseen) == (ink, shown, 3)


def test_the_same_mark_is_painted_once(look: Look) -> None:
    icons: list[QIcon] = []
    mark = AppMark(look, icons.append)
    mark.show(read_mark(_status(running=1), 0.451, 0))
    mark.show(read_mark(_status(running=1), 0.452, 0))
    assert len(icons) == 1
    mark.show(read_mark(_status(running=1), 0.5, 2))
    assert len(icons) == 2
