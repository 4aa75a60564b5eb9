"""Builds request bodies from drafts; the only module that knows the service's field names."""

import base64
import json
from collections.abc import Mapping, Sequence

from kling_desktop.domain.catalog import ModelSpec
from kling_desktop.domain.draft import Draft, FrameRole
from kling_desktop.domain.frame_form import FrameForm
from kling_desktop.domain.job import TaskId


def build_task(
    draft: Draft,
    spec: ModelSpec,
    task_id: TaskId,
    media: Mapping[FrameRole, str],
    *,
    frame_form: FrameForm = FrameForm.SEED,
) -> dict[str, object]:
    """Say one checked draft as a ``videoInference`` task.

    Left out on purpose, because these models refuse or ignore them: ``seed``, ``fps``, ``steps``,
    ``acceleration``, ``providerSettings``, ``checkNSFW``; and ``numberResults``, because a take is
    a job of its own.

    Args:
        draft: What is asked for; it has passed `find_problems`.
        spec: The draft's model.
        task_id: The UUID under which the service shall know the job.
        media: For each frame of the draft a data URI or the id of an uploaded picture.
        frame_form: Which of the two documented shapes the frames take.
    """
    task: dict[str, object] = {
        "taskType": "videoInference",
        "taskUUID": task_id,
        "model": spec.id,
    }
    prompt, negative_prompt = draft.prompt.strip(), draft.negative_prompt.strip()
    if prompt:
        task["positivePrompt"] = prompt
    if negative_prompt and spec.negative_prompt is not None:
        task["negativePrompt"] = negative_prompt
    roles = [role for role, _ in draft.frames]
    if roles and frame_form is FrameForm.SEED:
        task["frameImages"] = [{"inputImage": media[role], "frame": role.value} for role in roles]
    elif roles:
        frames = [{"image": media[role], "frame": role.value} for role in roles]
        task["inputs"] = {"frameImages": frames}
    if draft.cfg_scale is not None:
        task["CFGScale"] = draft.cfg_scale
    task["duration"] = draft.duration_s
    if draft.dimensions is not None and not spec.size_follows_first_frame:
        task["width"] = draft.dimensions.width
        task["height"] = draft.dimensions.height
    task["deliveryMethod"] = "async"
    task["includeCost"] = True
    return task


def encode_body(tasks: Sequence[Mapping[str, object]]) -> str:
    """Write tasks as the request's body, always the same text for the same tasks.

    The text is plain ASCII, so it survives any store unchanged, a lone surrogate included.
    """
    return json.dumps(list(tasks), separators=(",", ":"), allow_nan=False)


def build_status_body(task_ids: Sequence[TaskId]) -> str:
    return encode_body([{"taskType": "getResponse", "taskUUID": task_id} for task_id in task_ids])


def build_details_body(task_id: TaskId) -> str:
    """Ask the archive of past tasks about one task."""
    return encode_body([{"taskType": "getTaskDetails", "taskUUID": task_id}])


def build_upload_body(request_id: str, data_uri: str) -> str:
    return encode_body([{"taskType": "imageUpload", "taskUUID": request_id, "image": data_uri}])


def build_media_storage_body(request_id: str, data_uri: str) -> str:
    """Say the same as `build_upload_body` to the request that replaced ``imageUpload`` in 2026."""
    return encode_body(
        [
            {
                "taskType": "mediaStorage",
                "taskUUID": request_id,
                "operation": "upload",
                "media": data_uri,
            }
        ]
    )


def build_account_body(request_id: str) -> str:
    return encode_body(
        [{"taskType": "accountManagement", "taskUUID": request_id, "operation": "getDetails"}]
    )


def build_ping_body(request_id: str) -> str:
    return encode_body([{"taskType": "ping", "taskUUID": request_id}])


def build_data_uri(picture: bytes, mime_type: str) -> str:
    """Write a picture as a data URI; 20 MB take a few hundredths of a second."""
    return f"data:{mime_type};base64,{base64.b64encode(picture).decode('ascii')}"
