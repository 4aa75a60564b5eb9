"""Nobody else on the machine can read the data folder, however open the umask is."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kling_desktop.assembly.log import start_log, stop_log
from kling_desktop.domain.resources import find_resource
from kling_desktop.storage.files.private_files import make_private_file, make_private_folder

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes"),
]

ROOT = Path(__file__).parent.parent.parent
USED = {
    "kling-desktop.sqlite3", "kling-desktop.sqlite3.lock", "settings.json", "kling-desktop.log",
    "sandbox.log", "port", "journal.jsonl", "sandbox", "pictures", "videos", "inputs", "logs",
}  # fmt: skip


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def run(data: Path, *arguments: str) -> None:
    environment = {
        **os.environ,
        "KLING_DESKTOP_DATA_DIR": str(data),
        "KLING_DESKTOP_LIBRARY_DIR": str(data.parent / "library"),
        "KLING_DESKTOP_SANDBOX_OPTIONS": "--videos plain --render-seconds 0 --queue-seconds 0",
        "QT_QPA_PLATFORM": "offscreen",
    }
    command = [sys.executable, "-m", "kling_desktop", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def list_open(folder: Path) -> list[str]:
    """Name everything in a folder, and itself, that somebody else could open."""
    return [
        f"{path.relative_to(folder.parent)} {stat.S_IMODE(path.stat().st_mode):o}"
        for path in (folder, *folder.rglob("*"))
        if stat.S_IMODE(path.stat().st_mode) != (0o700 if path.is_dir() else 0o600)
    ]


@pytest.mark.usefixtures("open_umask")
def test_a_used_data_folder_is_its_owners_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    picture = str(find_resource("samples/umbrella.jpg"))
    run(data, "generate", "--sandbox", "--model", "2.5 Turbo Pro", "--first-frame", picture,
        "--prompt", "The umbrella turns", "--wait")  # fmt: skip
    run(data, "jobs")
    assert {path.name for path in data.rglob("*")} >= USED
    assert list_open(data) == []


@pytest.mark.usefixtures("open_umask")
def test_a_data_folder_of_an_older_version_is_closed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    log = data / "logs" / "kling-desktop.log"
    log.parent.mkdir(parents=True)
    log.write_text("old\n")
    stop_log(start_log(log.parent))
    make_private_folder(data)
    assert list_open(data) == []
    assert log.read_text() == "old\n"


@pytest.mark.usefixtures("open_umask")
def test_what_is_there_is_kept_and_closed(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b" / "c"
    make_private_folder(folder)
    path = folder / "file"
    path.write_text("kept")
    assert list_open(folder) == ["c/file 666"]
    make_private_file(path)
    make_private_folder(folder)
    assert path.read_text() == "kept"
    assert list_open(tmp_path / "a") == []
