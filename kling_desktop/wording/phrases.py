"""Phrases that several parts of the window say; knows no Qt."""

from kling_desktop.wording.formatting import number
from kling_desktop.wording.translation import N_, Phrase, ngettext

CANCEL = Phrase(N_("Cancel"))
CHOOSE_LIBRARY_QUESTION = Phrase(N_("Where should your clips be saved?"))
CLEAR_THE_SEARCH = Phrase(N_("Clear the search"))
CLIP_READY = Phrase(N_("Clip ready"))
CLOSE = Phrase(N_("Close"))
CONNECTION_DROPPED = Phrase(N_("The connection dropped while submitting."))
CSV_FILES = Phrase(N_("CSV files (*.csv)"))
DONE = Phrase(N_("Done"))
EXPORT_RECEIPTS = Phrase(N_("Export receipts"))
FOLDER_NOT_OPENED = Phrase(N_("The folder could not be opened."))
LIBRARY = Phrase(N_("Library"))
LIBRARY_FOLDER = Phrase(N_("Library folder"))
LOOP = Phrase(N_("Loop"))
PAUSE_ALL = Phrase(N_("Pause all"))
QUEUE = Phrase(N_("Queue"))
QUIT = Phrase(N_("Quit"))
RESUME = Phrase(N_("Resume"))
TRY_AGAIN = Phrase(N_("Try again"))
UNDO = Phrase(N_("Undo"))


def count_more(count: int) -> str:
    """``and 2 more``: what there is no room for."""
    return ngettext("and {count} more", "and {count} more", count).format(count=number(count))


def unconfirmed_clips(count: int) -> str:
    """Title of the notification and notice for clips that may have been sent."""
    text = ngettext(
        "{count} clip is unconfirmed. Please check it.",
        "{count} clips are unconfirmed. Please check them.",
        count,
    )
    return text.format(count=number(count))
