"""The words of the settings, of spending and of a start that fails; knows no Qt."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
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
from kling_desktop.storage.database.backups import Backup
from kling_desktop.storage.settings.api_key import KeyPlace
from kling_desktop.storage.stores.money_store import Balance
from kling_desktop.wording.formatting import count_of, day_name, file_size, money, time_of_day
from kling_desktop.wording.reasons import describe_error

SAVED_AT_ONCE = "Changes are saved as you make them."
FILE_RISK = (
    "The file is not encrypted: whoever can open your files, for instance in a backup, "
    "can read the key."
)
NO_KEYCHAIN = "No keychain found. Your key is kept until you quit."
PATTERN_HINT = (
    "In curly brackets: prompt, model, id, date, time, year, month, day, length, shape. "
    "A / makes a folder."
)
_DOTS = "•" * 24


class SettingsPage(StrEnum):
    """The pages of the settings, in their order."""

    GENERAL = "general"
    LIBRARY = "library"
    ACCOUNT = "account"
    QUEUE = "queue"
    NOTIFICATIONS = "notifications"
    APPEARANCE = "appearance"
    SHORTCUTS = "shortcuts"
    ADVANCED = "advanced"


def page_title(page: SettingsPage) -> str:
    match page:
        case SettingsPage.ACCOUNT:
            return "Runware account"
        case _:
            return page.value.capitalize()


def page_icon(page: SettingsPage) -> str:
    match page:
        case SettingsPage.GENERAL:
            return "settings"
        case SettingsPage.LIBRARY:
            return "folder"
        case SettingsPage.ACCOUNT:
            return "key"
        case SettingsPage.QUEUE:
            return "list"
        case SettingsPage.NOTIFICATIONS:
            return "bell"
        case SettingsPage.APPEARANCE:
            return "monitor"
        case SettingsPage.SHORTCUTS:
            return "keyboard"
        case SettingsPage.ADVANCED:
            return "sliders"
        case _:
            assert_never(page)


# ------------------------------------------------------------------ the key


def key_intro(place: KeyPlace | None) -> str:
    """The sentence under the page's title: where the key is and who sees it."""
    match place:
        case KeyPlace.KEYCHAIN:
            return "Your key stays in this computer’s keychain and is sent only to Runware."
        case KeyPlace.MEMORY:
            return "Your key is kept until you quit and is sent only to Runware."
        case KeyPlace.FILE:
            return "Your key is in a file that only you can read, and is sent only to Runware."
        case KeyPlace.ENVIRONMENT:
            return "Your key comes from the environment and is sent only to Runware."
        case None:
            return "A key is kept in this computer’s keychain and sent only to Runware."
        case _:
            assert_never(place)


def key_hint(place: KeyPlace | None, ending: str) -> str:
    """What stands in the empty key field: dots and the last characters of the key in use."""
    return f"{_DOTS}{ending}" if place is not None else "Paste your key"


def remove_obstacle(place: KeyPlace | None) -> str:
    """Why the key cannot be removed here; empty when it can."""
    if place is None:
        return "There is no key to remove."
    if place is KeyPlace.ENVIRONMENT:
        return "The key comes from the variable RUNWARE_API_KEY. Remove it there."
    return ""


def checked_words(words: str, at: datetime, now: datetime) -> str:
    """Say when it was last asked: ``Works. Last checked today 14:02.``."""
    when = time_of_day(at, now)
    if at.astimezone(now.tzinfo).date() == now.date():
        when = f"today {when}"
    return f"{words} Last checked {when}."


def balance_words(balance: Balance, now: datetime) -> str:
    return checked_words(f"{money(balance.usd)} of credit left.", balance.checked_at, now)


# ------------------------------------------------------------------ library


def move_progress(done: int, total: int) -> str:
    """``Copying 1.2 GB of 3.4 GB``."""
    return f"Copying {file_size(done)} of {file_size(total)}"


def moved_words(videos: int) -> str:
    return f"{count_of(videos, 'clip')} moved." if videos else "New clips go there from now on."


def check_progress(done: int, total: int) -> str:
    return f"Checking {done:,} of {count_of(total, 'clip')}"


