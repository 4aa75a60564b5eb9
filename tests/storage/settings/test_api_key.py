import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import keyring.backends.null
import keyring.errors
import pytest

from kling_desktop.domain.errors import DataFolderUnavailable, KeychainUnavailable
from kling_desktop.domain.reasons import Reason
from kling_desktop.domain.secret import ApiKey
from kling_desktop.storage.settings.api_key import ApiKeySource, KeyPlace

KEY = ApiKey("a-secret-key")


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A working keychain that forgets everything with the test."""

    priority = 0.1  # pyright: ignore[reportAssignmentType] a class property in keyring

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.kept:
            raise keyring.errors.PasswordDeleteError("not found")
        del self.kept[service, username]


class LockedKeyring(MemoryKeyring):
    """One that the user does not unlock."""

    priority = 0.1  # pyright: ignore[reportAssignmentType]

    def get_password(self, service: str, username: str) -> str | None:
        raise keyring.errors.KeyringLocked(f"no to {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise keyring.errors.KeyringLocked(f"cannot keep {password}")


class SilentKeyring(MemoryKeyring):
    """One that waits for a user who is not there."""

    priority = 0.1  # pyright: ignore[reportAssignmentType]

    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.released.wait()
        return None


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "private" / "api-key"


@pytest.fixture(autouse=True)
def no_keychain() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.null.Keyring())
    yield
    keyring.set_keyring(before)


def use(backend: MemoryKeyring) -> MemoryKeyring:
    keyring.set_keyring(backend)
    return backend


def find_reason(keys: ApiKeySource) -> Reason | None:
    return None if keys.keychain_problem is None else keys.keychain_problem.reason


def source(key_file: Path, **environment: str) -> ApiKeySource:
    return ApiKeySource(key_file, environment=environment, keychain_limit_s=5)


async def test_nothing_is_found_where_nothing_is(key_file: Path) -> None:
    keys = source(key_file)
    assert await keys.load() is None
    assert keys.place is None
    assert find_reason(keys) is Reason.NO_KEYCHAIN
    assert not key_file.parent.exists()


async def test_the_environment_goes_first_and_is_never_written(key_file: Path) -> None:
    backend = use(MemoryKeyring())
    await source(key_file).save(ApiKey("other"), KeyPlace.KEYCHAIN)
    keys = source(key_file, RUNWARE_API_KEY=" a-secret-key\n")
    assert await keys.load() == KEY
    assert keys.place is KeyPlace.ENVIRONMENT
    assert list(backend.kept.values()) == ["other"]
    with pytest.raises(ValueError, match="nothing to keep"):
        await keys.save(KEY, KeyPlace.ENVIRONMENT)


async def test_the_keychain(key_file: Path) -> None:
    backend = use(MemoryKeyring())
    keys = source(key_file)
    assert await keys.load() is None
    assert keys.keychain_problem is None
    await keys.save(KEY, KeyPlace.KEYCHAIN)
    assert keys.place is KeyPlace.KEYCHAIN
    next_run = source(key_file)
    assert await next_run.load() == KEY
    assert next_run.place is KeyPlace.KEYCHAIN
    assert list(backend.kept) == [("Kling Desktop", "runware-api-key")]
    assert not key_file.exists()
    await next_run.remove()
    assert backend.kept == {}
    assert await next_run.load() is None
    await next_run.remove()  # nothing there is no error


async def test_without_a_keychain_nothing_is_kept_behind_the_persons_back(key_file: Path) -> None:
    keys = source(key_file)
    with pytest.raises(KeychainUnavailable):
        await keys.save(KEY, KeyPlace.KEYCHAIN)
    assert await keys.load() is None
    assert not key_file.exists()


async def test_a_keychain_that_says_no(key_file: Path) -> None:
    use(LockedKeyring())
    keys = source(key_file)
    assert await keys.load() is None
    with pytest.raises(KeychainUnavailable) as caught:
        await keys.save(KEY, KeyPlace.KEYCHAIN)
    assert KEY.reveal() not in str(caught.value) + caught.value.detail
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert find_reason(keys) is Reason.KEYCHAIN_UNUSABLE


async def test_a_keychain_that_never_answers_is_left_behind(key_file: Path) -> None:
    backend = SilentKeyring()
    use(backend)
    keys = ApiKeySource(key_file, environment={}, keychain_limit_s=0.01)
    assert await keys.load() is None
    assert find_reason(keys) is Reason.KEYCHAIN_SILENT
    backend.released.set()


async def test_for_this_run_only(key_file: Path) -> None:
    keys = source(key_file)
    await keys.save(KEY, KeyPlace.MEMORY)
    assert await keys.load() == KEY
    assert keys.place is KeyPlace.MEMORY
    assert await source(key_file).load() is None
    await keys.remove()
    assert await keys.load() is None


@pytest.mark.posix("files have no modes")
async def test_a_file_for_its_owner_alone(key_file: Path) -> None:
    keys = source(key_file)
    await keys.save(KEY, KeyPlace.FILE)
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file.parent.stat().st_mode) == 0o700
    key_file.chmod(0o644)
    next_run = source(key_file)
    assert await next_run.load() == KEY
    assert next_run.place is KeyPlace.FILE
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    await next_run.remove()
    assert not key_file.exists()


async def test_a_key_is_in_one_place_at_a_time(key_file: Path) -> None:
    backend = use(MemoryKeyring())
    keys = source(key_file)
    await keys.save(KEY, KeyPlace.FILE)
    await keys.save(KEY, KeyPlace.KEYCHAIN)
    assert not key_file.exists()
    await keys.save(KEY, KeyPlace.MEMORY)
    assert backend.kept == {}
    await keys.save(KEY, KeyPlace.FILE)
    assert await source(key_file).load() == KEY


async def test_what_cannot_be_written_or_is_no_key(key_file: Path, tmp_path: Path) -> None:
    key_file.parent.mkdir()
    key_file.write_text("  \n")
    assert await source(key_file).load() is None
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DataFolderUnavailable):
        await source(tmp_path / "file" / "dir" / "key").save(KEY, KeyPlace.FILE)
    with pytest.raises(ValueError, match="nothing to keep"):
        await source(key_file).save(ApiKey(" "), KeyPlace.MEMORY)


async def test_no_representation_shows_the_key(key_file: Path) -> None:
    keys = source(key_file)
    await keys.save(KEY, KeyPlace.MEMORY)
    assert KEY.reveal() not in repr(keys) + repr(vars(keys)) + f"{KEY}"
