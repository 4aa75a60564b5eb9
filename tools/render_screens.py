"""Renders every screen of the window, dark and light, into a folder of PNG files.

python tools/render_screens.py docs/screenshots [--only main,viewer] [--videos FOLDER]

The videos of the demo library are made once in a minute; `--videos` keeps them for the next time.
"""

import argparse
import asyncio
import io
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

_SCREEN = {
    "synchronousWindowSystemEvents": False,
    "windowFrameMargins": False,
    "screens": [
        dict.fromkeys(("x", "y"), 0)
        | dict.fromkeys(("logicalDpi", "logicalBaseDpi"), 96)
        | {"name": "screen", "width": 1920, "height": 1200, "dpr": 1}
    ],
}
_COLOURS, _COMMON = 256, 60


def main(argv: list[str] | None = None) -> int:
    """Render what is asked for; return the process's exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="names of screens, separated by commas")
    parser.add_argument("--videos", type=Path, help="keeps the demo's videos here")
    options = parser.parse_args(argv)
    only = {name for name in options.only.split(",") if name}
    with tempfile.TemporaryDirectory(prefix="kling-screens-") as passing:
        folder = Path(passing)
        platform = folder / "screen.json"
        platform.write_text(json.dumps(_SCREEN), "utf-8")
        os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={platform}"
        os.environ.setdefault("QT_LOGGING_RULES", "qt.multimedia.*=false;qt.text.font.db=false")
        os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
        sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
        _run(folder, options.folder.absolute(), options.videos or folder / "videos", only)
    return 0


def _run(folder: Path, target: Path, videos: Path, only: AbstractSet[str]) -> None:
    from PySide6.QtWidgets import QApplication

    from kling_desktop.app.event_loop import Loop
    from kling_desktop.ui.theme.icons import IconSet
    from kling_desktop.ui.theme.look import Look
    from kling_desktop.ui.theme.theme import ThemeSource
    from tools.demo_library import make_videos
    from tools.demo_screens import Easel, render_all

    make_videos(videos)
    target.mkdir(parents=True, exist_ok=True)
    app = QApplication(["kling-desktop"])
    app.setQuitOnLastWindowClosed(False)
    themes = ThemeSource(app)
    easel = Easel(Look(themes, IconSet(themes)), folder, videos, _Frames(target, only))
    with asyncio.Runner(loop_factory=lambda: Loop(app)) as runner:
        runner.run(render_all(easel))


class _Frames:
    """Keeps pictures as small PNG files; owned by one run."""

    def __init__(self, target: Path, only: AbstractSet[str]) -> None:
        self._target, self._only = target, only

    def wants(self, *names: str) -> bool:
        return not self._only or not self._only.isdisjoint(names)

    def keep(self, name: str, png: bytes) -> None:
        """Write one picture with 256 colours, a quarter of the size of one with all."""
        from PIL import Image

        picture = Image.open(io.BytesIO(png)).convert("RGB")
        content = _encode(_with_fewer_colours(picture))
        (self._target / f"{name}.png").write_bytes(content)
        sys.stdout.write(f"{name}.png  {len(content) // 1000} kB\n")
        sys.stdout.flush()


def _with_fewer_colours(picture: "Image.Image") -> "Image.Image":
    """Keep the colours of the interface as they are; pictures share what is left of the palette."""
    from PIL import Image, ImageColor

    from kling_desktop.ui.theme.tokens import load_tokens

    tokens = load_tokens()
    inks = {
        ImageColor.getrgb(value[:7]) for value in (*tokens.dark.values(), *tokens.light.values())
    }
    counted = picture.getcolors(picture.width * picture.height) or ()
    seen = Counter({colour: count for count, colour in counted if isinstance(colour, tuple)})
    common = [colour for colour, _ in seen.most_common(_COMMON)]
    exact = list(dict.fromkeys((*common, *(inks & seen.keys()))))
    rest = picture.quantize(_COLOURS - len(exact), method=Image.Quantize.MEDIANCUT).getpalette()
    palette = Image.new("P", (1, 1))
    palette.putpalette([channel for colour in exact for channel in colour] + (rest or []))
    return picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)


def _encode(picture: "Image.Image") -> bytes:
    data = io.BytesIO()
    picture.save(data, "PNG", optimize=True)
    return data.getvalue()


if __name__ == "__main__":
    sys.exit(main())
