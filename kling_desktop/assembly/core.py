"""Builds every object of the core once, and closes them in order: stores, engine, sandbox."""

import asyncio
import logging
import os
import shlex
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from kling_desktop import __version__
from kling_desktop.api.addresses import check_service_address, is_on_this_machine
from kling_desktop.api.client import ApiClient, KeyCheck
from kling_desktop.assembly.folders import (
    DEFAULT_BASE_URL,
    SANDBOX_VARIABLE,
    Folders,
    find_fixed_base_url,
)
from kling_desktop.assembly.kept_pictures import KeptPictures
from kling_desktop.assembly.sandbox_process import SandboxProcess
from kling_desktop.assembly.stores import Stores, utc_now
from kling_desktop.assembly.video_tools import MediaVideoTools
from kling_desktop.domain.errors import (
    DamagedValue,
    LibraryUnavailable,
    ServiceUnavailable,
    StorageError,
)
from kling_desktop.domain.job import Service
from kling_desktop.domain.reasons import Reason
from kling_desktop.domain.secret import ApiKey
from kling_desktop.engine.engine import Engine
from kling_desktop.engine.service_session import EngineStores
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.engine.timing.pacing import SANDBOX_PACE, Clock, SystemClock
from kling_desktop.storage.cleanup import async_cleanup_on_failure
from kling_desktop.storage.database.database import Database
from kling_desktop.storage.files.kept_inputs import KeptInputs
from kling_desktop.storage.files.library_files import LibraryFiles
from kling_desktop.storage.files.private_files import make_private_folder
from kling_desktop.storage.files.system_errors import data_errors
from kling_desktop.storage.settings.api_key import ApiKeySource, KeyPlace
from kling_desktop.storage.settings.settings_store import SettingsStore
from kling_desktop.storage.stores.money_store import Balance

logger = logging.getLogger(__name__)

USER_AGENT = f"kling-desktop/{__version__}"
_MOST_RESTARTS = 3
_RESTARTS_COUNT_FOR_S = 60.0


