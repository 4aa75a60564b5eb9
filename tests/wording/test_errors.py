"""Every sentence about trouble is marked for translation, also those of reasons added later."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from kling_desktop.domain.errors import KlingDesktopError
from kling_desktop.domain.events import CapSums, Network, PauseReason
from kling_desktop.engine.cancelling import CancelResult
from kling_desktop.wording.banner import (
    describe_back_online,
    describe_network,
    describe_pause,
)
from kling_desktop.wording.errors import (
    describe_cancel,
    describe_failure,
    failure_in_short,
)
from kling_desktop.wording.translation import PSEUDO, set_language


@pytest.fixture(autouse=True)
def pseudo() -> Iterator[None]:
    set_language(PSEUDO)
    yield
    set_language("")


def strip_marked(text: str) -> str:
    """Return what stands outside of all brackets."""
    outside, depth = "", 0
    for letter in text:
        depth += letter == "⟦"
        outside += "" if depth else letter
        depth -= letter == "⟧"
    return outside


def expect_marked(*sentences: str) -> None:
    for sentence in sentences:
        assert not any(letter.isalpha() for letter in strip_marked(sentence)), sentence


@pytest.mark.parametrize("reason", PauseReason)
@pytest.mark.parametrize("detail", ["", "⟦detail⟧"])
@pytest.mark.parametrize("spent", [2, 5])
def test_pauses(reason: PauseReason, detail: str, spent: int) -> None:
    sums = CapSums(Decimal(spent), Decimal(5))
    expect_marked(*(part.replace(detail, "") for part in describe_pause(reason, detail, sums=sums)))


@pytest.mark.parametrize("network", Network)
def test_the_network(network: Network) -> None:
    expect_marked(*describe_network(network), *describe_network(network, "0:40"))
    expect_marked(*describe_back_online(0), *describe_back_online(5))


@pytest.mark.parametrize("result", CancelResult)
def test_cancels(result: CancelResult) -> None:
    expect_marked(describe_cancel(result))


def list_codes(kind: type[KlingDesktopError] = KlingDesktopError) -> list[str]:
    return [kind.code, *(code for child in kind.__subclasses__() for code in list_codes(child))]


@pytest.mark.parametrize("code", sorted({*list_codes(), "outcome_unknown", ""}))
def test_failures(code: str) -> None:
    for detail, service_code in (("", ""), ("duration", "invalidImage")):
        title, text = describe_failure(code, detail, service_code=service_code)
        expect_marked(title, text, failure_in_short(code, service_code))
