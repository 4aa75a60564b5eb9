from datetime import timedelta

from kling_desktop.domain.job import MediaId, Service
from kling_desktop.storage.stores.upload_store import UploadStore
from tests.storage.conftest import Stores

SHA = "a" * 64


async def test_a_picture_is_known_until_the_service_may_have_forgotten_it(stores: Stores) -> None:
    uploads = UploadStore(stores.database, now=stores.clock)
    assert uploads.find(Service.RUNWARE, SHA) is None
    await uploads.keep(Service.RUNWARE, SHA, MediaId("m1"))
    assert uploads.find(Service.RUNWARE, SHA) == "m1"
    assert uploads.find(Service.SANDBOX, SHA) is None
    stores.clock.pass_time(timedelta(days=28))
    await uploads.keep(Service.RUNWARE, SHA, MediaId("m1"))  # used again
    stores.clock.pass_time(timedelta(days=28))
    assert uploads.find(Service.RUNWARE, SHA) == "m1"
    stores.clock.pass_time(timedelta(days=1))
    assert uploads.find(Service.RUNWARE, SHA) is None


async def test_a_picture_that_is_gone_is_forgotten(stores: Stores) -> None:
    uploads = UploadStore(stores.database, now=stores.clock)
    await uploads.keep(Service.RUNWARE, SHA, MediaId("m1"))
    await uploads.keep(Service.SANDBOX, SHA, MediaId("s1"))
    await uploads.forget(Service.RUNWARE, SHA)
    await uploads.forget(Service.RUNWARE, SHA)
    assert uploads.find(Service.RUNWARE, SHA) is None
    assert uploads.find(Service.SANDBOX, SHA) == "s1"
