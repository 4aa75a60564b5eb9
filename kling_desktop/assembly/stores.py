"""The stores of one data folder, opened together: by its owner, or for reading beside it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from kling_desktop.assembly.folders import Folders
from kling_desktop.storage.database.database import Database
from kling_desktop.storage.settings.settings_store import SettingsStore
from kling_desktop.storage.stores.draft_store import DraftStore
from kling_desktop.storage.stores.job_store import JobStore
from kling_desktop.storage.stores.money_store import MoneyStore
from kling_desktop.storage.stores.upload_store import UploadStore
from kling_desktop.storage.stores.video_store import VideoStore


@dataclass(frozen=True, slots=True)
class Stores:
    """The stores of one data folder; owned by the core, or by one command that only reads."""

    settings: SettingsStore
    database: Database
    jobs: JobStore
    videos: VideoStore
    drafts: DraftStore
    uploads: UploadStore
    money: MoneyStore

    @classmethod
    def on(cls, database: Database, settings: SettingsStore) -> "Stores":
        """Put the stores on an open database."""
        videos = VideoStore(database)
        jobs = JobStore(database, videos, now=utc_now)
        return cls(
            settings=settings,
            database=database,
            jobs=jobs,
            videos=videos,
            drafts=DraftStore(database, now=utc_now),
            uploads=UploadStore(database, now=utc_now),
            money=MoneyStore(database, jobs, videos, now=utc_now),
        )


async def open_reader(folders: Folders) -> Stores:
    """Open everything for reading, beside the process that owns the folder.

    Raises:
        StorageError: There is no database yet, or it is not of this version.
    """
    settings = SettingsStore.load(folders.settings)
    return Stores.on(await Database.open_readonly(folders.database), settings)


def utc_now() -> datetime:
    return datetime.now(UTC)
