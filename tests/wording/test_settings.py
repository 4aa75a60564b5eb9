from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kling_desktop.domain.errors import DamagedValue, KlingDesktopError, StorageError
from kling_desktop.domain.money import Sum
from kling_desktop.domain.reasons import Reason
from kling_desktop.domain.video import VideoId
from kling_desktop.engine.library.library import LibraryReport, Stray
from kling_desktop.storage.files.folder_listing import FoundVideo
from kling_desktop.storage.settings.api_key import KeyPlace
from kling_desktop.storage.stores.money_store import Balance
from kling_desktop.ui.settings.settings_page import SettingsPage, page_icon, page_title
from kling_desktop.ui.settings.settings_row import find_proxy_problem, read_amount
from kling_desktop.wording.formatting import amount_digits, set_locale
from kling_desktop.wording.reasons import describe_error
from kling_desktop.wording.settings import (
    balance_words,
    failed_words,
    key_intro,
    raised_limit,
    remove_obstacle,
    report_words,
    used_words,
)

_NOW = datetime(2026, 11, 4, 14, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("", None),
        ("  ", None),
        ("60", "60.00"),
        ("$5.00", "5.00"),
        ("4,50", "4.50"),
        ("1,200", "1200.00"),
        ("1,200.50", "1200.50"),
        ("0", "0.00"),
        ("0.005", "0.00"),
    ],
)
def test_sums_are_read_as_people_write_them(typed: str, amount: str | None) -> None:
    assert read_amount(typed) == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize(
    ("locale", "typed", "amount"),
    [
        ("de_DE", "1.234,50", "1234.50"),
        ("de_DE", "1.234", "1234.00"),
        ("de_DE", "4,50", "4.50"),
        ("de_DE", "4.50", "4.50"),
        ("de_DE", "1.234.567,00", None),
        ("fr_FR", "1\u202f234,50", "1234.50"),
        ("de_CH", "1'234.50", "1234.50"),
        ("en_US", "12,34,567", None),
    ],
)
def test_sums_are_read_as_the_locale_writes_them(
    locale: str, typed: str, amount: str | None
) -> None:
    set_locale(locale)
    if amount is None:
        with pytest.raises(DamagedValue):
            read_amount(typed)
    else:
        assert read_amount(typed) == Decimal(amount)


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "fr_FR", "de_CH", "pl_PL", "hi_IN"])
def test_a_sum_that_is_shown_is_read_back(locale: str) -> None:
    set_locale(locale)
    for amount in ("0.00", "4.50", "999.99", "1234.50", "200000.00"):
        assert read_amount(amount_digits(Decimal(amount))) == Decimal(amount)


@pytest.mark.parametrize("typed", ["x", "1.2.3", "nan", "inf", "-1", "1000001", "1e99", "٣٫٥x"])
def test_what_is_no_sum_gets_a_sentence(typed: str) -> None:
    with pytest.raises(DamagedValue) as caught:
        read_amount(typed)
    assert describe_error(caught.value).startswith("Type a sum ")


@pytest.mark.parametrize(
    "address",
    ["", "http://proxy.example:8080", "https://user@p.example/", "socks5://proxy.example:1080"],
)
def test_addresses_of_proxies(address: str) -> None:
    assert find_proxy_problem(address) == ""


@pytest.mark.parametrize(
    "address", ["proxy", "ftp://p", "http://", "http://p:0", "http://p:99999", "http://p/x", "http://a b"]
)  # fmt: skip
def test_what_is_no_proxy_gets_a_sentence(address: str) -> None:
    assert find_proxy_problem(address).endswith(".")


@pytest.mark.parametrize(
    ("limit", "raised"),
    [
        ("0", "1"),
        ("1", "2"),
        ("10", "15"),
        ("12.50", "19"),
        ("60", "90"),
        ("80", "120"),
        ("14", "25"),
    ],
)
def test_a_limit_is_raised_to_a_round_sum(limit: str, raised: str) -> None:
    assert raised_limit(Decimal(limit)) == Decimal(raised)


def test_a_report_says_what_was_found() -> None:
    stray = Stray(found=FoundVideo(file="a.mp4", size_bytes=1, modified_at_s=0.0), recipe=None)
    one, two = VideoId(1), VideoId(2)
    report = LibraryReport(
        checked=1200, missing=(one,), returned=(), moved=(two,), changed=(), strays=(stray,)
    )
    assert report_words(report) == (
        "1,200 clips checked. 1 is missing. 1 was found under another name. "
        "1 file in the folder is not in the library."
    )


def test_the_balance_says_when_it_was_read() -> None:
    balance = Balance(usd=Decimal("42.1"), checked_at=_NOW)
    assert balance_words(balance, _NOW) == "$42.10 of credit left. Last checked today 2:02\u202fPM."
    later = _NOW + timedelta(days=1)
    assert balance_words(balance, later).endswith("Last checked: Yesterday, 2:02\u202fPM.")


def test_what_is_not_known_is_said() -> None:
    assert used_words(Sum(usd=Decimal("14.6"), known=4)) == "$14.60 used"
    assert used_words(Sum(usd=Decimal(1), known=1, unknown=2)) == "$1.00 used, 2 unknown"


def test_every_place_and_page_has_words() -> None:
    for place in (*KeyPlace, None):
        assert key_intro(place).endswith(".")
    assert remove_obstacle(KeyPlace.FILE) == ""
    for page in SettingsPage:
        assert page_title(page)
        assert page_icon(page)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (DamagedValue(Reason.SETTING_NOT_A_SWITCH), "This setting can only be on or off."),
        (StorageError(Reason.FILE_NOT_WRITTEN), "The file could not be written."),
        (KlingDesktopError(), "That did not work. Nothing was changed."),
    ],
)
def test_a_change_that_failed_is_told_in_a_sentence(error: KlingDesktopError, words: str) -> None:
    assert failed_words(error) == words
