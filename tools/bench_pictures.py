"""Measures the header check of a heavy picture beside the full decode of the same file."""

import tempfile
from pathlib import Path

from PIL import Image

from kling_desktop.media.images import inspect, verify
from tools.bench_figures import Figure, in_turns, time_of

TURNS = 7
MOST = 1 / 50
HEAVY_BYTES = 20 * 1024 * 1024


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="kling-bench-") as folder:
        return [_measure(_make_heavy(Path(folder), suffix)) for suffix in (".png", ".jpg", ".webp")]


def _measure(path: Path) -> Figure:
    inspect(path)
    check_s, decode_s = in_turns(
        TURNS, lambda: time_of(lambda: inspect(path)), lambda: time_of(lambda: verify(path))
    )
    size = path.stat().st_size / 1024 / 1024
    note = f"{check_s * 1000:.2f} ms beside {decode_s * 1000:.0f} ms for {size:.1f} MB"
    return Figure(
        f"header check / full decode, {path.suffix[1:]}", check_s / decode_s, "", MOST, note=note
    )


def _make_heavy(folder: Path, suffix: str) -> Path:
    """Make a picture of noise of about 20 MB; the sides are as large as that takes."""
    path = folder / f"heavy{suffix}"
    side = {".jpg": 2640, ".png": 2760, ".webp": 2640}[suffix]
    noise = Image.merge("RGB", [Image.effect_noise((side, side), 120) for _ in range(3)])
    match suffix:
        case ".jpg":
            noise.save(path, quality=97, subsampling=0)
        case ".png":
            noise.save(path, compress_level=1)
        case _:
            noise.save(path, lossless=True, method=0, quality=0)
    return path
