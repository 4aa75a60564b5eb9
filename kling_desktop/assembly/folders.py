"""Where the app keeps its files on this machine, from the environment and platformdirs."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kling_desktop.domain.errors import StorageError
from kling_desktop.domain.reasons import Reason

APP_NAME = "kling-desktop"
LIBRARY_NAME = "Kling Desktop"
DATA_VARIABLE = "KLING_DESKTOP_DATA_DIR"
LIBRARY_VARIABLE = "KLING_DESKTOP_LIBRARY_DIR"
BASE_URL_VARIABLE = "KLING_DESKTOP_BASE_URL"
SANDBOX_VARIABLE = "KLING_DESKTOP_SANDBOX_OPTIONS"
DEFAULT_BASE_URL = "https://api.runware.ai/v1"


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of one user.

    Attributes:
        data: Database, settings, kept inputs, the sandbox's own things.
        cache: Posters and strips; may be deleted at any time.
        default_library: Where clips go while the user has chosen nothing else.
        library_override: The library folder that the environment demands, or None.
    """

    data: Path
    cache: Path
    default_library: Path
    library_override: Path | None = None

    @property
    def database(self) -> Path:
        return self.data / "kling-desktop.sqlite3"

    @property
    def settings(self) -> Path:
        return self.data / "settings.json"

    @property
    def current_draft(self) -> Path:
        """What is filled in under Create."""
        return self.data / "current-draft.json"

    @property
    def inputs(self) -> Path:
        """The app's own copies of input pictures, named by their hash."""
        return self.data / "inputs"

    @property
    def prepared(self) -> Path:
        """Pictures that the app converted or repaired, before they are queued."""
        return self.data / "prepared"

    @property
    def backups(self) -> Path:
        return self.data / "backups"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def sandbox(self) -> Path:
        return self.data / "sandbox"

    @property
    def lock(self) -> Path:
        return self.data / "app.lock"

    def library(self, chosen: str) -> Path:
        """The library folder: the environment's, else the chosen one, else the default."""
        if self.library_override is not None:
            return self.library_override
        return Path(chosen) if chosen else self.default_library


def find_folders(environment: Mapping[str, str]) -> Folders:
    """Work out the folders; nothing is made on disk here.

    Raises:
        StorageError: The system knows no home folder, and the environment names none.
    """
    # Late: the command line's help and the window's first paint need no folders.
    import platformdirs

    wanted_data = environment.get(DATA_VARIABLE, "")
    wanted_library = environment.get(LIBRARY_VARIABLE, "")
    if wanted_data.strip():
        data = _read_path(wanted_data)
        cache = data / "cache"
    else:
        _require_home()
        data = Path(platformdirs.user_data_dir(APP_NAME, appauthor=False))
        cache = Path(platformdirs.user_cache_dir(APP_NAME, appauthor=False))
    return Folders(
        data=data,
        cache=cache,
        default_library=_find_videos(data) / LIBRARY_NAME,
        library_override=_read_path(wanted_library) if wanted_library.strip() else None,
    )


def find_fixed_base_url(environment: Mapping[str, str]) -> str:
    """The service's address that the environment demands; empty without one.

    Files of variables often end a value with a space or a line break, which no address has.
    """
    return environment.get(BASE_URL_VARIABLE, "").strip()


def _find_videos(data: Path) -> Path:
    """The user's folder for videos; where there is no home, clips go beside the records."""
    import platformdirs

    try:
        return Path(platformdirs.user_videos_dir())
    except RuntimeError:
        return data


def _require_home() -> None:
    """Refuse to start where ``~`` means nothing: a folder of that name would be made."""
    try:
        Path.home()
    except RuntimeError as error:
        raise StorageError(Reason.NO_HOME_FOLDER, facts={"variable": DATA_VARIABLE}) from error


def _read_path(text: str) -> Path:
    """Read a path of the environment; a tilde that stands for nobody's home is taken as it is."""
    path = Path(text)
    with suppress(RuntimeError):
        path = path.expanduser()
    return path.absolute()
