"""Keeps the app's copies of input pictures bounded: the queue's idle time is used to sweep them."""

import asyncio
import logging
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from kling_desktop.assembly.current_draft import CurrentDraft
from kling_desktop.assembly.stores import Stores
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.errors import StorageError
from kling_desktop.engine.engine import Engine
from kling_desktop.engine.timing.pacing import Clock
from kling_desktop.storage.files.kept_inputs import KeptInputs

logger = logging.getLogger(__name__)

LIMIT_BYTES = 1024**3
"""What pictures of ended jobs may take: they serve Remix and the details of a clip."""
UNUSED_FOR = timedelta(days=1)
CHECK_EVERY_S = 600.0


class KeptPictures:
    """Sweeps the kept pictures while no job moves; owned by the core."""

    def __init__(
        self, inputs: KeptInputs, stores: Stores, current_draft: Path, engine: Engine, clock: Clock
    ) -> None:
        self._inputs = inputs
        self._stores = stores
        self._current_draft = current_draft
        self._engine = engine
        self._clock = clock

    async def run(self) -> None:
        """Sweep now and then, until cancelled."""
        while True:
            await self._clock.sleep(CHECK_EVERY_S)
            status = self._engine.status
            if not status.running and not status.waiting:
                await self.sweep()

    async def sweep(self, limit_bytes: int = LIMIT_BYTES) -> int:
        """Remove what is needed least; return how many pictures that were."""
        try:
            removed = await asyncio.to_thread(
                self._inputs.sweep,
                await self._list_needed(),
                limit_bytes=limit_bytes,
                used_before=self._clock.now() - UNUSED_FOR,
            )
        except StorageError as error:
            logger.info("kept pictures not swept: %s (%s)", error, error.detail)
            return 0
        if removed:
            logger.info("%d kept pictures removed", removed)
        return removed

    async def _list_needed(self) -> frozenset[str]:
        """List the pictures of unfinished jobs, of saved drafts and of what Create holds."""
        drafts = [job.draft for job in self._stores.jobs.list_active()]
        drafts += [saved.draft for saved in self._stores.drafts.list_drafts()]
        current = await CurrentDraft(self._current_draft).load()
        if current is not None:
            drafts.append(current)
        return frozenset(_list_pictures(drafts))


def _list_pictures(drafts: Iterable[Draft]) -> Iterable[str]:
    """Yield the hash of each picture, and the name of a copy that is used without its hash."""
    for draft in drafts:
        for _, image in draft.frames:
            yield from (image.sha256, image.path.stem)
