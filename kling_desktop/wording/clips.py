"""The words about a clip that library, viewer and Details share: names, figures, commands."""

from decimal import Decimal

from kling_desktop.domain.video import Video
from kling_desktop.wording.formatting import join_words, money, number
from kling_desktop.wording.models import model_name
from kling_desktop.wording.translation import N_, _, ngettext

REMIX = N_("Remix")
EXTEND = N_("Extend")
COMPARE = N_("Compare")
REVEAL = N_("Reveal")
EXPORT = N_("Export…")
TRASH = N_("Move to trash")
RESTORE = N_("Put back")
COPY_PROMPT = N_("Copy prompt")
SHOW = N_("Show")
NOT_STATED = N_("not stated")

# Why a command cannot be done with the chosen clips.
CHOOSE_ONE_FIRST = N_("Choose a clip first.")
CHOOSE_TWO = N_("Choose two clips to compare.")
CHOOSE_A_SINGLE_ONE = N_("Choose a single clip.")
IN_TRASH = N_("The clip is in the trash.")
FIND_IT_FIRST = N_("The file has moved. Find it first.")
NO_PROMPT = N_("This clip has no prompt.")

# Notices and questions.
CHOOSE_ANOTHER = N_("Choose another clip")
HOW_TO_COMPARE = N_("Select two in the library and press C.")
CLIP_GONE = N_("This clip is not in the library any more")
NO_FILE_MANAGER = N_("No file manager answered")
LAST_FRAME_UNREADABLE = N_("The last frame could not be read")
NOT_PUT_BACK = N_("The clip could not be put back")
TAKE_OUT_FIRST = N_("Take the file out of the system’s trash first")
FAVOURITE_NOT_KEPT = N_("The favourite could not be saved")
SEEN_NOT_KEPT = N_("The clip could not be marked as seen")
EXPORT_STOPPED = N_("The export stopped")
EXPORT_ONE = N_("Export the clip")
NOT_COPIED = N_("The file could not be copied")
NOT_THIS_CLIP = N_("That is not this clip’s file")
NOT_THIS_CONTENT = N_("Its content differs. The clip stays marked as moved.")
LIBRARY_NOT_CHECKED = N_("The library folder could not be checked")
SIZE_NOT_KEPT = N_("The size of the clips could not be saved")
FRAME_UNREADABLE = N_("The frame could not be read")
FRAME_NOT_SAVED = N_("The frame was not saved")

# Filters of the system's file dialogs; the part in brackets is Qt's.
MP4_FILES = N_("Video (*.mp4)")
VIDEO_FILES = N_("Video (*.mp4 *.mov *.webm)")
PNG_FILES = N_("PNG picture (*.png)")


def speak_clip(video: Video) -> str:
    """Return what a screen reader says for a tile."""
    seconds = round(video.facts.duration_s)
    marks = (
        (video.practice, _("practice")),
        (video.favourite, _("favourite")),
        (not video.seen, _("new")),
        (video.missing, _("file moved")),
    )
    return join_words(
        (
            _("Clip"),
            video.title.rstrip("."),
            ngettext("{count} second", "{count} seconds", seconds).format(count=number(seconds)),
            model_name(video.draft.model),
            *(words for applies, words in marks if applies),
        )
    )


def describe_cost(cost_usd: Decimal | None, *, practice: bool) -> str:
    """Say what a job cost, never a guess."""
    if practice:
        return _("Free, practice clip")
    return money(cost_usd) if cost_usd is not None else _(NOT_STATED)


def describe_price(video: Video) -> str:
    """Say what a clip cost; a price that only its file claims is called that."""
    if video.paid_usd is None and video.cost_usd is not None and not video.practice:
        return _("{cost}, says the file").format(cost=money(video.cost_usd))
    return describe_cost(video.paid_usd, practice=video.practice)


def name_take(number: int, takes: int) -> str:
    """``Take 2 of 3``."""
    return _("Take {number} of {takes}").format(number=number, takes=takes)


def count_trashed(count: int) -> str:
    words = ngettext("Moved {count} clip to the trash", "Moved {count} clips to the trash", count)
    return words.format(count=number(count))


def count_not_trashed(count: int) -> str:
    words = ngettext(
        "{count} clip could not be moved to the trash",
        "{count} clips could not be moved to the trash",
        count,
    )
    return words.format(count=number(count))


def count_exported(count: int) -> str:
    return ngettext("Exported {count} clip", "Exported {count} clips", count).format(
        count=number(count)
    )


def name_exported(name: str) -> str:
    return _("Exported {name}").format(name=name)


def ask_export_folder(count: int) -> str:
    """Return the caption of the dialog that asks where several clips are copied to."""
    words = ngettext(
        "Export {count} clip into a folder", "Export {count} clips into a folder", count
    )
    return words.format(count=number(count))


def ask_for_file(title: str) -> str:
    """Return the caption of the dialog that asks where a clip's file went."""
    return _("Find the file of “{title}”").format(title=title)


def count_added(count: int) -> str:
    """``3 clips added``: what was found in the library folder."""
    if count == 0:
        return _("No new clips found")
    return ngettext("{count} clip added", "{count} clips added", count).format(count=number(count))


def count_missing(count: int) -> str:
    """Say how many files were not found; empty where none is missing."""
    words = ngettext(
        "{count} file not found; shown as moved.", "{count} files not found; shown as moved.", count
    )
    return words.format(count=number(count)) if count else ""


def name_saved(name: str) -> str:
    return _("Saved {name}").format(name=name)
