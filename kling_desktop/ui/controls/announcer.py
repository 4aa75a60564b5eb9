"""Speaks to screen readers: changes of state, politely, one at a time."""

import time
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

_PACE_S = 2.0


class Announcer(QObject):
    """Says sentences for `widget`, two seconds apart; what waits is never lost.

    `now` is the time in seconds; `say` takes the place of the system's voice in tests.
    """

    def __init__(
        self,
        widget: QWidget,
        *,
        now: Callable[[], float] = time.monotonic,
        say: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(widget)
        self._widget = widget
        self._now = now
        self._say = say if say is not None else self._speak
        self._waiting: deque[str] = deque()
        self._free_at = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.speak_due)

    def announce(self, sentence: str) -> None:
        if sentence not in self._waiting:
            self._waiting.append(sentence)
        self.speak_due()

    def speak_due(self) -> None:
        """Say the next sentence if it is time, and come back for the rest."""
        now = self._now()
        if self._waiting and now >= self._free_at:
            self._free_at = now + _PACE_S
            self._say(self._waiting.popleft())
        if self._waiting:
            self._timer.start(round(max(0.0, self._free_at - now) * 1000))

    def _speak(self, sentence: str) -> None:
        # Loading these costs more than all the rest of the module, and start-up needs neither.
        from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._widget, sentence))
