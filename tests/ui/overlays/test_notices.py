import pytest
from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QCursor, QEnterEvent, QPixmap
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from kling_desktop.ui.controls.action_offer import ActionOffer
from kling_desktop.ui.controls.announcer import Announcer
from kling_desktop.ui.controls.buttons import LinkButton
from kling_desktop.ui.controls.empty_state import EmptyState
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.overlays.notices import Notice, Notices
from kling_desktop.ui.shell.banner import Banner
from kling_desktop.ui.theme.look import Look


class _Time:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    QCursor.setPos(0, 0)  # a pointer on the stack would hold it
    widget = QWidget()
    widget.resize(900, 600)
    qtbot.addWidget(widget)
    widget.show()
    return widget


@pytest.fixture
def time() -> _Time:
    return _Time()


@pytest.fixture
def notices(look: Look, host: QWidget, time: _Time) -> Notices:
    return Notices(look, host, now=time)


def _titles(notices: Notices) -> list[str]:
    return [notice.title for notice in notices.list_shown()]


def _nothing() -> None:
    pass


def test_notice_stays_six_seconds(notices: Notices, time: _Time) -> None:
    notices.show_notice(Notice("Back online", kind="success"))
    time.seconds += 5.9
    notices.remove_expired()
    assert _titles(notices) == ["Back online"]
    assert 0 <= notices._timer.remainingTime() <= 200
    time.seconds += 0.1
    notices.remove_expired()
    assert _titles(notices) == []
    assert not notices.isVisible()
    assert not notices._timer.isActive()


def test_notice_with_an_offer_stays_twelve(notices: Notices, time: _Time) -> None:
    notices.show_notice(
        Notice("Moved 1 clip to the trash", offers=(ActionOffer("Undo", _nothing),))
    )
    time.seconds += 11.9
    notices.remove_expired()
    assert _titles(notices)
    time.seconds += 0.1
    notices.remove_expired()
    assert not _titles(notices)


def test_problem_stays_until_it_is_closed(notices: Notices, time: _Time) -> None:
    notice_id = notices.show_notice(Notice("The library folder is not there", stays=True))
    time.seconds += 100_000
    notices.remove_expired()
    assert _titles(notices)
    notices.dismiss(notice_id)
    notices.dismiss(notice_id)
    assert not _titles(notices)


def test_three_at_most_and_the_rest_is_counted(notices: Notices, time: _Time) -> None:
    for number in range(5):
        notices.show_notice(Notice(f"Notice {number}"))
    assert _titles(notices) == ["Notice 2", "Notice 3", "Notice 4"]
    words = [label.text() for label in notices.findChildren(Label) if label.isVisible()]
    assert "and 2 more" in words
    assert "Notice 0" in [label.text() for label in notices.findChildren(Label)]


def test_hidden_notice_has_its_time_when_it_comes_into_view(look: Look, host: QWidget) -> None:
    time = _Time()
    notices = Notices(look, host, now=time)
    ids = [notices.show_notice(Notice("Problem", stays=True)) for _ in range(2)]
    late = notices.show_notice(Notice("Late"))
    ids.append(notices.show_notice(Notice("Problem", stays=True)))
    assert "Late" in _titles(notices)
    ids.append(notices.show_notice(Notice("Problem", stays=True)))
    ids.append(notices.show_notice(Notice("Problem", stays=True)))
    assert "Late" not in _titles(notices)
    time.seconds += 7
    notices.remove_expired()
    for notice_id in ids:
        notices.dismiss(notice_id)
    notices.dismiss(late)
    assert not notices.list_shown()


def test_pointer_holds_them(notices: Notices, time: _Time) -> None:
    notices.show_notice(Notice("Back online"))
    time.seconds += 5
    middle = QPointF(5, 5)
    QApplication.sendEvent(notices, QEnterEvent(middle, middle, middle))
    time.seconds += 60
    notices.remove_expired()
    assert _titles(notices)
    QApplication.sendEvent(notices, QEvent(QEvent.Type.Leave))
    time.seconds += 0.9
    notices.remove_expired()
    assert _titles(notices), "a second of its six was left"
    time.seconds += 0.2
    notices.remove_expired()
    assert not _titles(notices)


