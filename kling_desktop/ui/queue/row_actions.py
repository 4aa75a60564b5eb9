"""Which actions each row of the queue offers, by its state; the same for icons, menu and keys."""

from typing import assert_never

from kling_desktop.domain.display_state import DisplayState
from kling_desktop.wording.actions import Action, NamedAction, name_action
from kling_desktop.wording.cards import CardWords

DANGEROUS = frozenset({Action.DELETE, Action.STOP_WAITING, Action.DISCARD})
"""What cannot be taken back, or leaves a clip that is paid for."""
REMOVING = (Action.DELETE, Action.HIDE, Action.CANCEL, Action.STOP_WAITING)
"""What the Delete key does: the first of these that a row offers."""


def list_draft_actions() -> tuple[NamedAction, ...]:
    """Return the actions of a draft's row."""
    return (
        name_action(Action.EDIT, "pencil"),
        name_action(Action.ADD, "plus"),
        name_action(Action.DELETE, "trash"),
    )


def list_takes_actions(*, unfolded: bool) -> tuple[NamedAction, ...]:
    """Return the actions of a row that stands for several finished takes.

    Those for a single clip mean the newest take.
    """
    fold = name_action(Action.FOLD if unfolded else Action.UNFOLD)
    return (*_list_done_actions(), fold, name_action(Action.HIDE))


def list_job_actions(
    state: DisplayState, card: CardWords | None = None, *, held: bool = False
) -> tuple[NamedAction, ...]:
    """Return the actions of a job's row; the first that has an icon stands at the left.

    Args:
        state: What the job is called now.
        card: The words of the card that the row has or could have; its buttons are offered here
            under the same words.
        held: A budget cap stopped the queue at this job.
    """
    more = name_action(Action.DETAILS)
    match state:
        case DisplayState.QUEUED | DisplayState.WAITING_FOR_NETWORK | DisplayState.OTHER_SERVICE:
            waiting = (
                name_action(Action.MOVE_FIRST, "chevron-up"),
                name_action(Action.EDIT, "pencil"),
                name_action(Action.CANCEL, "x"),
            )
            return (*waiting, name_action(Action.ALLOW)) if held else waiting
        case DisplayState.SUBMITTING:
            return (name_action(Action.CANCEL, "x"),)
        case DisplayState.GENERATING:
            return (name_action(Action.STOP_WAITING, "x"), name_action(Action.CHECK), more)
        case DisplayState.TAKING_LONG:
            explain = name_action(Action.EXPLAIN)
            stop = name_action(Action.STOP_WAITING, "x")
            return (stop, name_action(Action.CHECK), explain, more)
        case DisplayState.ASKING | DisplayState.UNCONFIRMED | DisplayState.HELD:
            return (*(card.actions if card is not None else ()), more)
        case DisplayState.STOPPED_WAITING:
            return (name_action(Action.WAIT_AGAIN, "eye"), name_action(Action.CHECK), more)
        case DisplayState.DOWNLOADING:
            return (more,)
        case DisplayState.DOWNLOAD_WAITING:
            check = name_action(Action.CHECK, "refresh")
            return (check, name_action(Action.EXPLAIN), more)
        case DisplayState.DONE:
            return (*_list_done_actions(), more, name_action(Action.HIDE))
        case DisplayState.FAILED:
            return (
                name_action(Action.EDIT_AND_RETRY, "pencil"),
                name_action(Action.RETRY, "refresh"),
                name_action(Action.EXPLAIN, "info"),
                name_action(Action.HIDE, "x"),
                more,
            )
        case DisplayState.CANCELLED | DisplayState.OUTCOME_UNKNOWN:
            return (name_action(Action.RETRY, "refresh"), more, name_action(Action.HIDE, "x"))
        case _:
            assert_never(state)


def _list_done_actions() -> tuple[NamedAction, ...]:
    return (
        name_action(Action.OPEN, "play"),
        name_action(Action.REMIX, "remix"),
        name_action(Action.REVEAL, "reveal"),
    )