class Core:
    """The app without its user interface; owned by the window's program or by one command.

    Attributes:
        folders: Where everything lies.
        stores: The stores.
        keys: Where the API key is kept.
        engine: The queue at work.
        key: The key in use; None while there is none.
        sandbox_problem: Why the sandbox is not running although it is wanted, else None.
    """

    def __init__(
        self,
        folders: Folders,
        stores: Stores,
        *,
        environment: Mapping[str, str],
        sandbox_arguments: tuple[str, ...],
        clock: Clock,
        on_failure: Callable[[BaseException], object] | None,
    ) -> None:
        self.folders = folders
        self.stores = stores
        self.keys = ApiKeySource(folders.data / "key" / "runware", environment=environment)
        self.inputs = KeptInputs(folders.inputs)
        self.video_tools = MediaVideoTools()
        self.key: ApiKey | None = None
        self.sandbox_problem: ServiceUnavailable | None = None
        self._environment = environment
        self._clock = clock
        self._sandbox = SandboxProcess(
            folders.sandbox, arguments=sandbox_arguments, on_end=self._on_sandbox_ended
        )
        self._restarts: deque[float] = deque(maxlen=_MOST_RESTARTS)
        self._tasks = TaskOwner(on_failure)
        self._client: ApiClient | None = None
        self._switching = asyncio.Lock()
        self._files = self._build_files(folders.library(stores.settings.current.library_dir))
        self.service = stores.settings.current.service or Service.RUNWARE
        self.engine = Engine(
            self._engine_stores(),
            self.video_tools,
            service=self.service,
            client=None,
            clock=clock,
            # A service on this very machine is a sandbox that somebody started by hand.
            pace=SANDBOX_PACE if is_on_this_machine(self.base_url) else None,
            on_failure=on_failure,
        )

    @classmethod
    async def open(
        cls,
        folders: Folders,
        environment: Mapping[str, str],
        *,
        sandbox_arguments: tuple[str, ...] = (),
        clock: Clock | None = None,
        on_failure: Callable[[BaseException], object] | None = None,
    ) -> "Core":
        """Take the data folder and put everything together; nothing is sent yet.

        Raises:
            DatabaseBusy: Another process owns the folder.
            DatabaseTooNew: A newer version wrote it.
            DatabaseDamaged: It cannot be read; `backups` lists what could be restored.
            StorageError: The folder cannot be made or written to.
            DamagedValue: The environment's options for the sandbox make no sense.
        """
        with data_errors(folders.data):
            make_private_folder(folders.data)
        settings = SettingsStore.load(folders.settings)
        wanted = sandbox_arguments or _read_options(environment.get(SANDBOX_VARIABLE, ""))
        database = await Database.open(folders.database, now=utc_now)
        async with async_cleanup_on_failure(database.close):
            core = cls(
                folders,
                Stores.on(database, settings),
                environment=environment,
                sandbox_arguments=wanted,
                clock=clock or SystemClock(),
                on_failure=on_failure,
            )
            await core._make_library()
        kept = KeptPictures(
            core.inputs, core.stores, folders.current_draft, core.engine, core._clock
        )
        core._tasks.start(kept.run(), name="kept pictures")
        return core

    @property
    def files(self) -> LibraryFiles:
        """The library folder in use."""
        return self._files

    @property
    def fixed_base_url(self) -> str:
        """The service's address that the environment demands; empty without one."""
        return find_fixed_base_url(self._environment)

    @property
    def base_url(self) -> str:
        """The service's address: the environment's, the settings', else the real one."""
        return self.fixed_base_url or self.stores.settings.current.base_url or DEFAULT_BASE_URL

    async def use_service(self, service: Service) -> None:
        """Work on the jobs of this service from now on; the choice is not saved.

        Raises:
            ServiceUnavailable: The sandbox did not start; the queue then stands still.
            DamagedValue: The service's address in the settings is none.
        """
        self._restarts.clear()
        await self._switch_service(service)

    async def _switch_service(self, service: Service) -> None:
        async with self._switching:
            old = self._client
            self._client = None
            self.service = service
            self.sandbox_problem = None
            try:
                self._client = await self._build_client(service)
            except ServiceUnavailable as error:
                self.sandbox_problem = error
                raise
            finally:
                await self.engine.set_service(service, self._client)
                if old is not None:
                    await old.aclose()
                if service is not Service.SANDBOX:
                    await self._sandbox.stop()

    async def choose_service(self, service: Service) -> None:
        """Use a service and keep the choice for the next start."""
        await self.stores.settings.update(service=service)
        await self.use_service(service)

    async def use_key(self, key: ApiKey, where: KeyPlace) -> None:
        """Keep a key and use it from now on.

        Raises:
            KeychainUnavailable: It could not be kept there; the old key stays.
        """
        await self.keys.save(key, where)
        await self.use_service(self.service)

    async def remove_key(self) -> None:
        await self.keys.remove()
        await self.use_service(self.service)

    async def check_key(self, key: ApiKey) -> KeyCheck:
        """Ask the service about a key that is not in use yet; nothing is kept.

        Raises:
            ApiError: It could not be asked.
        """
        client = self._connect(self.base_url, key)
        try:
            return await client.check_key()
        finally:
            await client.aclose()

    async def find_balance(self) -> Balance | None:
        """Ask what the account holds and keep the answer; None when the key may not read it.

        Raises:
            ApiError: It could not be asked.
        """
        if self._client is None or self.service is not Service.RUNWARE:
            return None
        account = await self._client.get_account()
        if account is None or account.balance is None:
            return None
        return await self.stores.money.keep_balance(self.service, account.balance)

    @property
    def client(self) -> ApiClient | None:
        """The client of the service in use; None while there is no key."""
        return self._client

    async def use_library(self, folder: Path) -> None:
        """Put clips into this folder from now on.

        Raises:
            LibraryUnavailable: It cannot be made or written to; the old one stays.
        """
        files = self._build_files(folder)
        await asyncio.to_thread(files.create)
        self._files = files
        settings = self.stores.settings
        known = settings.current.known_libraries
        if str(folder) not in known:
            known = (*known, str(folder))
        await settings.update(library_dir=str(folder), known_libraries=known)
        await self.engine.set_library(files)

    async def close(self) -> None:
        """Close everything in order; the rows say where each job stands."""
        async with AsyncExitStack() as stack:  # in reverse, each one even when another fails
            stack.push_async_callback(self.stores.database.close)
            stack.push_async_callback(self._sandbox.stop)
            if self._client is not None:
                stack.push_async_callback(self._client.aclose)
            stack.push_async_callback(self.engine.stop)
            stack.push_async_callback(self._tasks.close)

    async def _build_client(self, service: Service) -> ApiClient | None:
        if service is Service.SANDBOX:
            address = await self._sandbox.start()
            return self._connect(address.base_url, address.token)
        self.key = await self.keys.load()
        return None if self.key is None else self._connect(self.base_url, self.key)

    def _on_sandbox_ended(self) -> None:
        """Start the sandbox again, unless it keeps ending: then something is wrong with it."""
        now = self._clock.monotonic()
        if self.service is not Service.SANDBOX:
            return
        if len(self._restarts) == _MOST_RESTARTS and (
            now - self._restarts[0] < _RESTARTS_COUNT_FOR_S
        ):
            logger.error("the sandbox ends again and again; it is not started once more")
            self._tasks.start(self._give_sandbox_up(), name="give the sandbox up")
            return
        self._restarts.append(now)
        self._tasks.start(self._restart_sandbox(), name="restart the sandbox")

    async def _restart_sandbox(self) -> None:
        if self.service is Service.SANDBOX:
            try:
                await self._switch_service(Service.SANDBOX)
            except (ServiceUnavailable, StorageError) as error:
                logger.warning("the sandbox could not be started again: %s", error)

    async def _give_sandbox_up(self) -> None:
        """Let the queue wait for the user: asking a dead sandbox on and on would never end."""
        async with self._switching:
            if self.service is not Service.SANDBOX:
                return
            old, self._client = self._client, None
            self.sandbox_problem = ServiceUnavailable(
                Reason.SANDBOX_KEEPS_ENDING, facts={"log": self._sandbox.log_path}
            )
            await self.engine.set_service(Service.SANDBOX, None)
            if old is not None:
                await old.aclose()
            await self._sandbox.stop()

    def _connect(self, base_url: str, key: ApiKey) -> ApiClient:
        proxy = self.stores.settings.current.proxy
        return ApiClient(
            base_url,
            lambda: key,
            user_agent=USER_AGENT,
            proxy=proxy,
            environment=self._environment,
        )

    def _build_files(self, folder: Path) -> LibraryFiles:
        settings = self.stores.settings
        return LibraryFiles(folder, name_pattern=lambda: settings.current.file_name_pattern)

    def _engine_stores(self) -> EngineStores:
        stores = self.stores
        return EngineStores(
            jobs=stores.jobs,
            uploads=stores.uploads,
            money=stores.money,
            settings=stores.settings,
            files=self._files,
            inputs=self.inputs,
        )

    async def _make_library(self) -> None:
        """Make the folder at its first use, and never again.

        A folder that was a library once and is not there now sits on a drive that is away: making
        it anew would hide that, so from then on the engine says that it is missing.
        """
        settings, folder = self.stores.settings, str(self._files.library_dir)
        known = folder in settings.current.known_libraries
        try:
            if known:
                await asyncio.to_thread(self._files.sweep_scraps)
            else:
                await asyncio.to_thread(self._files.create)
        except LibraryUnavailable as error:
            logger.warning("the library folder cannot be used: %s", error)
            return
        if known:
            return
        await settings.update(known_libraries=(*settings.current.known_libraries, folder))


