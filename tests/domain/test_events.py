"""The notifier: order, leaving, listeners that come and go meanwhile, and one that raises."""

from types import TracebackType

import pytest

from kling_desktop.domain.events import Notifier
from kling_desktop.domain.frame_form import FrameForm


def test_listeners_hear_in_the_order_they_came() -> None:
    notifier, heard = Notifier[int](), list[str]()
    notifier.subscribe(lambda value: heard.append(f"a{value}"))
    leave = notifier.subscribe(lambda value: heard.append(f"b{value}"))
    notifier.send(1)
    leave()
    leave()
    notifier.send(2)
    assert heard == ["a1", "b1", "a2"]


def test_one_may_leave_while_it_listens() -> None:
    notifier, heard = Notifier[int](), list[int]()

    def once(value: int) -> None:
        heard.append(value)
        leave()

    leave = notifier.subscribe(once)
    notifier.subscribe(lambda value: heard.append(value * 10))
    notifier.send(1)
    notifier.send(2)
    assert heard == [1, 10, 20]


def test_one_that_raises_is_reported_and_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    notifier, heard, reported = Notifier[int](), list[int](), list[BaseException]()

    def report(_kind: type, error: BaseException, trace: TracebackType | None) -> None:
        assert trace is not None
        reported.append(error)

    monkeypatch.setattr("sys.excepthook", report)
    bug = RuntimeError("a widget's bug")

    def fail(_: int) -> None:
        raise bug

    notifier.subscribe(heard.append)
    notifier.subscribe(fail)
    notifier.subscribe(heard.append)
    notifier.send(1)
    assert heard == [1, 1]
    assert reported == [bug]


def test_leaving_the_program_is_no_bug() -> None:
    notifier = Notifier[int]()

    def leave(_: int) -> None:
        raise KeyboardInterrupt

    notifier.subscribe(leave)
    with pytest.raises(KeyboardInterrupt):
        notifier.send(1)


def test_the_other_frame_form() -> None:
    assert FrameForm.SEED.other is FrameForm.INPUTS
    assert FrameForm.INPUTS.other is FrameForm.SEED
