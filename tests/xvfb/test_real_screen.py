"""The window on a real X server: read by a screen reader, worked by real keys, clicks and drags."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.running import QUICK_SANDBOX
from tests.media.pictures import save
from tests.xvfb.reader import Reader, list_nameless
from tests.xvfb.screen import Screen, find_missing, open_screen, run_python, wait_until

_missing = find_missing()
pytestmark = pytest.mark.skipif(bool(_missing), reason=f"not installed here: {_missing}")

HERE = Path(__file__).parent


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    with open_screen(tmp_path) as screen:
        data, library = tmp_path / "data", tmp_path / "Videos" / "Kling Desktop"
        screen.environment.update(
            KLING_DESKTOP_DATA_DIR=str(data),
            KLING_DESKTOP_LIBRARY_DIR=str(library),
            KLING_DESKTOP_SANDBOX_OPTIONS=QUICK_SANDBOX,
            PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring",
        )
        yield screen


@pytest.fixture
def reader(screen: Screen) -> Iterator[Reader]:
    reader = Reader(screen.environment["DBUS_SESSION_BUS_ADDRESS"])
    yield reader
    reader.close()


def start_app(screen: Screen, *, welcome: bool = False) -> None:
    data = Path(screen.environment["KLING_DESKTOP_DATA_DIR"])
    if not welcome:
        data.mkdir(parents=True)
        (data / "settings.json").write_text(json.dumps({"service": "sandbox"}), "utf-8")
    run_python(screen, "-m", "kling_desktop")
    screen.find_window("Kling Desktop")


def list_jobs(screen: Screen) -> list[dict[str, object]]:
    """Ask the command line, which may look while the window owns the folder."""
    done = subprocess.run(
        [sys.executable, "-m", "kling_desktop", "jobs", "--json"],
        env=screen.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout)


def wait_for(reader: Reader, name: str, role: str = "") -> tuple[float, float]:
    """Wait until something of that name is on show; return its middle on the screen."""
    wait_until(lambda: reader.find(name, role), f"something called {name!r}")
    thing = reader.find(name, role)
    assert thing is not None
    return reader.find_middle(thing)


@pytest.mark.once
def test_a_picture_of_another_program_becomes_a_clip(
    screen: Screen, reader: Reader, tmp_path: Path
) -> None:
    picture = save(tmp_path / "café in the rain.png", (640, 360))
    start_app(screen)
    slot = wait_for(reader, "First frame")
    run_python(screen, str(HERE / "drag_source.py"), str(picture))
    screen.find_window("drag source")
    screen.drag((1520, 60), slot)
    wait_until(lambda: reader.find("First frame, café in the rain.png"), "the picture")
    screen.find_window("Kling Desktop")
    screen.click(*wait_for(reader, "Prompt", "text"))
    screen.type("She turns naively under the umbrella")
    screen.press("ctrl+Return")
    wait_until(lambda: reader.find("Clip, She turns naively"), "the tile", 60)

    (job,) = list_jobs(screen)
    assert job["state"] == "done"
    before = screen.picture()
    assert len(set(before[::997])) > 20, "the screen is not blank"


@pytest.mark.once
def test_the_welcome_and_every_surface_can_be_read(screen: Screen, reader: Reader) -> None:
    start_app(screen, welcome=True)
    open_ = wait_for(reader, "Open Kling Desktop")
    assert list_nameless(reader) == [], "the welcome"
    screen.click(*open_)
    wait_for(reader, "Prompt", "text")
    assert list_nameless(reader) == [], "the window"
    screen.press("ctrl+comma")
    wait_for(reader, "Settings", "dialog")
    assert list_nameless(reader) == [], "the settings"
    screen.press("Escape")
    wait_until(lambda: reader.find("Settings", "dialog") is None, "the settings are closed")
    # Qt leaves popups out of the tree: the models' names are tested in tests/app.


def test_the_main_job_needs_no_mouse(screen: Screen, reader: Reader) -> None:
    start_app(screen)
    wait_for(reader, "Prompt", "text")
    screen.press("ctrl+l")
    screen.type("Lanterns rise from the lake")
    screen.press("ctrl+Return")
    wait_until(lambda: reader.find("Clip, Lanterns rise"), "the tile", 60)
    screen.press("F6")
    wait_until(lambda: is_focused(reader, "Clips"), "the library has the focus")
    screen.press("Home")
    screen.press("Return")
    wait_for(reader, "One frame back")
    screen.press("f")
    screen.press("Escape")
    wait_until(
        lambda: (found := reader.find("Clip, Lanterns rise")) and "favourite" in found.name,
        "the heart",
    )


def test_no_popup_stands_in_a_black_frame(screen: Screen, reader: Reader) -> None:
    """No compositor runs here: what a window leaves see-through would be shown black."""
    start_app(screen)
    wait_for(reader, "Prompt", "text")
    for keys in ("ctrl+shift+m", "ctrl+comma"):
        before = screen.picture()
        screen.press(keys)
        wait_until(lambda before=before: _is_drawn(before, screen.picture()), f"what {keys} opens")
        assert _count_black(screen.picture()) <= _count_black(before), keys
        screen.press("Escape")


def _is_drawn(before: bytes, now: bytes) -> bool:
    changed = sum(a != b for a, b in zip(before[::301], now[::301], strict=True))
    return changed > len(before) / 301 / 20


def _count_black(picture: bytes) -> int:
    return sum(not any(picture[at : at + 3]) for at in range(0, len(picture), 3))


def is_focused(reader: Reader, name: str) -> bool:
    return any(thing.focused and thing.name.startswith(name) for thing in reader.walk())
