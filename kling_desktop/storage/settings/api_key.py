"""Where the API key is kept: the environment, the keychain, this run's memory, or a file."""

import asyncio
import logging
import os
import stat
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from kling_desktop.domain.errors import KeychainUnavailable
from kling_desktop.domain.reasons import Reason
from kling_desktop.domain.secret import ApiKey
from kling_desktop.storage.files.atomic_io import remove_file, run_whole, write_file
from kling_desktop.storage.files.private_files import make_private_folder
from kling_desktop.storage.files.small_files import read_own_file
from kling_desktop.storage.files.system_errors import data_errors

logger = logging.getLogger(__name__)
T = TypeVar("T")

ENVIRONMENT_NAME = "RUNWARE_API_KEY"
KEYCHAIN_SERVICE = "Kling Desktop"
KEYCHAIN_USER = "runware-api-key"
_MOST_BYTES = 64 * 1024
KEYCHAIN_LIMIT_S = 20.0
"""How long a keychain may think: a locked one asks the user first."""


class KeyPlace(StrEnum):
    """Where a key is."""

    ENVIRONMENT = "environment"
    KEYCHAIN = "keychain"
    MEMORY = "memory"
    FILE = "file"


class ApiKeySource:
    """Finds, keeps and forgets the key.  Owned by the app; nobody else touches a keychain.

    Attributes:
        place: Where the key of the last `load` or `save` is; None when there is none.
        keychain_problem: Why the keychain could not be asked; None when it could.

    Args:
        key_file: The file for those who have no keychain and agree to it; in a folder of its own.
        environment: The process's environment.
        keychain_limit_s: How long the keychain may take for one answer.
    """

    def __init__(
        self,
        key_file: Path,
        *,
        environment: Mapping[str, str] = os.environ,
        keychain_limit_s: float = KEYCHAIN_LIMIT_S,
    ) -> None:
        self.place: KeyPlace | None = None
        self.keychain_problem: KeychainUnavailable | None = None
        self._file = key_file
        self._environment = environment
        self._limit_s = keychain_limit_s
        self._memory: ApiKey | None = None

    async def load(self) -> ApiKey | None:
        """Find the key: environment, this run's memory, keychain, file, in this order."""
        self.place = None
        from_environment = ApiKey(self._environment.get(ENVIRONMENT_NAME, ""))
        if from_environment:
            self.place = KeyPlace.ENVIRONMENT
            return from_environment
        if self._memory:
            self.place = KeyPlace.MEMORY
            return self._memory
        key = await self._load_from_keychain()
        if key:
            self.place = KeyPlace.KEYCHAIN
            return key
        key = await run_whole(_read_key_file, self._file)
        if key:
            self.place = KeyPlace.FILE
        return key

    async def save(self, key: ApiKey, where: KeyPlace) -> None:
        """Keep the key in one place and take it from the others.

        `KeyPlace.FILE` is for a user who was told the risk and agreed.

        Raises:
            KeychainUnavailable: The keychain refused it, is not there, or did not answer.
            DataFolderUnavailable: The file could not be written.
            ValueError: The key is empty, or the place is the environment, which is not ours.
        """
        if not key or where is KeyPlace.ENVIRONMENT:
            raise ValueError("there is nothing to keep, or no way to keep it there")
        match where:
            case KeyPlace.KEYCHAIN:
                await self._ask_keychain(lambda: _store_in_keychain(key))
                self._memory = None
                await run_whole(_remove_key_file, self._file)
            case KeyPlace.FILE:
                await run_whole(_write_key_file, self._file, key)
                self._memory = None
                await self._forget_in_keychain()
            case KeyPlace.MEMORY:
                self._memory = key
                await run_whole(_remove_key_file, self._file)
                await self._forget_in_keychain()
        self.place = where

    async def remove(self) -> None:
        """Forget the key everywhere but in the environment.

        Raises:
            DataFolderUnavailable: The file is there and cannot be removed.
        """
        self._memory = None
        self.place = None
        await run_whole(_remove_key_file, self._file)
        await self._forget_in_keychain()

    async def _load_from_keychain(self) -> ApiKey | None:
        try:
            return await self._ask_keychain(_read_from_keychain)
        except KeychainUnavailable as error:
            logger.info("no key from the keychain: %s", error)
            return None

    async def _forget_in_keychain(self) -> None:
        try:
            await self._ask_keychain(_remove_from_keychain)
        except KeychainUnavailable as error:
            logger.info("nothing to forget in the keychain: %s", error)

    async def _ask_keychain(self, call: Callable[[], T]) -> T:
        """Run one question to the keychain in a thread that may be left behind.

        A locked keychain waits for a user and cannot be told to stop, so this thread belongs
        to no pool: a pool would keep the app from ending.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def report(result: T | None, problem: KeychainUnavailable | None) -> None:
            if answer.done():
                return
            if problem is not None:
                answer.set_exception(problem)
            else:
                answer.set_result(result)  # pyright: ignore[reportArgumentType] T may be None

        def ask() -> None:
            result: T | None = None
            problem: KeychainUnavailable | None = None
            try:
                result = _translated(call)
            except KeychainUnavailable as error:
                problem = error
            with suppress(RuntimeError):  # the loop has closed: nobody waits any more
                loop.call_soon_threadsafe(report, result, problem)

        threading.Thread(target=ask, name="keychain", daemon=True).start()
        try:
            async with asyncio.timeout(self._limit_s):
                result = await answer
        except TimeoutError as error:
            self.keychain_problem = KeychainUnavailable(Reason.KEYCHAIN_SILENT)
            raise self.keychain_problem from error
        except KeychainUnavailable as error:
            self.keychain_problem = error
            raise
        self.keychain_problem = None
        return result


def _translated(call: Callable[[], T]) -> T:
    try:
        import keyring.errors  # slow to import, so in the keychain's thread
    except ImportError:
        raise KeychainUnavailable(Reason.NO_KEYCHAIN) from None
    try:
        return call()
    except (keyring.errors.KeyringError, RuntimeError, OSError, ValueError) as error:
        # Only the kind of the error goes on: its words might repeat the key.
        detail = type(error).__name__
    raise KeychainUnavailable(Reason.KEYCHAIN_UNUSABLE, detail=detail)


def _require_keychain() -> None:
    """Refuse what is no keychain: nothing at all, or a file in plain text behind our back."""
    import keyring

    backend = type(keyring.get_keyring())
    name = f"{backend.__module__}.{backend.__qualname__}"
    if name.startswith(("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")):
        raise KeychainUnavailable(Reason.NO_KEYCHAIN, detail=name)


def _read_from_keychain() -> ApiKey | None:
    import keyring

    _require_keychain()
    value = keyring.get_password(KEYCHAIN_SERVICE, KEYCHAIN_USER)
    return ApiKey(value) if value and value.strip() else None


def _store_in_keychain(key: ApiKey) -> None:
    import keyring

    _require_keychain()
    keyring.set_password(KEYCHAIN_SERVICE, KEYCHAIN_USER, key.reveal())
    if _read_from_keychain() != key:
        raise KeychainUnavailable(Reason.KEYCHAIN_KEPT_NOTHING)


def _remove_from_keychain() -> None:
    import keyring
    import keyring.errors

    _require_keychain()
    with suppress(keyring.errors.PasswordDeleteError):  # there was none
        keyring.delete_password(KEYCHAIN_SERVICE, KEYCHAIN_USER)


def _read_key_file(path: Path) -> ApiKey | None:
    with data_errors(path):
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            return None
        if os.name != "nt" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            logger.warning("others could read the key's file; now only its owner can")
            path.chmod(0o600)
        key = ApiKey(read_own_file(path, _MOST_BYTES).decode(errors="replace"))
    return key or None


def _write_key_file(path: Path, key: ApiKey) -> None:
    with data_errors(path):
        make_private_folder(path.parent)
        write_file(path, key.reveal().encode() + b"\n")


def _remove_key_file(path: Path) -> None:
    with data_errors(path):
        remove_file(path)
