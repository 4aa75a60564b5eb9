"""Whether new jobs may be sent, and every reason why not."""

import asyncio
import logging
from collections.abc import Callable

from kling_desktop.domain.errors import KlingDesktopError
from kling_desktop.domain.events import CapSums, PauseReason

logger = logging.getLogger(__name__)

FOLDER_REASONS = frozenset(
    {
        PauseReason.LIBRARY,
        PauseReason.LIBRARY_UNMARKED,
        PauseReason.READ_ONLY,
        PauseReason.DATA_FOLDER,
        PauseReason.DISK_FULL,
    }
)
NO_WAY_REASONS = frozenset(
    {PauseReason.KEY_MISSING, PauseReason.KEY_REFUSED, PauseReason.NETWORK_SETTINGS}
)
"""While one of these holds, the service cannot even be asked about a job."""
BUDGET_REASONS = frozenset({PauseReason.BUDGET_DAY, PauseReason.BUDGET_MONTH})
_SHOWN_FIRST = (
    PauseReason.NETWORK_SETTINGS,
    PauseReason.KEY_MISSING,
    PauseReason.KEY_REFUSED,
    PauseReason.CREDIT,
    PauseReason.DATA_FOLDER,
    PauseReason.DISK_FULL,
    PauseReason.READ_ONLY,
    PauseReason.LIBRARY_UNMARKED,
    PauseReason.LIBRARY,
    PauseReason.USER,
    PauseReason.BUDGET_DAY,
    PauseReason.BUDGET_MONTH,
)


class QueueGate:
    """The reasons for the queue's pause, several at once; the most important one is shown."""

    def __init__(self, on_change: Callable[[], object]) -> None:
        self._on_change = on_change
        self._reasons: dict[PauseReason, str] = {}
        self._sums: dict[PauseReason, CapSums] = {}
        self._errors: dict[PauseReason, KlingDesktopError] = {}
        self._changed = asyncio.Event()

    @property
    def reason(self) -> PauseReason | None:
        return next((reason for reason in _SHOWN_FIRST if reason in self._reasons), None)

    @property
    def detail(self) -> str:
        reason = self.reason
        return "" if reason is None else self._reasons[reason]

    @property
    def error(self) -> KlingDesktopError | None:
        """The error behind the reason that is shown, where there is one."""
        reason = self.reason
        return None if reason is None else self._errors.get(reason)

    @property
    def sums(self) -> CapSums | None:
        """The sums of the cap, where that is the reason that is shown."""
        reason = self.reason
        return None if reason is None else self._sums.get(reason)

    @property
    def is_open(self) -> bool:
        return not self._reasons

    @property
    def is_open_but_for_budget(self) -> bool:
        """Open for a job that the user allowed past the cap."""
        return self._reasons.keys() <= BUDGET_REASONS

    def holds(self, *reasons: PauseReason) -> bool:
        return any(reason in self._reasons for reason in reasons)

    def close(
        self,
        reason: PauseReason,
        detail: str = "",
        *,
        error: KlingDesktopError | None = None,
        sums: CapSums | None = None,
    ) -> None:
        """Add a reason.

        Args:
            reason: Why nothing new is sent.
            detail: The system's or the service's words for it.
            error: What it follows from, for whoever words it.
            sums: Those of the cap that is the reason.
        """
        if self._reasons.get(reason) == detail and self._sums.get(reason) == sums:
            return
        logger.info("queue paused: %s", reason.value)
        self._reasons[reason] = detail
        self._errors.pop(reason, None)
        if error is not None:
            self._errors[reason] = error
        self._sums.pop(reason, None)
        if sums is not None:
            self._sums[reason] = sums
        self._notify()

    def lift(self, *reasons: PauseReason) -> None:
        """Remove reasons; without arguments, remove all."""
        gone = [reason for reason in (reasons or tuple(self._reasons)) if reason in self._reasons]
        for reason in gone:
            logger.info("queue pause lifted: %s", reason.value)
            del self._reasons[reason]
            self._errors.pop(reason, None)
            self._sums.pop(reason, None)
        if gone:
            self._notify()

    def report_waiting(self) -> None:
        """A running job has begun to wait here, so the queue may have become idle."""
        self._on_change()

    async def wait_open_but_for_budget(self) -> None:
        while not self.is_open_but_for_budget:
            await self._changed.wait()

    async def wait_lifted(self, *reasons: PauseReason) -> None:
        while self.holds(*reasons):
            await self._changed.wait()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
        self._on_change()
