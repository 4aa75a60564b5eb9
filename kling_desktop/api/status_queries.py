"""How running jobs are asked about: all in one request, or one each where that is refused."""

import logging
from collections.abc import Mapping, Sequence
from typing import Final

from kling_desktop.api.connection import Connection
from kling_desktop.api.payload import build_status_body
from kling_desktop.api.replies import RemoteState, TaskStatus, read_statuses
from kling_desktop.domain.errors import ApiError, UnexpectedReply
from kling_desktop.domain.job import TaskId

logger = logging.getLogger(__name__)

_LARGEST_BATCH: Final = 100


class StatusQueries:
    """Asks about tasks and remembers for good whether the service takes several in one request.

    No document shows several ``getResponse`` tasks in one array, so both signs of a service that
    does not want them are looked for: a refusal of the whole request, and answers that are missing
    in the one for all but there in one of their own.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._one_each = False
        self._missed: dict[TaskId, int] = {}

    async def ask(self, task_ids: Sequence[TaskId]) -> Mapping[TaskId, TaskStatus]:
        """Return an entry for each task.

        Raises:
            ApiError: The question failed; it says nothing about the jobs.
        """
        ids = tuple(dict.fromkeys(task_ids))
        if self._one_each:
            return await self._ask_each(ids)
        found: dict[TaskId, TaskStatus] = {}
        for start in range(0, len(ids), _LARGEST_BATCH):
            found |= await self._ask_together(ids[start : start + _LARGEST_BATCH])
        return found

    async def _ask_together(self, ids: tuple[TaskId, ...]) -> dict[TaskId, TaskStatus]:
        if len(ids) < 2 or self._one_each:
            return await self._ask_each(ids)
        try:
            found = await self._post(ids)
        except UnexpectedReply as error:
            if not _is_refusal(error):
                raise
            found = await self._ask_each(ids)  # raises when it was not for their number
            self._fall_back("it refused the request for all")
            return found
        return found | await self._look_closer(ids, found)

    async def _look_closer(
        self, ids: tuple[TaskId, ...], found: Mapping[TaskId, TaskStatus]
    ) -> dict[TaskId, TaskStatus]:
        """Ask for those without an answer alone, ever more seldom while they stay without one."""
        doubtful = [task_id for task_id in ids if self._is_doubtful(found[task_id])]
        if not doubtful:
            return {}
        alone = await self._ask_each(tuple(doubtful))
        if any(_is_answer(status) for status in alone.values()):
            # It may have become known just between the two requests: the one for all decides.
            again = await self._post(ids)
            if any(_is_answer(alone[key]) and not _is_answer(again[key]) for key in doubtful):
                self._fall_back("it answers only some of them")
        return alone

    def _is_doubtful(self, status: TaskStatus) -> bool:
        if _is_answer(status):
            self._missed.pop(status.task_id, None)
            return False
        times = self._missed[status.task_id] = self._missed.get(status.task_id, 0) + 1
        return times & (times - 1) == 0  # the first, second, fourth, eighth time …

    async def _ask_each(self, ids: tuple[TaskId, ...]) -> dict[TaskId, TaskStatus]:
        found: dict[TaskId, TaskStatus] = {}
        for task_id in ids:
            found |= await self._post((task_id,))
        return found

    async def _post(self, ids: tuple[TaskId, ...]) -> dict[TaskId, TaskStatus]:
        reply = await self._connection.post(build_status_body(ids))
        return read_statuses(reply.status, reply.body, ids, retry_after_s=reply.retry_after_s)

    def _fall_back(self, reason: str) -> None:
        self._one_each = True
        self._missed.clear()
        logger.info("The service is asked about one job at a time: %s", reason)


def _is_refusal(error: ApiError | None) -> bool:
    """Say whether the service understood the question and did not want it."""
    if not isinstance(error, UnexpectedReply) or error.task_scoped:
        return False
    return 400 <= error.http_status < 500 or bool(error.service_code)


def _is_answer(status: TaskStatus) -> bool:
    if status.state is RemoteState.UNCLEAR:
        return not _is_refusal(status.error)
    return status.state is not RemoteState.ABSENT
