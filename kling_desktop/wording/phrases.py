"""Phrases that several parts of the window say; knows no Qt."""

from kling_desktop.wording.formatting import number
from kling_desktop.wording.translation import N_, Phrase, ngettext

CHOOSE_LIBRARY_QUESTION = Phrase(N_("Where should your clips be saved?"))
CLIP_READY = Phrase(N_("Clip ready"))
CLOSE = Phrase(N_("Close"))
CONNECTION_DROPPED = Phrase(N_("The connection dropped while submitting."))
DONE = Phrase(N_("Done"))
EXPORT_RECEIPTS = Phrase(N_("Export receipts"))
FOLDER_NOT_OPENED = Phrase(N_("The folder could not be opened."))
LIBRARY = Phrase(N_("Library"))
LIBRARY_FOLDER = Phrase(N_("Library folder"))
PAUSE_ALL = Phrase(N_("Pause all"))
QUEUE = Phrase(N_("Queue"))
QUIT = Phrase(N_("Quit"))
RESUME = Phrase(N_("Resume"))
TRY_AGAIN = Phrase(N_("Try again"))
CSV_FILES = Phrase(N_("CSV files (*.csv)"))


def unconfirmed_clips(count: int) -> str:
    """Title of the notification and notice for clips that may have been sent."""
    text = ngettext(
        "{count} clip is unconfirmed. Please check it.",
        "{count} clips are unconfirmed. Please check them.",
        count,
    )
    return text.format(count=number(count))
