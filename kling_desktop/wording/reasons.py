"""The sentence of each reason that an error carries."""

from collections.abc import Mapping
from decimal import Decimal

from kling_desktop.domain.errors import ApiError, KlingDesktopError
from kling_desktop.domain.reasons import Reason
from kling_desktop.wording.formatting import exact_size, number, round_money
from kling_desktop.wording.translation import N_, _

_SENTENCES: dict[Reason, str] = {
    # -- domain and settings ---------------------------------------------------------------------
    Reason.SANDBOX_NOT_STARTED: N_("The sandbox did not start. Its log is {log}."),
    Reason.SANDBOX_KEEPS_ENDING: N_(
        "The sandbox ended again and again, so it was not started once more. Its log is {log}."
    ),
    Reason.SANDBOX_OPTIONS_UNREADABLE: N_("{variable} cannot be read: {problem}."),
    Reason.NO_HOME_FOLDER: N_(
        "There is no home folder to keep the records in. Set HOME, or {variable} to a folder."
    ),
    Reason.PYSIDE_MISSING: N_(
        "PySide6 is not installed. Install Kling Desktop with its requirements."
    ),
    Reason.PYSIDE_TOO_NEW: N_(
        "PySide6 {pyside} stops without warning on Python {python}. Use Python 3.12 or later, or "
        "install PySide6 6.11.3."
    ),
    Reason.EXPECTED_OBJECT: N_("“{field}” must be an object, not {value}."),
    Reason.EXPECTED_TEXT: N_("“{field}” must be text, not {value}."),
    Reason.EXPECTED_NUMBER: N_("“{field}” must be a number, not {value}."),
    Reason.EXPECTED_WHOLE_NUMBER: N_("“{field}” must be a whole number, not {value}."),
    Reason.EXPECTED_SIZE: N_("“{field}” must be two whole numbers, not {value}."),
    Reason.NO_RECIPE: N_("This is not a recipe, or one of a newer version."),
    Reason.RECIPE_DAMAGED: N_("The recipe’s “{field}” is missing or makes no sense."),
    # -- api -------------------------------------------------------------------------------------
    Reason.ADDRESS_IS_NONE: N_("The service address is not a web address."),
    Reason.ADDRESS_WITHOUT_HOST: N_(
        "The service address must begin with https:// and name a host."
    ),
    Reason.ADDRESS_WITH_LOGIN: N_("The service address must not contain a name or a password."),
    Reason.ADDRESS_IMPOSSIBLE: N_("The service address names an impossible host or port."),
    Reason.ADDRESS_UNSAFE: N_(
        "The service address uses http, which anybody on the way to {host} could read. Use https; "
        "plain http works only for this computer itself."
    ),
    Reason.PROXY_ADDRESS_OF_VARIABLE: N_(
        "The environment variable {variable} is not a proxy address. It should look like "
        "http://proxy.example:8080."
    ),
    Reason.PROXY_ADDRESS_OF_SETTING: N_(
        "The proxy in the settings is not a proxy address. It should look like "
        "http://proxy.example:8080."
    ),
    Reason.PROXY_KIND_OF_VARIABLE: N_(
        "The environment variable {variable} names a proxy of the kind “{scheme}”. Only http, "
        "https and socks5 work."
    ),
    Reason.PROXY_KIND_OF_SETTING: N_(
        "The proxy in the settings is of the kind “{scheme}”. Only http, https and socks5 work."
    ),
    Reason.CERTIFICATES_GONE: N_(
        "The environment variable {variable} names {path}, which does not exist."
    ),
    Reason.CERTIFICATES_UNREADABLE: N_(
        "The environment variable {variable} names {path}, which contains no readable certificates."
    ),
    Reason.NO_NETWORK: N_("There is no network connection to {host}."),
    Reason.HOST_REFUSES: N_("{host} refuses the connection."),
    Reason.HOST_SILENT: N_("{host} does not answer."),
    Reason.CERTIFICATE_UNTRUSTED: N_(
        "The certificate of {host} is not trusted. If your network checks encrypted traffic, "
        "install its certificate in the system or name it in SSL_CERT_FILE."
    ),
    Reason.CERTIFICATE_DATE: N_(
        "The certificate of {host} is not valid today. Check this computer’s clock."
    ),
    Reason.ENCRYPTION_FAILED: N_("No encrypted connection to {host} is possible."),
    Reason.PROXY_ENCRYPTION: N_(
        "No encrypted connection through the proxy {proxy} is possible. If its address begins "
        "with https://, try http://."
    ),
    Reason.PROXY_AWAY: N_("The proxy {proxy} cannot be reached."),
    Reason.PROXY_WANTS_LOGIN: N_(
        "The proxy {proxy} asks for a name and a password (407). Put them into its address: "
        "http://name:password@proxy.example:8080."
    ),
    Reason.PROXY_REFUSES: N_("The proxy {proxy} refuses to connect to {host} ({answer})."),
    Reason.CONNECTION_BROKE: N_("The connection to {host} broke."),
    Reason.NO_ANSWER_IN_TIME: N_("{host} did not answer in time."),
    Reason.ANSWER_NOT_JSON: N_("The service’s answer is not JSON."),
    Reason.ANSWER_OF_NO_KNOWN_SHAPE: N_("The service’s answer has an unknown structure."),
    Reason.ANSWER_CONTRADICTS_ITSELF: N_("The service both accepted and refused the job."),
    Reason.ANSWER_WITH_UNKNOWN_STATUS: N_("The service gave the job an unknown status: {status}."),
    Reason.QUESTION_REFUSED: N_("The service refused to say how the job is doing."),
    Reason.NO_SERVICE_HERE: N_("There is no Runware service at this address."),
    Reason.ANSWER_UNREADABLE: N_("The service’s answer can’t be read."),
    Reason.ANSWER_TOO_LARGE: N_("The service’s answer is too large."),
    Reason.REFUSED_ON_THE_WAY: N_(
        "Something between this computer and the service refused the request ({status}). "
        "It says nothing about your key or your credit."
    ),
    Reason.FILE_TOO_SLOW: N_("The file arrives too slowly."),
    Reason.FILE_WITHOUT_PICTURES: N_("The file contains no pictures."),
    Reason.FILE_ODD_LENGTH: N_("The clip is not as long as it should be."),
    Reason.RESULT_OUT_OF_REACH: N_("The clip is made and paid for, but can’t be downloaded."),
    Reason.NO_CAUSE_GIVEN: N_("The service did not say why."),
    Reason.KEY_MISSING: N_("There is no API key yet."),
    Reason.KEY_IMPOSSIBLE: N_("The API key contains characters that no key has."),
    Reason.LINK_EXPIRED: N_("The download link is not valid any more."),
    Reason.LINK_UNSAFE: N_("The download link leads to an address that is not safe."),
    Reason.LINK_IN_CIRCLES: N_("The download link leads in circles."),
    Reason.FILE_NOT_READY: N_("The file is not ready yet."),
    Reason.FILE_HOST_BUSY: N_("The file host is busy."),
    Reason.FILE_HOST_ODD: N_("The file host gave an unexpected answer ({status})."),
    Reason.FILE_PACKED: N_("The file was sent in an encoding that can’t be read ({encoding})."),
    Reason.FILE_UNPACKING: N_("The file is not encoded as announced."),
    Reason.FILE_CHANGED: N_("The file has changed since the download began."),
    Reason.FILE_CUT: N_("The file ended early."),
    Reason.FILE_TOO_LONG: N_("The file is longer than announced."),
    Reason.FILE_TOO_LARGE: N_("The file is larger than any clip."),
    Reason.FILE_OTHER_PART: N_("The file host sent another part of the file than requested."),
    # -- storage: database -----------------------------------------------------------------------
    Reason.DATABASE_GONE: N_("The database is gone."),
    Reason.DATABASE_DAMAGED: N_("The database is damaged."),
    Reason.DATABASE_NEWER: N_(
        "A newer version of Kling Desktop wrote this database: it has version {version}, and this "
        "app knows up to {known}."
    ),
    Reason.DATABASE_WITHOUT_VERSION: N_(
        "The database has no version: it is another program’s, or damaged."
    ),
    Reason.DATABASE_OLDER: N_("An older version wrote this database. Open the app once."),
    Reason.NO_DATABASE: N_("There is no database yet."),
    Reason.DATABASE_IN_USE: N_("Another program is using the data folder."),
    Reason.ALREADY_RUNNING: N_("Kling Desktop is already running with this data folder."),
    Reason.DATABASE_DISK_FULL: N_("There is no room left for the database."),
    Reason.DATABASE_UNREADABLE: N_("The database cannot be read or written."),
    Reason.BACKUP_NOT_VERIFIED: N_("A backup could not be verified."),
    Reason.BACKUP_DAMAGED: N_("This backup is damaged too."),
    Reason.DRAFT_UNREADABLE: N_("The kept draft of this clip can’t be read."),
    Reason.JOURNAL_LINE_UNREADABLE: N_("A line of the journal of sent clips can’t be read."),
    Reason.JOB_MOVED_ON: N_("This clip has moved on meanwhile."),
    Reason.JOB_NOT_WAITING: N_("This clip was sent meanwhile, or is not in the queue any more."),
    Reason.JOB_EDITED: N_("This clip was edited meanwhile."),
    Reason.JOB_UNDER_WAY: N_("This clip is still under way."),
    Reason.JOB_ENDED_MEANWHILE: N_("This clip has ended meanwhile."),
    Reason.JOB_OUTCOME_KNOWN: N_("By now it is known what became of this clip."),
    # -- storage: files --------------------------------------------------------------------------
    Reason.PATTERN_UNKNOWN_FIELD: N_("There is no field {{{field}}}."),
    Reason.PATTERN_EMPTY: N_("The pattern is empty."),
    Reason.PATTERN_TOO_DEEP: N_("At most {limit} folders inside one another."),
    Reason.PATTERN_DOTS: N_("A folder cannot be called by dots alone."),
    Reason.LIBRARY_GONE: N_("The library folder is not there."),
    Reason.LIBRARY_UNMARKED: N_(
        "The library folder has lost its mark, or its disk is not plugged in."
    ),
    Reason.LIBRARY_READ_ONLY: N_("The library folder can’t be written to."),
    Reason.LIBRARY_PATH_TOO_LONG: N_(
        "The library’s path is too long: {length} of {limit} characters."
    ),
    Reason.FOLDER_UNAVAILABLE: N_("The folder is not there or can’t be used."),
    Reason.FILE_IN_USE: N_("“{name}” is in use by another program."),
    Reason.DISK_FULL: N_("There is no room left on the disk."),
    Reason.DATA_FOLDER_UNAVAILABLE: N_("The app’s data folder can’t be used."),
    Reason.DATA_FOLDER_READ_ONLY: N_("The app’s data folder can’t be written to."),
    Reason.PATH_OUTSIDE_LIBRARY: N_("That path is not inside the library."),
    Reason.NAMES_TAKEN: N_("Every name for this clip is taken."),
    Reason.DOWNLOADED_FILE_GONE: N_("The downloaded file is gone."),
    Reason.PART_TOO_SHORT: N_("The part on the disk is shorter than expected."),
    Reason.KEPT_PICTURE_GONE: N_("The picture has moved or can’t be read."),
    Reason.LIBRARY_IS_THE_SAME: N_("This is the library’s folder already."),
    Reason.NAME_TAKEN_IN_NEW_FOLDER: N_("Another file has the name “{name}” in the new folder."),
    Reason.COPY_NOT_EQUAL: N_("The copy is not equal to its original."),
    # -- storage: settings and key ---------------------------------------------------------------
    Reason.NO_KEYCHAIN: N_("This system has no keychain."),
    Reason.KEYCHAIN_UNUSABLE: N_("The keychain could not be used."),
    Reason.KEYCHAIN_SILENT: N_("The keychain did not answer in time."),
    Reason.KEYCHAIN_KEPT_NOTHING: N_("The keychain did not keep the key."),
    Reason.SETTING_NOT_A_SWITCH: N_("This setting can only be on or off."),
    Reason.SETTING_NOT_A_TEXT: N_("This setting must be a text of at most {most} characters."),
    Reason.SETTING_NOT_A_LIST: N_("This setting must be a list of names."),
    Reason.SETTING_NOT_A_TABLE: N_("This setting must be a table."),
    Reason.SETTING_NOT_A_CHOICE: N_("This setting must be one of these: {names}."),
    Reason.SETTING_NOT_A_WHOLE_NUMBER: N_(
        "This setting must be a whole number from {least} to {most}."
    ),
    Reason.SETTING_NOT_A_NUMBER: N_("This setting must be a number from {least} to {most}."),
    Reason.SUM_UNREADABLE: N_("Type a sum such as 5.00, or leave it empty."),
    Reason.SUM_OUT_OF_RANGE: N_("Type a sum from {least_usd} to {most_usd}."),
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
    Reason.PICTURE_FILE_TOO_LARGE: N_("File too large: {size_bytes} (maximum {limit_bytes})."),
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
    Reason.PICTURE_PART_OUTSIDE: N_("That part does not lie inside the picture."),
    # -- media: videos ---------------------------------------------------------------------------
    Reason.NO_TRASH_HERE: N_("The system could not move this file to the trash."),
    Reason.FILE_NOT_WRITTEN: N_("The file could not be written."),
    # -- command line ----------------------------------------------------------------------------
    Reason.NO_SUCH_JOB: N_("There is no job {id}."),
    Reason.JOB_HAS_ENDED: N_("Job {id} has already ended: {state}."),
    Reason.JOB_OUT_OF_REACH: N_(
        "Job {id} is made and paid for, but can’t be downloaded. “resume” asks for it again; "
        "“cancel {id}” gives it up, and then it can be queued anew."
    ),
    Reason.JOB_HAS_NOT_ENDED: N_("Job {id} has not ended: {state}."),
    Reason.NO_SUCH_MODEL: N_("There is no model “{name}”. There are: {models}."),
    Reason.NO_SUCH_SHAPE: N_("There is no shape “{shape}”. There are: {shapes}."),
    Reason.SHAPE_OF_THE_FRAME: N_(
        "{model} takes its shape from the first frame; none can be chosen."
    ),
    Reason.SIZE_AND_SHAPE: N_("Give a size or a shape, not both."),
    Reason.WIDTH_WITHOUT_HEIGHT: N_("Width and height go together."),
    Reason.PROMPT_NOT_TEXT: N_("The prompt holds bytes that are not text."),
    Reason.PICTURE_ON_THE_WEB: N_(
        "“{address}” is a web address. Save the picture first, then name its file."
    ),
    Reason.RECORDS_ARE_SOUND: N_("There is nothing to restore. Nothing was changed."),
    Reason.COPY_OR_NEW: N_("Choose a copy or new records, not both."),
    Reason.NO_COPY_OF_RECORDS: N_(
        "There is no sound copy of the records. “records restore --new” makes new ones from the "
        "clips’ files."
    ),
    # -- batch files -----------------------------------------------------------------------------
    Reason.BATCH_UNREADABLE: N_("{name} cannot be read: {problem}."),
    Reason.BATCH_TOO_LARGE: N_("A batch file has at most {most_mb} MB."),
    Reason.BATCH_TOO_MANY_JOBS: N_("A batch holds at most {most} jobs."),
    Reason.BATCH_EMPTY: N_("There is no job in this file."),
    Reason.BATCH_NOT_CSV: N_("This is not CSV: {problem}."),
    Reason.BATCH_LINES_WRONG: N_("Some lines are wrong. Nothing was queued."),
    Reason.LINE_NOT_TEXT: N_(
        "This is not text in UTF-8 or UTF-16. A spreadsheet calls it “CSV UTF-8”."
    ),
    Reason.LINE_TOO_LONG: N_("A line has at most 1 MB."),
    Reason.LINE_NOT_JSON: N_("This is not JSON."),
    Reason.LINE_NOT_OBJECT: N_("A job is an object in braces."),
    Reason.LINE_WITH_TOO_MANY_VALUES: N_("There are {values} values for {columns} columns."),
    Reason.UNKNOWN_COLUMN: N_("There is no column “{name}”. There are: {known}."),
    Reason.COLUMN_TWICE: N_("The column “{name}” is there twice."),
    Reason.FIELD_TWICE: N_("The field “{name}” is there twice."),
    Reason.UNKNOWN_FIELD: N_("There is no field “{name}”. There are: {known}."),
    Reason.NO_MODEL: N_("The model is missing."),
    Reason.FIELD_NOT_TEXT: N_("“{field}” must be text."),
    Reason.FIELD_NOT_A_PATH: N_("“{field}” is not a path."),
    Reason.FIELD_NOT_A_NUMBER: N_("“{field}” must be a number."),
    Reason.FIELD_NOT_A_WHOLE_NUMBER: N_("“{field}” must be a whole number."),
}

