"""What follows from a failed download: the same link again, a fresh one, or the archive."""

from enum import StrEnum
from typing import Final

from kling_desktop.domain.errors import (
    FileHostAway,
    KlingDesktopError,
    LinkExpired,
    RateLimited,
    ServiceUnavailable,
)
from kling_desktop.domain.reasons import Reason
from kling_desktop.engine.job_handle import DownloadingMemory
from kling_desktop.engine.jobs.error_fields import find_retry_after
from kling_desktop.engine.timing.pacing import download_delay

MOST_ALIKE: Final = 3
"""After this many like failures in a row the link is given up."""
MOST_ON_ONE_LINK: Final = 6
"""After this many failures of any sort too."""
MOST_FRESH_LINKS: Final = 3
"""After this many fresh links that gave nothing the archive of past tasks is asked."""
PROGRESS_BYTES: Final = 32 * 1024
"""A part that grew by this much since the last failure is worth going on with."""
LONGEST_WAIT_S: Final = 60.0
ODD_LENGTH_IS_KEPT_AFTER: Final = 3
"""A whole, playable video of an odd length is kept after this many tries: it is what was made."""
_AT_ONCE: Final = frozenset({Reason.FILE_TOO_LARGE, Reason.LINK_UNSAFE})
"""The same link would say the same again."""


class NextStep(StrEnum):
    """What is tried after a failed download."""

    SAME_LINK = "same_link"
    FRESH_LINK = "fresh_link"
    ARCHIVE = "archive"


def note_failure(memory: DownloadingMemory, error: KlingDesktopError, kept_bytes: int) -> NextStep:
    """Count a failure and say what comes next.

    A host that goes on sending a bit more each time is never given up; one that does not loses its
    link, whatever the failures are.  Once everything was tried in vain, a single failure is enough.

    Args:
        memory: What is remembered of this job's downloads; it is changed.
        error: The failure.
        kept_bytes: How much of the file is surely on the disk.
    """
    if kept_bytes >= memory.most_kept_bytes + PROGRESS_BYTES:
        memory.failures = memory.on_link = memory.alike = memory.links = 0
        memory.tried_all = False
    memory.most_kept_bytes = max(memory.most_kept_bytes, kept_bytes)
    kind = f"{error.code} {error.reason} {getattr(error, 'http_status', 0)}"
    memory.alike = memory.alike + 1 if kind == memory.kind else 1
    memory.kind = kind
    memory.failures += 1
    memory.on_link += 1
    if not _is_link_spent(memory, error):
        return NextStep.SAME_LINK
    memory.alike = memory.on_link = 0
    if memory.links < (1 if memory.tried_all else MOST_FRESH_LINKS):
        memory.links += 1
        return NextStep.FRESH_LINK
    return NextStep.ARCHIVE


def find_wait(memory: DownloadingMemory, error: KlingDesktopError) -> float:
    """Give the seconds until the same link is tried again.

    A host that is not ready or in trouble gets longer and longer; what a link says of itself is
    repeated soon, so that a dead one is found out within seconds.
    """
    is_trouble = isinstance(error, RateLimited | ServiceUnavailable | FileHostAway)
    wait = download_delay(memory.failures if is_trouble else memory.on_link)
    return max(min(wait, LONGEST_WAIT_S), find_retry_after(error) or 0.0)


def begin_later_round(memory: DownloadingMemory, kept_bytes: int) -> None:
    """Remember that everything was tried in vain before: now each way is tried once.

    Args:
        memory: Of a task that has just begun, as after a hold or a restart; it is changed.
        kept_bytes: How much of the file earlier rounds left on the disk: only more is progress.
    """
    memory.tried_all = True
    memory.most_kept_bytes = kept_bytes
    memory.bad_files = ODD_LENGTH_IS_KEPT_AFTER - 1


def _is_link_spent(memory: DownloadingMemory, error: KlingDesktopError) -> bool:
    return (
        isinstance(error, LinkExpired)
        or error.reason in _AT_ONCE
        or memory.alike >= MOST_ALIKE
        or memory.on_link >= MOST_ON_ONE_LINK
        or memory.tried_all
    )
