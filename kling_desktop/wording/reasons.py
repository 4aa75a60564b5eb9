"""The sentence of each reason that an error carries."""

from kling_desktop.domain.errors import KlingDesktopError
from kling_desktop.domain.reasons import Reason
from kling_desktop.wording.translation import N_, _

_SENTENCES: dict[Reason, str] = {
    # -- domain and settings ---------------------------------------------------------------------
    Reason.SANDBOX_NOT_STARTED: N_("The sandbox did not start. Its log is {log}."),
    Reason.SANDBOX_KEEPS_ENDING: N_(
        "The sandbox ended again and again, so it was not started once more. Its log is {log}."
    ),
    # -- api -------------------------------------------------------------------------------------
    # -- storage: database -----------------------------------------------------------------------
    # -- storage: files --------------------------------------------------------------------------
    # -- storage: settings and key ---------------------------------------------------------------
    # -- engine ----------------------------------------------------------------------------------
    # -- media: pictures -------------------------------------------------------------------------
    # -- media: videos ---------------------------------------------------------------------------
    Reason.NO_TRASH_HERE: N_("The system could not move this file to the trash."),
    # -- command line ----------------------------------------------------------------------------
}


def describe_error(error: KlingDesktopError) -> str:
    """The sentence for a user: what went wrong, with the facts of the error filled in."""
    if error.reason is None:
        return str(error)
    return _(_SENTENCES[error.reason]).format_map(error.facts)
