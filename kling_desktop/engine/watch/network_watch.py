"""Whether the service can be reached, and the probing until it can again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import datetime, timedelta
from typing import Any

from kling_desktop.domain.errors import (
    ApiError,
    NetworkMisconfigured,
    NetworkUnreachable,
    RateLimited,
    ServiceUnavailable,
    UnexpectedReply,
)
from kling_desktop.domain.events import Network
from kling_desktop.domain.reasons import Reason
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.engine.timing.interruptible_sleep import InterruptibleSleep
from kling_desktop.engine.timing.pacing import Clock, backoff
from kling_desktop.engine.watch.retry_after import RetryAfter

logger = logging.getLogger(__name__)

FAILURES_UNTIL_UNREACHABLE = 3
"""After this many failed requests in a row nothing new is sent until a probe succeeds."""
FIRST_PROBE_S = 2.0
ODD_PROBES_UNTIL_TRIED = 3
"""After this many probe answers that could not be read a real request is tried: a service that only
changed its ping must not stop the queue for ever."""
_STATES: Mapping[Reason | None, Network] = {
    Reason.HOST_REFUSES: Network.UNREACHABLE,
    Reason.HOST_SILENT: Network.UNREACHABLE,
    Reason.CERTIFICATE_UNTRUSTED: Network.UNTRUSTED,
    Reason.CERTIFICATE_DATE: Network.UNTRUSTED,
    Reason.ENCRYPTION_FAILED: Network.UNTRUSTED,
    Reason.PROXY_ENCRYPTION: Network.PROXY,
    Reason.PROXY_AWAY: Network.PROXY,
    Reason.PROXY_WANTS_LOGIN: Network.PROXY,
    Reason.PROXY_REFUSES: Network.PROXY,
}
"""What a failed connection says by its reason; any other means that there is no network."""


class NetworkWatch:
    """Notified of every success and failure of a request; owned by the service session.

    Args:
        ping: One cheap request; raises `ApiError`.
        on_change: Called after each change of what is known.
        is_sandbox: Whether the service is the sandbox, which needs no network: when it cannot be
            reached, it is the sandbox that is away.
    """

    def __init__(
        self,
        clock: Clock,
        tasks: TaskOwner,
        ping: Callable[[], Awaitable[None]],
        on_change: Callable[[], object],
        *,
        retry_after: RetryAfter | None = None,
        is_sandbox: bool = False,
    ) -> None:
        self._clock = clock
        self._tasks = tasks
        self._ping = ping
        self._on_change = on_change
        self._retry_after = retry_after
        self._is_sandbox = is_sandbox
        self._sleep = InterruptibleSleep(clock)
        self._reachable = asyncio.Event()
        self._reachable.set()
        self._failures = 0
        self._slowdowns = 0
        self._probe: asyncio.Task[None] | None = None
        self.state = Network.ONLINE
        self.answered = False
        self.error: ApiError | None = None
        self.since: datetime | None = None
        self.next_try_at: datetime | None = None

    @property
    def may_send(self) -> bool:
        """Whether a new job may be sent now."""
        return self.state is Network.ONLINE

    @property
    def is_down(self) -> bool:
        return self.state.is_down

    async def wait_reachable(self) -> None:
        await self._reachable.wait()

    def note_answer(self) -> None:
        """The service gave a readable answer, whatever it said."""
        self._failures = 0
        first, self.answered = not self.answered, True
        if self.is_down:
            self._change_state(Network.ONLINE)
        elif first:
            self._on_change()

    def note_acceptance(self) -> None:
        """The service accepted a job, so a slow-down has ended too."""
        self._slowdowns = 0
        self.note_answer()
        if self.state is Network.SLOWED_DOWN:
            self._change_state(Network.ONLINE)

    def note_failure(self, error: ApiError) -> None:
        """A request failed; only failures of the network or of the whole service count here."""
        if self._retry_after is not None:
            self._retry_after.note(error)
        if isinstance(error, NetworkUnreachable):
            self._go_down(_STATES.get(error.reason, Network.OFFLINE), error)
        elif isinstance(error, RateLimited):
            self.note_answer()
            self._slowdowns += 1
            self._change_state(Network.SLOWED_DOWN)
            self._start_probe(self._slow_down(backoff(self._slowdowns, error.retry_after_s)))
        elif isinstance(error, ServiceUnavailable | UnexpectedReply):
            self._failures += 1
            if self._failures >= FAILURES_UNTIL_UNREACHABLE and not self.is_down:
                self._go_down(Network.UNREACHABLE, error)
        elif not isinstance(error, NetworkMisconfigured):
            self.note_answer()
        if self.is_down and (self._probe is None or self._probe.done()):
            self._start_probe(self._probe_until_reachable())

    def slow_down(self, seconds: float) -> None:
        """Send nothing new for some seconds: an earlier run was asked to wait."""
        self._change_state(Network.SLOWED_DOWN)
        self._start_probe(self._slow_down(seconds))

    @property
    def slowed_down_s(self) -> float:
        """Seconds until something new may be sent, while the service asked to slow down."""
        if self.state is not Network.SLOWED_DOWN or self.next_try_at is None:
            return 0.0
        return max(0.0, (self.next_try_at - self._clock.now()).total_seconds())

    def try_now(self) -> None:
        self._sleep.interrupt()

    def _start_probe(self, coroutine: Coroutine[Any, Any, None]) -> None:
        if self._probe is not None and not self._probe.done():
            self._probe.cancel()
        self._probe = self._tasks.start(coroutine, name="network probe")

    async def _slow_down(self, seconds: float) -> None:
        self.next_try_at = self._clock.now() + timedelta(seconds=seconds)
        self._on_change()
        await self._sleep.sleep(seconds)
        if self.state is Network.SLOWED_DOWN:
            self._change_state(Network.ONLINE)

    async def _probe_until_reachable(self) -> None:
        tries = 0
        while self.is_down:
            tries += 1
            wait = backoff(tries, first_s=FIRST_PROBE_S)
            self.next_try_at = self._clock.now() + timedelta(seconds=wait)
            self._on_change()
            await self._sleep.sleep(wait)
            try:
                await self._ping()
            except NetworkUnreachable as error:
                logger.debug("still not reachable: %s", error)
                self._go_down(_STATES.get(error.reason, Network.OFFLINE), error)
            except ServiceUnavailable as error:
                logger.debug("still not reachable: %s", error)
            except UnexpectedReply:
                if tries % ODD_PROBES_UNTIL_TRIED == 0:
                    self.note_answer()
            except ApiError:
                self.note_answer()  # it answered, if only to refuse
            else:
                self.note_answer()

    def _go_down(self, state: Network, error: ApiError) -> None:
        self._change_state(Network.SANDBOX_AWAY if self._is_sandbox else state, error)

    def _change_state(self, state: Network, error: ApiError | None = None) -> None:
        if state is self.state:
            return
        logger.info("network: %s", state.value)
        if not (state.is_down and self.is_down):  # another kind of the same absence goes on
            self.since = self._clock.now()
            self.next_try_at = None
        self.state, self.error = state, error
        if self.is_down:
            self._reachable.clear()
        else:
            self._reachable.set()
        self._on_change()
