r"""Everything that can go wrong, on demand: which fault strikes which request.

Short form, rules separated by blanks, commas or semicolons; the first rule that fits wins:

    NAME[:POINT][:WHEN][=VALUE]

    lost-answer:submit:3            the third submission is accepted, its answer lost
    http-429:poll:2-4=30            three polls get 429 with Retry-After: 30
    http-502:submit=after/html      accepted, yet a gateway's web page comes back
    truncated:download:10%          one download in ten, by the seed
    refuse-seed-frames              for good

NAME and POINT are those of `fault_names`.  WHEN counts the requests (at `accept` the tasks, at
`download` the GETs) that the rule's filters let through: ``3``, ``2-5``, ``3+``, ``*`` or a chance
``10%``; without it a fault strikes once, a lasting condition always.  VALUE is a number, words, or
both, separated by ``/``.

As JSON, with filters by task, model or a part of the prompt, and with chances for many faults:

    {"seed": 7, "rates": {"lost_answer": 0.1, "truncated": 0.05},
     "faults": ["reset:submit:2",
                {"fault": "stall", "value": "60", "when": "*", "model": "klingai:5@3"}]}

Faults decide how the sandbox answers and how its videos are written, never what is charged.
"""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from kling_desktop.sandbox.fault_names import FAULTS, Point
from kling_desktop.sandbox.json_reading import BadJson, read_json

_RULE = re.compile(
    r"(?P<name>[\w-]+)(?::(?P<point>[a-z]+))?(?::(?P<when>[\d+*%.-]+))?(?:=(?P<value>[\w./-]+))?"
)
_WHEN = re.compile(r"(?P<first>\d{1,9})(?:-(?P<last>\d{1,9})|(?P<open>\+))?")


class BadFaults(Exception):
    """The fault plan could not be read; the message says where."""


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What a rule's filters look at in a request.

    Attributes:
        tasks: The ids of its tasks, or of the video's task.
    """

    tasks: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()
    prompts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One rule of the plan.

    Attributes:
        first, last: Which fitting requests it strikes, counted from 1; last None means for good.
        rate: A chance instead of a count.
    """

    name: str
    point: Point
    first: int = 1
    last: int | None = 1
    rate: float | None = None
    number: float | None = None
    words: frozenset[str] = frozenset()
    task: str = ""
    model: str = ""
    prompt: str = ""

    def fits(self, facts: RequestFacts) -> bool:
        return (
            (not self.task or self.task in facts.tasks)
            and (not self.model or self.model in facts.models)
            and (not self.prompt or any(self.prompt in prompt for prompt in facts.prompts))
        )


class FaultPlan:
    """The rules in force, their counters and their rng; the same seed repeats the same run."""

    def __init__(self, faults: Sequence[Fault] = (), *, seed: int = 0) -> None:
        self.faults = tuple(faults)
        self.struck: list[dict[str, object]] = []
        self._counts = [0] * len(self.faults)
        self._random = random.Random(seed)  # noqa: S311 - a repeatable plan, no secret

    def pick(self, point: Point, facts: RequestFacts, *only: str) -> Fault | None:
        """Count a request at a point and return the fault that strikes it, if any.

        Args:
            point: Where.
            facts: What the filters look at.
            only: When given, only rules of these names are counted and considered.
        """
        chosen: Fault | None = None
        for index, fault in enumerate(self.faults):
            if fault.point is not point or not fault.fits(facts):
                continue
            if (only and fault.name not in only) or (not only and fault.name in _CONDITIONS):
                continue
            self._counts[index] += 1
            if chosen is None and self._strikes(fault, self._counts[index]):
                chosen = fault
        if chosen is not None:
            self.struck.append({"fault": chosen.name, "point": point, "tasks": sorted(facts.tasks)})
        return chosen

    def _strikes(self, fault: Fault, count: int) -> bool:
        if fault.rate is not None:
            return self._random.random() < fault.rate
        return fault.first <= count and (fault.last is None or count <= fault.last)


_CONDITIONS = frozenset({
    "refuse_seed_frames", "refuse_inputs_frames", "unknown_task_error", "balance_object",
    "no_cost", "media_names", "no_range", "refuse_batch", "no_colour_notes",
    "archive_conflict", "archive_null", "archive_missing",
})  # fmt: skip
"""Faults that stand beside another one: facts for by name, never the one that strikes."""


