"""What the fake service can be told to do: the steps of a job's story and of a download's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class Step:
    """One thing the service does when it is spoken to about a task."""


@dataclass(frozen=True)
class Ack(Step):
    """Accept the task and say so."""


@dataclass(frozen=True)
class LoseAnswer(Step):
    """Accept the task; the connection breaks before the answer arrives."""


@dataclass(frozen=True)
class Unreachable(Step):
    """Let the connection fail before the first byte."""

    times: int = 1


@dataclass(frozen=True)
class Broken(Step):
    """Let the connection break after the request arrived, without having looked at it."""

    times: int = 1


@dataclass(frozen=True)
class Silence(Step):
    """Never answer: the client's time limit runs out.  Nothing was accepted."""

    times: int = 1


@dataclass(frozen=True)
class Refuse(Step):
    """Refuse the task by name; nothing was accepted.  Repeats until the script goes on."""

    code: str
    message: str = "This was refused."
    http_status: int = 400
    parameter: str | Sequence[str] = ""
    allowed_values: Sequence[object] = ()
    times: int = 1
    scoped: bool = True


@dataclass(frozen=True)
class Trouble(Step):
    """Answer with a status and no error of the task; with `accepted` the task was taken first."""

    http_status: int = 503
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    times: int = 1
    accepted: bool = False


@dataclass(frozen=True)
class Processing(Step):
    """Say that the job is running."""

    times: int = 1
    word: str = "processing"
    progress: int | None = None


@dataclass(frozen=True)
class Absent(Step):
    """Answer a question with empty data, as for a job that nobody knows."""

    times: int = 1


@dataclass(frozen=True)
class Success(Step):
    """The video is there.  Stays so."""

    cost: str | float | None = "0.35"
    seed: int | None = 982451653
    video: bytes | None = None
    old_names: bool = False

    @property
    def cost_usd(self) -> Decimal:
        return Decimal(str(self.cost or 0))


@dataclass(frozen=True)
class Failure(Step):
    """The job has failed.  Stays so.  `inside_data` puts the error into an item of ``data``."""

    code: str = "providerError"
    message: str = "It could not be made."
    http_status: int = 200
    inside_data: bool = False
    charged: bool = False


@dataclass(frozen=True)
class FileStep:
    """One thing the file host does when the video is asked for."""


@dataclass(frozen=True)
class Cut(FileStep):
    """Break the connection after so many bytes."""

    after_bytes: int


@dataclass(frozen=True)
class Short(FileStep):
    """End cleanly after so many bytes, as if that were all that was announced."""

    after_bytes: int


@dataclass(frozen=True)
class Drip(FileStep):
    """Send a few bytes, wait, and send a few more; the host needs a `sleep` for it."""

    piece_bytes: int
    every_s: float


@dataclass(frozen=True)
class FileStatus(FileStep):
    """Answer with a status instead of the video."""

    http_status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Expired(FileStep):
    """This link is dead from now on; the next question about the job gets a fresh one."""

    http_status: int = 404


@dataclass(frozen=True)
class Other(FileStep):
    """Send these bytes instead of the video."""

    body: bytes


@dataclass(frozen=True)
class Raw(FileStep):
    """Answer exactly this; without a body the video is sent, packed by `pack`."""

    http_status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes | None = None
    pack: Callable[[bytes], bytes] = bytes


@dataclass(frozen=True)
class DeadLink(FileStep):
    """Answer this for as long as the link is this one; a fresh link works."""

    step: FileStep


@dataclass(frozen=True)
class FileUnreachable(FileStep):
    """Let the connection to the file host fail."""


@dataclass(frozen=True)
class Redirect(FileStep):
    """Send the client on to another address; empty means the video's own place again."""

    location: str = ""


def unroll(steps: Sequence[Step]) -> list[Step]:
    """Write a step that happens several times as that many steps."""
    return [step for step in steps for _ in range(getattr(step, "times", 1))]
