"""What can be done with chosen clips: the menu, the floating bar, and why something is off."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kling_desktop.domain.video import Video
from kling_desktop.ui.overlays.menu import Menu
from kling_desktop.ui.theme.look import Look


@dataclass(frozen=True, slots=True)
class ClipCommand:
    """One command for chosen clips; `id` is that of commands.py."""

    id: str
    text: str
    keys: str
    icon: str


_PLAY = ClipCommand("open-clip", "Play", "Enter", "play")
_COMPARE = ClipCommand("compare", "Compare", "C", "compare")
_REMIX = ClipCommand("remix", "Remix", "R", "remix")
_EXTEND = ClipCommand("extend", "Extend from last frame", "E", "extend")
_COPY_PROMPT = ClipCommand("copy-prompt", "Copy prompt", "Ctrl Shift C", "copy")
_FAVOURITE = ClipCommand("favourite", "Favourite", "F", "heart")
_REVEAL = ClipCommand("reveal", "Reveal in folder", "Ctrl Shift R", "reveal")
_EXPORT = ClipCommand("export", "Export…", "Ctrl Shift E", "export")
_TRASH = ClipCommand("trash", "Move to trash", "Del", "trash")
_RESTORE = ClipCommand("restore", "Put back", "", "undo")

_GROUPS = (
    (_PLAY, _COMPARE),
    (_REMIX, _EXTEND, _COPY_PROMPT),
    (_FAVOURITE, _REVEAL, _EXPORT),
    (_TRASH,),
)
_TRASH_GROUPS = ((_REMIX, _COPY_PROMPT), (_RESTORE,))
_NEEDS_FILE = frozenset({"open-clip", "compare", "extend", "reveal", "export"})
_NEEDS_ONE = frozenset({"open-clip", "remix", "extend", "copy-prompt", "reveal"})


def find_obstacle(command_id: str, videos: Sequence[Video]) -> str:
    """Say why a command cannot be done with these clips; an empty text when it can."""
    if not videos:
        return "Choose a clip first."
    if command_id == "compare" and len(videos) != 2:
        return "Choose two clips to compare."
    if command_id in _NEEDS_ONE and len(videos) > 1:
        return "Choose a single clip."
    if command_id in _NEEDS_FILE and any(video.trashed_at for video in videos):
        return "The clip is in the trash."
    if command_id in _NEEDS_FILE and any(video.missing for video in videos):
        return "The file has moved. Find it first."
    if command_id == "copy-prompt" and not videos[0].draft.prompt.strip():
        return "This clip has no prompt."
    return ""


def build_clip_menu(
    look: Look, menu: Menu, videos: Sequence[Video], request: Callable[[str], object]
) -> None:
    """Fill the menu of chosen clips; what cannot be done stands there with the reason."""
    in_trash = any(video.trashed_at for video in videos)
    groups = _TRASH_GROUPS if in_trash else _GROUPS
    for number, group in enumerate(groups):
        if number:
            menu.addSeparator()
        for command in group:
            obstacle = find_obstacle(command.id, videos)
            checked = None
            if command.id == "favourite":
                checked = all(video.favourite for video in videos)
            menu.add(
                command.text,
                lambda command_id=command.id: request(command_id),
                shortcut=command.keys,
                danger=command is _TRASH,
                enabled=not obstacle,
                checked=checked,
                tip=obstacle,
            )
