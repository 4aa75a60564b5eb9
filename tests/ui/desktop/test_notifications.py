from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from kling_desktop.domain.draft import Draft
from kling_desktop.domain.events import EngineStatus, JobChange, PauseReason
from kling_desktop.domain.job import Job, JobId, JobState, Service, TaskId
from kling_desktop.storage.settings.settings_store import NotifyWhen, Settings
from kling_desktop.ui.desktop.notifications import Note, NoteKind, SystemNotifications
from kling_desktop.wording.errors import describe_failure

_AT = datetime(2026, 11, 4, 14, 2, tzinfo=UTC)


class _Stage:
    """A window that is in front or not, settings, a clock, and what the system was told."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.in_front = False
        self.seconds = 100.0
        self.shown: list[Note] = []
        self.notes = SystemNotifications(
            lambda: self.settings,
            lambda: self.in_front,
            self.shown.append,
            now=lambda: self.seconds,
        )

    def end(
        self, state: JobState, title: str = "Lanterns rise from the lake", number: int = 1
    ) -> None:
        job = Job(
            id=JobId(number),
            task_id=TaskId("t"),
            draft=Draft(prompt=title, duration_s=10),
            service=Service.RUNWARE,
            state=state,
            created_at=_AT,
            updated_at=_AT,
            position=1.0,
            error_code="content_rejected" if state is JobState.FAILED else "",
        )
        self.notes.on_job_changed(JobChange(job.id, job, JobState.DOWNLOADING))

    def tell_status(self, **facts: Any) -> None:
        self.notes.on_status_changed(replace(EngineStatus(service=Service.RUNWARE), **facts))

    @property
    def titles(self) -> list[str]:
        return [note.title for note in self.shown]


@pytest.fixture
def stage(qapp: QApplication) -> Iterator[_Stage]:
    stage = _Stage()
    yield stage
    stage.notes.stop()


def test_a_clip_that_is_ready_is_told_with_title_and_length(stage: _Stage) -> None:
    stage.end(JobState.DONE)
    assert stage.shown == [
        Note(NoteKind.DONE, "Clip ready", "Lanterns rise from the lake, 10 s", JobId(1))
    ]


def test_nothing_is_told_while_the_window_is_in_front(stage: _Stage) -> None:
    stage.in_front = True
    stage.end(JobState.DONE)
    assert stage.shown == []
    stage.settings = Settings(notify_when=NotifyWhen.ALWAYS)
    stage.end(JobState.DONE)
    assert stage.titles == ["Clip ready"]


@pytest.mark.parametrize(
    "settings", [Settings(notify_when=NotifyWhen.NEVER), Settings(notify_done=False)]
)
def test_what_is_off_is_not_told(stage: _Stage, settings: Settings) -> None:
    stage.settings = settings
    stage.end(JobState.DONE)
    assert stage.shown == []


def test_several_within_ten_seconds_become_one(stage: _Stage) -> None:
    for number in (1, 2, 3):
        stage.end(JobState.DONE, number=number)
        stage.seconds += 3
    assert stage.titles == ["Clip ready"]
    stage.notes.show_due()
    assert stage.titles == ["Clip ready"], "the ten seconds are not over"
    stage.seconds += 1
    stage.notes.show_due()
    assert stage.titles == ["Clip ready", "3 clips ready"]
    stage.seconds += 20
    stage.notes.show_due()
    assert len(stage.shown) == 2


def test_kinds_are_not_mixed(stage: _Stage) -> None:
    stage.end(JobState.DONE)
    stage.end(JobState.FAILED)
    assert stage.titles == ["Clip ready", describe_failure("content_rejected")[0]]


def test_after_ten_seconds_the_next_is_told_at_once(stage: _Stage) -> None:
    stage.end(JobState.DONE)
    stage.seconds += 11
    stage.end(JobState.DONE)
    assert stage.titles == ["Clip ready", "Clip ready"]


def test_what_was_gathered_is_not_told_to_somebody_who_came_back(stage: _Stage) -> None:
    stage.end(JobState.DONE)
    stage.end(JobState.DONE)
    stage.in_front = True
    stage.seconds += 10
    stage.notes.show_due()
    assert stage.titles == ["Clip ready"]


def test_a_queue_that_needs_somebody_says_why(stage: _Stage) -> None:
    stage.tell_status(running=1)
    stage.tell_status(running=1, pause=PauseReason.CREDIT)
    assert stage.titles == ["Runware credit has run out."]
    stage.tell_status(running=1, pause=PauseReason.CREDIT)
    assert len(stage.shown) == 1
    stage.tell_status(running=1, pause=PauseReason.USER)
    assert len(stage.shown) == 1, "the user paused it"
    stage.seconds += 11
    stage.tell_status(running=1, needs_user=1)
    assert stage.titles[-1] == "1 clip is unconfirmed. Please check it."


def test_the_end_of_the_queue_is_told_after_several_clips(stage: _Stage) -> None:
    stage.tell_status(running=2)
    stage.end(JobState.DONE)
    stage.tell_status(running=1)
    stage.end(JobState.DONE)
    stage.tell_status()
    assert stage.titles == ["Clip ready", "The queue is finished"]
    assert stage.shown[-1].text == "2 clips made."
    stage.tell_status(running=1)
    stage.seconds += 11
    stage.end(JobState.DONE)
    stage.tell_status()
    assert stage.titles[-1] == "Clip ready", "one clip alone has said so itself"


def test_a_click_opens_what_was_told_last(stage: _Stage) -> None:
    opened: list[Note] = []
    stage.notes.opened.connect(opened.append)
    stage.notes.on_clicked()
    assert opened == []
    stage.end(JobState.DONE)
    stage.notes.on_clicked()
    assert opened == stage.shown
