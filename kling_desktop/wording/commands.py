"""The words of commands, their keys and the sheet that lists them; knows no Qt."""

from kling_desktop.wording.translation import N_, Phrase, _

NO_KEYS = Phrase(N_("No keys"))
PRESS_NEW_KEYS = Phrase(N_("Press the new keys"))
COMMAND_LIST = Phrase(N_("Commands and their keys"))
IN_THE_LIBRARY = Phrase(N_("in the library"))
CUTS_TEXT = Phrase(N_("{keys} cuts text."))
REDOES_TYPING = Phrase(N_("{keys} redoes typing."))
PREVIOUS_NEXT_CLIP = Phrase(N_("Previous, next clip; one frame in the viewer"))
EXTEND_SELECTION = Phrase(N_("Extend the selection; ten frames"))
FIRST_LAST = Phrase(N_("First, last"))
BACK = Phrase(N_("Back"))
PREVIOUS_NEXT_TAKE = Phrase(N_("Previous, next take"))
SHOW_ONLY_ONE = Phrase(N_("Held in Compare: show only one"))
CHANGE_SHORTCUTS = Phrase(N_("Change shortcuts…"))
LIBRARY_AND_VIEWER = Phrase(N_("In the library and the viewer"))
TYPED_KEYS = Phrase(N_("{keys} alone would be typed. Add Ctrl or Alt, or use a function key."))
KEYS_IN_USE = Phrase(N_("{keys} is used by “{command}”."))
SPOKEN_COMMAND = Phrase(N_("{command}, {keys}"))
SPOKEN_FIXED_COMMAND = Phrase(N_("{command}, {keys}, fixed, acts in the library"))
SPOKEN_NO_KEYS = Phrase(N_("no keys"))

_MENUS = {
    "file": N_("File"),
    "edit": N_("Edit"),
    "clip": N_("Clip"),
    "queue": N_("Queue"),
    "view": N_("View"),
    "help": N_("Help"),
}
_COMMANDS = {
    "choose-picture": N_("Choose a picture…"),
    "generate": N_("Generate"),
    "save-draft": N_("Save as draft"),
    "start-over": N_("Start over"),
    "rebuild-library": N_("Look for clips in the library folder"),
    "open-library": N_("Open the library folder"),
    "settings": N_("Settings…"),
    "quit": N_("Quit"),
    "undo": N_("Undo"),
    "paste": N_("Paste picture"),
    "copy-files": N_("Copy files"),
    "select-all": N_("Select all clips"),
    "find": N_("Search the library"),
    "go-to-prompt": N_("Go to the prompt"),
    "models": N_("Models"),
    "open-clip": N_("Open in the viewer"),
    "play": N_("Play"),
    "compare": N_("Compare two"),
    "remix": N_("Remix"),
    "extend": N_("Extend from last frame"),
    "copy-prompt": N_("Copy prompt"),
    "favourite": N_("Favourite"),
    "reveal": N_("Reveal in folder"),
    "export": N_("Export…"),
    "trash": N_("Move to trash"),
    "pause-all": N_("Pause all"),
    "move-up": N_("Move up"),
    "move-down": N_("Move down"),
    "check-now": N_("Try now"),
    "clear-finished": N_("Clear finished"),
    "spending": N_("Spending…"),
    "export-receipts": N_("Export receipts as CSV…"),
    "toggle-create": N_("Create panel"),
    "toggle-side": N_("Side panel"),
    "show-queue": N_("Queue"),
    "show-details": N_("Details"),
    "next-region": N_("Next region"),
    "previous-region": N_("Previous region"),
    "full-screen": N_("Full screen"),
    "shortcuts": N_("Keyboard shortcuts"),
    "open-logs": N_("Open the log folder"),
    "about": N_("About Kling Desktop"),
}


def translate_menu(place: str) -> str:
    """The name of a menu of the menu bar."""
    return _(_MENUS[place])


def translate_command(command_id: str) -> str:
    """What a command is called in its menu and in the list of shortcuts."""
    return _(_COMMANDS[command_id])