def test_stack_sits_bottom_right_and_follows(notices: Notices, host: QWidget) -> None:
    notices.show_notice(Notice("Back online", "5 waiting clips are starting.", kind="success"))
    for width, height in ((900, 600), (1200, 800)):
        host.resize(width, height)
        area = notices.geometry()
        assert area.right() + 1 == width - 16
        assert area.bottom() + 1 == height - 16
        assert area.width() == 420


def test_offer_acts_and_takes_the_notice_away(notices: Notices, qtbot: QtBot) -> None:
    acted: list[str] = []
    offers = (
        ActionOffer("Open dashboard", lambda: acted.append("dashboard")),
        ActionOffer("Resume", _nothing),
    )
    notices.show_notice(Notice("Runware credit has run out", offers=offers, stays=True))
    link = next(x for x in notices.findChildren(LinkButton) if x.text() == "Open dashboard")
    link.click()
    assert acted == ["dashboard"]
    assert not _titles(notices)


def test_notice_with_a_picture_has_its_offer_beside_it(notices: Notices) -> None:
    picture = QPixmap(160, 90)
    picture.fill("red")
    notices.show_notice(
        Notice(
            "Beam sweeps once",
            "Done in 2:31",
            picture=picture,
            offers=(ActionOffer("Show", _nothing),),
        )
    )
    assert not notices.findChildren(LinkButton)
    assert "Show" in [button.text() for button in notices.findChildren(QAbstractButton)]
    assert not notices.grab().isNull()
    notices.clear()
    assert not _titles(notices)


def test_sentences_are_spoken_two_seconds_apart(host: QWidget) -> None:
    time, said = _Time(), list[str]()
    announcer = Announcer(host, now=time, say=said.append)
    for sentence in ("Finished", "Offline", "Offline", "Back online"):
        announcer.announce(sentence)
    assert said == ["Finished"]
    time.seconds += 1.9
    announcer.speak_due()
    assert said == ["Finished"]
    time.seconds += 0.1
    announcer.speak_due()
    time.seconds += 2
    announcer.speak_due()
    assert said == ["Finished", "Offline", "Back online"]


def test_banner_says_and_offers(look: Look, qtbot: QtBot) -> None:
    banner = Banner(look)
    qtbot.addWidget(banner)
    banner.resize(900, 40)
    banner.show()
    acted: list[str] = []
    offer = ActionOffer("Try now", lambda: acted.append("try"))
    banner.set_message("You're offline.", "Keep working.", icon="cloud-off", offers=[offer])
    assert banner.accessibleName() == "You're offline. Keep working."
    assert banner.height() == 40
    banner.findChildren(LinkButton)[0].click()
    assert acted == ["try"]
    with qtbot.waitSignal(banner.dismissed, timeout=1000):
        next(x for x in banner.findChildren(QAbstractButton) if not x.text()).click()
    banner.set_message("Back online.", "5 waiting clips are starting.", kind="success")
    assert not [x for x in banner.findChildren(LinkButton) if not x.isHidden()]
    assert not banner.grab().isNull()


def test_empty_state_has_one_button_and_links(look: Look, qtbot: QtBot) -> None:
    acted: list[str] = []
    offers = [
        ActionOffer("Choose a picture…", lambda: acted.append("choose")),
        ActionOffer("Try a sample picture", lambda: acted.append("sample")),
    ]
    state = EmptyState(look, "Your clips will live here.", "Drop a picture.", offers, icon="film")
    qtbot.addWidget(state)
    state.resize(700, 500)
    state.show()
    for button in state.findChildren(QAbstractButton):
        button.click()
    assert acted == ["choose", "sample"]
    assert len(state.findChildren(LinkButton)) == 1
    state.set_words("No clips match.", "Try fewer words.")
    assert not [x for x in state.findChildren(QAbstractButton) if not x.isHidden()]
