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
    Reason.DATABASE_GONE: N_("The database is gone."),
    Reason.DATABASE_DAMAGED: N_("The database is damaged."),
    Reason.DATABASE_NEWER: N_("A newer version of Kling Desktop wrote this database."),
    Reason.DATABASE_OLDER: N_("An older version wrote this database. Open the app once."),
    Reason.NO_DATABASE: N_("There is no database yet."),
    Reason.DATABASE_IN_USE: N_("Another program is using the data folder."),
    Reason.ALREADY_RUNNING: N_("Kling Desktop is already running with this data folder."),
    Reason.DATABASE_DISK_FULL: N_("There is no room left for the database."),
    Reason.DATABASE_UNREADABLE: N_("The database cannot be read or written."),
    Reason.BACKUP_NOT_VERIFIED: N_("A backup could not be verified."),
    Reason.BACKUP_DAMAGED: N_("This backup is damaged too."),
    Reason.JOB_MOVED_ON: N_("This job has changed meanwhile."),
    # -- storage: files --------------------------------------------------------------------------
    # -- storage: settings and key ---------------------------------------------------------------
    Reason.NO_KEYCHAIN: N_("This system has no keychain."),
    Reason.KEYCHAIN_UNUSABLE: N_("The keychain could not be used."),
    Reason.KEYCHAIN_SILENT: N_("The keychain did not answer in time."),
    Reason.KEYCHAIN_KEPT_NOTHING: N_("The keychain did not keep the key."),
    # -- engine ----------------------------------------------------------------------------------
    Reason.PICTURE_CHANGED: N_("{name} was changed since it was chosen. Choose it again."),
    Reason.PICTURE_COPY_UNREADABLE: N_("The app’s copy of {name} cannot be read."),
    Reason.PICTURE_COPY_CHANGED: N_("The app’s copy of {name} was changed."),
    Reason.MODEL_NOT_IN_THIS_VERSION: N_("This version of the app does not know this model."),
    # -- media: pictures -------------------------------------------------------------------------
    Reason.PICTURE_MISSING: N_("There is no such file. It may have been moved."),
    Reason.PICTURE_NO_ACCESS: N_("This file can’t be opened."),
    Reason.PICTURE_IS_FOLDER: N_("That’s a folder. Choose a picture inside it."),
    Reason.PICTURE_IS_ADDRESS: N_(
        "That’s a web address. Save the picture to your disk and add the file."
    ),
    Reason.PICTURE_IS_WEB_PAGE: N_("That’s a web page, not a picture. Save the picture itself."),
    Reason.PICTURE_NOT_A_FILE: N_("That’s not a file on a disk."),
    Reason.PICTURE_EMPTY: N_("The file is empty."),
    Reason.PICTURE_FILE_TOO_LARGE: N_("File too large: {size} (maximum {limit})."),
    Reason.PICTURE_IS_VIDEO: N_("That’s a video. Its last frame can be used as a picture."),
    Reason.PICTURE_UNKNOWN: N_("Can’t read this file. It may be damaged or not a picture."),
    Reason.PICTURE_FORMAT_NOT_READ: N_(
        "{format} files can’t be read here. Save it as JPEG or PNG and add that."
    ),
    Reason.PICTURE_CAMERA_RAW: N_(
        "This is a camera raw file ({format}). Export it as JPEG, PNG or TIFF and add that."
    ),
    Reason.PICTURE_TOO_MANY_PIXELS: N_(
        "Too many pixels: pictures over {limit} megapixels are not read."
    ),
    Reason.PICTURE_DAMAGED: N_("Can’t read this picture. The file is damaged or not complete."),
    Reason.PICTURE_UNUSUAL: N_(
        "Can’t read this {format} file. It is damaged or unusual: save it as JPEG or PNG."
    ),
    Reason.PICTURE_VIDEO_DAMAGED: N_("Can’t read this video. The file is damaged or not complete."),
    # -- media: videos ---------------------------------------------------------------------------
    Reason.NO_TRASH_HERE: N_("The system could not move this file to the trash."),
    # -- command line ----------------------------------------------------------------------------
}

DID_NOT_WORK = N_("That didn’t work")
"""The title of a notice about an error, where nothing more is known than its sentence."""


def describe_error(error: KlingDesktopError) -> str:
    """The sentence for a user: what went wrong, with the facts of the error filled in."""
    if error.reason is None:
        return str(error)
    return _(_SENTENCES[error.reason]).format_map(error.facts)
