"""The words of the viewer and of Compare."""

from collections.abc import Sequence

from kling_desktop.wording.formatting import number
from kling_desktop.wording.translation import N_, _

CLIP = N_("Clip")
BACK_TO_LIBRARY = N_("Back to the library")
BACK_TO_VIEWER = N_("Back to the viewer")
VIEWER = N_("Viewer")
PREVIOUS = N_("Previous clip")
NEXT = N_("Next clip")
IS_FIRST = N_("This is the first clip.")
IS_LAST = N_("This is the last clip.")
FAVOURITE = N_("Favourite")
NO_FAVOURITE = N_("Not a favourite any more")
SAVE_FRAME = N_("Save frame…")
SAVE_THIS_FRAME = N_("Save this frame")
START_FROM = N_("Start from this frame")
DRAG_OUT = N_("Drag the clip out from here")
FILE_MOVED = N_("The file has moved. Find it from the library.")
FILE_GONE = N_("The file is not there any more.")
DAMAGED = N_("This file is damaged and cannot be played.")
POSITION = N_("Position in the clip")

TO_START = N_("To the start")
FRAME_BACK = N_("One frame back")
PLAY = N_("Play")
PAUSE = N_("Pause")
FRAME_FORWARD = N_("One frame on")
TO_END = N_("To the end")
LOUDNESS = N_("Loudness")

HOW_TO_COMPARE = N_("How to compare")
WIPE = N_("Wipe")
SIDE_BY_SIDE = N_("Side by side")
FLIP = N_("Flip")
HOLD_B = N_("Hold B to see B")
DIFFERENCES = N_("Differences")
KEEP_A, KEEP_B = N_("Keep A"), N_("Keep B")
A_IS_FAVOURITE, B_IS_FAVOURITE = N_("A is a favourite now"), N_("B is a favourite now")
TRASH_A, TRASH_B = N_("Move A to the trash"), N_("Move B to the trash")

_LABELS = {
    "model": N_("Model"),
    "size": N_("Size"),
    "length": N_("Length"),
    "strength": N_("Strength"),
    "first frame": N_("First frame"),
    "last frame": N_("Last frame"),
    "prompt": N_("Prompt"),
    "negative prompt": N_("Negative prompt"),
    "cost": N_("Cost"),
}
"""What two clips may differ in."""
_SAME = {
    "model": N_("model"),
    "size": N_("size"),
    "length": N_("length"),
    "strength": N_("strength"),
    "first frame": N_("first frame"),
    "last frame": N_("last frame"),
    "prompt": N_("prompt"),
    "negative prompt": N_("negative prompt"),
}
"""What two clips may have in common."""


def name_difference(key: str) -> str:
    return _(_LABELS[key])


def describe_same(keys: Sequence[str]) -> str:
    """``Same: model, size``: what two clips have in common."""
    if not keys:
        return _("Nothing in common")
    return _("Same: {parts}").format(parts=", ".join(_(_SAME[key]) for key in keys))


def name_in_compare(word: str, strength: float | None) -> str:
    """Name a clip on its picture: ``Take 2, strength 0.40``."""
    if strength is None:
        return word
    return _("{name}, strength {strength}").format(name=word, strength=number(strength, 2))


def name_take_alone(number: int) -> str:
    """``Take 2``."""
    return _("Take {number}").format(number=number)


def speak_pair(first: str, second: str) -> str:
    """Return what a screen reader says for two clips held against each other."""
    return _("A: {first}. B: {second}").format(first=first, second=second)


def describe_frame(frame: int, frames: int) -> str:
    """``frame 71 of 150``; `frame` counts from zero."""
    return _("frame {number} of {frames}").format(number=number(frame + 1), frames=number(frames))


def timecode(frame: int, fps: float) -> str:
    """``00:02.10``: minutes, seconds and the frame inside the second; `frame` from zero."""
    rate = max(1, round(fps))
    seconds, rest = divmod(frame, rate)
    return f"{seconds // 60:02}:{seconds % 60:02}.{rest:02}"


def write_speed(speed: float) -> str:
    """``1×``, ``0.5×``."""
    digits = 0 if speed == round(speed) else (1 if speed * 10 == round(speed * 10) else 2)
    return _("{speed}×").format(speed=number(speed, digits))


def speak_speed(speed: float) -> str:
    """Name the button that chooses the speed, with the speed chosen now."""
    return _("Speed: {speed}").format(speed=write_speed(speed))
