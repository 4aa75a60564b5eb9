"""The notifier: order, leaving, and listeners that come and go while a value is handed round."""

from kling_desktop.domain.events import Notifier
from kling_desktop.domain.frame_form import FrameForm


def test_listeners_hear_in_the_order_they_came() -> None:
    notifier, heard = Notifier[int](), list[str]()
    notifier.connect(lambda value: heard.append(f"a{value}"))
    leave = notifier.connect(lambda value: heard.append(f"b{value}"))
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

    leave = notifier.connect(once)
    notifier.connect(lambda value: heard.append(value * 10))
    notifier.send(1)
    notifier.send(2)
    assert heard == [1, 10, 20]


def test_the_other_frame_form() -> None:
    assert FrameForm.SEED.other is FrameForm.INPUTS
    assert FrameForm.INPUTS.other is FrameForm.SEED
