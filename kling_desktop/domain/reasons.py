"""Why something failed, as codes; `wording/reasons.py` has the sentence of each."""

from enum import StrEnum


class Reason(StrEnum):
    """The reason that an error carries; its facts fill the sentence's placeholders."""

    # -- domain and settings ---------------------------------------------------------------------
    SANDBOX_NOT_STARTED = "sandbox_not_started"
    SANDBOX_KEEPS_ENDING = "sandbox_keeps_ending"
    # -- api -------------------------------------------------------------------------------------
    # -- storage: database -----------------------------------------------------------------------
    # -- storage: files --------------------------------------------------------------------------
    # -- storage: settings and key ---------------------------------------------------------------
    # -- engine ----------------------------------------------------------------------------------
    # -- media: pictures -------------------------------------------------------------------------
    # -- media: videos ---------------------------------------------------------------------------
    NO_TRASH_HERE = "no_trash_here"
    # -- command line ----------------------------------------------------------------------------
