"""The words of the tray and of the system's notifications; knows no Qt."""

from kling_desktop.wording.formatting import number
from kling_desktop.wording.translation import N_, Phrase, _, ngettext

QUEUE_FINISHED = Phrase(N_("The queue is finished"))
SHOW_KLING_DESKTOP = Phrase(N_("Show Kling Desktop"))
NEW_FROM_CLIPBOARD = Phrase(N_("New from clipboard"))
TRAY_TIP = Phrase(N_("Kling Desktop: {queue}"))


def clips_made(count: int) -> str:
    return ngettext("{count} clip made.", "{count} clips made.", count).format(count=number(count))


def describe_job(title: str, length_s: int) -> str:
    """``Lanterns rise from the lake, 10 s``."""
    return _("{title}, {length} s").format(title=title, length=number(length_s))


def merged_title(kind: str, count: int) -> str:
    """Title of one notification in place of several; `kind` is a `NoteKind`'s value."""
    match kind:
        case "done":
            text = ngettext("{count} clip ready", "{count} clips ready", count)
        case "failed":
            text = ngettext("{count} clip failed", "{count} clips failed", count)
        case "needs_user":
            text = ngettext("{count} thing needs you", "{count} things need you", count)
        case _:
            return QUEUE_FINISHED()
    return text.format(count=number(count))
