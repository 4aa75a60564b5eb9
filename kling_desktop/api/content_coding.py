"""Which content codings of a response are decoded, and which header values mean none."""

import zlib
from collections.abc import Iterator
from typing import Final

from kling_desktop.domain.errors import DamagedDownload, UnexpectedReply
from kling_desktop.domain.reasons import Reason

_UNPACKED: Final = {"gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate"}
_NOT_UNPACKED: Final = frozenset(
    {"aes128gcm", "br", "compress", "dcb", "dcz", "exi", "pack200-gzip", "x-compress", "zstd"}
)
"""The other codings that are registered for HTTP."""
_PIECE_BYTES: Final = 1024 * 1024


def find_coding(header: str) -> str:
    """Return ``gzip`` or ``deflate`` where a body has to be unpacked, else an empty string.

    Words that are no coding of HTTP say nothing about the body: storage services leave
    ``aws-chunked`` behind, and some hosts write a character set there.

    Raises:
        UnexpectedReply: The body is packed in a way that was not asked for and is not known here.
    """
    words = [word.strip().casefold() for word in header.split(",")]
    codings = [_UNPACKED[word] for word in words if word in _UNPACKED]
    unknown = [word for word in words if word in _NOT_UNPACKED]
    if unknown or len(codings) > 1:
        raise UnexpectedReply(
            Reason.FILE_PACKED, detail=header[:80], facts={"encoding": header[:80]}
        )
    return codings[0] if codings else ""


class Unpacker:
    """Unpacks a body in pieces of bounded size, however small the packed ones are.

    Attributes:
        is_complete: Whether the packed data has come to its own end.
    """

    def __init__(self, coding: str) -> None:
        self._is_deflate = coding == "deflate"
        self._inflater = zlib.decompressobj(wbits=47)  # gzip or zlib, by its head
        self._head = b""
        self._gave_data = False
        self.is_complete = False

    def unpack(self, piece: bytes) -> Iterator[bytes]:
        """Yield what a piece holds.

        Raises:
            DamagedDownload: It is not packed as announced.
        """
        more = True
        while piece or more:
            try:
                data = self._inflate(piece)
            except zlib.error as error:
                raise DamagedDownload(Reason.FILE_UNPACKING, detail=str(error)) from error
            if data:
                self._gave_data = True
                yield data
            self.is_complete = self._inflater.eof
            more = len(data) == _PIECE_BYTES  # it may hold back more than the limit let through
            piece = self._inflater.unconsumed_tail
            if self.is_complete:
                more, piece = False, self._inflater.unused_data
                if piece:
                    self._inflater = zlib.decompressobj(wbits=47)  # gzip may have several members

    def _inflate(self, piece: bytes) -> bytes:
        if not self._is_deflate or self._gave_data:
            return self._inflater.decompress(piece, _PIECE_BYTES)
        self._head += piece
        try:
            return self._inflater.decompress(piece, _PIECE_BYTES)
        except zlib.error:
            self._is_deflate = False
            self._inflater = zlib.decompressobj(wbits=-15)  # some hosts leave zlib's head out
            return self._inflater.decompress(self._head, _PIECE_BYTES)
