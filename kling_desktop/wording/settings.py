"""The words of the settings, of spending and of a start that fails; knows no Qt."""

from datetime import datetime
from decimal import Decimal
from typing import assert_never

from kling_desktop.domain.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseTooNew,
    DiskFull,
    KlingDesktopError,
)
from kling_desktop.domain.money import Sum
from kling_desktop.engine.library.library import LibraryReport
from kling_desktop.engine.library.library_move import UnfinishedMove
from kling_desktop.storage.database.backups import Backup
from kling_desktop.storage.settings.api_key import KeyPlace
from kling_desktop.storage.stores.money_store import Balance
from kling_desktop.wording import settings_pages as texts
from kling_desktop.wording.formatting import clock_time, day_name, file_size, money, number
from kling_desktop.wording.reasons import describe_error
from kling_desktop.wording.translation import _, ngettext

_DOTS = "•" * 24


# ------------------------------------------------------------------ the key


def key_intro(place: KeyPlace | None) -> str:
    """The sentence under the page's title: where the key is and who sees it."""
    match place:
        case KeyPlace.KEYCHAIN:
            return _("Your key stays in this computer’s keychain and is sent only to Runware.")
        case KeyPlace.MEMORY:
            return _("Your key is kept until you quit and is sent only to Runware.")
        case KeyPlace.FILE:
            return _("Your key is in a file that only you can read, and is sent only to Runware.")
        case KeyPlace.ENVIRONMENT:
            return _("Your key comes from the environment and is sent only to Runware.")
        case None:
            return _("A key is kept in this computer’s keychain and sent only to Runware.")
        case _:
            assert_never(place)


def key_hint(place: KeyPlace | None, ending: str) -> str:
    """What stands in the empty key field: dots and the last characters of the key in use."""
    return f"{_DOTS}{ending}" if place is not None else texts.PASTE_KEY()


def remove_obstacle(place: KeyPlace | None) -> str:
    """Why the key cannot be removed here; empty when it can."""
    if place is None:
        return _("There is no key to remove.")
    if place is KeyPlace.ENVIRONMENT:
        return _("The key comes from the variable RUNWARE_API_KEY. Remove it there.")
    return ""


def key_works(balance: Decimal | None, now: datetime) -> str:
    """The verdict on a key that was just tested: ``Works. Last checked today 2:02 PM.``."""
    if balance is None:
        return _("Works. Last checked today {time}.").format(time=clock_time(now, now))
    text = _("Works. Last checked today {time}. Balance: {amount}.")
    return text.format(time=clock_time(now, now), amount=money(balance))


def balance_words(balance: Balance, now: datetime) -> str:
    """What the account holds: ``$42.10 of credit left. Last checked today 2:02 PM.``."""
    amount, time = money(balance.usd), clock_time(balance.checked_at, now)
    if balance.checked_at.astimezone(now.tzinfo).date() == now.date():
        text = _("{amount} of credit left. Last checked today {time}.")
        return text.format(amount=amount, time=time)
    text = _("{amount} of credit left. Last checked: {day}, {time}.")
    return text.format(amount=amount, day=day_name(balance.checked_at, now), time=time)


# ------------------------------------------------------------------ library


def move_progress(done: int, total: int) -> str:
    """``Copying 1.2 GB of 3.4 GB``."""
    text = _("Copying {done} of {total}")
    return text.format(done=file_size(done), total=file_size(total))


def moved_words(videos: int) -> str:
    if not videos:
        return _("New clips go there from now on.")
    text = ngettext("{count} clip moved.", "{count} clips moved.", videos)
    return text.format(count=number(videos))


def check_progress(done: int, total: int) -> str:
    text = ngettext("Checking {done} of {count} clip", "Checking {done} of {count} clips", total)
    return text.format(done=number(done), count=number(total))


def doubles_words(move: UnfinishedMove) -> str:
    """What a library move that was broken off has left, and where."""
    count = len(move.doubles)
    return ngettext(
        "A move was broken off: {count} clip ({size}) lies in {folder} as well.",
        "A move was broken off: {count} clips ({size}) lie in {folder} as well.",
        count,
    ).format(count=number(count), size=file_size(move.size_bytes), folder=move.other)


def report_words(report: LibraryReport) -> str:
    """What a look over the library found, a sentence for each kind."""
    checked = report.checked
    counts = (len(report.missing), len(report.changed), len(report.moved), len(report.returned))
    if any(counts):
        said = ngettext("{count} clip checked.", "{count} clips checked.", checked)
    else:
        said = ngettext(
            "{count} clip checked, all in place.", "{count} clips checked, all in place.", checked
        )
    missing, changed, moved, returned = counts
    found = (
        (checked, said),
        (missing, ngettext("{count} is missing.", "{count} are missing.", missing)),
        (
            changed,
            ngettext(
                "{count} was changed outside the app.",
                "{count} were changed outside the app.",
                changed,
            ),
        ),
        (
            moved,
            ngettext(
                "{count} was found under another name.",
                "{count} were found under another name.",
                moved,
            ),
        ),
        (returned, ngettext("{count} is back again.", "{count} are back again.", returned)),
        (
            len(report.strays),
            ngettext(
                "{count} file in the folder is not in the library.",
                "{count} files in the folder are not in the library.",
                len(report.strays),
            ),
        ),
        (
            len(report.passed_over),
            ngettext(
                "{count} file could not be looked at.",
                "{count} files could not be looked at.",
                len(report.passed_over),
            ),
        ),
    )
    shown = [text.format(count=number(count)) for count, text in found if count or text is said]
    return " ".join(shown)


