"""The outermost boxes of an MP4 (ISO/IEC 14496-12), read with suspicion and added to at its end."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_MOST_BOXES = 100_000
_FIRST_KINDS = frozenset({b"ftyp", b"styp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"})
_UUID = b"uuid"


class BadBoxes(Exception):
    """The bytes are no row of whole boxes; the message says where they stop being one."""


@dataclass(frozen=True, slots=True)
class Box:
    """One outermost box.

    Attributes:
        kind: Its four letters.
        user_type: The UUID of a box of the kind ``uuid``, else None.
        start: Where it begins in the file.
        content: Where its content begins, behind its kind, size and UUID.
        end: Where it ends.
        is_open: Its size is given as “to the end of the file”, so nothing can follow it.
    """

    kind: bytes
    user_type: uuid.UUID | None
    start: int
    content: int
    end: int
    is_open: bool = False


def list_boxes(file: BinaryIO) -> tuple[Box, ...]:
    """Read the headers of all outermost boxes; their content is passed over.

    Raises:
        BadBoxes: It is no MP4, or its last box is cut off.
        OSError: The file cannot be read.
    """
    size = file.seek(0, 2)
    boxes = tuple(_walk(file, size))
    if not boxes or boxes[0].kind not in _FIRST_KINDS:
        raise BadBoxes("it does not begin like an MP4")
    if all(box.kind != b"moov" for box in boxes):
        raise BadBoxes("it has no index")
    return boxes


def build_uuid_box(user_type: uuid.UUID, content: bytes) -> bytes:
    """Return a box of the kind ``uuid``, as any program may add for its own matters."""
    return (24 + len(content)).to_bytes(4, "big") + _UUID + user_type.bytes + content


def _walk(file: BinaryIO, size: int) -> Iterator[Box]:
    start, count = 0, 0
    while start < size:
        count += 1
        if count > _MOST_BOXES:
            raise BadBoxes("it has too many boxes")
        box = _read_header(file, start, size)
        yield box
        start = box.end


def _read_header(file: BinaryIO, start: int, size: int) -> Box:
    file.seek(start)
    head = file.read(32)
    if len(head) < 8:
        raise BadBoxes(f"a box is cut off at {start}")
    length, kind, used = int.from_bytes(head[:4], "big"), head[4:8], 8
    is_open = length == 0
    if length == 1:
        if len(head) < 16:
            raise BadBoxes(f"a box is cut off at {start}")
        length, used = int.from_bytes(head[8:16], "big"), 16
    elif is_open:
        length = size - start
    user_type = None
    if kind == _UUID:
        if len(head) < used + 16:
            raise BadBoxes(f"a box is cut off at {start}")
        user_type, used = uuid.UUID(bytes=head[used : used + 16]), used + 16
    if length < used or start + length > size:
        raise BadBoxes(f"a box is cut off at {start}")
    return Box(kind, user_type, start, start + used, start + length, is_open)
