"""How much free space there is where a folder is or will be."""

import shutil
from pathlib import Path


def find_free_bytes(folder: Path) -> int | None:
    """Free space on the disk of a folder, or of the nearest folder above it; None if unknown."""
    for place in (folder, *folder.parents):
        try:
            return shutil.disk_usage(place).free
        except OSError:
            continue
    return None
