"""What the sandbox knows: the tasks it took, the pictures it keeps, and every charge."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import cast

from kling_desktop.sandbox.journal import Journal


@dataclass(frozen=True, slots=True)
class Result:
    """One finished clip; it exists if and only if its charge does.

    Attributes:
        cost: Practice USD, four decimals.
        at: Seconds since the epoch.
    """

    video_uuid: str
    seed: int
    cost: str
    at: float


@dataclass(slots=True, kw_only=True)
class Task:
    """One accepted `videoInference` task.

    Attributes:
        request: The task as sent, pictures replaced by the name under which they are kept.
        first, last: Names of kept pictures.
        ready_at: When each result is due, seconds since the epoch.
        video_uuids: The id of each result, given out from the start.
        fate: The error this task will end in once it is due, or None.
        delivery: How that error is reported: in ``errors``, as a data ``item`` or as a ``504``.
        link: Grows by one when a result link has expired; part of the address.
        attempts: How often the next result's rendering began and neither ended nor was stopped
            in order: so often has the process ended in it.
    """

    uuid: str
    request: dict[str, object]
    model: str
    prompt: str
    width: int
    height: int
    fps: int
    duration_s: int
    first: str = ""
    last: str = ""
    include_cost: bool = False
    price: str = "0"
    ttl_s: int = 0
    accepted_at: float = 0.0
    ready_at: list[float] = field(default_factory=list[float])
    video_uuids: list[str] = field(default_factory=list[str])
    fate: dict[str, object] | None = None
    delivery: str = "errors"
    results: list[Result] = field(default_factory=list[Result])
    error: dict[str, object] | None = None
    link: int = 1
    linked_at: float = 0.0
    attempts: int = 0
    colour_notes: bool = True

    @property
    def finished(self) -> bool:
        return self.error is not None or len(self.results) == len(self.video_uuids)

    @property
    def owed(self) -> Decimal:
        """What the results still to come will cost."""
        if self.error is not None or self.fate is not None:
            return Decimal(0)
        return Decimal(self.price) * (len(self.video_uuids) - len(self.results))


class Ledger:
    """Owns the data folder: journal, kept pictures, finished videos.

    Every change is in the journal, synced, before it is reported to anybody.
    """

    def __init__(self, folder: Path, opening_balance: Decimal) -> None:
        self.videos = folder / "videos"
        self.pictures = folder / "pictures"
        for part in (self.videos, self.pictures):
            part.mkdir(parents=True, exist_ok=True)
        self.tasks: dict[str, Task] = {}
        self.uploads: dict[str, str] = {}
        self.deleted_uploads: set[str] = set()
        self._opening_balance = opening_balance
        self._by_video: dict[str, str] = {}
        self._journal = Journal(folder / "journal.jsonl")
        for kind, fact in self._journal.read():
            self._apply(kind, fact)

    @property
    def charged(self) -> Decimal:
        return sum((Decimal(r.cost) for t in self.tasks.values() for r in t.results), Decimal(0))

    @property
    def balance(self) -> Decimal:
        return self._opening_balance - self.charged

    @property
    def free_balance(self) -> Decimal:
        """What is left when all running tasks will have been paid."""
        return self.balance - sum((t.owed for t in self.tasks.values()), Decimal(0))

    def accept(self, task: Task) -> None:
        self._write("accepted", {"task": asdict(task)})

    def begin_rendering(self, task: Task) -> None:
        """Note that rendering the next result begins, before anything in it can go wrong."""
        self._write("begun", {"uuid": task.uuid})

    def pause_rendering(self, task: Task) -> None:
        """Note that the rendering was stopped in order, so that its beginning counts no more."""
        self._write("paused", {"uuid": task.uuid})

    def finish_result(self, task: Task, result: Result) -> None:
        """Keep a result and its charge: one journal line, so never one without the other."""
        self._write("result", {"uuid": task.uuid, **asdict(result)})

    def fail(self, task: Task, error: Mapping[str, object]) -> None:
        self._write("failed", {"uuid": task.uuid, "error": dict(error)})

    def renew_link(self, task: Task, at: float) -> None:
        self._write("link", {"uuid": task.uuid, "link": task.link + 1, "at": at})

    def keep_upload(self, uuid: str, picture: str) -> None:
        self._write("upload", {"uuid": uuid, "picture": picture})

    def delete_upload(self, uuid: str) -> None:
        self._write("delete", {"uuid": uuid})

    def find_by_video(self, video_uuid: str) -> Task | None:
        return self.tasks.get(self._by_video.get(video_uuid, ""))

    def list_charges(self) -> list[dict[str, object]]:
        """Return every charge, oldest first: the truth that tests compare a library with."""
        charges: list[dict[str, object]] = [
            {
                "taskUUID": task.uuid,
                "videoUUID": result.video_uuid,
                "resultIndex": index,
                "model": task.model,
                "duration": task.duration_s,
                "width": task.width,
                "height": task.height,
                "fps": task.fps,
                "cost": float(result.cost),
                "at": result.at,
            }
            for task in self.tasks.values()
            for index, result in enumerate(task.results)
        ]
        return sorted(charges, key=lambda charge: cast("float", charge["at"]))

    def close(self) -> None:
        self._journal.close()

    def _write(self, kind: str, fact: dict[str, object]) -> None:
        self._journal.append(kind, fact)
        self._apply(kind, fact)

    def _apply(self, kind: str, fact: Mapping[str, object]) -> None:
        if kind == "accepted":
            known = cast("dict[str, object]", fact["task"])
            # The results come as lines of their own.
            task = Task(**cast("dict[str, dict[str, object]]", {**known, "results": []}))  # pyright: ignore[reportArgumentType] - written by asdict above
            self.tasks[task.uuid] = task
            self._by_video.update(dict.fromkeys(task.video_uuids, task.uuid))
            return
        uuid = str(fact["uuid"])
        if kind == "upload":
            self.uploads[uuid] = str(fact["picture"])
        elif kind == "delete":
            self.uploads.pop(uuid, None)
            self.deleted_uploads.add(uuid)
        elif kind == "result":
            result = Result(uuid_of(fact), int(str(fact["seed"])), str(fact["cost"]), _at(fact))
            self.tasks[uuid].results.append(result)
            self.tasks[uuid].linked_at = result.at
            self.tasks[uuid].attempts = 0
        elif kind == "begun":
            self.tasks[uuid].attempts += 1
        elif kind == "paused":
            self.tasks[uuid].attempts = max(0, self.tasks[uuid].attempts - 1)
        elif kind == "failed":
            self.tasks[uuid].error = cast("dict[str, object]", fact["error"])
        elif kind == "link":
            self.tasks[uuid].link = int(str(fact["link"]))
            self.tasks[uuid].linked_at = _at(fact)


def uuid_of(fact: Mapping[str, object]) -> str:
    return str(fact["video_uuid"])


def _at(fact: Mapping[str, object]) -> float:
    return float(str(fact["at"]))
