"""Which language and locale a start takes from the system."""

from decimal import Decimal

import pytest

from kling_desktop.wording.formatting import clock_time, money
from kling_desktop.wording.language import start_language
from kling_desktop.wording.translation import PSEUDO, _, get_language
from tests.wording.test_formatting import NOW

AMERICAN, GERMAN, DANISH = "3:00\u202fPM", "15:00", "15.00"


@pytest.mark.parametrize(
    ("environment", "fallback", "sum_", "time"),
    [
        ({}, "en_US", "$1.50", AMERICAN),
        ({}, "de_DE", "1,50\xa0$", GERMAN),
        ({"LANG": "de_DE.UTF-8"}, "en_US", "1,50\xa0$", GERMAN),
        ({"LANG": "de_DE@euro"}, "", "1,50\xa0$", GERMAN),
        ({"LANG": "en_US.UTF-8", "LC_TIME": "en_DK.UTF-8"}, "", "$1.50", DANISH),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "en_US.UTF-8"}, "", "$1.50", AMERICAN),
        ({"LC_ALL": "C.UTF-8"}, "C", "$1.50", AMERICAN),
        ({"LANG": "POSIX"}, "C", "$1.50", AMERICAN),
        ({"LANG": "%&!"}, "", "$1.50", AMERICAN),
    ],
)
def test_figures_follow_the_system(
    environment: dict[str, str], fallback: str, sum_: str, time: str
) -> None:
    start_language(environment, fallback)
    assert money(Decimal("1.5")) == sum_
    assert clock_time(NOW, NOW) == time


def test_the_pseudo_locale_is_switched_on_by_a_variable() -> None:
    start_language({"KLING_DESKTOP_LANGUAGE": PSEUDO, "LC_ALL": "C.UTF-8"})
    assert get_language() == PSEUDO
    assert _("Quit").startswith("⟦Q")


@pytest.mark.parametrize("language", ["", "en", "de", "xx", "../../etc"])
def test_a_language_without_a_catalogue_is_english(language: str) -> None:
    start_language({"KLING_DESKTOP_LANGUAGE": language, "LC_ALL": "C.UTF-8"})
    assert get_language() == "en"
    assert _("Quit") == "Quit"
