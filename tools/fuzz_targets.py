"""The readers of foreign input that are fuzzed, and how input that is nearly right is made."""

import io
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from PIL import Image

from kling_desktop.api.replies import read_statuses, read_submission
from kling_desktop.domain.catalog import MODELS
from kling_desktop.domain.draft import Draft, ImageInput, draft_from_json, draft_to_json
from kling_desktop.domain.errors import KlingDesktopError
from kling_desktop.domain.job import Service, TaskId
from kling_desktop.domain.video import Recipe, recipe_from_json, recipe_to_json
from kling_desktop.engine.queue.batch import FIELDS, read_batch
from kling_desktop.media.images import inspect, verify
from kling_desktop.media.recipe import embed_recipe, read_recipe
from kling_desktop.storage.settings.settings_store import Settings, SettingsStore
from tests.media.pictures import gradient
from tests.media.videos import make_video

Work = Callable[[Path, bytes], None]
"""Reads one input; may use the folder.  Returns, or raises what the caller has to survive."""

TASK, OTHER_TASK = TaskId("a" * 8 + "-0000-4000-8000-" + "0" * 12), TaskId("another")
STATUSES = (200, 200, 200, 400, 401, 402, 403, 404, 408, 422, 429, 500, 502, 503, 504, 0, 999)


@dataclass(frozen=True, slots=True)
class Target:
    """One reader under fire.

    Attributes:
        share: Of a hundred examples, so many are this reader's.
        make: Builds the inputs; a folder to work in is handed over.  The cost of building the
            good examples is paid here, once.
        work: The reader.
    """

    share: int
    make: Callable[[Path], SearchStrategy[bytes]]
    work: Work


# ------------------------------------------------------------------ how input is made


def _json_like(keys: Sequence[str], words: Sequence[str]) -> SearchStrategy[Any]:
    """JSON of any shape, of the very words that the reader looks for."""
    leaves = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.sampled_from([10**310, -(10**310), 2**63, 0.1, -0.0])
        | st.sampled_from(words)
        | st.text(max_size=10)
    )
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(keys) | st.text(max_size=4), inner, max_size=5)
        ),
        max_leaves=14,
    )


def _to_bytes(value: object) -> bytes:
    return json.dumps(value).encode()


_PATCHES = st.binary(max_size=6) | st.sampled_from(
    (b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"[" * 3000, b'{"a":' * 3000,
     b"9" * 5000, b"1e999", b'"', b"\n", b",", b"\\ud800", b"null", b"NaN", b"\xef\xbb\xbf")
)  # fmt: skip


def _damage(data: bytes, edits: Sequence[tuple[int, int, bytes]], cut: int | None) -> bytes:
    changed = bytearray(data)
    for place, gone, patch in edits:
        at = place % (len(changed) + 1)
        changed[at : at + gone] = patch
    return bytes(changed if cut is None else changed[: cut % (len(changed) + 1)])


def _damaged(seeds: Sequence[bytes], *, binary: bool = False) -> SearchStrategy[bytes]:
    """Good examples with parts replaced, put in, taken out or cut off."""
    longest = max(map(len, seeds))
    # Offsets in a video or a picture point at places: there, most damage keeps the length.
    sizes = st.integers(0, 40) if not binary else st.integers(1, 6)
    edit = st.tuples(st.integers(0, longest) | st.integers(0, 200), sizes, _PATCHES)
    same_length = edit.map(lambda e: (e[0], len(e[2]), e[2]))
    edits = st.lists(same_length | edit if binary else edit, max_size=6)
    cut = st.none() | st.none() | st.integers(0, longest)
    return st.builds(_damage, st.sampled_from(seeds), edits, cut)


def _one_changed(whole: dict[str, object], values: SearchStrategy[Any]) -> SearchStrategy[bytes]:
    """A whole object in which a few members are something else."""
    changes = st.dictionaries(st.sampled_from(sorted(whole)), values, max_size=3)
    return changes.map(lambda wrong: _to_bytes(whole | wrong))