_OF_KINDS = {
    "library_unavailable": Reason.FOLDER_UNAVAILABLE,
    "library_read_only": Reason.LIBRARY_READ_ONLY,
    "disk_full": Reason.DISK_FULL,
    "data_folder_unavailable": Reason.DATA_FOLDER_UNAVAILABLE,
    "database_damaged": Reason.DATABASE_DAMAGED,
    "damaged_download": Reason.PICTURE_VIDEO_DAMAGED,
    "unreadable_image": Reason.PICTURE_DAMAGED,
    "decode_failed": Reason.PICTURE_DAMAGED,
    "link_expired": Reason.LINK_EXPIRED,
}
"""What the kind of an error says by itself, where the error has no reason."""

SOMETHING_WENT_WRONG = N_("Something went wrong.")
DID_NOT_WORK = N_("That didn’t work")
"""The title of a notice about an error, where nothing more is known than its sentence."""


def describe_error(error: KlingDesktopError) -> str:
    """The sentence for a user: what went wrong, with the facts of the error filled in.

    An error without a reason has the sentence of its kind, with the service's or the system's own
    words behind it.
    """
    if error.reason is not None:
        return describe_reason(error.reason, error.facts)
    if isinstance(error, ApiError) and error.code not in _OF_KINDS:
        if not error.detail:
            return _(_SENTENCES[Reason.NO_CAUSE_GIVEN])
        return _("The service said: {words}").format(words=error.detail)
    kind = _OF_KINDS.get(error.code)
    sentence = _(SOMETHING_WENT_WRONG if kind is None else _SENTENCES[kind])
    return with_system_words(sentence, error.detail)


def with_system_words(sentence: str, words: str) -> str:
    """A sentence with the system's own words behind it, where there are any."""
    if not words:
        return sentence
    return _("{sentence} The system’s own words: {words}").format(sentence=sentence, words=words)


def name_system_words(words: str) -> str:
    """The system's own words on a line of their own."""
    return _("The system’s own words: {words}").format(words=words)


def describe_reason(reason: Reason, facts: Mapping[str, object]) -> str:
    """The sentence of a reason, with its facts filled in.

    ``…_bytes`` are written as sizes, ``…_usd`` as sums.
    """
    return _(_SENTENCES[reason]).format_map(_Facts(facts))


class _Facts:
    """The facts of an error as a sentence shows them."""

    def __init__(self, facts: Mapping[str, object]) -> None:
        self._facts = facts

    def __getitem__(self, name: str) -> object:
        value = self._facts[name]
        if name.endswith("_bytes") and isinstance(value, int):
            return exact_size(value)
        if name.endswith("_usd") and isinstance(value, Decimal):
            return round_money(value)
        if name in ("least", "most") and isinstance(value, int | float):
            return number(value, 0 if value == int(value) else 1)
        return value
