"""The menu of chosen clips, and why one of its commands cannot be used."""

from collections.abc import Callable, Sequence

from kling_desktop.domain.video import Video
from kling_desktop.ui.commands.commands import CommandSet
from kling_desktop.ui.overlays.menu import Menu
from kling_desktop.wording import clips as words
from kling_desktop.wording.translation import _

RESTORE = "restore"
"""Puts a clip back from the trash; a command of the clips alone, without a key."""
_GROUPS = (
    ("open-clip", "compare"),
    ("remix", "extend", "copy-prompt"),
    ("favourite", "reveal", "export"),
    ("trash",),
)
_TRASH_GROUPS = (("remix", "copy-prompt"), (RESTORE,))
_NEEDS_FILE = frozenset({"open-clip", "compare", "extend", "reveal", "export"})
_NEEDS_ONE = frozenset({"open-clip", "remix", "extend", "copy-prompt", "reveal"})


def find_obstacle(command_id: str, videos: Sequence[Video]) -> str:
    """Say why a command cannot be done with these clips; an empty text when it can."""
    if not videos:
        return _(words.CHOOSE_ONE_FIRST)
    if command_id == "compare" and len(videos) != 2:
        return _(words.CHOOSE_TWO)
    if command_id in _NEEDS_ONE and len(videos) > 1:
        return _(words.CHOOSE_A_SINGLE_ONE)
    if command_id in _NEEDS_FILE and any(video.trashed_at for video in videos):
        return _(words.IN_TRASH)
    if command_id in _NEEDS_FILE and any(video.missing for video in videos):
        return _(words.FIND_IT_FIRST)
    if command_id == "copy-prompt" and not videos[0].draft.prompt.strip():
        return _(words.NO_PROMPT)
    return ""


def build_clip_menu(
    menu: Menu, commands: CommandSet, videos: Sequence[Video], request: Callable[[str], object]
) -> None:
    """Fill the menu of chosen clips; what cannot be done is shown disabled, with the reason.

    Names and keys are those of the menu bar, as they are bound now.
    """
    in_trash = any(video.trashed_at for video in videos)
    groups = _TRASH_GROUPS if in_trash else _GROUPS
    for number, group in enumerate(groups):
        if number:
            menu.addSeparator()
        for command_id in group:
            obstacle = find_obstacle(command_id, videos)
            checked = None
            if command_id == "favourite":
                checked = all(video.favourite for video in videos)
            own = command_id == RESTORE
            menu.add(
                _(words.RESTORE) if own else commands.action(command_id).text(),
                lambda command_id=command_id: request(command_id),
                shortcut="" if own else commands.shown_keys(command_id),
                danger=command_id == "trash",
                enabled=not obstacle,
                checked=checked,
                tip=obstacle,
            )
