"""How the pictures of a job are sent: inside the request, or uploaded once and named by an id."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from kling_desktop.api.client import ApiClient
from kling_desktop.api.payload import build_data_uri
from kling_desktop.domain.draft import FrameRole, ImageInput
from kling_desktop.domain.errors import KlingDesktopError, PictureUnavailable, UnreadableImage
from kling_desktop.domain.job import Job, MediaId, Service
from kling_desktop.domain.reasons import Reason
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.storage.stores.job_store import JobStore
from kling_desktop.storage.stores.upload_store import UploadStore

logger = logging.getLogger(__name__)

LARGEST_INLINE_BYTES = 4 * 1024 * 1024
"""A picture inside the body costs one request less, but is sent again with each repeat."""

OnBytes = Callable[[int, int], object]
"""Called with (bytes so far, all bytes) while a picture is sent."""


class PictureSender:
    """Makes each frame of a job something that the request can name.

    However many jobs want the same picture at the same moment, it is uploaded once.
    """

    def __init__(
        self,
        service: Service,
        client: ApiClient,
        jobs: JobStore,
        uploads: UploadStore,
        tasks: TaskOwner,
    ) -> None:
        self._service = service
        self._client = client
        self._jobs = jobs
        self._uploads = uploads
        self._tasks = tasks
        self._under_way: dict[str, asyncio.Task[MediaId | KlingDesktopError]] = {}
        self._listeners: dict[str, list[OnBytes]] = {}

    async def prepare(self, job: Job, on_bytes: OnBytes) -> dict[FrameRole, str]:
        """Return what stands for each frame in the request: a data URI or an id.

        Raises:
            ApiError: An upload failed.
            UnreadableImage: The app's own copy of a picture is gone or was changed.
            PictureUnavailable: It cannot be read for now.
        """
        media: dict[FrameRole, str] = {}
        for role, image in job.draft.frames:
            known = self._uploads.find(self._service, image.sha256)
            if known is None and self._goes_inline(image):
                media[role] = await asyncio.to_thread(_read_inline, image)
            else:
                media[role] = known or await self._upload(image, on_bytes)
        return media

    async def forget(self, job: Job) -> None:
        """Forget the uploads of the job's pictures: the service no longer has them."""
        for _, image in job.draft.frames:
            await self._uploads.forget(self._service, image.sha256)

    def _goes_inline(self, image: ImageInput) -> bool:
        small = image.size_bytes <= LARGEST_INLINE_BYTES
        return (
            small
            and image.sha256 not in self._under_way
            and self._jobs.count_uses(image.sha256) <= 1
        )

    async def _upload(self, image: ImageInput, on_bytes: OnBytes) -> MediaId:
        task = self._under_way.get(image.sha256)
        listeners = self._listeners.setdefault(image.sha256, [])
        listeners.append(on_bytes)
        if task is None:
            task = self._tasks.start(self._send(image), name=f"upload {image.sha256[:8]}")
            self._under_way[image.sha256] = task
        try:
            # Shielded: cancelling one job must not stop the upload for the others.
            outcome = await asyncio.shield(task)
        finally:
            if on_bytes in listeners:
                listeners.remove(on_bytes)
        if isinstance(outcome, KlingDesktopError):
            raise outcome
        return outcome

    async def _send(self, image: ImageInput) -> MediaId | KlingDesktopError:
        """Upload once for all jobs that wait; a failure is returned, for each of them to raise."""

        def report(done: int, total: int) -> None:
            for listener in tuple(self._listeners.get(image.sha256, ())):
                listener(done, total)

        try:
            data = await asyncio.to_thread(_read_whole, image)
            media_id = await self._client.upload_image(data, image.mime_type, report)
            await self._uploads.keep(self._service, image.sha256, media_id)
        except KlingDesktopError as error:
            return error
        finally:
            self._under_way.pop(image.sha256, None)
            self._listeners.pop(image.sha256, None)
        logger.info("picture %s uploaded", image.sha256[:8])
        return media_id


def _read_inline(image: ImageInput) -> str:
    return build_data_uri(_read_whole(image), image.mime_type)


def _read_whole(image: ImageInput) -> bytes:
    path = Path(image.path)
    try:
        data = path.read_bytes()
    except OSError as error:
        # A folder that is away comes back; a file that is not in its folder does not.
        is_gone = isinstance(error, FileNotFoundError) and path.parent.is_dir()
        kind = UnreadableImage if is_gone else PictureUnavailable
        raise kind(
            Reason.PICTURE_COPY_UNREADABLE,
            detail=str(error.strerror or error),
            facts={"name": image.name},
        ) from error
    if len(data) != image.size_bytes:
        raise UnreadableImage(Reason.PICTURE_COPY_CHANGED, facts={"name": image.name})
    return data
