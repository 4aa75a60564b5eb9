"""The tree of errors: each has its own stable code and a reaction that fits its floor."""

from collections.abc import Iterator

import pytest

from kling_desktop.domain import errors
from kling_desktop.domain.errors import (
    ApiError,
    ConflictingTask,
    DiskFull,
    DraftRejected,
    JobUnknown,
    KlingDesktopError,
    NetworkUnreachable,
    RateLimited,
    Reaction,
    RequestRejected,
    ServiceUnavailable,
    StorageError,
)
from kling_desktop.domain.problems import Field, Problem, ProblemCode
from kling_desktop.domain.reasons import Reason


def list_kinds(
    kind: type[KlingDesktopError] = KlingDesktopError,
) -> Iterator[type[KlingDesktopError]]:
    for child in kind.__subclasses__():
        yield child
        yield from list_kinds(child)


KINDS = sorted(
    {kind for kind in list_kinds() if kind.__module__ == errors.__name__},
    key=lambda kind: kind.__name__,
)


def test_codes_are_stable_words_and_each_is_its_own() -> None:
    codes = [kind.code for kind in KINDS]
    assert len(set(codes)) == len(codes)
    for kind in KINDS:
        words = "".join(f"_{char.lower()}" if char.isupper() else char for char in kind.__name__)
        assert kind.code == words.lstrip("_")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_tree_in_the_docstring_is_the_tree(kind: type[KlingDesktopError]) -> None:
    assert errors.__doc__ is not None
    lines = [line for line in errors.__doc__.splitlines() if kind.__name__ in line]
    assert lines, f"{kind.__name__} is missing"
    if kind not in (ApiError, StorageError, errors.DatabaseDamaged, errors.DatabaseBusy):
        assert kind.reaction.name in lines[0]


def test_what_may_be_retried_is_not_a_refusal() -> None:
    for kind in KINDS:
        if issubclass(kind, RequestRejected):
            assert kind.reaction is Reaction.FAIL_JOB
    assert JobUnknown.reaction is Reaction.FAIL_JOB
    assert ConflictingTask.reaction is Reaction.RETRY_LATER
    assert DiskFull.reaction is Reaction.PAUSE_QUEUE


def test_facts_are_carried() -> None:
    refused = RequestRejected(
        Reason.KEY_MISSING, detail="d", service_code="c", parameters=["p"], allowed_values=["5"],
        task_scoped=True, http_status=400,
    )  # fmt: skip
    assert (refused.reason, refused.detail, refused.service_code) == (Reason.KEY_MISSING, "d", "c")
    assert (refused.parameters, refused.allowed_values) == (("p",), ("5",))
    assert refused.task_scoped
    assert refused.http_status == 400
    assert RateLimited(retry_after_s=3.0).retry_after_s == 3.0
    assert ServiceUnavailable().sent, "without proof a request counts as sent"
    assert not NetworkUnreachable(sent=False).sent


def test_an_error_always_says_something() -> None:
    assert str(JobUnknown()) == "job_unknown"
    assert str(JobUnknown(detail="d")) == "d"
    problem = Problem(ProblemCode.PROMPT_TOO_LONG, Field.PROMPT)
    rejected = DraftRejected([problem])
    assert str(rejected) == "prompt_too_long"
    assert rejected.problems == (problem,)
