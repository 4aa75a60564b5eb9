"""Every reason has one sentence, and its placeholders are filled from the error's facts."""

import string

import pytest

from kling_desktop.domain.errors import GenerationFailed, KlingDesktopError, LibraryUnavailable
from kling_desktop.domain.reasons import Reason
from kling_desktop.wording.reasons import describe_error
from kling_desktop.wording.translation import PSEUDO, set_language


class _AnyFact(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return f"<{name}>"


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_sentence(reason: Reason) -> None:
    sentence = describe_error(LibraryUnavailable(reason, facts=_AnyFact(any="fact")))
    assert sentence.endswith((".", "?", "!"))
    assert list(string.Formatter().parse(sentence))


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (GenerationFailed(detail="no GPU"), "The service said: no GPU"),
        (GenerationFailed(), "The service did not say why."),
        (
            LibraryUnavailable(detail="Permission denied"),
            "The folder is not there or can’t be used. The system’s own words: Permission denied",
        ),
        (KlingDesktopError(), "Something went wrong."),
    ],
)
def test_an_error_without_a_reason_has_the_sentence_of_its_kind(
    error: KlingDesktopError, sentence: str
) -> None:
    assert describe_error(error) == sentence
    set_language(PSEUDO)
    try:
        assert describe_error(error).startswith("⟦")
        assert describe_error(error).endswith("⟧")
    finally:
        set_language("")


def test_the_sentence_is_translated_when_it_is_asked_for() -> None:
    error = LibraryUnavailable(Reason.NO_TRASH_HERE)
    assert describe_error(error) == "The system could not move this file to the trash."
    set_language(PSEUDO)
    try:
        assert describe_error(error).startswith("⟦")
    finally:
        set_language("")
