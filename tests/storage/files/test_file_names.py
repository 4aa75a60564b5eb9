import re
from datetime import UTC, datetime
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_desktop.domain.catalog import ModelId
from kling_desktop.domain.draft import Draft, ImageInput
from kling_desktop.domain.errors import DamagedValue
from kling_desktop.domain.job import TaskId
from kling_desktop.storage.files.file_names import (
    DEFAULT_NAME_PATTERN,
    NAME_FIELDS,
    example_name,
    find_pattern_problem,
    numbered,
    plan_file_name,
    safe_part,
    slug,
)
from kling_desktop.wording.reasons import describe_error

AT = datetime(2026, 11, 4, 18, 30, 5, tzinfo=UTC)
TASK = TaskId("a41c5bd0-1111-4000-8000-000000000000")
RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{n}{i}" for n in ("COM", "LPT") for i in range(10))}


def plan(prompt: str, pattern: str = DEFAULT_NAME_PATTERN, **facts: object) -> str:
    draft = Draft(prompt=prompt, **facts)  # pyright: ignore[reportArgumentType] the test's own
    return plan_file_name(pattern, draft, TASK, AT)


def assert_safe(name: str) -> None:
    """What Windows, macOS and Linux together ask of a relative path."""
    for part in name.split("/"):
        assert part
        assert len(part.encode()) <= 255
        assert not re.search(r'[<>:"|?*\\\x00-\x1f]', part)
        assert part == part.strip()
        assert not part.endswith(".")
        assert not part.startswith(".")
        assert part.split(".")[0].strip().upper() not in RESERVED
    windows = PureWindowsPath(name)
    assert not windows.drive
    assert not windows.root
    assert ".." not in windows.parts
    assert len(name) < 240


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("Lanterns rise", "2026-11/lanterns-rise_a41c5bd0.mp4"),
        ("  A «fox» / runs: fast? ", "2026-11/a-fox-runs-fast_a41c5bd0.mp4"),
        ("🎉🎉 party 🎉", "2026-11/party_a41c5bd0.mp4"),
        ("🎉", "2026-11/clip_a41c5bd0.mp4"),
        ("../../etc/passwd", "2026-11/etc-passwd_a41c5bd0.mp4"),
        ("灯笼升起", "2026-11/灯笼升起_a41c5bd0.mp4"),
        ("Cafe\u0301", "2026-11/caf\u00e9_a41c5bd0.mp4"),
        ("ﬁne ① ²", "2026-11/fine-1-2_a41c5bd0.mp4"),
        ("x" * 500, f"2026-11/{'x' * 48}_a41c5bd0.mp4"),
        ("word " * 30, "2026-11/word-word-word-word-word-word-word-word-word_a41c5bd0.mp4"),
    ],
)
def test_names(prompt: str, name: str) -> None:
    assert plan(prompt) == name
    assert_safe(name)


def test_a_clip_without_words_is_called_after_its_picture() -> None:
    frame = ImageInput(
        path=Path("x"), name="Lake at Dawn.final.PNG", format="png", width=1, height=1, size_bytes=1
    )
    assert plan("", first_frame=frame) == "2026-11/lake-at-dawn-final_a41c5bd0.mp4"


def test_every_field_and_folders() -> None:
    pattern = "/".join(
        ("{model}", "{date} {time}", "{length}-{shape}", "{day}.{month} {prompt} {id}")
    )
    assert (
        plan("Fog", pattern, model=ModelId("klingai:5@3"))
        == "2-1-master/2026-11-04 183005/5s-16x9/04.11 fog a41c5bd0.mp4"
    )
    assert plan("Fog", "{model}", model=ModelId("new:1@1")) == "new-1-1_a41c5bd0.mp4"
    assert plan("Fog", "{shape}", dimensions=None) == "frame_a41c5bd0.mp4"
    for field in NAME_FIELDS:
        assert find_pattern_problem(f"{{{field}}}") is None


@pytest.mark.parametrize("pattern", ["{prompt}", "clips/", "a/b/{date}", "Meine Clips\\{prompt}"])
def test_the_id_is_always_in_a_name(pattern: str) -> None:
    name = plan("Fog", pattern)
    assert "_a41c5bd0.mp4" in name
    assert_safe(name)


@pytest.mark.parametrize(
    "pattern", ["", " / ", "{colour}", "{}", "a/b/c/d/e", "../{prompt}", "a/. /b", "..."]
)
def test_a_pattern_with_a_problem_is_said_and_falls_back(pattern: str) -> None:
    problem = find_pattern_problem(pattern)
    assert problem is not None
    assert describe_error(problem).endswith(".")
    with pytest.raises(DamagedValue):
        example_name(pattern)
    assert plan("Fog", pattern) == plan("Fog")


def test_a_live_example() -> None:
    assert example_name(DEFAULT_NAME_PATTERN) == "2026-11/lanterns-rise-over-the-river_a41c5bd0.mp4"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("CON", "_CON"),
        ("con.mp4", "_con.mp4"),
        ("COM¹", "_COM¹"),
        ("nul .txt", "_nul .txt"),
        ("console", "console"),
        ("a. . ", "a"),
        (" .hidden", "hidden"),
        ("a\u202eb\u0000c", "abc"),
        ("...", "clip"),
        ("é" * 300, "é" * 60),
    ],
)
def test_parts(text: str, part: str) -> None:
    assert safe_part(text) == part


def test_the_next_name_when_one_is_taken() -> None:
    assert numbered("2026-11/fog.v2_1.mp4", 2) == "2026-11/fog.v2_1 (2).mp4"


@given(
    prompt=st.text(max_size=300),
    pattern=st.one_of(
        st.just(DEFAULT_NAME_PATTERN),
        st.text(max_size=80),
        st.lists(
            st.sampled_from([*(f"{{{f}}}" for f in NAME_FIELDS), "/", "\\", " ", ".", "con", "é"]),
            max_size=12,
        ).map("".join),
    ),
    task=st.uuids(version=4),
    at=st.datetimes(timezones=st.just(UTC)),
)
def test_any_name_is_safe_and_the_same_again(
    prompt: str, pattern: str, task: object, at: datetime
) -> None:
    task_id = TaskId(str(task))
    draft = Draft(prompt=prompt)
    name = plan_file_name(pattern, draft, task_id, at)
    assert_safe(name)
    assert name == plan_file_name(pattern, draft, task_id, at)
    assert task_id[:8] in name.rsplit("/", 1)[-1]


@given(st.text(max_size=400), st.integers(8, 60))
def test_a_slug_is_short_lower_and_without_marks(text: str, most_bytes: int) -> None:
    made = slug(text, most_bytes)
    assert len(made.encode()) <= most_bytes
    assert not made.startswith("-")
    assert not made.endswith("-")
    assert safe_part(made or "x") in (made or "x", f"_{made}")
