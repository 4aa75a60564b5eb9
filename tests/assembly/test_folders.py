"""Where everything lies, by the environment and without it."""

from pathlib import Path

import pytest

from kling_desktop.assembly.folders import find_fixed_base_url, find_folders


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


@pytest.mark.parametrize("words", ["", " ", "\t\n"])
def test_empty_words_are_no_wish(words: str) -> None:
    empty = {"KLING_DESKTOP_DATA_DIR": words, "KLING_DESKTOP_LIBRARY_DIR": words}
    assert find_fixed_base_url({"KLING_DESKTOP_BASE_URL": words}) == ""
    assert find_folders(empty) == find_folders({})


def test_an_address_without_the_line_break_of_its_file() -> None:
    address = {"KLING_DESKTOP_BASE_URL": " https://api.example/v1\r\n"}
    assert find_fixed_base_url(address) == "https://api.example/v1"
