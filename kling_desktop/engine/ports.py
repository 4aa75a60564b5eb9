"""What the engine needs from the packages above it, as protocols that they implement."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from kling_desktop.domain.video import Recipe, VideoFacts


class VideoTools(Protocol):
    """Reads and copies video files.  Every method blocks and is called in a thread."""

    def probe(self, path: Path) -> VideoFacts:
        """Open a video and measure it.

        Raises:
            DamagedDownload: It is no video, has no pictures, or is cut.
        """
        ...

    def embed_recipe(self, source: Path, target: Path, recipe: Recipe) -> bool:
        """Copy a video as it is and add the recipe at its end.

        Returns:
            False for a video that must not change, and then nothing was written: one with content
            credentials.

        Raises:
            DamagedDownload: The video cannot be copied that way.
        """
        ...

    def write_recipe_beside(self, path: Path, recipe: Recipe) -> bool:
        """Write the recipe into a file beside a video; False when that name is taken.

        Raises:
            OSError: It cannot be written.
        """
        ...

    def read_recipe(self, path: Path) -> Recipe | None:
        """Return the recipe in or beside a video; None where there is none that can be read."""
        ...


MoveToTrash = Callable[[Path], Path | None]
"""Moves a file to the system's trash (blocking) and says where it lies there, None if unknown.

Raises:
    LibraryUnavailable: The system has no trash for this place or refused.
"""
