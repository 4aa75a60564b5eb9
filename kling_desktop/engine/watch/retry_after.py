"""Keeps the time until which the service wants no requests, so that a restart keeps to it too."""

from datetime import datetime, timedelta

from kling_desktop.domain.errors import ApiError, RateLimited, ServiceUnavailable
from kling_desktop.domain.job import Service
from kling_desktop.domain.limits import LONGEST_RETRY_AFTER_S
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.engine.timing.pacing import Clock
from kling_desktop.storage.settings.settings_store import SettingsStore


class RetryAfter:
    """The last Retry-After of one service, kept in the settings; owned by the service session."""

    def __init__(
        self, clock: Clock, tasks: TaskOwner, settings: SettingsStore, service: Service
    ) -> None:
        self._clock = clock
        self._tasks = tasks
        self._settings = settings
        self._service = service

    def note(self, error: ApiError) -> None:
        """Keep the wait that an answer asks for; one that asks for none changes nothing."""
        asked_s = (
            error.retry_after_s if isinstance(error, RateLimited | ServiceUnavailable) else None
        )
        if asked_s is None or asked_s <= 0:
            return
        until = self._clock.now() + timedelta(seconds=min(asked_s, LONGEST_RETRY_AFTER_S))
        waits = {**self._settings.current.retry_not_before, self._service.value: until.isoformat()}
        self._tasks.start(self._settings.update(retry_not_before=waits), name="keep Retry-After")

    def find_left_s(self) -> float:
        """Seconds that the service still wants no requests; 0 when it wants some."""
        text = self._settings.current.retry_not_before.get(self._service.value, "")
        try:
            left_s = (datetime.fromisoformat(text) - self._clock.now()).total_seconds()
        except (ValueError, TypeError):  # nothing was kept, or nothing that makes sense
            return 0.0
        return min(max(left_s, 0.0), LONGEST_RETRY_AFTER_S)