# ------------------------------------------------------------------ good examples

_FRAME = ImageInput(
    path=Path("boat.png"), name="boat.png", format="PNG", width=640, height=480,
    size_bytes=1000, sha256="0" * 64, converted_from="",
)  # fmt: skip
_DRAFT = Draft(model=MODELS[0].id, prompt="a boat", first_frame=_FRAME, last_frame=_FRAME)
_RECIPE = Recipe(
    task_id=TASK, service=Service.SANDBOX, draft=_DRAFT, seed=7, took_s=12.5,
    made_at=datetime(2026, 11, 22, tzinfo=UTC), cost_usd=Decimal("0.28"),
)  # fmt: skip


def _make_replies(folder: Path) -> SearchStrategy[bytes]:
    del folder
    result = {
        "taskUUID": TASK, "taskType": "videoInference", "status": "success", "cost": 0.28,
        "videoUUID": "v", "videoURL": "https://files.example/v.mp4", "seed": 5, "resultIndex": 0,
    }  # fmt: skip
    error = {"code": "providerError", "message": "no", "parameter": "seed", "taskUUID": TASK}
    good: list[object] = [
        {"data": [result]},
        {"data": [{"taskUUID": TASK, "status": "processing", "progress": 3}], "errors": [error]},
        {"errors": [error | {"code": "conflictTaskUUID"}], "data": []},
    ]
    words = [TASK, "success", "error", "processing", "brewing", "conflictTaskUUID", "taskNotFound"]
    values = _json_like([*result, *error, "data", "errors", "allowedValues", "progress"], words)
    both = st.builds(lambda data, errors: {"data": data, "errors": errors}, values, values)
    bodies = both.map(_to_bytes) | values.map(_to_bytes) | _damaged([*map(_to_bytes, good)])
    return st.builds(lambda status, body: bytes([status]) + body, st.integers(0, 255), bodies)


def _make_batches(folder: Path) -> SearchStrategy[bytes]:
    del folder
    line = {"model": "2.5 Turbo Pro", "prompt": "go", "takes": 2, "cfg_scale": 0.5, "width": 1280}
    csv_text = b'model,prompt,takes\n"1.6 Pro","a ""boat"", and\nwater",2\n2.1 Master,x,\n'
    lines = _to_bytes(line) + b"\n" + _to_bytes(line | {"first_frame": "boat.png"})
    values = _json_like([*FIELDS], ["2.5 Turbo Pro", "http://x", "", "=1+1", "1e400", "../../x"])
    objects = st.lists(st.dictionaries(st.sampled_from(FIELDS), values, max_size=4), max_size=4)
    json_lines = objects.map(lambda rows: b"\n".join(map(_to_bytes, rows)))
    kinds = st.sampled_from([b"c", b"j"])
    bodies = json_lines | _damaged([lines, csv_text]) | st.binary(max_size=200)
    return st.builds(bytes.__add__, kinds, bodies)


def _make_recipes(folder: Path) -> SearchStrategy[bytes]:
    del folder
    whole = recipe_to_json(_RECIPE)
    words = ["sandbox", "runware", "2026-11-22T12:00:00+00:00", "0001-01-01T00:00:00+14:00", "1e9"]
    values = _json_like([*whole, "path", "width"], words)
    return _one_changed(whole, values) | _damaged([_to_bytes(whole)])


def _make_drafts(folder: Path) -> SearchStrategy[bytes]:
    del folder
    whole = draft_to_json(_DRAFT)
    values = _json_like([*whole, "path", "name", "width", "sha256"], [MODELS[0].id, "", "\0"])
    frame = st.sampled_from(["first_frame", "last_frame"])
    frames = st.dictionaries(frame, st.dictionaries(st.sampled_from(["path", "width"]), values))
    odd_frames = frames.map(lambda wrong: _to_bytes(whole | wrong))
    return _one_changed(whole, values) | odd_frames | _damaged([_to_bytes(whole)])


