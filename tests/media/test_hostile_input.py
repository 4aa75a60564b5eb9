"""Damaged bytes of every kind: a clear error or a result, never anything else."""

import contextlib
import io
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from kling_desktop.domain.draft import ImageInput
from kling_desktop.domain.errors import DamagedDownload, KlingDesktopError, UnreadableImage
from kling_desktop.media import video_file as video
from kling_desktop.media.cleaning import strip_notes
from kling_desktop.media.decoding import DecodeFailed
from kling_desktop.media.frame_count import MAX_COUNTED, count_gif_pictures
from kling_desktop.media.images import inspect, verify
from kling_desktop.media.recipe import read_recipe
from kling_desktop.media.rendering import Order, render
from kling_desktop.media.signatures import recognise
from kling_desktop.media.webp_header import read_webp_header
from tests.media import pictures
from tests.media.videos import make_video

# Pillow tells of odd EXIF data and of short files by warnings as well; here they are no failures.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")

Edit = tuple[int, bytes]
_EDITS = st.lists(
    st.tuples(st.integers(0, 10_000), st.binary(min_size=1, max_size=6)), min_size=1, max_size=8
)
_CUT = st.one_of(st.none(), st.integers(1, 10_000))


@cache
def _seed_pictures() -> tuple[tuple[str, bytes], ...]:
    image = pictures.gradient((40, 30))
    exif = Image.Exif()
    exif[0x0112] = 6
    made: list[tuple[str, bytes]] = []
    options: dict[str, dict[str, Any]] = {
        "JPEG": {"exif": exif},
        "PNG": {"exif": exif},
        "WEBP": {"exif": exif},
        "GIF": {"save_all": True, "append_images": [image.rotate(90)]},
        "TIFF": {"compression": "tiff_lzw"},
        "BMP": {},
        "AVIF": {},
        "JPEG2000": {},
    }
    for name, extra in options.items():
        target = io.BytesIO()
        image.save(target, name, **extra)
        made.append((name.lower(), target.getvalue()))
    return tuple(made)


@cache
def _seed_video(folder: Path) -> bytes:
    tags: dict[str, object] = {"comment": {"kling_desktop_recipe": 1}}
    return make_video(folder / "seed.mp4", seconds=0.5, tags=tags).read_bytes()


def _damage(data: bytes, edits: list[Edit], cut: int | None) -> bytes:
    changed = bytearray(data)
    for place, patch in edits:
        at = place % len(changed)
        changed[at : at + len(patch)] = patch
    return bytes(changed if cut is None else changed[: cut % len(changed) + 1])


def _allow(errors: type[KlingDesktopError], work: Callable[[], object]) -> None:
    """Let the work succeed or end in the one error that says so; anything else fails the test."""
    with contextlib.suppress(errors):
        work()


@given(st.integers(0, 7), _EDITS, _CUT)
def test_damaged_pictures(tmp_path: Path, which: int, edits: list[Edit], cut: int | None) -> None:
    name, data = _seed_pictures()[which]
    path = tmp_path / "a"
    path.write_bytes(_damage(data, edits, cut))
    _allow(UnreadableImage, lambda: inspect(path))
    _allow(UnreadableImage, lambda: verify(path))
    image = ImageInput(path=path, name="a", format=name, width=40, height=30, size_bytes=1)
    _allow(DecodeFailed, lambda: render(image, Order(size=(300, 300), lossless=True)))
    if name in ("jpeg", "png", "webp"):
        strip_notes(path, name)


@given(st.binary(max_size=200))
def test_any_bytes_are_recognised_as_something(tmp_path: Path, data: bytes) -> None:
    recognise(data)
    path = tmp_path / "a.png"
    path.write_bytes(data)
    _allow(UnreadableImage, lambda: inspect(path))


@given(
    st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"GIF89a", b"BM"]),
    st.binary(),
)
def test_a_good_beginning_and_then_anything(tmp_path: Path, start: bytes, rest: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(start + rest)
    _allow(UnreadableImage, lambda: inspect(path))


@given(st.binary(max_size=400))
def test_the_walk_through_webp_chunks_ends(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.webp"
    path.write_bytes(b"RIFF\xff\xff\xff\xffWEBP" + data)
    _allow(DecodeFailed, lambda: read_webp_header(path))


@given(st.binary(max_size=400))
def test_the_walk_through_gif_blocks_ends(data: bytes) -> None:
    assert 0 <= count_gif_pictures(b"GIF89a" + data) <= MAX_COUNTED


def test_a_gif_of_endless_pictures_is_counted_to_the_bound() -> None:
    one = b"\x2c" + bytes(9) + b"\x02\x00"
    data = b"GIF89a" + bytes(7) + one * (MAX_COUNTED + 5)
    assert count_gif_pictures(data) == MAX_COUNTED


@given(_EDITS, _CUT)
def test_damaged_videos(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    edits: list[Edit],
    cut: int | None,
) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(_damage(_seed_video(tmp_path_factory.getbasetemp()), edits, cut))
    _allow(DamagedDownload, lambda: video.probe(path, deep=True))
    _allow(DamagedDownload, lambda: video.strip(path, width=16))
    _allow(DamagedDownload, lambda: video.last_frame(path, tmp_path / "last.png"))
    read_recipe(path)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(["task_id", "service", "draft", "made_at", "took_s", "cost_usd", "seed"]),
        _JSON | st.just("sandbox") | st.just("2026-11-22T12:00:00+00:00"),
    )
)
def test_recipes_of_any_shape(tmp_path: Path, values: dict[str, Any]) -> None:
    text = json.dumps(values | {"kling_desktop_recipe": 1}).replace("\\u0000", "")
    path = make_video(tmp_path / "a.mp4", frames=1, tags={"comment": text})
    recipe = read_recipe(path)
    assert recipe is None or recipe.task_id