def report_words(report: LibraryReport) -> str:
    """What a look over the library found, in one or two sentences."""
    found = [
        (len(report.missing), "missing"),
        (len(report.changed), "changed outside the app"),
        (len(report.moved), "found under another name"),
        (len(report.returned), "back again"),
    ]
    parts = [f"{number:,} {words}" for number, words in found if number]
    checked = f"{count_of(report.checked, 'clip')} checked"
    text = f"{checked}: {', '.join(parts)}." if parts else f"{checked}, all in place."
    if report.strays:
        strays = count_of(len(report.strays), "file")
        text += f" {strays} in the folder not in the library."
    return text


def cache_words(size_bytes: int | None) -> str:
    """What the small pictures take; None while it is being measured."""
    size = "" if size_bytes is None else f"{file_size(size_bytes)}. "
    return f"{size}Posters and previews, made again when needed."


# ------------------------------------------------------------------ money

UNKNOWN_PASSES_LIMITS = (
    "A clip whose price isn’t known yet is not held until a limit is reached, so it may pass it."
)


def used_words(used: Sum) -> str:
    """``$14.60 used``, with what is not known said beside it."""
    unknown = f", {used.unknown} unknown" if used.unknown else ""
    return f"{money(used.usd)} used{unknown}"


def known_words(total: Sum) -> str:
    """The known part of a sum: ``$1.05 for 3 clips``."""
    return f"{money(total.usd)} for {count_of(total.known, 'clip')}"


def unknown_words(total: Sum) -> str:
    """The unknown part, said apart; empty when every cost is known."""
    return f"{count_of(total.unknown, 'clip')} of unknown cost" if total.unknown else ""


def raised_limit(limit: Decimal) -> Decimal:
    """Half as much again, as a round sum: what one click on "Raise" makes of a limit."""
    wanted = max(limit * Decimal("1.5"), limit + 1)
    step = Decimal(1 if wanted < 20 else 5 if wanted < 100 else 10)
    return (wanted / step).to_integral_value(rounding="ROUND_CEILING") * step


def limit_words(limit: Decimal | None, used: Sum) -> str:
    if limit is None:
        return "No limit."
    if used.usd >= limit:
        return f"The limit of {money(limit)} is reached. The queue is paused until you raise it."
    return f"{money(limit - used.usd)} left of {money(limit)}."


# ------------------------------------------------------------------ trouble


def failed_words(error: KlingDesktopError) -> str:
    """Why a change could not be made, as the sentence under its control."""
    if isinstance(error, DiskFull):
        return "No room on this disk. Nothing was changed."
    text = describe_error(error)
    if not text or text == error.code:
        return "That did not work. Nothing was changed."
    return text if text.endswith((".", "!", "?")) else f"{text[0].upper()}{text[1:]}."


def describe_start_failure(error: KlingDesktopError) -> tuple[str, str]:
    """Title and text for a start that cannot go on, calm and without codes."""
    match error:
        case DatabaseBusy():
            return (
                "Kling Desktop is already running.",
                "It may be at work in a terminal, or just closing. One app at a time looks after "
                "the queue, so that nothing is sent twice.",
            )
        case DatabaseTooNew():
            return (
                "A newer Kling Desktop was here.",
                "The library’s records were written by a newer version. They were not touched. "
                "Install that version again to go on.",
            )
        case DatabaseDamaged():
            return (
                "The library’s records are damaged.",
                "Your clips are files of their own and are safe. Choose a copy of the records to "
                "go on with; what the clips’ files know is added to it.",
            )
        case _:
            return ("Kling Desktop can’t start.", failed_words(error))


def no_backup_words() -> str:
    return (
        "Your clips are files of their own and are safe. There is no copy of the records, so new "
        "ones are made from what the clips’ files know. The damaged file is kept."
    )


def backup_words(backup: Backup, now: datetime) -> str:
    """``Yesterday, 18:30, 2.4 MB``."""
    local = backup.made_at.astimezone(now.tzinfo)
    day = day_name(backup.made_at, now)
    return f"{day}, {local.strftime('%H:%M')}, {file_size(backup.size_bytes)}"
