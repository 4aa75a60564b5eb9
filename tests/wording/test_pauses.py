"""The words for pauses: whose trouble it is."""

import pytest

from kling_desktop.domain.events import PauseReason
from kling_desktop.wording.errors import describe_pause


@pytest.mark.parametrize("reason", list(PauseReason))
def test_the_sandboxs_trouble_is_never_told_as_runwares(reason: PauseReason) -> None:
    title, text = describe_pause(reason, sandbox=True)
    assert "Runware" not in f"{title} {text}"
    assert "dashboard" not in text
    assert title.endswith(".")


def test_runwares_credit_is_told_as_runwares() -> None:
    title, text = describe_pause(PauseReason.CREDIT)
    assert title == "Runware credit has run out."
    assert "dashboard" in text
