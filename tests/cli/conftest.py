"""The command line in this process, on folders of its own, with a sandbox that is quick."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from kling_desktop.cli.program import main

QUICK = "--speed 60 --videos plain"
VARIABLES = (
    *("RUNWARE_API_KEY", "KLING_DESKTOP_BASE_URL", "KLING_DESKTOP_DATA_DIR"),
    *("KLING_DESKTOP_LIBRARY_DIR", "KLING_DESKTOP_SANDBOX_OPTIONS"),
)


@dataclass(frozen=True)
class Said:
    """What one command said and ended with."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class CommandLine:
    """Runs commands one after the other on the same folders."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.data = home / "data"
        self.library = home / "clips"
        self._capsys = capsys

    def run(self, *arguments: str) -> Said:
        self._capsys.readouterr()
        try:
            code = main(arguments)
        except SystemExit as leaving:  # argparse leaves by itself
            code = leaving.code
        captured = self._capsys.readouterr()
        assert isinstance(code, int)
        return Said(int(code), captured.out, captured.err)

    def queue(self, *more: str, model: str = "2.5 Turbo Pro", prompt: str = "A boat") -> int:
        """Queue one practice clip and return its number."""
        said = self.run("generate", "--sandbox", "--model", model, "--prompt", prompt, *more)
        assert said.code == 0, said.err
        return int(said.out.split()[0])


def environment_of(home: Path) -> dict[str, str]:
    return {
        "KLING_DESKTOP_DATA_DIR": str(home / "data"),
        "KLING_DESKTOP_LIBRARY_DIR": str(home / "clips"),
        "KLING_DESKTOP_SANDBOX_OPTIONS": QUICK,
    }


@pytest.fixture
def cli(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment_of(tmp_path).items():
        monkeypatch.setenv(name, value)
    return CommandLine(tmp_path, capsys)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return save_picture(tmp_path / "street.png")


def save_picture(path: Path, size: tuple[int, int] = (640, 360), mode: str = "RGB") -> Path:
    Image.new(mode, size).save(path)
    return path
