"""The file beside a video that holds its recipe, for a video that must not change."""

import os
from pathlib import Path

from kling_desktop.storage.files.atomic_io import remove_file, sync_file
from kling_desktop.storage.files.small_files import read_small_file
from kling_desktop.storage.files.system_errors import file_errors

_MOST_BYTES = 4 * 1024 * 1024


def recipe_beside(video: Path) -> Path:
    """Return the path of the recipe file for a video that carries none itself."""
    return video.with_name(f"{video.name}.json")


def copy_recipe_beside(video: Path, copy: Path) -> bool:
    """Give the copy of a video its recipe; False where there is none or the name is taken.

    Raises:
        StorageError: It cannot be written.
    """
    old, new = recipe_beside(video), recipe_beside(copy)
    with file_errors(new):
        content = read_small_file(old, _MOST_BYTES)
        if content is None or os.path.lexists(new):
            return False
        new.write_bytes(content)
        sync_file(new)
    return True


def remove_equal_recipe(video: Path, copy: Path) -> None:
    """Remove a recipe beside a video that lies, byte for byte, beside the video's copy too."""
    old, new = recipe_beside(video), recipe_beside(copy)
    content = read_small_file(old, _MOST_BYTES)
    if content is not None and content == read_small_file(new, _MOST_BYTES):
        remove_file(old)
