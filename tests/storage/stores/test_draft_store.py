from dataclasses import replace
from datetime import timedelta

import pytest

from kling_desktop.domain.draft import Draft
from kling_desktop.storage.stores.draft_store import DraftChange, DraftId, DraftStore
from tests.storage.conftest import Stores, make_request

FOG, SEA = Draft(prompt="Fog", takes=3), Draft(prompt="Sea")


async def test_drafts_are_saved_changed_and_removed(stores: Stores) -> None:
    drafts = DraftStore(stores.database, now=stores.clock)
    changes: list[DraftChange] = []
    drafts.changed.subscribe(changes.append)
    fog = await drafts.save(FOG)
    stores.clock.pass_time(timedelta(seconds=1))
    sea = await drafts.save(SEA)
    assert drafts.list_drafts() == (sea, fog)
    stores.clock.pass_time(timedelta(seconds=1))
    fog = await drafts.save(replace(FOG, prompt="Thick fog"), fog.id)
    assert drafts.list_drafts() == (fog, sea)
    await drafts.remove(sea.id)
    await drafts.remove(sea.id)
    assert drafts.list_drafts() == (fog,)
    with pytest.raises(KeyError):
        await drafts.save(SEA, sea.id)
    assert [change.saved for change in changes][-2:] == [fog, None]
    assert len(changes) == 4
    assert (await drafts.save(SEA)).id > DraftId(sea.id)


async def test_recent_settings_are_the_distinct_drafts_queued_last(stores: Stores) -> None:
    drafts = DraftStore(stores.database, now=stores.clock)
    assert drafts.list_recent() == ()
    for number, draft in enumerate((FOG, SEA, FOG, FOG), start=1):
        await stores.jobs.add([make_request(number, draft)])
    assert drafts.list_recent() == (replace(FOG, takes=1), SEA)
    assert drafts.list_recent(limit=1) == (replace(FOG, takes=1),)
