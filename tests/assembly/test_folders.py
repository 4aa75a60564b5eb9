"""Where everything lies, by the environment and without it."""

from pathlib import Path

import pytest

from kling_desktop.assembly.folders import find_folders


def test_by_platformdirs() -> None:
    folders = find_folders({})
    assert folders.data.name == "kling-desktop"
    assert folders.default_library.name == "Kling Desktop"
    assert folders.library("") == folders.default_library
    assert folders.library("/elsewhere") == Path("/elsewhere")


def test_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folders = find_folders(
        {"KLING_DESKTOP_DATA_DIR": "data", "KLING_DESKTOP_LIBRARY_DIR": "~/clips"}
    )
    assert folders.data == tmp_path / "data"
    assert folders.cache == tmp_path / "data" / "cache"
    assert folders.library("/chosen") == Path.home() / "clips"
    inside = (
        *(folders.database, folders.settings, folders.inputs, folders.prepared, folders.backups),
        *(folders.logs, folders.sandbox, folders.lock),
    )
    assert all(path.is_relative_to(folders.data) for path in inside)
    assert len(set(inside)) == len(inside)
    assert not folders.data.exists()


def test_empty_words_are_no_wish() -> None:
    empty = {"KLING_DESKTOP_DATA_DIR": "", "KLING_DESKTOP_LIBRARY_DIR": ""}
    assert find_folders(empty) == find_folders({})
