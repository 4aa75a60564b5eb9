"""The words of the shared controls; knows no Qt."""

from kling_desktop.wording.formatting import number
from kling_desktop.wording.translation import N_, Phrase, ngettext

CLEAR_THE_SEARCH = Phrase(N_("Clear the search"))


def more_notices(count: int) -> str:
    """``and 2 more``: what the stack of notices has no room for."""
    return ngettext("and {count} more", "and {count} more", count).format(count=number(count))
