"""What each row of the queue's list returns for a role."""

from collections.abc import Set as AbstractSet
from dataclasses import replace
from enum import IntEnum

from PySide6.QtCore import Qt

from kling_desktop.domain.display_state import DisplayState
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.job import Job, JobId
from kling_desktop.storage.stores.draft_store import DraftId
from kling_desktop.ui.queue.queue_contents import QueueContents
from kling_desktop.ui.queue.queue_rows import (
    QueuePicture,
    Row,
    RowContent,
    RowFace,
    RowKind,
    SectionContent,
)
from kling_desktop.wording.formatting import join_words
from kling_desktop.wording.queue import (
    RowWords,
    describe_saved,
    describe_takes,
    speak_draft,
    speak_row,
)


class RowRole(IntEnum):
    """The roles of the queue's list; their values are the domain's own.

    Qt returns a `STATE` as plain text: equal to its `DisplayState`, but not the same object.
    `CONTENT` is all that is drawn of a row in one value, a `RowContent` or `SectionContent`.
    """

    KIND = Qt.ItemDataRole.UserRole + 1
    JOB = Qt.ItemDataRole.UserRole + 2
    STATE = Qt.ItemDataRole.UserRole + 3
    DRAFT = Qt.ItemDataRole.UserRole + 4
    CARD = Qt.ItemDataRole.UserRole + 5
    UNFOLDED = Qt.ItemDataRole.UserRole + 6
    HELD = Qt.ItemDataRole.UserRole + 7
    CONTENT = Qt.ItemDataRole.UserRole + 8
    ROW = Qt.ItemDataRole.UserRole + 9


def read_role(
    row: Row,
    role: int,
    contents: QueueContents,
    picture: QueuePicture,
    unfolded: AbstractSet[str],
) -> object:
    """Return a row's value for a role; None where it has none, or where the row has just gone."""
    if role == RowRole.KIND:
        return row.kind
    if role == RowRole.ROW:
        return row
    match row.kind:
        case RowKind.SECTION:
            return _read_section(str(row.ident), role, picture)
        case RowKind.DRAFT:
            return _read_draft(DraftId(int(row.ident)), role, contents)
        case RowKind.TAKES:
            return _read_takes(str(row.ident), role, contents, picture, unfolded)
        case RowKind.CARD if role == RowRole.CONTENT:
            return None  # a widget lies there: nothing to paint and nothing to hit
        case _:
            return _read_job(JobId(int(row.ident)), role, contents, picture)


def _read_section(title: str, role: int, picture: QueuePicture) -> object:
    aside = picture.asides.get(title, "")
    match role:
        case Qt.ItemDataRole.DisplayRole:
            return title
        case RowRole.CONTENT:
            return SectionContent(title, aside)
        case Qt.ItemDataRole.AccessibleTextRole:
            return join_words((title, aside))
        case _:
            return None


def _read_draft(draft_id: DraftId, role: int, contents: QueueContents) -> object:
    saved = contents.saved.get(draft_id)
    if saved is None:
        return None
    title, words = describe_saved(saved)
    match role:
        case Qt.ItemDataRole.DisplayRole:
            return title
        case RowRole.DRAFT:
            return saved
        case RowRole.CONTENT:
            return _show(title, None, words, saved.draft)
        case Qt.ItemDataRole.AccessibleTextRole:
            return speak_draft(title, words)
        case _:
            return None


def _read_takes(
    group: str,
    role: int,
    contents: QueueContents,
    picture: QueuePicture,
    unfolded: AbstractSet[str],
) -> object:
    """Return a group's value: that of its newest take, and how many takes there are."""
    takes = picture.takes.get(group, ())
    if not takes:
        return None
    match role:
        case RowRole.UNFOLDED:
            return group in unfolded
        case RowRole.CONTENT:
            job, words = contents.find_job(takes[0]), contents.words_of_group(takes)
            if job is None or words is None:
                return None
            state, count = contents.state_of(job), len(takes)
            shown = _show(job.title, state, words, job.draft, job)
            face = replace(shown.face, takes=count, unfolded=group in unfolded)
            return replace(shown, face=face)
        case Qt.ItemDataRole.AccessibleTextRole:
            text = _read_job(takes[0], role, contents, picture)
            shown = describe_takes(len(takes), unfolded=group in unfolded)
            return join_words((shown, str(text or "")))
        case _:
            return _read_job(takes[0], role, contents, picture)


def _read_job(job_id: JobId, role: int, contents: QueueContents, picture: QueuePicture) -> object:
    job = contents.find_job(job_id)
    if job is None:
        return None
    match role:
        case Qt.ItemDataRole.DisplayRole:
            return job.title
        case RowRole.JOB:
            return job
        case RowRole.HELD:
            return job_id == contents.held
        case RowRole.STATE:
            return contents.state_of(job)
        case RowRole.CARD:
            return contents.card_of(job)
        case RowRole.CONTENT:
            state = contents.state_of(job)
            words, number = contents.words_of(job, state), picture.numbers.get(job_id)
            return _show(job.title, state, words, job.draft, job, number)
        case Qt.ItemDataRole.AccessibleTextRole:
            return speak_row(job, contents.state_of(job), contents.words_of(job))
        case _:
            return None


def _show(
    title: str,
    state: DisplayState | None,
    words: RowWords,
    draft: Draft,
    job: Job | None = None,
    number: int | None = None,
) -> RowContent:
    still = words if words.fraction is None else replace(words, fraction=None)
    stand_in = "text" if draft.first_frame is None else "image"
    face = RowFace(title, state, still, number, stand_in=stand_in)
    return RowContent(face, words.fraction, draft, job)
