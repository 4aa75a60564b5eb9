"""What the pages that show clips share."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from kling_desktop.storage.stores.video_store import VideoStore
from kling_desktop.ui.clips.clip_actions import ClipActions
from kling_desktop.ui.clips.clip_pictures import ClipPictures
from kling_desktop.ui.commands.commands import CommandSet


@dataclass(frozen=True, slots=True)
class ClipServices:
    """What the library's pages share; made once by the clips controller."""

    store: VideoStore
    pictures: ClipPictures
    actions: ClipActions
    commands: CommandSet
    now: Callable[[], datetime]
