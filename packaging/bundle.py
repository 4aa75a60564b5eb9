"""Builds the frozen folder and proves that it works: the part that all systems share."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"


def freeze() -> Path:
    """Run PyInstaller and return the folder `kling-desktop` with the program in it."""
    spec = ROOT / "packaging" / "kling-desktop.spec"
    work = ROOT / "build" / "pyinstaller"
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level=WARN"]
    command += ["--distpath", str(DIST), "--workpath", str(work), str(spec)]
    subprocess.run(command, cwd=ROOT, check=True)
    return DIST / "kling-desktop"


def smoke_test(program: Path) -> None:
    """Let the frozen program make and decode a video, far from the checkout.

    A missing plugin shows nowhere else: the window opens and videos stay black.
    """
    with tempfile.TemporaryDirectory() as empty:
        environment = {
            **os.environ,
            "KLING_DESKTOP_DATA_DIR": str(Path(empty) / "data"),
            "KLING_DESKTOP_LIBRARY_DIR": str(Path(empty) / "library"),
            "QT_QPA_PLATFORM": "offscreen",
        }
        for arguments in (["--version"], ["models"], ["doctor", "--decode"]):
            command = [str(program), *arguments]
            subprocess.run(command, cwd=empty, env=environment, check=True, timeout=180)


def read_version() -> str:
    """Return the version that the package itself states."""
    for line in (ROOT / "kling_desktop" / "__init__.py").read_text("utf-8").splitlines():
        if line.startswith("__version__"):
            return line.split('"')[1]
    raise ValueError("kling_desktop/__init__.py states no version")


if __name__ == "__main__":
    suffix = ".exe" if sys.platform == "win32" else ""
    smoke_test(freeze() / f"kling-desktop{suffix}")
