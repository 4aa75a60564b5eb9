"""Undoing what was begun when a block fails or is cancelled; the block's own error goes on."""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager

from kling_desktop.domain.errors import KlingDesktopError

logger = logging.getLogger(__name__)

_EXPECTED = (OSError, KlingDesktopError)
"""Clean-up may fail for the reason for which the block did; that must not replace its error."""


@contextmanager
def cleanup_on_failure(*actions: Callable[[], object]) -> Generator[None, None, None]:
    """Run `actions` in order when the block ends by an exception or a cancellation.

    Every action runs, also after one of them failed.
    """
    with ExitStack() as stack:
        for action in reversed(actions):
            stack.callback(_attempt, action)
        yield
        stack.pop_all()


@asynccontextmanager
async def async_cleanup_on_failure(
    *actions: Callable[[], Awaitable[object]],
) -> AsyncGenerator[None, None]:
    """Await `actions` in order when the block ends by an exception or a cancellation."""
    async with AsyncExitStack() as stack:
        for action in reversed(actions):
            stack.push_async_callback(_attempt_async, action)
        yield
        stack.pop_all()


def _attempt(action: Callable[[], object]) -> None:
    try:
        action()
    except _EXPECTED as error:
        logger.warning("clean-up failed: %s", error)


async def _attempt_async(action: Callable[[], Awaitable[object]]) -> None:
    try:
        await action()
    except _EXPECTED as error:
        logger.warning("clean-up failed: %s", error)
