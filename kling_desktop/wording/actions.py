"""What a user can do with a job, a draft or a picture that does not fit, and what it is called."""

from dataclasses import dataclass
from enum import StrEnum

from kling_desktop.wording.translation import N_, _


class Action(StrEnum):
    """Something a user can do with what is shown; the same for icons, buttons, menus and keys."""

    # -- a job, or several takes -----------------------------------------------------------------
    EDIT = "edit"
    EDIT_AND_RETRY = "edit_and_retry"
    MOVE_FIRST = "move_first"
    CANCEL = "cancel"
    STOP_WAITING = "stop_waiting"
    WAIT_AGAIN = "wait_again"
    CHECK = "check"
    SEND_AGAIN = "send_again"
    DISCARD = "discard"
    RETRY = "retry"
    ALLOW = "allow"
    RAISE_LIMIT = "raise_limit"
    EXPLAIN = "explain"
    DETAILS = "details"
    OPEN = "open"
    REMIX = "remix"
    REVEAL = "reveal"
    HIDE = "hide"
    FOLD = "fold"
    UNFOLD = "unfold"
    # -- a draft ---------------------------------------------------------------------------------
    ADD = "add"
    DELETE = "delete"
    # -- a picture that cannot be used yet; its card has the words -----------------------------
    FIT_PICTURE = "fit_picture"
    CROP_PICTURE = "crop_picture"
    CHOOSE_PICTURE = "choose_picture"
    USE_LAST_FRAME = "use_last_frame"


_NAMES = {
    Action.EDIT: N_("Edit in Create"),
    Action.EDIT_AND_RETRY: N_("Edit and retry"),
    Action.MOVE_FIRST: N_("Move to the front"),
    Action.CANCEL: N_("Cancel"),
    Action.STOP_WAITING: N_("Stop waiting…"),
    Action.WAIT_AGAIN: N_("Wait for it again"),
    Action.CHECK: N_("Check now"),
    Action.SEND_AGAIN: N_("Send again"),
    Action.DISCARD: N_("Discard"),
    Action.RETRY: N_("Retry"),
    Action.ALLOW: N_("Allow this one"),
    Action.RAISE_LIMIT: N_("Raise limit…"),
    Action.EXPLAIN: N_("See why"),
    Action.DETAILS: N_("Show details"),
    Action.OPEN: N_("Open in the viewer"),
    Action.REMIX: N_("Remix"),
    Action.REVEAL: N_("Reveal in folder"),
    Action.HIDE: N_("Remove from the list"),
    Action.FOLD: N_("Hide the single takes"),
    Action.UNFOLD: N_("Show each take"),
    Action.ADD: N_("Add to queue"),
    Action.DELETE: N_("Delete the draft"),
}


@dataclass(frozen=True, slots=True)
class NamedAction:
    """An action as it is offered in one place.

    Attributes:
        text: Its name, or words that say more: what it costs, whom it asks.
        icon: Shown on the row under the pointer; empty where the action is in the menu alone.
    """

    action: Action
    text: str
    icon: str = ""


def name_action(action: Action, icon: str = "") -> NamedAction:
    """Offer an action under its plain name."""
    return NamedAction(action, _(_NAMES[action]), icon)
