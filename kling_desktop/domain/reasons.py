"""Why something failed, as codes; `wording/reasons.py` has the sentence of each."""

from enum import StrEnum


class Reason(StrEnum):
    """The reason that an error carries; its facts fill the sentence's placeholders."""

    # -- domain and settings ---------------------------------------------------------------------
    SANDBOX_NOT_STARTED = "sandbox_not_started"
    SANDBOX_KEEPS_ENDING = "sandbox_keeps_ending"
    # -- api -------------------------------------------------------------------------------------
    # -- storage: database -----------------------------------------------------------------------
    DATABASE_GONE = "database_gone"
    DATABASE_DAMAGED = "database_damaged"
    DATABASE_NEWER = "database_newer"
    DATABASE_OLDER = "database_older"
    NO_DATABASE = "no_database"
    DATABASE_IN_USE = "database_in_use"
    ALREADY_RUNNING = "already_running"
    DATABASE_DISK_FULL = "database_disk_full"
    DATABASE_UNREADABLE = "database_unreadable"
    BACKUP_NOT_VERIFIED = "backup_not_verified"
    BACKUP_DAMAGED = "backup_damaged"
    JOB_MOVED_ON = "job_moved_on"
    # -- storage: files --------------------------------------------------------------------------
    # -- storage: settings and key ---------------------------------------------------------------
    NO_KEYCHAIN = "no_keychain"
    KEYCHAIN_UNUSABLE = "keychain_unusable"
    KEYCHAIN_SILENT = "keychain_silent"
    KEYCHAIN_KEPT_NOTHING = "keychain_kept_nothing"
    # -- engine ----------------------------------------------------------------------------------
    PICTURE_CHANGED = "picture_changed"
    PICTURE_COPY_UNREADABLE = "picture_copy_unreadable"
    PICTURE_COPY_CHANGED = "picture_copy_changed"
    MODEL_NOT_IN_THIS_VERSION = "model_not_in_this_version"
    # -- media: pictures -------------------------------------------------------------------------
    # -- media: videos ---------------------------------------------------------------------------
    NO_TRASH_HERE = "no_trash_here"
    # -- command line ----------------------------------------------------------------------------
