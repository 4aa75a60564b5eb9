"""What the engine needs from the floors above it, as protocols that they fulfil."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from kling_desktop.domain.video import FilmFacts, Recipe


class FilmTools(Protocol):
    """Looks into film files.  Every method blocks and is called in a thread."""

    def probe(self, path: Path) -> FilmFacts:
        """Open a film and measure it.

        Raises:
            DamagedDownload: It is no film, has no pictures, or is cut.
        """
        ...

    def embed_recipe(self, source: Path, target: Path, recipe: Recipe) -> None:
        """Copy a film without encoding it again, with the recipe inside.

        Raises:
            DamagedDownload: The film cannot be copied that way.
        """
        ...

    def read_recipe(self, path: Path) -> Recipe | None:
        """Return the recipe inside a film; None where there is none that can be read."""
        ...


MoveToTrash = Callable[[Path], Path | None]
"""Moves a file to the system's trash (blocking) and says where it lies there, None if unknown.

Raises:
    LibraryUnavailable: The system has no trash for this place or refused.
"""
