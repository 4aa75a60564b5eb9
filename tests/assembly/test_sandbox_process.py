"""The sandbox child: started once, watched, put away, never told a secret."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from kling_desktop.assembly.core import ping_service
from kling_desktop.assembly.sandbox_process import MOST_LOG_BYTES, SandboxProcess
from kling_desktop.domain.errors import DataFolderUnavailable, ServiceUnavailable


@pytest.fixture
async def child(tmp_path: Path) -> AsyncIterator[SandboxProcess]:
    process = SandboxProcess(tmp_path / "sandbox")
    yield process
    await process.stop()


def find(child: SandboxProcess) -> psutil.Process:
    assert child.process_id is not None
    return psutil.Process(child.process_id)


async def test_starts_once_and_ends_when_told(child: SandboxProcess) -> None:
    address = await child.start()
    await ping_service(address.base_url, address.token)
    running = find(child)
    assert await child.start() == address
    assert find(child) == running
    await child.stop()
    assert not running.is_running()
    assert child.process_id is None
    await child.stop()


async def test_a_checkout_starts_it_from_any_folder(
    child: SandboxProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.chdir(tmp_path)
    address = await child.start()
    await ping_service(address.base_url, address.token)


async def test_the_token_and_the_key_are_in_no_list(
    child: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNWARE_API_KEY", "k3y")
    address = await child.start()
    assert address.token.reveal() not in " ".join(find(child).cmdline())
    assert "RUNWARE_API_KEY" not in find(child).environ()
    assert address.token.reveal() not in repr(address)


async def test_comes_back_at_the_same_address(tmp_path: Path) -> None:
    ended = asyncio.Event()
    child = SandboxProcess(tmp_path, on_end=ended.set)
    first = await child.start()
    find(child).kill()
    await ended.wait()
    assert await child.start() == first
    await ping_service(first.base_url, first.token)
    await child.stop()
    another = SandboxProcess(tmp_path)  # the next start of the app
    assert (await another.start()).base_url == first.base_url
    await another.stop()


async def test_nobody_is_told_of_an_end_that_was_asked_for(tmp_path: Path) -> None:
    ends: list[None] = []
    child = SandboxProcess(tmp_path, on_end=lambda: ends.append(None))
    await child.start()
    await child.stop()
    assert ends == []


async def test_takes_another_port_when_the_old_one_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kling_desktop.assembly.sandbox_process._PORT_WAIT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (tmp_path / "port").write_text(f"{port}")
        child = SandboxProcess(tmp_path)
        address = await child.start()
        await child.stop()
    assert f":{port}/" not in address.base_url


@pytest.mark.parametrize("kept", ["", "port", "70000000", "-1"])
async def test_a_port_file_that_makes_no_sense(tmp_path: Path, kept: str) -> None:
    (tmp_path / "port").write_text(kept)
    child = SandboxProcess(tmp_path, arguments=("--no-such-option",))
    with pytest.raises(ServiceUnavailable):
        await child.start()


async def test_one_that_does_not_start_says_where_its_words_are(tmp_path: Path) -> None:
    child = SandboxProcess(tmp_path, arguments=("--speed", "0"))
    with pytest.raises(ServiceUnavailable) as caught:
        await child.start()
    assert "sandbox.log" in caught.value.detail
    assert "--speed" in (tmp_path / "sandbox.log").read_text()
    assert child.process_id is None


async def test_cancelled_while_it_starts_it_leaves_no_child(tmp_path: Path) -> None:
    child = SandboxProcess(tmp_path)
    before = set(psutil.Process().children())  # multiprocessing keeps a helper of its own
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await child.start()
    assert child.process_id is None
    assert set(psutil.Process().children()) <= before


async def test_its_log_is_bounded(tmp_path: Path) -> None:
    log = tmp_path / "sandbox.log"
    log.write_bytes(b"x" * (MOST_LOG_BYTES + 1))
    child = SandboxProcess(tmp_path, arguments=("--speed", "0"))
    with pytest.raises(ServiceUnavailable):
        await child.start()
    assert log.stat().st_size < 1000
    assert (tmp_path / "sandbox.log.1").stat().st_size == MOST_LOG_BYTES + 1


async def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataFolderUnavailable):
        await SandboxProcess(tmp_path / "file" / "sandbox").start()
