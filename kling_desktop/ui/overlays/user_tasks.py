"""Work that a click or a key asked for: a known error becomes a notice in words."""

from collections.abc import Callable, Coroutine
from typing import Any

from kling_desktop.domain.errors import KlingDesktopError
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.ui.overlays.notices import Notice
from kling_desktop.wording.reasons import DID_NOT_WORK, describe_error
from kling_desktop.wording.translation import _


class UserTasks:
    """Starts tasks for a user and says how they failed; shared by the pages of one window.

    Args:
        tasks: The owner of the tasks; an error that nobody knows is a bug and goes there.
        notify: Shows a notice in the window; returns the id that dismisses it.
        dismiss: Takes a notice away by its id; one that has gone is no error.
    """

    def __init__(
        self,
        tasks: TaskOwner,
        notify: Callable[[Notice], int],
        dismiss: Callable[[int], object],
    ) -> None:
        self._tasks = tasks
        self.notify = notify
        self.dismiss = dismiss

    def start(
        self, coroutine: Coroutine[Any, Any, object], name: str, *, failed: str = DID_NOT_WORK
    ) -> None:
        """Run something that a user asked for.

        Args:
            coroutine: The work.
            name: What logs call it.
            failed: What did not work, marked with `N_`; the title of the notice if it fails.
        """
        task = self._tasks.start(self._guard(coroutine, failed), name=name)
        # A task that is cancelled before its first step would leave the work never awaited.
        task.add_done_callback(lambda _task: coroutine.close())

    async def _guard(self, coroutine: Coroutine[Any, Any, object], failed: str) -> None:
        try:
            await coroutine
        except KlingDesktopError as error:
            self.notify(Notice(_(failed), describe_error(error), kind="warning"))
