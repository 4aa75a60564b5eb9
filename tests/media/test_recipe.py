"""The recipe inside the video: written without loss, read with suspicion."""

import json
import os
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_desktop.domain.draft import Draft, ImageInput
from kling_desktop.domain.errors import DamagedDownload, DiskFull, LibraryUnavailable
from kling_desktop.domain.job import Service, TaskId
from kling_desktop.domain.video import Recipe, recipe_to_json
from kling_desktop.media.mp4_boxes import build_uuid_box
from kling_desktop.media.recipe import (
    MAX_RECIPE_CHARS,
    embed_recipe,
    read_recipe,
    write_recipe_beside,
)
from kling_desktop.media.video_file import probe
from kling_desktop.storage.files.recipe_beside import recipe_beside
from tests.media.videos import make_video

_FRAME = ImageInput(
    path=Path("/home/somebody/secret/cat.png"),
    name="cat 🐈.png",
    format="png",
    width=640,
    height=360,
    size_bytes=1234,
    sha256="ab" * 32,
)
_RECIPE = Recipe(
    task_id=TaskId("a41c5bd0-0000-4000-8000-000000000001"),
    service=Service.SANDBOX,
    draft=Draft(prompt="Laternen steigen\n“slowly” 🏮", first_frame=_FRAME),
    made_at=datetime(2026, 11, 22, 12, 0, tzinfo=UTC),
    took_s=91.5,
    cost_usd=Decimal("0.35"),
    seed=7,
    group_id="g",
)


def test_the_recipe_comes_back_without_paths_of_this_machine(tmp_path: Path) -> None:
    source = make_video(tmp_path / "a.mp4", sound=True)
    embed_recipe(source, tmp_path / "b.part", _RECIPE)
    (tmp_path / "b.part").rename(tmp_path / "b.mp4")
    bare = replace(_RECIPE.draft, first_frame=replace(_FRAME, path=Path()))
    assert read_recipe(tmp_path / "b.mp4") == replace(_RECIPE, draft=bare)
    assert b"somebody" not in (tmp_path / "b.mp4").read_bytes()


def test_every_byte_of_the_video_stays(tmp_path: Path) -> None:
    tags: dict[str, object] = {"comment": "made by the service", "copyright": "somebody"}
    source = make_video(tmp_path / "a.mp4", sound=True, rotation=90, tags=tags)
    before = source.read_bytes()
    assert embed_recipe(source, tmp_path / "b.mp4", _RECIPE)
    assert source.read_bytes() == before
    after = (tmp_path / "b.mp4").read_bytes()
    assert after[: len(before)] == before
    facts, copied = probe(source), probe(tmp_path / "b.mp4", deep=True)
    assert replace(copied, size_bytes=0) == replace(facts, size_bytes=0)


def test_the_tags_of_the_service_survive_and_others_find_the_prompt(tmp_path: Path) -> None:
    import av

    tags: dict[str, object] = {"comment": "made by the service", "title": "theirs"}
    embed_recipe(make_video(tmp_path / "a.mp4", tags=tags), tmp_path / "b.mp4", _RECIPE)
    with av.open(str(tmp_path / "b.mp4")) as container:
        assert container.metadata["comment"] == "made by the service"
        assert container.metadata["title"] == "theirs"
    packet = (tmp_path / "b.mp4").read_bytes().split(b"<?xpacket", 1)[1]
    tree = ElementTree.fromstring(b"<?xpacket" + packet)  # noqa: S314 - our own
    shown = [element.text for element in tree.iter() if element.tag.endswith("}li")]
    assert shown == ["Laternen steigen “slowly” 🏮", _RECIPE.draft.prompt]


def test_the_longest_prompts_fit(tmp_path: Path) -> None:
    recipe = replace(_RECIPE, draft=Draft(prompt="🏮" * 2500, negative_prompt="雨" * 2500))
    embed_recipe(make_video(tmp_path / "a.mp4"), tmp_path / "b.mp4", recipe)
    assert read_recipe(tmp_path / "b.mp4") == recipe


def test_written_twice_the_last_recipe_counts(tmp_path: Path) -> None:
    embed_recipe(make_video(tmp_path / "a.mp4"), tmp_path / "b.mp4", _RECIPE)
    other = replace(_RECIPE, draft=Draft(prompt="rain"), seed=None)
    embed_recipe(tmp_path / "b.mp4", tmp_path / "c.mp4", other)
    assert read_recipe(tmp_path / "c.mp4") == other
    data = (tmp_path / "c.mp4").read_bytes()
    assert data.count(b"kling_desktop_recipe") == 1
    assert data.startswith((tmp_path / "a.mp4").read_bytes())


