"""What the parts of the window's program share, handed to each by constructor."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.ui.commands.commands import CommandSet
from kling_desktop.ui.overlays.notices import Notice
from kling_desktop.ui.overlays.user_tasks import UserTasks
from kling_desktop.ui.shell.main_window import MainWindow
from kling_desktop.ui.theme.look import Look


@dataclass(frozen=True, slots=True)
class AppContext:
    """Made once by the main controller.

    Attributes:
        notify: Shows a notice in the window; returns its id.
        dismiss: Takes a notice away by its id.
        tasks: Owner of every task that a page's click starts.
    """

    look: Look
    window: MainWindow
    commands: CommandSet
    tasks: TaskOwner
    notify: Callable[[Notice], int]
    dismiss: Callable[[int], object]

    @property
    def user_tasks(self) -> UserTasks:
        """What runs the work that a click asked for."""
        return UserTasks(self.tasks, self.notify, self.dismiss)

    def start(self, coroutine: Coroutine[Any, Any, object], name: str) -> None:
        """Run something that a click asked for; a known error becomes a notice in words."""
        self.user_tasks.start(coroutine, name)
