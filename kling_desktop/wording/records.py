"""The words for lost, damaged and restored records on the command line."""

from kling_desktop.storage.database.recovery import RecordsState
from kling_desktop.wording.formatting import number
from kling_desktop.wording.translation import N_, _, ngettext

_RECORDS = {
    RecordsState.NONE: N_("There are no records yet."),
    RecordsState.SOUND: N_("The records are sound."),
    RecordsState.TOO_NEW: N_("A newer version of Kling Desktop wrote the records."),
    RecordsState.DAMAGED: N_("The records are damaged."),
    RecordsState.GONE: N_("The records are gone."),
}


def restore_hint(copies: int) -> str:
    """What to do about damaged or lost records."""
    if not copies:
        return _(
            "There is no copy of the records. “records restore --new” makes new ones from the "
            "clips’ files."
        )
    return ngettext(
        "“records restore” puts the sound copy in their place:",
        "“records restore” puts the newest of {count} sound copies in their place:",
        copies,
    ).format(count=number(copies))


def describe_records(state: RecordsState) -> str:
    return _(_RECORDS[state])


def describe_set_aside(path: str) -> str:
    return _("The old records are kept as {path}").format(path=path)


def describe_restored(clips: int, waiting: int) -> str:
    """What the records hold now: clips that came from their files, and unfinished jobs."""
    added = ngettext(
        "{count} clip was added from its file.", "{count} clips were added from their files.", clips
    ).format(count=number(clips))
    jobs = ngettext(
        "{count} job is unfinished; “resume” asks about it.",
        "{count} jobs are unfinished; “resume” asks about them.",
        waiting,
    ).format(count=number(waiting))
    return _("The records are sound again. {clips} {jobs}").format(clips=added, jobs=jobs)
