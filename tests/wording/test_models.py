"""Every state, problem and trouble has words, and those of the design are its own."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kling_desktop.domain.display_state import DisplayState
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.errors import KlingDesktopError
from kling_desktop.domain.events import Activity as Doing
from kling_desktop.domain.events import CapSums, EngineStatus, JobProgress, Network, PauseReason
from kling_desktop.domain.job import Job, JobId, JobState, Service, TaskId
from kling_desktop.domain.money import Usual
from kling_desktop.engine.cancelling import CancelResult
from kling_desktop.storage.stores.draft_store import DraftId, SavedDraft
from kling_desktop.ui.queue.row_actions import list_job_actions
from kling_desktop.ui.theme.icons import IconSet
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.theme import Theme
from kling_desktop.wording.actions import Action, NamedAction
from kling_desktop.wording.banner import (
    describe_back_online,
    describe_network,
    describe_pause,
)
from kling_desktop.wording.cards import describe_card, describe_hold
from kling_desktop.wording.errors import (
    describe_cancel,
    describe_charge,
    describe_failure,
)
from kling_desktop.wording.models import (
    state_colour,
    state_icon,
    state_word,
)
from kling_desktop.wording.queue import (
    announce,
    describe_queue,
    describe_row,
    describe_saved,
    resume_obstacle,
)

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
ONLINE = EngineStatus(service=Service.RUNWARE)
USUAL = Usual(cost_usd=Decimal("0.35"), cost_count=4, took_s=160.0)


def job(state: JobState = JobState.QUEUED, **facts: Any) -> Job:
    made: dict[str, Any] = {
        "id": JobId(1),
        "task_id": TaskId("t"),
        "draft": Draft(prompt="A boat"),
        "service": Service.RUNWARE,
        "state": state,
        "created_at": NOW,
        "updated_at": NOW,
        "position": 1.0,
    }
    return Job(**{**made, **facts})


def progress(activity: Doing, **facts: Any) -> JobProgress:
    return JobProgress(job_id=JobId(1), activity=activity, **facts)


def row(state: DisplayState, of: Job, seen: JobProgress | None = None, **changes: Any) -> str:
    status, usual = replace(ONLINE, **changes), USUAL
    words = describe_row(of, state, seen, status, usual, NOW)
    return " | ".join(part for part in (words.extra, words.aside, words.link) if part)


# -- nobody is left without words -------------------------------------------------------------------


@pytest.mark.parametrize("state", DisplayState)
def test_every_state_has_word_icon_colour_row_and_actions(
    state: DisplayState, icons: IconSet, look: Look
) -> None:
    assert state_word(state)
    assert state_icon(state) in icons.list_names()
    theme: Theme = look.theme
    assert theme.color(state_colour(state)).isValid()
    describe_row(job(), state, None, ONLINE, Usual(), NOW)
    card = describe_card(job(), state, Usual())
    actions = list_job_actions(state, card)
    assert actions
    assert len({action.action for action in actions}) == len(actions)
    for action in actions:
        assert action.text
        assert not action.icon or action.icon in icons.list_names()


@pytest.mark.parametrize("reason", PauseReason)
def test_every_pause_has_a_title_and_a_text(reason: PauseReason) -> None:
    title, text = describe_pause(reason)
    assert title.endswith(".")
    assert text.endswith(".")


@pytest.mark.parametrize("network", [n for n in Network if n is not Network.ONLINE])
def test_every_trouble_of_the_network_has_words(network: Network) -> None:
    title, text = describe_network(network)
    assert title.endswith(".")
    assert text.endswith(".")
    assert describe_network(Network.ONLINE) == ("", "")


@pytest.mark.parametrize("result", CancelResult)
def test_every_cancel_has_an_answer(result: CancelResult) -> None:
    assert describe_cancel(result).endswith(".")


def _list_errors(kind: type[KlingDesktopError] = KlingDesktopError) -> list[str]:
    return [kind.code, *(code for child in kind.__subclasses__() for code in _list_errors(child))]


@pytest.mark.parametrize("code", sorted({*_list_errors(), "outcome_unknown", ""}))
def test_every_failure_is_calm(code: str) -> None:
    title, text = describe_failure(code, "E42 raw words", charged="Cost: not stated.")
    assert title.endswith(".")
    for words in (title, text):
        assert "!" not in words
        assert "raw words" not in words
        assert not any(bad in words.lower() for bad in ("oops", "invalid", "ai magic"))


# -- the design's own words ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            describe_network(Network.OFFLINE),
            "You’re offline. Keep working: new clips wait in the queue and start by themselves "
            "when you’re back.",
        ),
        (describe_back_online(5), "Back online. 5 waiting clips are starting."),
        (describe_back_online(1), "Back online. 1 waiting clip is starting."),
        (
            describe_network(Network.UNREACHABLE, "0:40"),
            "Runware isn’t answering. Trying again in 0:40. Your queue is safe.",
        ),
        (
            describe_network(Network.SLOWED_DOWN, "0:20"),
            "Runware asked us to slow down. Next try in 0:20.",
        ),
        (
            describe_pause(PauseReason.KEY_REFUSED),
            "This key was refused. The queue is paused.",
        ),
        (
            describe_pause(PauseReason.CREDIT),
            "Runware credit has run out. The queue is paused. Top up in the Runware dashboard, "
            "then resume.",
        ),
        (
            describe_pause(PauseReason.DISK_FULL, "120 MB free."),
            "No room on this disk. 120 MB free. The queue is paused, ready clips wait.",
        ),
        (
            describe_pause(PauseReason.LIBRARY, "It was on a drive that is now unplugged."),
            "The library folder is not there. It was on a drive that is now unplugged. "
            "New clips are held until it is back.",
        ),
        (
            describe_pause(PauseReason.LIBRARY, "no .kling-library in /clips"),
            "The library folder is not there. New clips are held until it is back. "
            "The system’s own words: no .kling-library in /clips",
        ),
        (
            describe_pause(PauseReason.BUDGET_MONTH, sums=CapSums(Decimal("60.20"), Decimal(60))),
            "This month’s limit of $60 is reached. The queue is paused until you raise it.",
        ),
        (
            describe_failure("content_rejected", charged="Nothing was charged."),
            "The prompt was refused by the safety check. Nothing was charged. "
            "Change the wording and try again.",
        ),
        (
            describe_failure("content_rejected", service_code="imageblocked"),
            "The first frame was refused by the safety check. Use another picture.",
        ),
        (
            describe_failure("request_rejected", "Invalid value for 'duration' (12)"),
            "Runware didn’t accept this setting: length. ",
        ),
        (
            describe_failure("generation_failed", charged="Charged: $0.35."),
            "Runware couldn’t finish this clip. Charged: $0.35.",
        ),
    ],
)
def test_words_of_the_design(said: tuple[str, str], expected: str) -> None:
    assert " ".join(said) == expected


def _card(state: DisplayState, of: Job, seen: JobProgress | None = None) -> str:
    words = describe_card(of, state, USUAL, seen)
    assert words is not None
    return f"{words.title} {words.text}".strip()


def test_cards_of_the_design() -> None:
    waiting = DisplayState.DOWNLOAD_WAITING
    assert _card(DisplayState.UNCONFIRMED, job()) == (
        "We don’t know if this one was sent. The connection dropped while submitting. "
        "Runware may be making it already."
    )
    assert _card(waiting, job(), progress(Doing.WAITING, done_bytes=int(6.4 * 2**20))) == (
        "The clip is ready but didn’t download. It goes on from 6.4 MB."
    )
    expired = progress(Doing.WAITING, problem_code="link_expired")
    assert _card(waiting, job(), expired) == "The download link has run out."
    damaged = progress(Doing.WAITING, problem_code="damaged_download")
    assert _card(waiting, job(), damaged) == "The downloaded file is damaged."
    assert _card(DisplayState.TAKING_LONG, job()).startswith(
        "No result after 30 minutes. It may still arrive"
    )
    assert describe_card(job(), DisplayState.GENERATING, USUAL) is None


@pytest.mark.parametrize(
    ("code", "first"),
    [
        ("content_rejected", NamedAction(Action.EDIT_AND_RETRY, "Edit and retry")),
        ("generation_failed", NamedAction(Action.RETRY, "Retry")),
    ],
)
def test_a_failed_job_offers_what_helps(code: str, first: NamedAction) -> None:
    words = describe_card(job(JobState.FAILED, error_code=code), DisplayState.FAILED, USUAL)
    assert words is not None
    assert words.actions[0] == first


def test_the_sum_at_risk_stands_on_the_button() -> None:
    words = describe_card(job(), DisplayState.UNCONFIRMED, USUAL)
    assert words is not None
    assert words.actions[1] == NamedAction(Action.SEND_AGAIN, "Send again, risk $0.35")
    unknown = describe_card(job(), DisplayState.UNCONFIRMED, Usual())
    assert unknown is not None
    assert unknown.actions[1] == NamedAction(Action.SEND_AGAIN, "Send again, may cost twice")
    assert "charged twice, at a price not known yet" in unknown.note
    free = describe_card(job(service=Service.SANDBOX), DisplayState.UNCONFIRMED, USUAL)
    assert free is not None
    assert free.actions[1] == NamedAction(Action.SEND_AGAIN, "Send again")


def test_a_held_job_says_which_limit_and_what_it_costs() -> None:
    words = describe_hold(PauseReason.BUDGET_MONTH, CapSums(Decimal("60.10"), Decimal(60)), USUAL)
    assert words.title == "This month’s limit of $60 is reached."
    nearly = CapSums(Decimal("0.42"), Decimal("0.50"))
    held_before = describe_hold(PauseReason.BUDGET_DAY, nearly, USUAL)
    assert held_before.title == "Today’s limit of $0.50 has $0.08 left."
    assert held_before.text == "This clip costs about $0.35 and would pass it."
    _, text = describe_pause(PauseReason.BUDGET_DAY, sums=nearly)
    assert text == "The next clip would pass it. The queue is paused until you raise it."
    assert "about $0.35" in words.text


def test_what_it_cost_is_what_the_service_said() -> None:
    sent: dict[str, Any] = {"submitted_at": NOW}
    assert describe_charge(job(cost_usd=Decimal("0.35"))) == "Charged: $0.35."
    assert describe_charge(job(cost_usd=Decimal(0), **sent)) == "Nothing was charged."
    assert describe_charge(job(**sent)) == "Cost: not stated."
    assert describe_charge(job()) == "Nothing was sent and nothing was charged."


# -- rows ---------------------------------------------------------------------------------------------


def test_rows_of_the_design() -> None:
    mebi = 2**20
    state = DisplayState
    sent = job(JobState.RUNNING, submitted_at=NOW - timedelta(seconds=72))
    late = job(JobState.RUNNING, submitted_at=NOW - timedelta(seconds=245))
    uploading = progress(Doing.UPLOADING, done_bytes=int(1.1 * mebi), total_bytes=int(2.4 * mebi))
    coming = progress(Doing.DOWNLOADING, done_bytes=int(6.4 * mebi), total_bytes=int(9.1 * mebi))
    asked = progress(Doing.GENERATING, last_answer_at=NOW - timedelta(minutes=58))
    slow = {"network": Network.SLOWED_DOWN, "next_try_at": NOW + timedelta(seconds=20)}
    assert row(state.QUEUED, job()) == "2.5 Turbo Pro · 5 s · about $0.35"
    assert row(state.QUEUED, job(), **slow) == "next try in 0:20"
    assert row(state.WAITING_FOR_NETWORK, job()) == "ready to send"
    assert row(state.SUBMITTING, job(), uploading) == "sending first frame, 1.1 of 2.4 MB"
    assert row(state.GENERATING, sent) == "1:12 of about 2:40"
    assert row(state.GENERATING, late) == "4:05 longer than the usual 2:40"
    assert (
        row(state.GENERATING, sent, asked, network=Network.OFFLINE) == "last checked 2:02\u202fPM"
    )
    assert row(state.DOWNLOADING, job(), coming) == "6.4 of 9.1 MB"
    assert row(state.DOWNLOAD_WAITING, job(), coming) == "6.4 of 9.1 MB, goes on from here"
    done = job(
        JobState.DONE,
        submitted_at=NOW - timedelta(seconds=151),
        ended_at=NOW,
        cost_usd=Decimal("0.35"),
    )
    assert row(state.DONE, done) == "3:00\u202fPM | $0.35 · took 2:31"
    failed = job(JobState.FAILED, ended_at=NOW, error_code="content_rejected")
    assert row(state.FAILED, failed) == "prompt refused | See why"
    poor = job(JobState.FAILED, ended_at=NOW, error_code="insufficient_credits")
    assert row(state.FAILED, poor) == "3:00\u202fPM | not enough credit | Retry"
    gone = job(JobState.CANCELLED, ended_at=NOW)
    assert row(state.CANCELLED, gone) == "3:00\u202fPM | before sending, not charged"
    lost = job(JobState.CANCELLED, ended_at=NOW, submitted_at=NOW)
    assert row(state.OUTCOME_UNKNOWN, lost) == "3:00\u202fPM | cost not known"
    practice = replace(lost, service=Service.SANDBOX)
    assert row(state.OUTCOME_UNKNOWN, practice) == "3:00\u202fPM | practice"
    unsure = job(JobState.UNCONFIRMED, submitted_at=NOW - timedelta(minutes=39))
    assert row(state.UNCONFIRMED, unsure) == "today 2:21\u202fPM"


def test_bars_stop_before_the_end_and_never_claim_what_nobody_knows() -> None:
    def bar(seconds: float, usual: Usual) -> float | None:
        running = job(JobState.RUNNING, submitted_at=NOW - timedelta(seconds=seconds))
        words = describe_row(running, DisplayState.GENERATING, None, ONLINE, usual, NOW)
        assert words.has_bar
        return words.fraction

    assert bar(80, USUAL) == 0.5
    assert bar(159, USUAL) == 0.95
    assert bar(161, USUAL) is None
    assert bar(10, Usual()) is None


def test_drafts_say_what_is_missing_or_that_they_can_go() -> None:
    def words(draft: Draft) -> str:
        title, line = describe_saved(SavedDraft(id=DraftId(1), draft=draft, saved_at=NOW))
        assert (line.link_action is Action.ADD) == bool(line.link)
        return f"{title}: {line.right or line.link}"

    assert words(Draft(prompt="A  boat\n")) == "A boat: Add to queue"
    assert words(Draft()) == "Untitled draft: no picture and no prompt yet"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Nothing running"),
        ({"running": 2, "waiting": 3}, "2 running, 3 waiting, about $2.31"),
        ({"needs_user": 2}, "2 clips need you"),
        ({"pause": PauseReason.USER}, "Paused"),
        ({"pause": PauseReason.USER, "running": 2}, "Paused, 2 still running at Runware"),
        (
            {"pause": PauseReason.USER, "running": 1, "service": Service.SANDBOX},
            "Paused, 1 still running in the sandbox",
        ),
        (
            {"network": Network.OFFLINE, "waiting": 4, "running": 2},
            "6 clips will go on when you’re online",
        ),
        ({"network": Network.OFFLINE}, "Offline"),
        ({"network": Network.UNREACHABLE, "waiting": 1}, "1 clip will go on when Runware answers"),
    ],
)
def test_the_header_of_the_queue(changes: dict[str, Any], words: str) -> None:
    assert describe_queue(replace(ONLINE, **changes), "about $2.31") == words


def test_resume_says_what_is_missing_first() -> None:
    assert resume_obstacle(replace(ONLINE, pause=PauseReason.KEY_MISSING))
    assert not resume_obstacle(replace(ONLINE, pause=PauseReason.USER))


def test_only_changes_that_matter_are_said_aloud() -> None:
    said = {state: announce(job(), state) for state in DisplayState}
    loud = {state for state, words in said.items() if words}
    needs_user = {DisplayState.UNCONFIRMED, DisplayState.HELD}
    assert loud == {DisplayState.DONE, DisplayState.FAILED, *needs_user}
    assert said[DisplayState.DONE] == "Clip ready: A boat"


@pytest.mark.parametrize(
    ("state", "code", "title"),
    [
        (JobState.QUEUED, "internal_error", "An error in the app stopped this clip."),
        (JobState.DOWNLOADING, "link_expired", "This clip can’t be downloaded at the moment."),
        (JobState.RUNNING, "", "This clip can’t go on at the moment."),
    ],
)
def test_a_held_job_says_why_and_can_be_asked_about(state: JobState, code: str, title: str) -> None:
    card = describe_card(
        job(state, error_code=code, holds=1, held_until=NOW), DisplayState.HELD, USUAL
    )
    assert card is not None
    assert card.title == title
    assert card.actions[0].text == "Ask again"
    can_cancel = Action.CANCEL in [action.action for action in card.actions]
    assert can_cancel is (state is JobState.QUEUED)


def test_a_clip_that_cannot_be_downloaded_can_be_asked_for_again_or_given_up() -> None:
    lost = job(JobState.DOWNLOADING, error_code="result_out_of_reach", holds=1, held_until=NOW)
    card = describe_card(lost, DisplayState.HELD, USUAL)
    assert card is not None
    assert card.title == "The clip is made and paid for, but can’t be downloaded."
    assert [action.text for action in card.actions] == ["Ask again", "Give up"]
    assert announce(lost, DisplayState.HELD) == "Needs you, can’t be downloaded: A boat"


def test_a_held_job_names_what_holds_it() -> None:
    held = job(error_code="picture_unavailable", held_until=NOW + timedelta(minutes=10))
    assert _card(DisplayState.HELD, held).startswith(
        "The kept picture can’t be read at the moment. It is tried again by itself"
    )
    stopped = job(error_code="crashed", held_until=NOW + timedelta(minutes=10))
    assert "The kept picture" not in _card(DisplayState.HELD, stopped)