def find_address_problem(address: str) -> DamagedValue | None:
    """Return what is wrong with an address that cannot be the service's."""
    try:
        check_service_address(address)
    except DamagedValue as error:
        return error
    return None


async def check_network(base_url: str, environment: Mapping[str, str], *, proxy: str = "") -> None:
    """Make sure that a request to this address could be made; nothing is sent.

    Raises:
        NetworkMisconfigured: The proxy or the certificates of this machine cannot be used.
        DamagedValue: The address is none.
    """
    client = ApiClient(
        base_url, lambda: None, user_agent=USER_AGENT, proxy=proxy, environment=environment
    )
    try:
        await client.prepare()
    finally:
        await client.aclose()


async def ping_service(
    base_url: str,
    key: ApiKey,
    environment: Mapping[str, str] = os.environ,
    *,
    proxy: str = "",
) -> None:
    """Ask a service for a sign of life; needs no data folder.

    Raises:
        ApiError: It cannot be reached, or does not take the key.
        DamagedValue: The address is none.
    """
    client = ApiClient(
        base_url, lambda: key, user_agent=USER_AGENT, proxy=proxy, environment=environment
    )
    try:
        await client.ping()
    finally:
        await client.aclose()


def _read_options(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        facts = {"variable": SANDBOX_VARIABLE, "problem": error}
        raise DamagedValue(Reason.SANDBOX_OPTIONS_UNREADABLE, facts=facts) from error
