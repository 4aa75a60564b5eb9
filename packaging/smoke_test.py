"""Proves that a packaged app works: it converts a picture of each format and makes a clip of each.

What is missing in a package shows nowhere else: the window opens, and pictures are “damaged”.
"""

import json
import os
import struct
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
HEIC = ROOT / "tests" / "media" / "samples" / "turned-1.heic"
"""The one format that nobody here can write."""
_SIZE = (640, 360)
_QUICK = "--videos plain --render-seconds 0 --queue-seconds 0"
_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360">'
    '<rect width="640" height="360" fill="teal"/>'
    '<circle cx="320" cy="180" r="90" fill="red"/></svg>'
)
_WRITTEN_BY_PILLOW = ("png", "jpg", "webp", "gif", "bmp", "tiff", "tga", "ppm", "ico", "avif")


def smoke_test(command: Sequence[str]) -> None:
    """Let the packaged program do its work, far from the checkout.

    Raises:
        CalledProcessError: Something does not work; the program's own words are on the terminal.
        RuntimeError: It says that all is well, and clips are missing.
    """
    with tempfile.TemporaryDirectory() as empty:
        folder = Path(empty)
        environment = {
            **os.environ,
            "KLING_DESKTOP_DATA_DIR": str(folder / "data"),
            "KLING_DESKTOP_LIBRARY_DIR": str(folder / "library"),
            "KLING_DESKTOP_SANDBOX_OPTIONS": _QUICK,
            "QT_QPA_PLATFORM": "offscreen",
        }
        for arguments in (["--version"], ["models"], ["doctor", "--decode"]):
            _run([*command, *arguments], folder, environment)
        pictures = make_pictures(folder)
        batch = folder / "pictures.jsonl"
        batch.write_text("\n".join(_describe_job(picture) for picture in pictures), "utf-8")
        _run([*command, "run", "--sandbox", "--fix", str(batch)], folder, environment)
        clips = list((folder / "library").rglob("*.mp4"))
        if len(clips) != len(pictures):
            raise RuntimeError(f"{len(pictures)} pictures became {len(clips)} clips")


def make_pictures(folder: Path) -> list[Path]:
    """Write a picture of every format that the app takes."""
    image = Image.linear_gradient("L").resize(_SIZE).convert("RGB")
    written = {f"picture.{suffix}": b"" for suffix in _WRITTEN_BY_PILLOW}
    for name in written:
        image.save(folder / name)
    others = {
        "picture.svg": _SVG.encode(),
        "picture.psd": _write_psd(image),
        "picture.qoi": _write_qoi(image),
        "picture.heic": HEIC.read_bytes(),
    }
    for name, data in others.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in (*written, *others)]


def _describe_job(picture: Path) -> str:
    return json.dumps(
        {"model": "2.5 Turbo Pro", "prompt": picture.suffix, "first_frame": str(picture)}
    )


def _run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
    subprocess.run(command, cwd=folder, env=environment, check=True, timeout=600)


def _write_psd(image: Image.Image) -> bytes:
    """Write a PSD without layers: only its flattened picture, which every PSD has."""
    width, height = image.size
    header = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, height, width, 8, 3)
    planes = b"".join(image.getchannel(name).tobytes() for name in "RGB")
    return header + bytes(12) + struct.pack(">H", 0) + planes


def _write_qoi(image: Image.Image) -> bytes:
    """Write a QOI whose every pixel stands alone."""
    data = image.tobytes()
    pixels = b"".join(b"\xfe" + data[at : at + 3] for at in range(0, len(data), 3))
    return b"qoif" + struct.pack(">IIBB", *image.size, 3, 0) + pixels + bytes(7) + b"\x01"
