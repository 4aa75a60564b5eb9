"""What can be done with a row of the queue, by its state; the same for icons, menu and keys."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from kling_desktop.domain.display_state import DisplayState


class RowAct(StrEnum):
    """Something a person may do with a row."""

    EDIT = "edit"
    FIRST = "first"
    CANCEL = "cancel"
    STOP_WAITING = "stop_waiting"
    WAIT_AGAIN = "wait_again"
    CHECK = "check"
    TRY_AGAIN = "try_again"
    PLAY = "play"
    REMIX = "remix"
    REVEAL = "reveal"
    RETRY = "retry"
    DETAILS = "details"
    HIDE = "hide"
    ADD = "add"
    DELETE = "delete"
    ALLOW = "allow"
    SEND_AGAIN = "send_again"
    DISCARD = "discard"
    FOLD = "fold"


@dataclass(frozen=True, slots=True)
class RowAction:
    """One action of a row.

    Attributes:
        icon: Shown on hover; empty where it is in the menu alone.
    """

    act: RowAct
    text: str
    icon: str = ""


_EDIT = RowAction(RowAct.EDIT, "Edit in Create", "pencil")
_CHECK = RowAction(RowAct.CHECK, "Ask now")
_DETAILS = RowAction(RowAct.DETAILS, "Show details", "info")
_HIDE = RowAction(RowAct.HIDE, "Remove from the list", "x")
_HIDE_QUIETLY = RowAction(RowAct.HIDE, "Remove from the list")
_MORE = RowAction(RowAct.DETAILS, "Show details")
_RETRY = RowAction(RowAct.RETRY, "Queue again", "refresh")
_STOP = RowAction(RowAct.STOP_WAITING, "Stop waiting…", "x")
_WAITING = (
    RowAction(RowAct.FIRST, "Move to the front", "chevron-up"),
    _EDIT,
    RowAction(RowAct.CANCEL, "Cancel", "x"),
)
_DONE = (
    RowAction(RowAct.PLAY, "Play", "play"),
    RowAction(RowAct.REMIX, "Remix", "remix"),
    RowAction(RowAct.REVEAL, "Reveal in folder", "reveal"),
)
ALLOW_ACTION = RowAction(RowAct.ALLOW, "Allow this one past the limit")
DRAFT_ACTIONS = (
    _EDIT,
    RowAction(RowAct.ADD, "Add to queue", "plus"),
    RowAction(RowAct.DELETE, "Delete the draft", "trash"),
)


def list_takes_actions(*, unfolded: bool) -> tuple[RowAction, ...]:
    """The actions of a row that stands for several finished takes; the first take is meant."""
    fold = RowAction(RowAct.FOLD, "Hide the single takes" if unfolded else "Show each take")
    return (*_DONE, fold, _HIDE_QUIETLY)


def list_actions(state: DisplayState) -> tuple[RowAction, ...]:
    """The actions of a job's row; the first that has an icon stands at the left."""
    match state:
        case DisplayState.QUEUED | DisplayState.WAITING_FOR_NETWORK | DisplayState.OTHER_SERVICE:
            return _WAITING
        case DisplayState.SUBMITTING:
            return (RowAction(RowAct.CANCEL, "Cancel", "x"),)
        case DisplayState.GENERATING | DisplayState.TAKING_LONG:
            return (_STOP, _CHECK, _MORE)
        case DisplayState.ASKING | DisplayState.SENT_OR_NOT:
            return (
                _CHECK,
                RowAction(RowAct.SEND_AGAIN, "Send again…"),
                RowAction(RowAct.DISCARD, "Discard"),
                _MORE,
            )
        case DisplayState.STOPPED_WAITING:
            return (
                RowAction(RowAct.WAIT_AGAIN, "Wait for it again", "eye"),
                RowAction(RowAct.CHECK, "Ask now", "refresh"),
                _MORE,
            )
        case DisplayState.DOWNLOADING:
            return (_MORE,)
        case DisplayState.DOWNLOAD_WAITING:
            return (RowAction(RowAct.TRY_AGAIN, "Try again now", "refresh"), _MORE)
        case DisplayState.DONE:
            return (*_DONE, _MORE, _HIDE_QUIETLY)
        case DisplayState.FAILED:
            return (RowAction(RowAct.EDIT, "Edit and retry", "pencil"), _RETRY, _DETAILS, _HIDE)
        case DisplayState.CANCELLED | DisplayState.OUTCOME_UNKNOWN:
            return (_RETRY, _MORE, _HIDE)
        case _:
            assert_never(state)
