"""Starts the built-in sandbox as a child process and ends it with the app."""

import asyncio
import json
import logging
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from kling_desktop.domain.errors import ServiceUnavailable
from kling_desktop.domain.reasons import Reason
from kling_desktop.domain.secret import ApiKey
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.storage.cleanup import async_cleanup_on_failure
from kling_desktop.storage.files.atomic_io import replace_file
from kling_desktop.storage.files.private_files import make_private_file, make_private_folder
from kling_desktop.storage.files.system_errors import data_errors
from kling_desktop.storage.settings.api_key import ENVIRONMENT_NAME

logger = logging.getLogger(__name__)

MOST_LOG_BYTES = 256 * 1024
_START_LIMIT_S = 30.0
_STOP_LIMIT_S = 3.0
_PORT_WAIT_S = 3.0
_PORT_PAUSE_S = 0.1
_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class SandboxAddress:
    """Where the sandbox listens and the token that it takes as a key."""

    base_url: str
    token: ApiKey


class SandboxProcess:
    """The sandbox child; owned by the core, at most one, ended when the core closes.

    The child ends by itself when its standard input closes, so it does not outlive an app that
    was killed.  It gets the port that it had the last time where that is free: links to clips
    that are not fetched yet stay good.

    Args:
        data_dir: Where the sandbox keeps its tasks and videos, and where its log is.
        arguments: More options of the sandbox's own command line.
        on_end: Called when the child has ended and nobody had asked it to.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        arguments: tuple[str, ...] = (),
        on_end: Callable[[], object] | None = None,
    ) -> None:
        self._data_dir = data_dir
        self._arguments = arguments
        self._on_end = on_end
        self._token = secrets.token_urlsafe(24)
        self._process: asyncio.subprocess.Process | None = None
        self._address: SandboxAddress | None = None
        self._watchers = TaskOwner()

    @property
    def log_path(self) -> Path:
        """Where the child writes what goes wrong."""
        return self._data_dir / "sandbox.log"

    @property
    def process_id(self) -> int | None:
        """The child's number for the system; None while there is no child."""
        return None if self._process is None else self._process.pid

    async def start(self) -> SandboxAddress:
        """Start the child and wait until it says where it listens; one that runs is kept.

        Raises:
            ServiceUnavailable: It did not start; the facts name its log.
            DataFolderUnavailable: Its folder cannot be written to.
        """
        if self._address is not None and self._process is not None:
            if self._process.returncode is None:
                return self._address
            await self.stop()
        port = await self._find_port()
        try:
            return await self._launch(port)
        except ServiceUnavailable:
            if not port:
                raise
            logger.info("the sandbox did not start at port %d; any other will do", port)
            return await self._launch(0)

    async def stop(self) -> None:
        """End the child; harmless when there is none."""
        process, self._process, self._address = self._process, None, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(_STOP_LIMIT_S):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        await self._watchers.close()

    async def _launch(self, port: int) -> SandboxAddress:
        try:
            self._process = await self._spawn(port)
        except OSError as error:
            raise self._not_started(str(error)) from error
        async with async_cleanup_on_failure(self.stop):
            try:
                async with asyncio.timeout(_START_LIMIT_S):
                    self._address = await self._read_address(self._process)
            except TimeoutError as error:
                raise self._not_started(f"no sign of life in {_START_LIMIT_S:g} s") from error
        self._watchers = TaskOwner()
        self._watchers.start(self._watch(self._process), name="watch the sandbox")
        return self._address

    async def _spawn(self, port: int) -> asyncio.subprocess.Process:
        # The token goes through the environment, for everybody on the machine may read a process
        # list.  The sandbox has no business with the key of the real service.
        environment = {k: value for k, value in os.environ.items() if k != ENVIRONMENT_NAME}
        environment["KLING_SANDBOX_TOKEN"] = self._token
        environment |= _search_path()
        with self._open_log() as log:
            return await asyncio.create_subprocess_exec(
                *_command(),
                *("--port", str(port), "--data-dir", str(self._data_dir), "--exit-with-parent"),
                # Its ledger is whole: what is not in it was cleared away and never comes.
                *("--unknown-tasks", "error"),
                *self._arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
                # Ctrl+C in a terminal goes to the whole group: the sandbox would end before us.
                start_new_session=os.name != "nt",
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )

    def _open_log(self) -> BinaryIO:
        path = self.log_path
        with data_errors(self._data_dir):
            make_private_folder(self._data_dir)
            if path.is_file() and path.stat().st_size > MOST_LOG_BYTES:
                replace_file(path, path.with_name(path.name + ".1"))
            make_private_file(path)
            return path.open("ab")

    async def _read_address(self, process: asyncio.subprocess.Process) -> SandboxAddress:
        line = b"" if process.stdout is None else await process.stdout.readline()
        try:
            url = str(json.loads(line)["url"])
            port = int(url.rsplit(":", 1)[1].partition("/")[0])
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise self._not_started(f"see {self.log_path}") from error
        logger.info("the sandbox listens at %s, process %s", url, self.process_id)
        with suppress(OSError):
            make_private_file(self._port_file)
            self._port_file.write_text(str(port), encoding="ascii")
        return SandboxAddress(url, ApiKey(self._token))

    def _not_started(self, detail: str) -> ServiceUnavailable:
        facts = {"log": self.log_path}
        return ServiceUnavailable(Reason.SANDBOX_NOT_STARTED, detail=detail, facts=facts)

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        code = await process.wait()
        if self._process is not process:
            return
        logger.warning("the sandbox has ended by itself with %d", code)
        if self._on_end is not None:
            self._on_end()

    async def _find_port(self) -> int:
        """Return the port of the last start once it is free, 0 for any port.

        The sandbox of an app that was just killed needs a moment to end.
        """
        try:
            port = int(self._port_file.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0
        if not 0 < port < 65536:
            return 0
        for _ in range(round(_PORT_WAIT_S / _PORT_PAUSE_S)):
            if _is_free(port):
                return port
            await asyncio.sleep(_PORT_PAUSE_S)
        return 0

    @property
    def _port_file(self) -> Path:
        return self._data_dir / "port"


def _is_free(port: int) -> bool:
    try:
        socket.create_server((_HOST, port)).close()
    except OSError:
        return False
    return True


def _search_path() -> dict[str, str]:
    """Let the child of a checkout find the package wherever the app was started from.

    An installed package is found anyway; its folder shall not go before the standard library.
    """
    folder = Path(__file__).resolve().parents[2]
    if not (folder / "pyproject.toml").is_file():
        return {}
    return {"PYTHONPATH": os.pathsep.join(filter(None, (str(folder), os.getenv("PYTHONPATH"))))}


def _command() -> tuple[str, ...]:
    """The sandbox's own program: a frozen app has no ``-m`` and is asked by subcommand."""
    if getattr(sys, "frozen", False):
        return (sys.executable, "sandbox")
    return (sys.executable, "-m", "kling_desktop.sandbox")
