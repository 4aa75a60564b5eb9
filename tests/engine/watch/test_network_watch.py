"""How the way to the service is found again."""

from kling_desktop.domain.errors import NetworkUnreachable, ServiceUnavailable, UnexpectedReply
from kling_desktop.domain.events import Network
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.engine.watch.network_watch import ODD_PROBES_UNTIL_TRIED, NetworkWatch
from tests.fakes.clock import FakeClock


async def test_a_ping_that_nobody_understands_does_not_stop_the_queue_for_ever() -> None:
    clock, tasks, probes = FakeClock(), TaskOwner(), 0

    async def ping() -> None:
        nonlocal probes
        probes += 1
        raise UnexpectedReply("It said neither ping nor pong.", http_status=200)

    watch = NetworkWatch(clock, tasks, ping, lambda: None)
    watch.note_failure(NetworkUnreachable("There is no way to the host.", sent=False))
    assert watch.state is Network.OFFLINE
    await clock.run_until(lambda: watch.may_send, limit_s=60)
    assert probes == ODD_PROBES_UNTIL_TRIED
    await tasks.close()


async def test_a_service_in_trouble_is_probed_until_it_is_well() -> None:
    clock, tasks = FakeClock(), TaskOwner()

    async def ping() -> None:
        raise ServiceUnavailable("No answer in time.")

    watch = NetworkWatch(clock, tasks, ping, lambda: None)
    watch.note_failure(NetworkUnreachable("There is no way to the host.", sent=False))
    await clock.advance(3600)
    assert watch.state is Network.OFFLINE
    await tasks.close()
