"""The service as the engine sees it: submit, ask, upload, download, and whose key it is."""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from kling_desktop.api.connection import UPLOAD_TIMEOUT_S, Connection, OnBytes
from kling_desktop.api.download import Download, Downloader
from kling_desktop.api.error_classification import is_forbidden
from kling_desktop.api.payload import (
    build_account_body,
    build_data_uri,
    build_details_body,
    build_media_storage_body,
    build_ping_body,
    build_upload_body,
)
from kling_desktop.api.replies import (
    Account,
    TaskStatus,
    read_account,
    read_ping,
    read_submission,
    read_task_details,
    read_upload,
)
from kling_desktop.api.status_queries import StatusQueries
from kling_desktop.domain.errors import (
    ApiError,
    AuthenticationFailed,
    RequestRejected,
    UnexpectedReply,
)
from kling_desktop.domain.job import MediaId, TaskId
from kling_desktop.domain.limits import LARGEST_VIDEO_BYTES
from kling_desktop.domain.secret import ApiKey

if TYPE_CHECKING:
    import httpx

LARGE_BODY_BYTES = 256 * 1024
"""From here on a submit carries pictures and gets the time of an upload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCheck:
    """What the service thinks of a key.

    Attributes:
        accepted: Whether jobs can be sent with it.
        account: Whose it is; None when the key may not read that.
        reason: The refusal, None when it was accepted.
    """

    accepted: bool
    account: Account | None = None
    reason: AuthenticationFailed | None = None


class ApiClient:
    """The service over HTTP; its owner closes it with `aclose`.

    Attributes:
        requests_made: POSTs begun so far, downloads not counted.
        bytes_sent: Bytes of their bodies.
    """

    def __init__(
        self,
        base_url: str,
        key: Callable[[], ApiKey | None],
        *,
        user_agent: str = "kling-desktop",
        transport: "httpx.AsyncBaseTransport | None" = None,
        proxy: str = "",
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        """Take an address and a way to the key; nothing is opened before the first request.

        Args:
            base_url: Where requests are posted, such as ``https://api.runware.ai/v1``.
            key: Asked anew for each request, so that a changed key counts at once.
            user_agent: Name and version of the app.
            transport: Stands in for the network in tests.
            proxy: Address of a proxy; empty leaves it to the environment and the system.
            environment: With the variables for proxies and certificates.

        Raises:
            DamagedValue: The key must not be sent to such an address.
        """
        self._connection = Connection(
            base_url,
            key,
            user_agent=user_agent,
            transport=transport,
            proxy=proxy,
            environment=environment,
        )
        self._downloader = Downloader(
            user_agent=user_agent, transport=transport, proxy=proxy, environment=environment
        )
        self._status_queries = StatusQueries(self._connection)
        self._upload_by_media_storage = False

    def __repr__(self) -> str:
        return f"ApiClient({self._connection!r})"

    @property
    def account(self) -> str:
        """A fingerprint of address and key that gives neither of them away."""
        return self._connection.account

    @property
    def requests_made(self) -> int:
        return self._connection.requests_made

    @property
    def bytes_sent(self) -> int:
        return self._connection.bytes_sent

    async def prepare(self) -> None:
        """Make all that a request to the service needs; nothing is sent.

        Raises:
            NetworkMisconfigured: The proxy or the certificates of this machine cannot be used.
        """
        await self._connection.prepare()

    async def submit(
        self, body: str, task_id: TaskId, *, on_bytes: OnBytes | None = None
    ) -> TaskStatus:
        """Send the body of one task exactly as it was written down.

        Raises:
            ConflictingTask: The id is taken; on a resend that means «already accepted».
            ApiError: See `read_submission`; `ServiceUnavailable.sent` says whether the body may
                have reached the service.
        """
        timeout_s = {"read_timeout_s": UPLOAD_TIMEOUT_S} if len(body) > LARGE_BODY_BYTES else {}
        reply = await self._connection.post(body, on_bytes=on_bytes, **timeout_s)
        return read_submission(reply.status, reply.body, task_id, retry_after_s=reply.retry_after_s)

    async def ask(self, task_ids: Sequence[TaskId]) -> Mapping[TaskId, TaskStatus]:
        """Ask about these tasks, by one POST for all where the service takes that.

        Raises:
            ApiError: The question failed; it says nothing about the jobs.
        """
        return await self._status_queries.ask(task_ids)

    async def get_task_details(self, task_id: TaskId) -> TaskStatus:
        """Ask the archive of past tasks, which may know a task that `ask` no longer finds.

        Returns:
            See `read_task_details`: ABSENT proves nothing.

        Raises:
            ApiError: The question failed; it says nothing about the task.
        """
        reply = await self._connection.post(build_details_body(task_id))
        return read_task_details(
            reply.status, reply.body, task_id, retry_after_s=reply.retry_after_s
        )

    async def upload_image(
        self, picture: bytes | str, mime_type: str = "", on_progress: OnBytes | None = None
    ) -> MediaId:
        """Upload a picture and return its id.

        Args:
            picture: Its bytes, or the whole as a data URI (then without `mime_type`).
            mime_type: Such as ``image/png``.
            on_progress: Called with the bytes sent and the bytes in all.

        Raises:
            ApiError: It did not get there or was refused.
        """
        if isinstance(picture, str):
            data_uri = picture
        else:
            data_uri = await asyncio.to_thread(build_data_uri, picture, mime_type)
        if not self._upload_by_media_storage:
            try:
                return await self._upload(build_upload_body(_new_id(), data_uri), on_progress)
            except RequestRejected as error:
                if not _is_unsupported_task(error):
                    raise
        media_id = await self._upload(build_media_storage_body(_new_id(), data_uri), on_progress)
        self._upload_by_media_storage = True
        return media_id

    async def get_account(self) -> Account:
        """Return whose key it is; without a balance where the key may not read it.

        Raises:
            AuthenticationFailed: The key was refused.
            ApiError: Anything else that kept the answer away.
        """
        try:
            reply = await self._connection.post(build_account_body(_new_id()))
            return read_account(reply.status, reply.body, retry_after_s=reply.retry_after_s)
        except AuthenticationFailed as error:
            if is_forbidden(error):
                return Account()
            raise

    async def ping(self) -> None:
        """Make sure that the service answers.

        Raises:
            ApiError: It does not.
        """
        reply = await self._connection.post(build_ping_body(_new_id()))
        read_ping(reply.status, reply.body, retry_after_s=reply.retry_after_s)

    async def check_key(self) -> KeyCheck:
        """Find out whether the key is good, without making anything.

        Raises:
            ApiError: The service could not be asked; that says nothing about the key.
        """
        try:
            try:
                return KeyCheck(accepted=True, account=await self.get_account())
            except (RequestRejected, UnexpectedReply):
                await self.ping()  # a service without accounts; a ping needs the key as well
                return KeyCheck(accepted=True)
        except AuthenticationFailed as error:
            return KeyCheck(accepted=False, reason=error)

    def download(
        self,
        url: str,
        *,
        offset: int = 0,
        validator: str = "",
        limit_bytes: int = LARGEST_VIDEO_BYTES,
    ) -> AbstractAsyncContextManager[Download]:
        """Open a finished video for reading; see `Downloader.open`."""
        return self._downloader.open(
            url, offset=offset, validator=validator, limit_bytes=limit_bytes
        )

    async def aclose(self) -> None:
        await self._connection.close()
        await self._downloader.close()

    async def _upload(self, body: str, on_progress: OnBytes | None) -> MediaId:
        reply = await self._connection.post(
            body, read_timeout_s=UPLOAD_TIMEOUT_S, on_bytes=on_progress
        )
        return read_upload(reply.status, reply.body, retry_after_s=reply.retry_after_s)


def _new_id() -> str:
    return str(uuid4())


def _is_unsupported_task(error: ApiError) -> bool:
    """Say whether it was the kind of request that was refused, and not the picture."""
    code = error.service_code.casefold()
    return "taskType" in error.parameters or "tasktype" in code or "operation" in code
