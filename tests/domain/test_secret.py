"""The key shows itself to nobody who does not ask for it by name."""

import copy
import logging
import pickle
import traceback

import pytest

from kling_desktop.domain.secret import ApiKey

WORDS = "rw-1A2b3C4d5E6f"
KEY = ApiKey(f"  {WORDS}\n")


def test_it_is_revealed_trimmed_on_request() -> None:
    assert KEY.reveal() == WORDS
    assert KEY
    assert not ApiKey(" \n")


@pytest.mark.parametrize(
    "shown",
    [
        repr(KEY), str(KEY), f"{KEY}", f"{KEY!r:>40}", "%s %r" % (KEY, KEY), f"{[KEY]}",  # noqa: UP031
        repr({"key": KEY}), repr(dir(KEY)), ascii(KEY),
    ],
)  # fmt: skip
def test_it_is_never_shown(shown: str) -> None:
    assert WORDS not in shown


def test_it_is_in_no_traceback_and_no_log_line(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ValueError, match="ApiKey") as caught:
        raise ValueError(KEY)
    text = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert WORDS not in "".join(text.format())
    logging.getLogger("test").warning("using %s", KEY)
    assert WORDS not in caplog.text


def test_it_is_not_written_by_accident() -> None:
    for write in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            write(KEY)
    with pytest.raises(TypeError):
        vars(KEY)


def test_equal_keys_are_equal() -> None:
    assert ApiKey(WORDS) == KEY
    assert hash(ApiKey(WORDS)) == hash(KEY)
    assert ApiKey("other") != KEY
    assert KEY != WORDS
