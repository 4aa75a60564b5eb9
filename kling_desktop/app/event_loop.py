"""Runs asyncio on Qt's event loop, with timers that are exact and leave nothing behind.

qasync's own timers may fire early by a twentieth of their length, and a cancelled one lives on in
Qt until it would have fired: every timeout around a network read leaves one.  And each callback
that is due at once is a Qt timer of its own, all of which Qt runs before it looks at keys or at its
other timers again.  All this is repaired here by putting another object where qasync keeps its
timers.

That reaches into qasync's insides: `QEventLoop._timer` (with `add_callback`, `stop` and
`set_debug`), `_timer_handle_cancelled` and `_check_closed`.  So qasync is pinned exactly in
`pyproject.toml`, and `tests/app/test_event_loop.py` fails when one of them changes.  The way out,
if qasync is no longer maintained, is `PySide6.QtAsyncio`: it must first run anyio's sockets, which
httpx needs, and this module is the only one that would change.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable
from contextvars import Context

import qasync
from PySide6.QtCore import QObject, QTimer, QTimerEvent
from PySide6.QtWidgets import QApplication

_TURN_S = 0.004
"""How long callbacks run before Qt gets its turn: keys and paint wait for no more than this."""


class _TimerHandle(asyncio.TimerHandle):
    """A handle that ends its Qt timer when it is cancelled."""

    __slots__ = ("owner", "timer_id")

    owner: "_Timers | None"
    timer_id: int

    def cancel(self) -> None:
        if not self.cancelled():
            super().cancel()
            owner = getattr(self, "owner", None)
            if owner is not None:
                owner.drop(self.timer_id)


class _Timers(QObject):
    """What one loop has yet to run: at once, or when a Qt timer fires.

    Attributes:
        handles: What waits for its time, by the number of its Qt timer.
    """

    def __init__(self) -> None:
        super().__init__()
        self.handles: dict[int, asyncio.Handle] = {}
        self._ready: deque[asyncio.Handle] = deque()
        self._stopped = False
        # A QTimer, for to end a timer by number brings the hundred enums of `Qt` with it, which
        # takes longer than the first paint.
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.timeout.connect(self._run_ready)

    def add_callback(self, handle: asyncio.Handle, delay: float = 0) -> asyncio.Handle:
        """Run `handle` after `delay` seconds, never before."""
        if delay <= 0:
            self._ready.append(handle)
            self._ask_for_turn()
            return handle
        from PySide6.QtCore import Qt  # late, see above

        milliseconds = math.ceil(max(0.0, delay) * 1000)
        timer_id = self.startTimer(milliseconds, Qt.TimerType.PreciseTimer)
        self.handles[timer_id] = handle
        if isinstance(handle, _TimerHandle):  # a signal handler brings a plain Handle
            handle.timer_id = timer_id
            handle.owner = self
        return handle

    def drop(self, timer_id: int) -> None:
        if self.handles.pop(timer_id, None) is not None:
            self.killTimer(timer_id)

    def timerEvent(self, event: QTimerEvent) -> None:
        timer_id = event.timerId()
        self.killTimer(timer_id)  # first: the handle may run a nested loop of Qt's own
        handle = self.handles.pop(timer_id, None)
        if handle is None:
            return
        if isinstance(handle, _TimerHandle):
            handle.owner = None
        self._run(handle)

    def _ask_for_turn(self) -> None:
        if self._ready and not self._turn.isActive():
            self._turn.start(0)

    def _run_ready(self) -> None:
        """Run what is due now, for a while; what is asked for meanwhile waits for the next turn."""
        until = time.monotonic() + _TURN_S
        for _ in range(len(self._ready)):
            if not self._ready:
                return  # a nested loop ran them
            handle = self._ready.popleft()
            self._ask_for_turn()  # for a nested loop, and for what is left
            self._run(handle)
            if time.monotonic() >= until:
                return

    def _run(self, handle: asyncio.Handle) -> None:
        if not self._stopped and not handle.cancelled():
            handle._run()  # noqa: SLF001 - how every asyncio loop runs its handles

    def stop(self) -> None:
        self._stopped = True
        self._turn.stop()
        self._ready.clear()
        for timer_id in list(self.handles):
            self.drop(timer_id)

    def set_debug(self, enabled: bool) -> None:
        """Do nothing: qasync calls this, and there is nothing to switch."""


class Loop(qasync.QEventLoop):  # pyright: ignore[reportGeneralTypeIssues] - qasync has no types
    """qasync's loop with exact timers; one per `asyncio.Runner`, on the one application."""

    def __init__(self, app: QApplication | None = None) -> None:
        super().__init__(app)
        self._timer = _Timers()

    @property
    def timer_count(self) -> int:
        """How many callbacks wait for their time."""
        return len(self._timer.handles)

    def call_later(
        self,
        delay: float,
        callback: Callable[..., object],
        *args: object,
        context: Context | None = None,
    ) -> asyncio.Handle:
        self._check_closed()  # pyright: ignore[reportAttributeAccessIssue] - untyped qasync
        when = self.time() + max(0.0, delay)
        return self._timer.add_callback(_TimerHandle(when, callback, args, self, context), delay)

    def call_at(
        self,
        when: float,
        callback: Callable[..., object],
        *args: object,
        context: Context | None = None,
    ) -> asyncio.Handle:
        return self.call_later(when - self.time(), callback, *args, context=context)

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Do nothing: a cancelled handle has already taken its timer away."""
