"""Keeps the draft in Create across a quit or a crash, in one small file."""

import asyncio
import json
import logging
from pathlib import Path

from kling_desktop.domain.draft import Draft, draft_from_json, draft_to_json
from kling_desktop.domain.errors import DamagedValue
from kling_desktop.storage.files.atomic_io import run_whole, write_file
from kling_desktop.storage.files.small_files import read_own_file

logger = logging.getLogger(__name__)

_MOST_BYTES = 4 * 1024 * 1024


class CurrentDraft:
    """Owned by the app; the newest draft wins, and writes do not overtake each other."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writing = asyncio.Lock()
        self._newest: Draft | None = None

    async def load(self) -> Draft | None:
        """Return what was filled in last, None when there is nothing or it cannot be read."""
        return await run_whole(self._load)

    async def keep(self, draft: Draft) -> None:
        """Save a draft; it is skipped when a newer one has come meanwhile.

        A disk that takes no more is no reason to bother somebody who is typing: it is logged.
        """
        self._newest = draft
        async with self._writing:
            if draft is not self._newest:
                return
            data = json.dumps(draft_to_json(draft)).encode()
            try:
                await run_whole(write_file, self._path, data)
            except OSError as error:
                logger.warning("the draft could not be kept: %s", error)

    def _load(self) -> Draft | None:
        try:
            return draft_from_json(json.loads(read_own_file(self._path, _MOST_BYTES)))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError, DamagedValue) as error:
            logger.warning("the kept draft could not be read: %s", error)
            return None