def test_a_video_cut_off_gets_no_copy(tmp_path: Path) -> None:
    source = make_video(tmp_path / "a.mp4", noise=True)
    source.write_bytes(source.read_bytes()[:-2000])
    with pytest.raises(DamagedDownload):
        embed_recipe(source, tmp_path / "b.mp4", _RECIPE)
    assert not (tmp_path / "b.mp4").exists()


def test_trouble_with_the_target_is_a_matter_of_the_disk(tmp_path: Path) -> None:
    with pytest.raises(LibraryUnavailable):
        embed_recipe(make_video(tmp_path / "a.mp4"), tmp_path / "no" / "b.mp4", _RECIPE)


def test_no_room_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    source = make_video(tmp_path / "a.mp4", seconds=4, noise=True)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, before[1]))
    try:
        with pytest.raises(DiskFull):
            embed_recipe(source, tmp_path / "b.mp4", _RECIPE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not (tmp_path / "b.mp4").exists()


_WITHOUT_PATHS = replace(
    _RECIPE, draft=replace(_RECIPE.draft, first_frame=replace(_FRAME, path=Path()))
)
_GOOD = recipe_to_json(_RECIPE)


@pytest.mark.parametrize(
    "comment",
    [
        "",
        "made with love",
        "{",
        "[" * 100_000 + '"kling_desktop_recipe"',
        {"kling_desktop_recipe": 2},
        {"kling_desktop_recipe": 1},
        _GOOD | {"task_id": 5},
        _GOOD | {"task_id": "x" * 101},
        _GOOD | {"group_id": ["g"]},
        _GOOD | {"made_at": "yesterday"},
        _GOOD | {"made_at": "2026-11-22T12:00:00"},
        _GOOD | {"cost_usd": "NaN"},
        _GOOD | {"draft": None},
        _GOOD | {"draft": {"prompt": 5}},
        _GOOD | {"padding": "x" * MAX_RECIPE_CHARS},
    ],
)
def test_a_recipe_that_makes_no_sense_is_none(tmp_path: Path, comment: object) -> None:
    path = make_video(tmp_path / "a.mp4", tags={"comment": comment})
    assert read_recipe(path) is None


def test_no_video_has_no_recipe(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text(json.dumps(_GOOD), encoding="utf-8")
    assert read_recipe(tmp_path / "a.mp4") is None
    assert read_recipe(tmp_path / "missing.mp4") is None


# -- boxes -------------------------------------------------------------------------------------------

_XMP = uuid.UUID("be7acfcb-97a9-42e8-9c71-999491e3afac")
_C2PA = uuid.UUID("d8fec3d6-1b0e-483c-9297-5828877ec481")


def add_box(path: Path, content: bytes, user_type: uuid.UUID = _XMP) -> Path:
    path.write_bytes(path.read_bytes() + build_uuid_box(user_type, content))
    return path


def list_recipes() -> st.SearchStrategy[Recipe]:
    words = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
    return st.builds(
        Recipe,
        task_id=st.uuids(version=4).map(str).map(TaskId),
        service=st.sampled_from(Service),
        draft=st.builds(Draft, prompt=words, negative_prompt=words),
        made_at=st.integers(946_684_800, 4_102_444_800).map(
            lambda at: datetime.fromtimestamp(at, UTC)
        ),
        took_s=st.none() | st.floats(0, 86_000),
        cost_usd=st.none() | st.decimals(0, 99, places=4),
        seed=st.none() | st.integers(0, 2**63 - 1),
    )


@given(recipe=list_recipes())
def test_what_is_read_is_what_was_written(plain_video: Path, recipe: Recipe) -> None:
    target = plain_video.with_name("copy.mp4")
    assert embed_recipe(plain_video, target, recipe)
    assert read_recipe(target) == recipe
    assert target.read_bytes().startswith(plain_video.read_bytes())
    target.unlink()
    assert write_recipe_beside(plain_video, recipe)
    assert read_recipe(plain_video) == recipe
    recipe_beside(plain_video).unlink()


@pytest.fixture
def plain_video(tmp_path: Path) -> Path:
    return make_video(tmp_path / "a.mp4")


@given(cut=st.integers(1, 3000), data=st.data())
def test_torn_and_bent_boxes_are_no_recipe_and_no_crash(
    plain_video: Path, cut: int, data: st.DataObject
) -> None:
    whole = plain_video.with_name("whole.mp4")
    embed_recipe(plain_video, whole, _RECIPE)
    content = bytearray(whole.read_bytes())
    length = plain_video.stat().st_size
    torn = plain_video.with_name("torn.mp4")
    torn.write_bytes(content[: max(length, len(content) - cut)])
    assert read_recipe(torn) is None
    place = data.draw(st.integers(length, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    torn.write_bytes(content)
    found = read_recipe(torn)
    assert found is None or found.task_id


def test_a_video_with_credentials_stays_as_it_is(tmp_path: Path) -> None:
    for number, (content, kind) in enumerate(
        [(b"\0" * 40, _C2PA), (b'<x dcterms:provenance="https://a.invalid/m.c2pa"/>', _XMP)]
    ):
        source = add_box(make_video(tmp_path / f"{number}.mp4"), content, kind)
        before = source.read_bytes()
        assert not embed_recipe(source, tmp_path / "b.mp4", _RECIPE)
        assert not (tmp_path / "b.mp4").exists()
        assert write_recipe_beside(source, _RECIPE)
        assert source.read_bytes() == before
        assert read_recipe(source) == _WITHOUT_PATHS


def test_other_boxes_stay(tmp_path: Path) -> None:
    source = add_box(make_video(tmp_path / "a.mp4"), b"<foreign/>")
    add_box(source, b"anything", uuid.uuid4())
    before = source.read_bytes()
    assert embed_recipe(source, tmp_path / "b.mp4", _RECIPE)
    assert (tmp_path / "b.mp4").read_bytes().startswith(before)
    assert read_recipe(tmp_path / "b.mp4") == _WITHOUT_PATHS


def test_a_last_box_without_a_size_takes_nothing_behind_it(tmp_path: Path) -> None:
    source = make_video(tmp_path / "a.mp4")
    source.write_bytes(source.read_bytes() + b"\0\0\0\0free" + b"x" * 100)
    assert not embed_recipe(source, tmp_path / "b.mp4", _RECIPE)


def test_the_old_tag_is_still_read(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", tags={"comment": _GOOD})
    assert read_recipe(path) == _WITHOUT_PATHS


@pytest.mark.parametrize("content", [
    b"", b"<", b"\0" * 5_000_000, b"urn:kling-desktop:recipe:1",
    b'<!DOCTYPE a [<!ENTITY b "c">]><a xmlns:kd="urn:kling-desktop:recipe:1">&b;</a>',
    b'<a xmlns:kd="urn:kling-desktop:recipe:1"><kd:recipe>{}</kd:recipe></a>',
    b'<a xmlns:kd="urn:kling-desktop:recipe:1"><kd:recipe>' + b"[" * 9999 + b"</kd:recipe></a>",
    b'<a xmlns:kd="urn:kling-desktop:recipe:1">' + b"<b>" * 100_000,
    b'\xff\xfe<a xmlns:kd="urn:kling-desktop:recipe:1"/>',
])  # fmt: skip
def test_hostile_boxes_are_no_recipe(tmp_path: Path, content: bytes) -> None:
    assert read_recipe(add_box(make_video(tmp_path / "a.mp4"), content)) is None


def test_half_a_surrogate_pair_is_no_prompt(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4")
    hostile = json.dumps(_GOOD | {"draft": {"prompt": "\ud800"}})
    recipe_beside(path).write_text(hostile)
    assert read_recipe(path) is None


def test_a_file_beside_is_believed_as_a_plain_file_alone(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4")
    place = recipe_beside(path)
    good = json.dumps(_GOOD).encode()
    for content in (b"\0" * 10, b"[" * 500_000, good + b" " * 5_000_000, good[:-1], b"\xff"):
        place.write_bytes(content)
        assert read_recipe(path) is None
        assert not write_recipe_beside(path, _RECIPE)
        assert place.read_bytes() == content
    place.unlink()
    place.mkdir()
    assert read_recipe(path) is None
    place.rmdir()
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_bytes(good)
    place.symlink_to(elsewhere)
    assert read_recipe(path) is None
    if hasattr(os, "mkfifo"):
        place.unlink()
        os.mkfifo(place)
        assert read_recipe(path) is None
