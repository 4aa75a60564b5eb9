"""The first directory of a TIFF file: how large its picture is, and whether it is a camera raw.

Camera raw files are TIFF files whose first picture is a small preview: opened as TIFF they would
become a thumbnail without a word.  Sources: TIFF 6.0, TIFF/EP, the DNG specification.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

_SUBFILE, _WIDTH, _HEIGHT, _PHOTOMETRIC, _MAKE, _SUB_DIRECTORIES, _DNG = (
    254, 256, 257, 262, 271, 330, 50706,
)  # fmt: skip
_RAW_COLOURS = frozenset({32803, 34892})
"""A mosaic of the sensor's colours, and linear raw."""
_TEXT = 2
_SIZES = {1: 1, _TEXT: 1, 3: 2, 4: 4, 7: 1, 13: 4, 16: 8, 18: 8}
_MAX_ENTRIES = 1000
_MAX_VALUES = 64
_MAKERS = (
    ("nikon", "nef"), ("sony", "arw"), ("pentax", "pef"), ("ricoh", "pef"), ("samsung", "srw"),
    ("hasselblad", "3fr"), ("phase one", "iiq"), ("leaf", "mos"), ("kodak", "dcr"),
    ("eastman kodak", "dcr"), ("seiko epson", "erf"), ("epson", "erf"), ("leica", "rwl"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class TiffHeader:
    """What the first directory says.

    Attributes:
        width: As stored; 0 where the directory cannot be read.
        height: As width.
        raw_name: Name of the raw format, ``"raw"`` where only that is known; empty for a picture.
    """

    width: int = 0
    height: int = 0
    raw_name: str = ""


@dataclass(slots=True)
class _Directory:
    numbers: dict[int, tuple[int, ...]] = field(default_factory=dict)
    make: str = ""

    def first(self, tag: int) -> int:
        return (*self.numbers.get(tag, ()), 0)[0]


def read_tiff_header(path: Path) -> TiffHeader:
    """Read the first directory and look into those below it; damage ends the reading early."""
    try:
        with path.open("rb") as file:
            return _read(file)
    except OSError:
        return TiffHeader()


def _read(file: IO[bytes]) -> TiffHeader:
    head = file.read(16)
    order: Literal["little", "big"] = "little" if head[:2] == b"II" else "big"
    big = int.from_bytes(head[2:4], order) == 43
    start = int.from_bytes(head[8:16] if big else head[4:8], order)
    first = _read_directory(file, start, order, big=big)
    below = [
        _read_directory(file, at, order, big=big)
        for at in first.numbers.get(_SUB_DIRECTORIES, ())[:8]
    ]
    is_raw = (
        _DNG in first.numbers
        or any(each.first(_PHOTOMETRIC) in _RAW_COLOURS for each in (first, *below))
        or (bool(first.first(_SUBFILE) & 1) and bool(below))
    )
    return TiffHeader(
        width=first.first(_WIDTH),
        height=first.first(_HEIGHT),
        raw_name=_name_raw(first) if is_raw else "",
    )


def _name_raw(first: _Directory) -> str:
    if _DNG in first.numbers:
        return "dng"
    make = first.make.strip().lower()
    return next((name for maker, name in _MAKERS if make.startswith(maker)), "raw")


def _read_directory(
    file: IO[bytes], at: int, order: Literal["little", "big"], *, big: bool
) -> _Directory:
    def number(data: bytes) -> int:
        return int.from_bytes(data, order)

    count_size, entry_size, value_size = (8, 20, 8) if big else (2, 12, 4)
    found = _Directory()
    file.seek(min(at, 2**62))
    count = min(number(file.read(count_size)), _MAX_ENTRIES)
    entries = file.read(count * entry_size)
    for place in range(0, len(entries) - entry_size + 1, entry_size):
        entry = entries[place : place + entry_size]
        tag, kind = number(entry[:2]), number(entry[2:4])
        values, size = number(entry[4 : 4 + value_size]), _SIZES.get(kind, 0)
        if not size or not values:
            continue
        data = entry[4 + value_size :]
        length = min(values, _MAX_VALUES) * size
        if values * size > value_size:
            file.seek(min(number(data), 2**62))
            data = file.read(length)
        data = data[:length]
        if tag == _MAKE:
            found.make = data.partition(b"\0")[0].decode("ascii", "replace")
        elif kind != _TEXT:
            found.numbers[tag] = tuple(
                number(data[each : each + size]) for each in range(0, len(data), size)
            )
    return found
