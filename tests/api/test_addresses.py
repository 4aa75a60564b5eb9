"""A service address that no HTTP client takes is refused in words, before anything is made of it."""

import pytest

from kling_desktop.api.addresses import check_service_address
from kling_desktop.domain.errors import DamagedValue
from kling_desktop.domain.reasons import Reason


@pytest.mark.parametrize(
    "address",
    [
        "https://api.example/v1\n",
        "https://api.ex\tample/v1",
        "https://api.example/v1\x01",
        "https://api.example/a b",
        "https://api.example/\udcff",
        "https://api.example/\u200b",
        "https://api.example/" + "v" * 70_000,
    ],
)
def test_what_is_no_web_address(address: str) -> None:
    with pytest.raises(DamagedValue) as caught:
        check_service_address(address)
    assert caught.value.reason is Reason.ADDRESS_IS_NONE


def test_other_alphabets_in_a_path_are_an_address() -> None:
    check_service_address("https://api.example/v1/ü")
