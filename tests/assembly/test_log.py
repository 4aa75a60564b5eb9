"""The log file: written, bounded, and silent about addresses."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from kling_desktop.assembly.log import start_log, stop_log
from kling_desktop.domain.errors import DataFolderUnavailable


@pytest.fixture(autouse=True)
def root_level() -> Iterator[None]:
    level = logging.getLogger().level
    yield
    logging.getLogger().setLevel(level)


def test_tells_the_story_without_addresses(tmp_path: Path) -> None:
    handler = start_log(tmp_path / "logs")
    logging.getLogger("kling_desktop.engine").info("job 1: queued")
    logging.getLogger("httpx").info("GET https://host/secret.mp4")
    stop_log(handler)
    logging.getLogger("kling_desktop.engine").info("after the end")
    text = (tmp_path / "logs" / "kling-desktop.log").read_text()
    assert "job 1: queued" in text
    assert "secret" not in text
    assert "after the end" not in text


def test_is_bounded(tmp_path: Path) -> None:
    handler = start_log(tmp_path)
    for _ in range(70):
        logging.getLogger("kling_desktop").info("x" * 100_000)
    stop_log(handler)
    files = list(tmp_path.iterdir())
    assert len(files) == 5
    assert sum(path.stat().st_size for path in files) < 5_500_000


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataFolderUnavailable):
        start_log(tmp_path / "file" / "logs")