def _make_settings(folder: Path) -> SearchStrategy[bytes]:
    del folder
    names = [*Settings.__dataclass_fields__]
    values = _json_like(names, ["sandbox", "dark", "always", "{date}/{slug}", "5.00", "nan", "1e9"])
    tables = st.dictionaries(st.sampled_from(names), values, max_size=6).map(_to_bytes)
    good = _to_bytes({"concurrency": 3, "budget_day_usd": "5.00", "shortcuts": {"a": "Ctrl+A"}})
    return tables | values.map(_to_bytes) | _damaged([good])


def _make_pictures(folder: Path) -> SearchStrategy[bytes]:
    del folder
    exif = Image.Exif()
    exif[0x0112] = 6
    image = gradient((40, 30))
    options: dict[str, dict[str, Any]] = {
        "JPEG": {"exif": exif, "progressive": True},
        "PNG": {"exif": exif},
        "WEBP": {"exif": exif},
        "GIF": {"save_all": True, "append_images": [image.rotate(90)]},
        "TIFF": {"compression": "tiff_lzw"},
        "BMP": {},
        "AVIF": {},
        "JPEG2000": {},
        "ICO": {},
    }
    seeds: list[bytes] = []
    for name, extra in options.items():
        target = io.BytesIO()
        image.save(target, name, **extra)
        seeds.append(target.getvalue())
    return _damaged(seeds, binary=True) | st.binary(max_size=100)


def _make_videos(folder: Path) -> SearchStrategy[bytes]:
    seeds: list[bytes] = []
    for prompt in ("a boat", "waves " * 40):
        bare = make_video(folder / "bare.mp4", frames=3, sound=bool(seeds))
        whole = folder / "whole.mp4"
        embed_recipe(bare, whole, replace(_RECIPE, draft=replace(_DRAFT, prompt=prompt)))
        seeds.append(whole.read_bytes())
    return _damaged(seeds, binary=True)


# ------------------------------------------------------------------ the readers


def _read_reply(folder: Path, data: bytes) -> None:
    del folder
    status, expected = STATUSES[data[0] % len(STATUSES)] if data else 200, len(data) % 3 + 1
    with suppress(KlingDesktopError):
        read_submission(status, data[1:], TASK, retry_after_s=1.0)
    read_statuses(status, data[1:], [TASK, OTHER_TASK], expected=expected)


def _read_batch(folder: Path, data: bytes) -> None:
    path = folder / ("batch.csv" if data[:1] == b"c" else "batch.jsonl")
    path.write_bytes(data[1:])
    read_batch(path)


def _read_json(data: bytes) -> object:
    """Read JSON as every caller of the two readers does: what is none never reaches them."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _read_recipe(folder: Path, data: bytes) -> None:
    del folder
    recipe_from_json(_read_json(data))


def _read_draft(folder: Path, data: bytes) -> None:
    del folder
    draft_from_json(_read_json(data))


def _read_settings(folder: Path, data: bytes) -> None:
    path = folder / "settings.json"
    path.write_bytes(data)
    SettingsStore.load(path)


def _read_picture(folder: Path, data: bytes) -> None:
    path = folder / "picture"
    path.write_bytes(data)
    with suppress(KlingDesktopError):
        inspect(path)
    verify(path)


def _read_video(folder: Path, data: bytes) -> None:
    path = folder / "video.mp4"
    path.write_bytes(data)
    read_recipe(path)


TARGETS = {
    "replies": Target(28, _make_replies, _read_reply),
    "batch": Target(20, _make_batches, _read_batch),
    "recipe": Target(14, _make_recipes, _read_recipe),
    "draft": Target(12, _make_drafts, _read_draft),
    "settings": Target(10, _make_settings, _read_settings),
    "pictures": Target(11, _make_pictures, _read_picture),
    "videos": Target(5, _make_videos, _read_video),
}
