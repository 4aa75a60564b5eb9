"""Starts the built-in sandbox as a child process and ends it with the app."""

import asyncio
import json
import logging
import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from kling_desktop.domain.errors import ServiceUnavailable
from kling_desktop.domain.secret import ApiKey

logger = logging.getLogger(__name__)

_START_LIMIT_S = 30.0
_STOP_LIMIT_S = 3.0


@dataclass(frozen=True, slots=True)
class SandboxAddress:
    """Where the sandbox listens and the token that it takes as a key."""

    base_url: str
    token: ApiKey


class SandboxProcess:
    """The sandbox child; owned by the core, at most one, ended when the core closes.

    The child ends by itself when its standard input closes, so it does not outlive an app that
    was killed.
    """

    def __init__(self, data_dir: Path, *, arguments: tuple[str, ...] = ()) -> None:
        self._data_dir = data_dir
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> SandboxAddress:
        """Start the child and wait until it says where it listens.

        Raises:
            ServiceUnavailable: It did not start; the detail has its last words.
        """
        self._data_dir.mkdir(parents=True, exist_ok=True)
        # Through the environment: a process list is readable by everybody on the machine.
        token = secrets.token_urlsafe(24)
        log = (self._data_dir / "sandbox.log").open("ab")
        try:
            self._process = await asyncio.create_subprocess_exec(
                *_command(),
                *("--port", "0", "--data-dir", str(self._data_dir), "--exit-with-parent"),
                *self._arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, "KLING_SANDBOX_TOKEN": token},
            )
        except OSError as error:
            raise ServiceUnavailable("The sandbox did not start.", detail=str(error)) from error
        finally:
            log.close()
        try:
            async with asyncio.timeout(_START_LIMIT_S):
                return await self._read_address(token)
        except TimeoutError as error:
            await self.stop()
            raise ServiceUnavailable("The sandbox did not start in time.") from error

    async def stop(self) -> None:
        """End the child; harmless when there is none."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(_STOP_LIMIT_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _read_address(self, token: str) -> SandboxAddress:
        process = self._process
        if process is None or process.stdout is None:
            raise ServiceUnavailable("The sandbox did not start.")
        line = await process.stdout.readline()
        try:
            url = str(json.loads(line)["url"])
        except (ValueError, KeyError, TypeError) as error:
            await self.stop()
            raise ServiceUnavailable(
                "The sandbox did not start.", detail=f"see {self._data_dir / 'sandbox.log'}"
            ) from error
        logger.info("the sandbox listens at %s", url)
        return SandboxAddress(url, ApiKey(token))


def _command() -> tuple[str, ...]:
    """The sandbox's own program: a frozen app has no ``-m`` and is asked by subcommand."""
    if getattr(sys, "frozen", False):
        return (sys.executable, "sandbox")
    return (sys.executable, "-m", "kling_desktop.sandbox")
