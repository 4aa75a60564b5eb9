"""What the pages that show clips share."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kling_desktop.domain.draft import ImageInput
from kling_desktop.storage.stores.video_store import VideoStore
from kling_desktop.ui.clips.clip_actions import ClipActions
from kling_desktop.ui.clips.clip_pictures import ClipPictures
from kling_desktop.ui.commands.commands import CommandSet


@dataclass(frozen=True, slots=True)
class ClipServices:
    """What the library's pages share; made once by the clips controller.

    Attributes:
        find_frame: The app's own copy of an input picture, found by its hash; None where it has
            none.  The path that a clip's recipe names is never used: anybody may have written it.
        now: Aware, in the user's time zone.
    """

    store: VideoStore
    pictures: ClipPictures
    actions: ClipActions
    commands: CommandSet
    find_frame: Callable[[ImageInput], Path | None]
    now: Callable[[], datetime]