def cache_words(size_bytes: int | None) -> str:
    """What the thumbnails take; None while it is being measured."""
    if size_bytes is None:
        return _("Posters and previews, made again when needed.")
    text = _("{size}. Posters and previews, made again when needed.")
    return text.format(size=file_size(size_bytes))


# ------------------------------------------------------------------ money


def used_words(used: Sum) -> str:
    """``$14.60 used``, with what is not known said beside it."""
    if not used.unknown:
        return _("{amount} used").format(amount=money(used.usd))
    text = ngettext(
        "{amount} used, {count} unknown", "{amount} used, {count} unknown", used.unknown
    )
    return text.format(amount=money(used.usd), count=number(used.unknown))


def known_words(total: Sum) -> str:
    """The known part of a sum: ``$1.05 for 3 clips``."""
    text = ngettext("{amount} for {count} clip", "{amount} for {count} clips", total.known)
    return text.format(amount=money(total.usd), count=number(total.known))


def unknown_words(total: Sum) -> str:
    """The unknown part, said apart; empty when every cost is known."""
    if not total.unknown:
        return ""
    text = ngettext("{count} clip of unknown cost", "{count} clips of unknown cost", total.unknown)
    return text.format(count=number(total.unknown))


def unknown_part(total: Sum) -> str:
    """What stands below a sum: ``and 2 clips of unknown cost``."""
    if not total.unknown:
        return _("every cost is known")
    text = ngettext(
        "and {count} clip of unknown cost", "and {count} clips of unknown cost", total.unknown
    )
    return text.format(count=number(total.unknown))


def under_way_words(total: Sum) -> str:
    """What running clips will cost, by past clips; empty while none runs."""
    if not total.unknown:
        text = ngettext(
            "Under way: about {amount} for {count} clip.",
            "Under way: about {amount} for {count} clips.",
            total.known,
        )
        words = text.format(amount=money(total.usd), count=number(total.known))
        return words if total.known else ""
    if not total.known:
        text = ngettext(
            "Under way: {count} clip of unknown cost.",
            "Under way: {count} clips of unknown cost.",
            total.unknown,
        )
        return text.format(count=number(total.unknown))
    text = ngettext(
        "Under way: about {amount}, and {count} clip of unknown cost.",
        "Under way: about {amount}, and {count} clips of unknown cost.",
        total.unknown,
    )
    return text.format(amount=money(total.usd), count=number(total.unknown))


def raised_limit(limit: Decimal) -> Decimal:
    """Half as much again, as a round sum: what one click on "Raise" makes of a limit."""
    wanted = max(limit * Decimal("1.5"), limit + 1)
    step = Decimal(1 if wanted < 20 else 5 if wanted < 100 else 10)
    return (wanted / step).to_integral_value(rounding="ROUND_CEILING") * step


def limit_words(limit: Decimal | None, used: Sum) -> str:
    if limit is None:
        return _("No limit.")
    if used.usd >= limit:
        text = _("The limit of {limit} is reached. The queue is paused until you raise it.")
        return text.format(limit=money(limit))
    text = _("{left} left of {limit}.")
    return text.format(left=money(limit - used.usd), limit=money(limit))


# ------------------------------------------------------------------ trouble


def failed_words(error: KlingDesktopError) -> str:
    """Why a change could not be made, as the sentence under its control."""
    if isinstance(error, DiskFull):
        return _("No room on this disk. Nothing was changed.")
    if error.reason is None and not error.detail:
        return _("That did not work. Nothing was changed.")
    return describe_error(error)


def describe_start_failure(error: KlingDesktopError) -> tuple[str, str]:
    """Title and text for a start that cannot go on, calm and without codes."""
    match error:
        case DatabaseBusy():
            return (
                _("Kling Desktop is already running."),
                _(
                    "It may be at work in a terminal, or just closing. One app at a time looks "
                    "after the queue, so that nothing is sent twice."
                ),
            )
        case DatabaseTooNew():
            return (
                _("A newer Kling Desktop was here."),
                _(
                    "The library’s records were written by a newer version. They were not touched. "
                    "Install that version again to go on."
                ),
            )
        case DatabaseDamaged():
            return (
                _("The library’s records are damaged."),
                _(
                    "Your clips are files of their own and are safe. Choose a copy of the records "
                    "to go on with; what the clips’ files know is added to it."
                ),
            )
        case _:
            return (_("Kling Desktop can’t start."), failed_words(error))


def no_backup_words() -> str:
    return _(
        "Your clips are files of their own and are safe. There is no copy of the records, so new "
        "ones are made from what the clips’ files know. The damaged file is kept."
    )


def backup_words(backup: Backup, now: datetime) -> str:
    """``Yesterday, 6:30 PM, 2.4 MB``."""
    return _("{day}, {time}, {size}").format(
        day=day_name(backup.made_at, now),
        time=clock_time(backup.made_at, now),
        size=file_size(backup.size_bytes),
    )
