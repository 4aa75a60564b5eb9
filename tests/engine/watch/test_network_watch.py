"""How the way to the service is found again."""

import pytest

from kling_desktop.domain.errors import (
    NetworkMisconfigured,
    NetworkUnreachable,
    ServiceUnavailable,
    UnexpectedReply,
)
from kling_desktop.domain.events import Network
from kling_desktop.domain.reasons import Reason
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.engine.watch.network_watch import ODD_PROBES_UNTIL_TRIED, NetworkWatch
from tests.fakes.clock import FakeClock


async def test_a_ping_that_nobody_understands_does_not_stop_the_queue_for_ever() -> None:
    clock, tasks, probes = FakeClock(), TaskOwner(), 0

    async def ping() -> None:
        nonlocal probes
        probes += 1
        raise UnexpectedReply(detail="It said neither ping nor pong.", http_status=200)

    watch = NetworkWatch(clock, tasks, ping, lambda: None)
    watch.note_failure(NetworkUnreachable(detail="There is no way to the host.", sent=False))
    assert watch.state is Network.OFFLINE
    await clock.run_until(lambda: watch.may_send, limit_s=60)
    assert probes == ODD_PROBES_UNTIL_TRIED
    await tasks.close()


async def test_a_service_in_trouble_is_probed_until_it_is_well() -> None:
    clock, tasks = FakeClock(), TaskOwner()

    async def ping() -> None:
        raise ServiceUnavailable(detail="No answer in time.")

    watch = NetworkWatch(clock, tasks, ping, lambda: None)
    watch.note_failure(NetworkUnreachable(detail="There is no way to the host.", sent=False))
    await clock.advance(3600)
    assert watch.state is Network.OFFLINE
    await tasks.close()


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        (Reason.NO_NETWORK, Network.OFFLINE),
        (Reason.HOST_REFUSES, Network.UNREACHABLE),
        (Reason.HOST_SILENT, Network.UNREACHABLE),
        (Reason.CERTIFICATE_UNTRUSTED, Network.UNTRUSTED),
        (Reason.CERTIFICATE_DATE, Network.UNTRUSTED),
        (Reason.ENCRYPTION_FAILED, Network.UNTRUSTED),
        (Reason.PROXY_ENCRYPTION, Network.PROXY),
        (Reason.PROXY_AWAY, Network.PROXY),
        (Reason.PROXY_WANTS_LOGIN, Network.PROXY),
        (Reason.PROXY_REFUSES, Network.PROXY),
    ],
)
async def test_offline_is_said_only_when_that_was_found_out(reason: Reason, state: Network) -> None:
    clock, tasks = FakeClock(), TaskOwner()
    error = NetworkUnreachable(reason, sent=False)

    async def ping() -> None:
        raise error

    watch = NetworkWatch(clock, tasks, ping, lambda: None)
    watch.note_failure(error)
    assert watch.state is state
    assert watch.error is error
    assert not watch.may_send
    await tasks.close()


async def test_what_a_probe_finds_out_takes_the_place_of_what_was_known() -> None:
    clock, tasks = FakeClock(), TaskOwner()
    reasons = iter([Reason.PROXY_AWAY, Reason.CERTIFICATE_UNTRUSTED])

    async def ping() -> None:
        if (reason := next(reasons, None)) is not None:
            raise NetworkUnreachable(reason, sent=False)

    watch = NetworkWatch(clock, tasks, ping, lambda: None)
    watch.note_failure(NetworkUnreachable(Reason.NO_NETWORK, sent=False))
    since = watch.since
    seen = [watch.state]
    for _ in range(3):
        await clock.run_until(lambda: watch.state is not seen[-1], limit_s=600)
        seen.append(watch.state)
        if watch.is_down:
            assert watch.since == since, "it has been away since then, whatever the reason"
    assert seen == [Network.OFFLINE, Network.PROXY, Network.UNTRUSTED, Network.ONLINE]
    assert watch.error is None
    await tasks.close()


async def test_a_sandbox_that_is_away_is_said_as_such() -> None:
    clock, tasks = FakeClock(), TaskOwner()

    async def ping() -> None:
        raise NetworkUnreachable(Reason.HOST_REFUSES, sent=False)

    watch = NetworkWatch(clock, tasks, ping, lambda: None, is_sandbox=True)
    for error in (
        NetworkUnreachable(Reason.HOST_REFUSES, sent=False),
        NetworkUnreachable(Reason.NO_NETWORK, sent=False),
    ):
        watch.note_failure(error)
        assert watch.state is Network.SANDBOX_AWAY
    await tasks.close()


async def test_wrong_settings_of_this_machine_say_nothing_about_the_service() -> None:
    clock, tasks = FakeClock(), TaskOwner()

    async def ping() -> None:
        raise ServiceUnavailable(detail="No answer in time.")

    watch = NetworkWatch(clock, tasks, ping, lambda: None)
    watch.note_failure(NetworkUnreachable(Reason.NO_NETWORK, sent=False))
    watch.note_failure(NetworkMisconfigured(Reason.CERTIFICATES_GONE))
    assert watch.state is Network.OFFLINE
    await tasks.close()
