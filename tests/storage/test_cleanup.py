"""What is undone when a block fails, and which error is left afterwards."""

import asyncio
from contextlib import suppress

import pytest

from kling_desktop.domain.errors import StorageError
from kling_desktop.storage.cleanup import async_cleanup_on_failure, cleanup_on_failure


def test_nothing_is_undone_after_success() -> None:
    undone: list[str] = []
    with cleanup_on_failure(lambda: undone.append("a")):
        pass
    assert undone == []


@pytest.mark.parametrize("error", [ValueError("why"), KeyboardInterrupt(), SystemExit(2)])
def test_whatever_ends_the_block_is_followed_by_every_action_in_order(error: BaseException) -> None:
    undone: list[str] = []
    with (
        pytest.raises(type(error)) as caught,
        cleanup_on_failure(lambda: undone.append("a"), lambda: undone.append("b")),
    ):
        raise error
    assert caught.value is error
    assert undone == ["a", "b"]


@pytest.mark.parametrize("second", [OSError("gone"), StorageError()])
def test_a_failing_clean_up_does_not_hide_why_the_block_failed(second: Exception) -> None:
    undone: list[str] = []

    def fail() -> None:
        raise second

    with (
        pytest.raises(ValueError, match="why"),
        cleanup_on_failure(fail, lambda: undone.append("b")),
    ):
        raise ValueError("why")
    assert undone == ["b"]


async def test_a_cancelled_block_is_cleaned_up_as_well() -> None:
    undone: list[str] = []

    async def undo() -> None:
        await asyncio.sleep(0)
        undone.append("a")

    async def fail() -> None:
        raise OSError("gone")

    async def work() -> None:
        async with async_cleanup_on_failure(fail, undo):
            await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(work())
        await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert task.cancelled()
    assert undone == ["a"]


async def test_nothing_is_awaited_after_success() -> None:
    undone: list[str] = []

    async def undo() -> None:
        undone.append("a")

    async with async_cleanup_on_failure(undo):
        pass
    assert undone == []
