"""The one place that refuses a draft: what is wrong with it for a model, as codes with facts."""

from kling_desktop.domain.catalog import MODELS_BY_ID, ModelSpec, PromptLimits, Workflow
from kling_desktop.domain.draft import MAX_TAKES, Draft, FrameRole, ImageInput
from kling_desktop.domain.problems import Field, Problem, ProblemCode

SENDABLE_FORMATS = frozenset({"jpeg", "png", "webp"})
"""What the service takes for frames (API reference: PNG, JPG, WEBP)."""


def find_problems(draft: Draft, spec: ModelSpec | None = None) -> tuple[Problem, ...]:
    """Find everything that keeps this draft from being sent, in the order of the form.

    Args:
        draft: What is asked for.
        spec: The draft's model; looked up in the catalogue when left out.
    """
    spec = spec or MODELS_BY_ID.get(draft.model)
    if spec is None:
        return (Problem(ProblemCode.MODEL_UNKNOWN, Field.MODEL, {"name": draft.model}),)
    return (
        *_find_frame_problems(draft, spec),
        *_find_prompt_problems(draft, spec),
        *_find_setting_problems(draft, spec),
    )


def find_image_problems(image: ImageInput, spec: ModelSpec, field: Field) -> tuple[Problem, ...]:
    """Check one picture against the model's limits; each limit itself is allowed."""
    limits = spec.input_image
    found: list[Problem] = []
    sides = {"width": image.width, "height": image.height}
    if image.format not in SENDABLE_FORMATS:
        found.append(Problem(ProblemCode.IMAGE_FORMAT_NOT_TAKEN, field, {"format": image.format}))
    if max(image.width, image.height) > limits.max_side_px:
        facts = {**sides, "most_px": limits.max_side_px}
        found.append(Problem(ProblemCode.IMAGE_TOO_LARGE, field, facts))
    if min(image.width, image.height) < limits.min_side_px:
        facts = {**sides, "least_px": limits.min_side_px}
        found.append(Problem(ProblemCode.IMAGE_TOO_SMALL, field, facts))
    if image.size_bytes > limits.max_size_bytes:
        facts = {"size_bytes": image.size_bytes, "most_bytes": limits.max_size_bytes}
        found.append(Problem(ProblemCode.IMAGE_FILE_TOO_LARGE, field, facts))
    return tuple(found)


def _find_frame_problems(draft: Draft, spec: ModelSpec) -> list[Problem]:
    found: list[Problem] = []
    if draft.workflow not in spec.workflows:
        # All that lack a workflow lack text to video; words alone are not enough for them.
        found.append(Problem(ProblemCode.FIRST_FRAME_NEEDED, Field.FIRST_FRAME))
    elif draft.workflow is Workflow.TEXT_TO_VIDEO and not draft.prompt.strip():
        found.append(Problem(ProblemCode.NOTHING_TO_GO_ON, Field.PROMPT))
    if draft.last_frame is not None:
        if not spec.takes_last_frame:
            found.append(
                Problem(ProblemCode.LAST_FRAME_NOT_TAKEN, Field.LAST_FRAME, {"model": spec.id})
            )
        if draft.first_frame is None:
            found.append(Problem(ProblemCode.FIRST_FRAME_NEEDED_WITH_LAST, Field.FIRST_FRAME))
    for role, image in draft.frames:
        field = Field.FIRST_FRAME if role is FrameRole.FIRST else Field.LAST_FRAME
        found.extend(find_image_problems(image, spec, field))
    return found


def _find_prompt_problems(draft: Draft, spec: ModelSpec) -> list[Problem]:
    found = _find_length_problems(draft.prompt, spec.prompt_limits, Field.PROMPT)
    if spec.negative_prompt is not None:
        found += _find_length_problems(
            draft.negative_prompt, spec.negative_prompt, Field.NEGATIVE_PROMPT
        )
    elif draft.negative_prompt.strip():
        found.append(
            Problem(
                ProblemCode.NEGATIVE_PROMPT_NOT_TAKEN, Field.NEGATIVE_PROMPT, {"model": spec.id}
            )
        )
    return found


def _find_length_problems(text: str, limits: PromptLimits, field: Field) -> list[Problem]:
    length = len(text.strip())
    if length == 0:  # an empty prompt is left out; where it is needed the frames' check says so
        return []
    if length < limits.min_length:
        facts = {"length": length, "least": limits.min_length}
        return [Problem(ProblemCode.PROMPT_TOO_SHORT, field, facts)]
    if length > limits.max_length:
        facts = {"length": length, "most": limits.max_length}
        return [Problem(ProblemCode.PROMPT_TOO_LONG, field, facts)]
    return []


def _find_setting_problems(draft: Draft, spec: ModelSpec) -> list[Problem]:
    found: list[Problem] = []
    facts: dict[str, object]
    size, offered = draft.dimensions, spec.dimensions
    if size is None and not spec.size_follows_first_frame:
        found.append(Problem(ProblemCode.SIZE_MISSING, Field.DIMENSIONS, {"offered": offered}))
    elif size is not None and spec.size_follows_first_frame:
        found.append(
            Problem(ProblemCode.SIZE_NOT_TAKEN, Field.DIMENSIONS, {"model": spec.id, "size": size})
        )
    elif size is not None and size not in offered:
        facts = {"model": spec.id, "size": size, "offered": offered}
        found.append(Problem(ProblemCode.SIZE_NOT_OFFERED, Field.DIMENSIONS, facts))
    if draft.duration_s not in spec.durations_s:
        facts = {"seconds": draft.duration_s, "offered": spec.durations_s}
        found.append(Problem(ProblemCode.DURATION_NOT_OFFERED, Field.DURATION, facts))
    cfg = spec.cfg_scale
    if draft.cfg_scale is not None and not cfg.min <= draft.cfg_scale <= cfg.max:
        facts = {"value": draft.cfg_scale, "least": cfg.min, "most": cfg.max}
        found.append(Problem(ProblemCode.CFG_SCALE_OUT_OF_RANGE, Field.CFG_SCALE, facts))
    if not 1 <= draft.takes <= MAX_TAKES:
        facts = {"takes": draft.takes, "most": MAX_TAKES}
        found.append(Problem(ProblemCode.TAKES_OUT_OF_RANGE, Field.TAKES, facts))
    return found
