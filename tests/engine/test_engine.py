from kling_desktop.domain.job import JobState
from tests.engine.conftest import World


async def test_words_become_one_film(world: World) -> None:
    await world.open()
    (job,) = await world.queue()
    done = await world.run_to(job, JobState.DONE)
    world.check_books()
    assert (world.folder / "library" / done.file).is_file()
    assert world.list_leftovers() == []
    await world.engine.wait_idle()