def read_faults(text: str, *, seed: int = 0) -> FaultPlan:
    """Read a plan in either form.

    Raises:
        BadFaults: A name, point, count or value is unknown.
    """
    if not text.lstrip().startswith("{"):
        return FaultPlan(
            [_read_rule(rule) for rule in re.split(r"[\s,;]+", text) if rule], seed=seed
        )
    try:
        return read_plan(read_json(text), seed=seed)
    except BadJson as error:
        raise BadFaults(f"the fault plan is no JSON: {error}") from error


def read_plan(plan: object, *, seed: int = 0) -> FaultPlan:
    """Read a plan that was JSON; raises `BadFaults`."""
    if not isinstance(plan, Mapping):
        raise BadFaults("a fault plan is a JSON object")
    data = cast("Mapping[str, object]", plan)
    listed = data.get("faults", [])
    if isinstance(listed, str):
        listed = [rule for rule in re.split(r"[\s,;]+", listed) if rule]
    if not isinstance(listed, list):
        raise BadFaults("faults must be a list")
    faults = [
        _read_rule(entry) if isinstance(entry, str) else _read_entry(entry)
        for entry in cast("list[object]", listed)
    ]
    rates = data.get("rates", {})
    if not isinstance(rates, Mapping):
        raise BadFaults("rates must be an object")
    for name, rate in cast("Mapping[str, object]", rates).items():
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
            raise BadFaults(f"the rate of {name} must be from 0 to 1")
        faults.append(_read_rule(f"{name}{'' if ':' in name else _default_point(name)}:{rate:%}"))
    return FaultPlan(faults, seed=_read_seed(data.get("seed"), seed))


def _read_seed(value: object, default: int) -> int:
    if value is None:
        return default
    if type(value) is not int:
        raise BadFaults("seed must be a whole number")
    return value


def _read_entry(entry: object) -> Fault:
    if not isinstance(entry, Mapping):
        raise BadFaults(f"no fault: {entry!r:.80}")
    fields = {str(key): str(value) for key, value in cast("Mapping[str, object]", entry).items()}
    unknown = fields.keys() - {"fault", "point", "when", "value", "task", "model", "prompt"}
    if unknown or "fault" not in fields:
        raise BadFaults(f"a fault has no {', '.join(sorted(unknown)) or 'name'}")
    return _build(
        fields["fault"],
        fields.get("point", ""),
        fields.get("when", ""),
        fields.get("value", ""),
        task=fields.get("task", ""),
        model=fields.get("model", ""),
        prompt=fields.get("prompt", ""),
    )


def _read_rule(rule: str) -> Fault:
    match = _RULE.fullmatch(rule)
    if match is None:
        raise BadFaults(f"cannot read the fault {rule!r:.80}")
    return _build(match["name"], match["point"] or "", match["when"] or "", match["value"] or "")


def _build(
    name: str,
    point: str,
    when: str,
    value: str,
    *,
    task: str = "",
    model: str = "",
    prompt: str = "",
) -> Fault:
    name = name.replace("-", "_")
    kind = FAULTS.get(name)
    if kind is None:
        raise BadFaults(f"there is no fault called {name}")
    if point and point not in kind.points:
        raise BadFaults(f"{name} cannot strike at {point}, only at {', '.join(kind.points)}")
    first, last, rate = _read_when(when, lasting=kind.lasting)
    number, words = _read_value(value)
    return Fault(
        name=name,
        point=Point(point) if point else kind.points[0],
        first=first,
        last=last,
        rate=rate,
        number=number,
        words=words,
        task=task,
        model=model,
        prompt=prompt,
    )


def _default_point(name: str) -> str:
    kind = FAULTS.get(name.replace("-", "_"))
    return f":{kind.points[0]}" if kind else ""


def _read_when(when: str, *, lasting: bool) -> tuple[int, int | None, float | None]:
    if not when:
        return (1, None, None) if lasting else (1, 1, None)
    if when == "*":
        return 1, None, None
    try:
        if when.endswith("%"):
            return 1, None, float(when[:-1]) / 100
    except ValueError:
        raise BadFaults(f"cannot read the chance {when!r:.20}") from None
    match = _WHEN.fullmatch(when)
    if match is None:
        raise BadFaults(f"cannot read when: {when!r:.20}")
    first = int(match["first"])
    if match["open"]:
        return first, None, None
    return first, int(match["last"] or first), None


def _read_value(value: str) -> tuple[float | None, frozenset[str]]:
    parts = [part for part in value.split("/") if part]
    numbers = [part for part in parts if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", part)]
    return (float(numbers[0]) if numbers else None), frozenset(parts)
