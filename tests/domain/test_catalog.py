"""The catalogue against the machine-readable copy of the provider's page, field by field."""

import json
from pathlib import Path
from typing import Any

import pytest

from kling_desktop.domain.catalog import (
    ASPECT_RATIOS,
    DEFAULT_MODEL,
    MODELS,
    MODELS_BY_ID,
    Dimensions,
    ModelId,
    ModelSpec,
    find_model,
)

PAGE: dict[str, Any] = json.loads(
    (Path(__file__).parent / "kling-models.json").read_text(encoding="utf-8")
)
ENTRIES: list[dict[str, Any]] = PAGE["models"]


def spec_of(entry: dict[str, Any]) -> ModelSpec:
    return MODELS_BY_ID[ModelId(entry["air"])]


def test_the_twelve_and_no_other() -> None:
    assert len(MODELS) == len(MODELS_BY_ID) == len(ENTRIES) == 12
    assert set(MODELS_BY_ID) == {entry["air"] for entry in ENTRIES}
    assert DEFAULT_MODEL in MODELS_BY_ID


def test_order_is_newest_first_and_dearest_first_inside() -> None:
    tiers = ["Master", "Pro", "Standard"]
    keys = [(-float(spec.generation.split()[0]), tiers.index(spec.tier)) for spec in MODELS]
    assert keys == sorted(keys)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["air"])
class TestEachModel:
    def test_name(self, entry: dict[str, Any]) -> None:
        spec = spec_of(entry)
        assert spec.name == entry["name"]
        assert (spec.generation, spec.tier.value) == (entry["generation"], entry["tier"])
        assert spec.name == f"KlingAI {spec.short_name}"

    def test_workflows_and_frame_rates(self, entry: dict[str, Any]) -> None:
        spec = spec_of(entry)
        assert {workflow.value for workflow in spec.workflows} == set(entry["workflows"])
        assert {workflow.value: fps for workflow, fps in spec.fps.items()} == entry["fps"]
        assert spec.takes_text_alone is ("text-to-video" in entry["workflows"])
        assert spec.takes_first_frame is ("image-to-video" in entry["workflows"])

    def test_prompts(self, entry: dict[str, Any]) -> None:
        spec, prompts = spec_of(entry), entry["prompts"]
        assert (spec.prompt is not None) is prompts["listed"]
        for limits, said in (
            (spec.prompt, prompts["positive"]),
            (spec.negative_prompt, prompts["negative"]),
        ):
            assert (limits is None) is (said is None)
            if limits is not None:
                assert limits.min_length == said["min_length"]
                assert limits.max_length == said["max_length"]
        assert (spec.prompt_limits.min_length, spec.prompt_limits.max_length) == (2, 2500)

    def test_cfg_scale(self, entry: dict[str, Any]) -> None:
        cfg = spec_of(entry).cfg_scale
        said = entry["cfg_scale"]
        assert (cfg.min, cfg.max, cfg.default) == (said["min"], said["max"], said["default"])

    def test_dimensions(self, entry: dict[str, Any]) -> None:
        spec = spec_of(entry)
        ours = [(d.width, d.height, d.aspect_ratio) for d in spec.dimensions]
        said = entry["dimensions"] or []
        assert ours == [(d["width"], d["height"], d["aspect_ratio"]) for d in said]
        assert spec.size_follows_first_frame is entry["dimensions_inferred_from_first_frame"]

    def test_durations(self, entry: dict[str, Any]) -> None:
        assert list(spec_of(entry).durations_s) == entry["durations_seconds"]

    def test_frames(self, entry: dict[str, Any]) -> None:
        spec = spec_of(entry)
        said = {"first": spec.takes_first_frame, "last": spec.takes_last_frame}
        assert said == entry["frames"]

    def test_input_image(self, entry: dict[str, Any]) -> None:
        limits, said = spec_of(entry).input_image, entry["input_image"]
        assert (limits.min_side_px, limits.max_side_px) == (
            said["min_side_px"],
            said["max_side_px"],
        )
        assert limits.max_size_bytes == said["max_size_mb"] * 1024 * 1024

    def test_found_by_everything_a_user_would_type(self, entry: dict[str, Any]) -> None:
        spec = spec_of(entry)
        short = f"{entry['generation']} {entry['tier']}"
        for typed in (
            entry["air"], entry["air"].removeprefix("klingai:"), entry["air"].upper(),
            entry["name"], entry["name"].lower(), short, short.upper(), f"kling {short}",
            f"  KlingAI   {short} ", short.replace(" ", "-"),
        ):  # fmt: skip
            assert find_model(typed) is spec


@pytest.mark.parametrize("typed", ["", " ", "2.5", "pro", "klingai:9@9", "klingai", "sora", "1.0"])
def test_nothing_found_for_half_a_name(typed: str) -> None:
    assert find_model(typed) is None


def test_only_two_one_pro_takes_a_last_frame() -> None:
    assert [spec.name for spec in MODELS if spec.takes_last_frame] == ["KlingAI 2.1 Pro"]


@pytest.mark.parametrize(
    ("width", "height", "ratio", "resolution", "text"),
    [
        (1280, 720, "16:9", "720p", "1280x720"),
        (1080, 1920, "9:16", "1080p", "1080x1920"),
        (720, 720, "1:1", "720p", "720x720"),
        (1000, 400, "5:2", "400p", "1000x400"),
    ],
)
def test_words_for_a_size(width: int, height: int, ratio: str, resolution: str, text: str) -> None:
    size = Dimensions(width, height)
    assert (size.aspect_ratio, size.resolution, str(size)) == (ratio, resolution, text)


@pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.id)
def test_a_size_for_each_shape(spec: ModelSpec) -> None:
    for ratio in ASPECT_RATIOS:
        found = spec.find_dimensions(ratio)
        assert (found is None) is spec.size_follows_first_frame
        assert found is None or found.aspect_ratio == ratio
    assert spec.find_dimensions("4:3") is None
