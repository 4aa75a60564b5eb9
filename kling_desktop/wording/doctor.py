"""The words of the doctor's report: what it looked at and what it found."""

from enum import StrEnum

from kling_desktop.storage.settings.api_key import KeyPlace
from kling_desktop.wording.translation import N_, _, ngettext


class Subject(StrEnum):
    """What the doctor looks at; the values stand in its JSON."""

    PYTHON = "python"
    QT = "Qt"
    PLAYBACK = "playback"
    DISPLAY = "display"
    RESOURCES = "resources"
    API_KEY = "API key"
    SERVICE = "service"
    SANDBOX = "sandbox"
    DATA_FOLDER = "data folder"
    DATABASE = "database"
    LIBRARY_FOLDER = "library folder"
    VIDEOS = "videos"


class Health(StrEnum):
    """How a part of the machine is; `ABSENT` is for something that may well be missing."""

    OK = "ok"
    BROKEN = "broken"
    ABSENT = "absent"


_SUBJECTS = {
    Subject.PYTHON: N_("Python"),
    Subject.QT: N_("Qt"),
    Subject.PLAYBACK: N_("playback"),
    Subject.DISPLAY: N_("display"),
    Subject.RESOURCES: N_("resources"),
    Subject.API_KEY: N_("API key"),
    Subject.SERVICE: N_("service"),
    Subject.SANDBOX: N_("sandbox"),
    Subject.DATA_FOLDER: N_("data folder"),
    Subject.DATABASE: N_("database"),
    Subject.LIBRARY_FOLDER: N_("library folder"),
    Subject.VIDEOS: N_("videos"),
}
_MARKS = {Health.OK: N_("ok"), Health.BROKEN: N_("NO"), Health.ABSENT: N_("–")}
_KEY_PLACES = {
    KeyPlace.ENVIRONMENT: N_("found in the environment"),
    KeyPlace.KEYCHAIN: N_("found in the keychain"),
    KeyPlace.MEMORY: N_("found in memory"),
    KeyPlace.FILE: N_("found in a file"),
}


def subject_name(subject: Subject) -> str:
    return _(_SUBJECTS[subject])


def health_mark(health: Health) -> str:
    return _(_MARKS[health])


def describe_python(version: str, system: str) -> str:
    return _("{version} on {system}").format(version=version, system=system)


def describe_qt(version: str, modules: str) -> str:
    return _("PySide6 {version} with {modules}").format(version=version, modules=modules)


def describe_import_error(error: ImportError) -> str:
    """Why a library cannot be loaded, in the loader's words."""
    return _("cannot be loaded: {problem}").format(problem=error)


def describe_playback_error(error: ImportError) -> str:
    sentence = _("cannot be loaded: {problem}; on Debian and Ubuntu install libpulse0")
    return sentence.format(problem=error)


def no_display() -> str:
    return _("none: the window cannot open, the command line works")


def resources_complete() -> str:
    return _("complete")


def describe_missing_resources(names: str) -> str:
    return _("missing: {names}").format(names=names)


def describe_key_place(place: KeyPlace) -> str:
    return _(_KEY_PLACES[place])


def describe_no_key(keychain_problem: str) -> str:
    if not keychain_problem:
        return _("none: the keychain works and holds none; the sandbox needs none")
    sentence = _("none: {problem}; the sandbox needs none")
    return sentence.format(problem=keychain_problem.rstrip("."))


def describe_bad_address(address: str, problem: str) -> str:
    return _("{address}: {problem}").format(address=address, problem=problem)


def service_not_asked(address: str) -> str:
    return _("{address} was not asked: there is no key").format(address=address)


def describe_refused_key(address: str, problem: str) -> str:
    sentence = _("{address} refuses the key: {problem}")
    return sentence.format(address=address, problem=problem)


def describe_unreachable(address: str, problem: str) -> str:
    if not problem:
        return _("{address} did not answer in time").format(address=address)
    sentence = _("{address} cannot be reached: {problem}")
    return sentence.format(address=address, problem=problem)


def service_answers(address: str) -> str:
    return _("{address} answers").format(address=address)


def sandbox_works() -> str:
    return _("starts and makes videos")


def no_database() -> str:
    return _("none yet: nothing was queued")


def database_sound(version: int) -> str:
    return _("sound, version {version}").format(version=version)


def database_gone(copies: int) -> str:
    sentence = ngettext(
        "gone; there is {count} sound copy, see “records restore”",
        "gone; there are {count} sound copies, see “records restore”",
        copies,
    )
    return sentence.format(count=copies)


def database_too_new() -> str:
    return _("a newer version of Kling Desktop wrote it")


def database_damaged(problem: str, copies: int) -> str:
    sentence = ngettext(
        "{problem}; there is {count} sound copy, see “records restore”",
        "{problem}; there are {count} sound copies, see “records restore”",
        copies,
    )
    return sentence.format(problem=problem, count=copies)


def library_away(folder: str) -> str:
    return _("{folder} is not there, or empty: is its disk plugged in?").format(folder=folder)


def folder_not_writable(folder: str) -> str:
    return _("{folder} cannot be written to").format(folder=folder)


def folder_free(folder: str, free: str) -> str:
    return _("{folder}, {free} free").format(folder=folder, free=free)


def describe_decoded(frames: int, codec: str) -> str:
    return ngettext("{count} picture of {codec}", "{count} pictures of {codec}", frames).format(
        count=frames, codec=codec
    )
