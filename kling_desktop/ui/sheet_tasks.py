"""The questions that a sheet asks of the world: they end with the sheet."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from PySide6.QtWidgets import QDialog

from kling_desktop.engine.tasks import TaskOwner

T = TypeVar("T")


class SheetTasks:
    """Starts tasks at their owner and cancels them when the sheet is closed.

    What changes something, such as keeping a key, is started with `see_through`: closing the
    sheet does not undo it.  After its awaits it asks `is_over` before it touches a widget.
    """

    def __init__(self, owner: TaskOwner, sheet: QDialog) -> None:
        self._owner = owner
        self._questions: set[asyncio.Task[Any]] = set()
        self.is_over = False
        sheet.finished.connect(self._end)

    def start(self, coroutine: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        """Start something that nobody misses once the sheet is gone."""
        task = self._owner.start(coroutine, name)
        self._questions.add(task)
        task.add_done_callback(self._questions.discard)
        return task

    def see_through(self, coroutine: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        """Start something that is finished whatever becomes of the sheet."""
        return self._owner.start(coroutine, name)

    def _end(self) -> None:
        self.is_over = True
        for task in tuple(self._questions):
            task.cancel()
