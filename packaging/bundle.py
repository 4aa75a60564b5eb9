"""Builds the frozen folder and proves that it works: the part that all systems share."""

import subprocess
import sys
from pathlib import Path

from smoke_test import smoke_test

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


def read_version() -> str:
    """Return the version that the package itself states."""
    for line in (ROOT / "kling_desktop" / "__init__.py").read_text("utf-8").splitlines():
        if line.startswith("__version__"):
            return line.split('"')[1]
    raise ValueError("kling_desktop/__init__.py states no version")


if __name__ == "__main__":
    suffix = ".exe" if sys.platform == "win32" else ""
    smoke_test([str(freeze() / f"kling-desktop{suffix}")])
