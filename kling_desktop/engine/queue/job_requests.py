"""Turns drafts into queue rows: checked, pictures copied, takes split."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from kling_desktop.domain.draft import Draft, ImageInput
from kling_desktop.domain.errors import DraftRejected, UnreadableImage
from kling_desktop.domain.job import JobId, JobRequest, Service, TaskId
from kling_desktop.domain.reasons import Reason
from kling_desktop.domain.validation import find_problems
from kling_desktop.storage.files.kept_inputs import KeptInputs


def new_task_id() -> TaskId:
    """Make the id of a new payment."""
    return TaskId(str(uuid4()))


async def keep_inputs(inputs: KeptInputs, drafts: Sequence[Draft]) -> tuple[Draft, ...]:
    """Check drafts and return them with their pictures replaced by the app's own copies.

    Raises:
        DraftRejected: Some have problems; nothing was kept.
        UnreadableImage: A picture is gone, or was changed since it was chosen.
        StorageError: There is no room for the copies.
    """
    problems = [problem for draft in drafts for problem in find_problems(draft)]
    if problems:
        raise DraftRejected(problems)
    kept: dict[tuple[Path, int], ImageInput] = {}
    for draft in drafts:
        for _, image in draft.frames:
            key = (image.path, image.size_bytes)
            if key not in kept:
                kept[key] = await _keep(inputs, image)

    def own(image: ImageInput | None) -> ImageInput | None:
        if image is None:
            return None
        copy = kept[image.path, image.size_bytes]
        return replace(image, path=copy.path, sha256=copy.sha256)

    return tuple(
        replace(draft, first_frame=own(draft.first_frame), last_frame=own(draft.last_frame))
        for draft in drafts
    )


async def _keep(inputs: KeptInputs, image: ImageInput) -> ImageInput:
    path, sha256 = await inputs.keep(image.path)
    changed = image.sha256 not in ("", sha256) or path.stat().st_size != image.size_bytes
    if changed:
        raise UnreadableImage(Reason.PICTURE_CHANGED, facts={"name": image.name})
    return replace(image, path=path, sha256=sha256)


def build_requests(
    drafts: Sequence[Draft], service: Service, retry_of: JobId | None = None
) -> tuple[JobRequest, ...]:
    """Split drafts into single takes, each with an id of its own; takes of one click share one."""
    requests: list[JobRequest] = []
    for draft in drafts:
        group_id = str(uuid4()) if draft.takes > 1 else ""
        single = replace(draft, takes=1)
        requests += [
            JobRequest(
                task_id=new_task_id(),
                draft=single,
                service=service,
                group_id=group_id,
                retry_of=retry_of,
            )
            for _ in range(draft.takes)
        ]
    return tuple(requests)
