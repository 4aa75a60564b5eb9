"""A decoder that crashes, hangs or eats memory does so in a process of its own."""

import os
import signal
import sys
import time

import pytest

from kling_desktop.domain.errors import DamagedValue
from kling_desktop.media.decoding import DecodeFailed
from kling_desktop.media.isolation import run_isolated


def test_a_result_comes_back() -> None:
    assert run_isolated(divmod, 17, 5) == (3, 2)


def test_a_crash_is_an_error_here() -> None:
    with pytest.raises(DecodeFailed, match="the decoder ended"):
        run_isolated(os.abort)


def test_an_endless_decode_is_ended() -> None:
    with pytest.raises(DecodeFailed, match="no result after"):
        run_isolated(time.sleep, 600, time_limit_s=0.2)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps the limit")
def test_a_bomb_runs_into_the_limit() -> None:
    with pytest.raises(DecodeFailed, match="out of memory"):
        run_isolated(bytes, 8 * 1024**3)


def test_known_errors_keep_their_kind() -> None:
    from kling_desktop.domain.draft import draft_from_json

    with pytest.raises(DamagedValue):
        run_isolated(draft_from_json, "no draft")


def test_a_killed_child_is_an_error_here() -> None:
    with pytest.raises(DecodeFailed):
        run_isolated(signal.raise_signal, signal.SIGTERM)
