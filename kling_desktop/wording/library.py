"""The words of the library: its header, filters, tiles, and what it says when it is empty."""

from collections.abc import Sequence

from kling_desktop.domain.catalog import ModelId
from kling_desktop.storage.stores.video_query import VideoSort
from kling_desktop.wording.formatting import clock, number, seconds_words
from kling_desktop.wording.models import short_model_name
from kling_desktop.wording.translation import N_, _, ngettext

SEARCH_HINT = N_("Search prompts, models, names…")
CLIP_SIZE = N_("Size of the clips")
FAVOURITES = N_("Favourites")
MODEL = N_("Model")
SHAPE = N_("Shape")
LENGTH = N_("Length")
DATE = N_("Date")
CLEAR_FILTERS = N_("Clear filters")
CLIPS = N_("Clips")
CHOSEN_CLIPS = N_("Chosen clips")
CLEAR_SELECTION = N_("Clear the selection")
TRY_SAMPLE = N_("Try a sample picture")
PRACTICE = N_("Practice")
FILE_MOVED = N_("File moved")
FIND_FILE = N_("Find…")

_SCOPES = {
    "all": N_("All clips"),
    "favourites": FAVOURITES,
    "new": N_("New"),
    "practice": PRACTICE,
    "trash": N_("Trash"),
}
_PERIODS = {
    "today": N_("Today"),
    "yesterday": N_("Yesterday"),
    "week": N_("Last 7 days"),
    "month": N_("Last 30 days"),
    "year": N_("This year"),
}
_ORDERS = {
    VideoSort.NEWEST: N_("Newest first"),
    VideoSort.OLDEST: N_("Oldest first"),
    VideoSort.LONGEST: N_("Longest first"),
    VideoSort.COST: N_("Highest cost first"),
}
_EMPTY = {
    "all": (
        N_("Your clips will live here"),
        N_(
            "Drop a picture anywhere in this window to start. Finished clips are saved as "
            "ordinary files in your library folder."
        ),
    ),
    "favourites": (N_("No favourites yet"), N_("Press F on a clip you like.")),
    "new": (N_("Nothing new"), N_("Clips you have not looked at yet show up here.")),
    "practice": (N_("No practice clips"), N_("Clips made in the sandbox show up here.")),
    "trash": (N_("The trash is empty"), N_("Clips you move to the trash show up here.")),
}
_NOTHING_FOUND = (N_("No clips match"), N_("Try fewer words or clear the filters."))


def name_scope(scope: str) -> str:
    """Name what the library shows before any filter."""
    return _(_SCOPES[scope])


def speak_scope(scope: str) -> str:
    """Name the button that chooses the scope, with the scope chosen now."""
    return _("Show: {scope}").format(scope=name_scope(scope))


def name_period(period: str) -> str:
    """Name a choice of the Date chip."""
    return _(_PERIODS[period])


def name_order(order: VideoSort) -> str:
    return _(_ORDERS[order])


def speak_order(order: VideoSort) -> str:
    """Name the button that chooses the order, with the order chosen now."""
    return _("Order: {order}").format(order=name_order(order))


def name_models(models: Sequence[ModelId]) -> str:
    """``2.5 Turbo Pro and 2 more``: the models that a filter lets through; empty for all."""
    if not models:
        return ""
    first, others = short_model_name(models[0]), len(models) - 1
    if not others:
        return first
    words = ngettext("{model} and {count} more", "{model} and {count} more", others)
    return words.format(model=first, count=number(others))


def describe_empty(scope: str, *, filtered: bool) -> tuple[str, str]:
    """Return the title and the sentence of a library that shows no tile."""
    title, text = _NOTHING_FOUND if filtered else _EMPTY[scope]
    return (_(title), _(text))


def length_pill(duration_s: float) -> str:
    """``0:05``: the pill on a tile."""
    return clock(round(duration_s))


def moment_pill(moment_s: float) -> str:
    """``2.4 s``: where the pointer stands in a clip that is scrubbed."""
    return seconds_words(moment_s, 1)


def count_selected(count: int) -> str:
    """``2 selected``."""
    return ngettext("{count} selected", "{count} selected", count).format(count=number(count))


def count_shown(shown: int, total: int) -> str:
    """``18 of 48``."""
    return _("{shown} of {total}").format(shown=number(shown), total=number(total))
