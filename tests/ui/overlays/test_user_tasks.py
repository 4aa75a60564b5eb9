"""Work that a click asked for: what is known is said in words, everything else is a bug."""

import gc

import pytest

from kling_desktop.domain.errors import DiskFull, KlingDesktopError
from kling_desktop.domain.reasons import Reason
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.ui.overlays.notices import Notice
from kling_desktop.ui.overlays.user_tasks import UserTasks
from kling_desktop.wording.translation import PSEUDO, set_language
from tests.ui.clip_samples import settle


def tasks_of(owner: TaskOwner, told: list[Notice]) -> UserTasks:
    def notify(notice: Notice) -> int:
        told.append(notice)
        return len(told)

    return UserTasks(owner, notify, lambda _notice: None)


async def fail(error: BaseException) -> None:
    raise error


async def test_a_known_error_is_told_as_what_did_not_work() -> None:
    told: list[Notice] = []
    owner = TaskOwner()
    tasks = tasks_of(owner, told)
    tasks.start(fail(DiskFull(Reason.DATABASE_DISK_FULL)), "work", failed="No heart")
    tasks.start(fail(DiskFull(Reason.DATABASE_DISK_FULL)), "work")
    await settle()
    assert [(notice.title, notice.text, notice.kind) for notice in told] == [
        ("No heart", "There is no room left for the database.", "warning"),
        ("That didn’t work", "There is no room left for the database.", "warning"),
    ]
    await owner.close()


async def test_the_title_is_translated() -> None:
    told: list[Notice] = []
    owner = TaskOwner()
    set_language(PSEUDO)
    try:
        tasks_of(owner, told).start(fail(KlingDesktopError(detail="x")), "work", failed="No heart")
        await settle()
    finally:
        set_language("")
    assert told[0].title.startswith("⟦")
    await owner.close()


async def test_a_bug_goes_to_the_owner() -> None:
    told: list[Notice] = []
    bugs: list[BaseException] = []
    owner = TaskOwner(bugs.append)
    bug = ValueError("bug")
    tasks_of(owner, told).start(fail(bug), "work")
    await settle()
    assert (told, bugs) == ([], [bug])
    await owner.close()


@pytest.mark.filterwarnings("error")
async def test_work_that_is_cancelled_before_it_begins_leaves_nothing_behind() -> None:
    owner = TaskOwner()
    tasks_of(owner, []).start(fail(ValueError("never run")), "work")
    await owner.close()
    gc.collect()
