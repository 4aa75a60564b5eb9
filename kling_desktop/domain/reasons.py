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
    PICTURE_MISSING = "picture_missing"
    PICTURE_NO_ACCESS = "picture_no_access"
    PICTURE_IS_FOLDER = "picture_is_folder"
    PICTURE_IS_ADDRESS = "picture_is_address"
    PICTURE_IS_WEB_PAGE = "picture_is_web_page"
    PICTURE_NOT_A_FILE = "picture_not_a_file"
    PICTURE_EMPTY = "picture_empty"
    PICTURE_FILE_TOO_LARGE = "picture_file_too_large"
    PICTURE_IS_VIDEO = "picture_is_video"
    PICTURE_UNKNOWN = "picture_unknown"
    PICTURE_FORMAT_NOT_READ = "picture_format_not_read"
    PICTURE_CAMERA_RAW = "picture_camera_raw"
    PICTURE_TOO_MANY_PIXELS = "picture_too_many_pixels"
    PICTURE_DAMAGED = "picture_damaged"
    PICTURE_UNUSUAL = "picture_unusual"
    PICTURE_VIDEO_DAMAGED = "picture_video_damaged"
    # -- media: videos ---------------------------------------------------------------------------
    NO_TRASH_HERE = "no_trash_here"
    # -- command line ----------------------------------------------------------------------------
