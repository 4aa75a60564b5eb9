"""The recipe inside the video: written without loss, read with suspicion."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from kling_desktop.domain.draft import Draft, ImageInput
from kling_desktop.domain.errors import DamagedDownload, DiskFull, LibraryUnavailable
from kling_desktop.domain.job import Service, TaskId
from kling_desktop.domain.video import Recipe, recipe_to_json
from kling_desktop.media.recipe import MAX_RECIPE_CHARS, embed_recipe, read_recipe
from kling_desktop.media.video_file import probe
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


def _read_packets(path: Path) -> list[tuple[int, int | None, bytes]]:
    import av

    with av.open(str(path)) as container:
        return [
            (packet.stream.index, packet.pts, bytes(packet))
            for packet in container.demux()
            if packet.dts is not None
        ]


def test_the_recipe_comes_back_without_paths_of_this_machine(tmp_path: Path) -> None:
    source = make_video(tmp_path / "a.mp4", sound=True)
    embed_recipe(source, tmp_path / "b.part", _RECIPE)
    (tmp_path / "b.part").rename(tmp_path / "b.mp4")
    bare = replace(_RECIPE.draft, first_frame=replace(_FRAME, path=Path()))
    assert read_recipe(tmp_path / "b.mp4") == replace(_RECIPE, draft=bare)
    assert b"somebody" not in (tmp_path / "b.mp4").read_bytes()


def test_pictures_and_sound_stay_byte_for_byte(tmp_path: Path) -> None:
    source = make_video(tmp_path / "a.mp4", sound=True, rotation=90)
    before = source.read_bytes()
    embed_recipe(source, tmp_path / "b.mp4", _RECIPE)
    assert _read_packets(tmp_path / "b.mp4") == _read_packets(source)
    assert source.read_bytes() == before
    facts, copied = probe(source), probe(tmp_path / "b.mp4", deep=True)
    assert replace(copied, size_bytes=0) == replace(facts, size_bytes=0)


def test_the_copy_can_be_played_while_it_is_read(tmp_path: Path) -> None:
    source = make_video(tmp_path / "a.mp4", faststart=False)
    embed_recipe(source, tmp_path / "b.mp4", _RECIPE)
    data = (tmp_path / "b.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_other_players_show_the_prompt(tmp_path: Path) -> None:
    import av

    embed_recipe(make_video(tmp_path / "a.mp4"), tmp_path / "b.mp4", _RECIPE)
    with av.open(str(tmp_path / "b.mp4")) as container:
        assert container.metadata["title"] == "Laternen steigen “slowly” 🏮"
        assert container.metadata["description"] == _RECIPE.draft.prompt


def test_the_longest_prompts_fit(tmp_path: Path) -> None:
    recipe = replace(_RECIPE, draft=Draft(prompt="🏮" * 2500, negative_prompt="雨" * 2500))
    embed_recipe(make_video(tmp_path / "a.mp4"), tmp_path / "b.mp4", recipe)
    assert read_recipe(tmp_path / "b.mp4") == recipe


def test_written_twice_the_last_recipe_counts(tmp_path: Path) -> None:
    embed_recipe(make_video(tmp_path / "a.mp4"), tmp_path / "b.mp4", _RECIPE)
    other = replace(_RECIPE, draft=Draft(prompt="rain"), seed=None)
    embed_recipe(tmp_path / "b.mp4", tmp_path / "c.mp4", other)
    assert read_recipe(tmp_path / "c.mp4") == other


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
