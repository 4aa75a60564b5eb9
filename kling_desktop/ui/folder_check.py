"""What a page may ask about a folder, and the answer in words; who looks is decided above."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FolderVerdict:
    """A folder as a home for clips.

    Attributes:
        free: ``"214 GB free"``; empty when it could not be measured.
        trouble: Why clips cannot be kept there; empty when they can.
    """

    free: str = ""
    trouble: str = ""


FolderCheck = Callable[[Path], Awaitable[FolderVerdict]]
