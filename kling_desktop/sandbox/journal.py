"""The file that lets the sandbox remember across restarts: JSON lines, only ever added to."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast


class Journal:
    """Appends one JSON object a line and syncs it before the answer leaves."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._cut_torn_line()
        self._file = path.open("r+b", buffering=0)
        self._end = self._file.seek(0, os.SEEK_END)

    def append(self, kind: str, fact: Mapping[str, object]) -> None:
        """Write one line and sync it; on an error nothing of it stays.

        Raises:
            OSError: There is no room, or the file cannot be written.
        """
        line = json.dumps({"kind": kind, **fact}, ensure_ascii=False, separators=(",", ":"))
        rest = memoryview(line.encode() + b"\n")
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
        except OSError:
            # Half a line in the middle would make the whole file unreadable.
            self._file.truncate(self._end)
            self._file.seek(self._end)
            raise
        self._end = self._file.tell()

    def read(self) -> Iterator[tuple[str, dict[str, object]]]:
        """Yield kind and fact of every line, oldest first."""
        with self._path.open("rb") as file:
            for line in file:
                fact = cast("dict[str, object]", json.loads(line))
                yield str(fact.pop("kind")), fact

    def close(self) -> None:
        self._file.close()

    def _cut_torn_line(self) -> None:
        """Drop a last line that a killed process left without its end: it was never answered."""
        if not self._path.exists():
            self._path.touch()
            return
        content = self._path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            with self._path.open("r+b") as file:
                file.truncate(whole)
