"""What a frame slot holds at one moment: nothing, or a picture in one of several phases."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from PySide6.QtGui import QImage

from kling_desktop.domain.draft import ImageInput
from kling_desktop.media.fit import Fix
from kling_desktop.media.images import Conversion, ImageFault

WHITE = (255, 255, 255)
Colour = tuple[int, int, int]


class SlotPhase(StrEnum):
    """What is known of a slot's picture."""

    EMPTY = "empty"
    CHECKING = "checking"
    READY = "ready"
    NEEDS_FIX = "needs_fix"
    REFUSED = "refused"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotState:
    """One slot; frozen, so that a late answer cannot change half of it.

    Attributes:
        name: The file's name as the user knows it.
        source: The file that was given; repairs and crops always start from it.
        image: What goes into the draft.  While `CHECKING` that is the picture before this one;
            with `NEEDS_FIX` the picture as it was measured, which the check refuses; with
            `MOVED` the one that was there.
        fix: The repair to offer, the size of its copy measured.
        fault: Why a refused file cannot be used at all.
        message: One or two sentences about that.
        frames: How many pictures are in the file.
        notes: What was silently done so that it can be sent.
        background: The colour behind transparent parts.
        preview: The picture, small enough to be painted.
    """

    phase: SlotPhase = SlotPhase.EMPTY
    name: str = ""
    source: Path | None = None
    image: ImageInput | None = None
    fix: Fix | None = None
    fault: ImageFault | None = None
    message: str = ""
    frames: int = 1
    notes: tuple[Conversion, ...] = ()
    background: Colour = WHITE
    preview: QImage | None = None

    @property
    def is_empty(self) -> bool:
        return self.phase is SlotPhase.EMPTY

    @property
    def is_in_the_way(self) -> bool:
        """Whether the user has to do something about it before a clip can be made."""
        return self.phase in (SlotPhase.NEEDS_FIX, SlotPhase.REFUSED, SlotPhase.MOVED)


EMPTY_SLOT = SlotState()
