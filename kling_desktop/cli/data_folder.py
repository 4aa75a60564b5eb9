"""Looks at the data folder before a command opens it: what was never there is no loss."""

import asyncio

from kling_desktop.assembly.folders import Folders


async def require_records(folders: Folders) -> bool:
    """Say whether there are records; False where nothing was ever kept.

    Raises:
        DatabaseDamaged: There were, and they are gone: what is left names jobs or copies.
    """
    # Late: `models` asks the catalogue alone and should answer at once.
    from kling_desktop.storage.database.recovery import find_records

    return await asyncio.to_thread(find_records, folders.database)
