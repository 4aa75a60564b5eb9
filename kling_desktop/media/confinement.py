"""The decoder's process: gives up what a decoder does not need, then calls one function.

On Linux it can open no socket, start no program and look into no other process; its memory is
limited.  It can still read and write the user's files: the system has no simple way to forbid that
to a process which has yet to load its libraries.  macOS and Windows offer no such filter to a
program without extra rights: there the empty environment and the process of its own stand alone.
"""

import ctypes
import os
import pickle
import platform
import struct
import sys
from collections.abc import Callable
from enum import StrEnum
from typing import cast

from kling_desktop.domain.errors import DamagedValue
from kling_desktop.media.decoding import DecodeFailed

DECODER_COMMAND = "decode"
"""The subcommand by which a packaged app starts itself as a decoder."""
MEMORY_LIMIT_BYTES = 3 * 1024**3
MAX_RESULT_BYTES = 1024**3


class Outcome(StrEnum):
    """How the call ended."""

    DONE = "done"
    DECODE_FAILED = "decode_failed"
    DAMAGED_VALUE = "damaged_value"


_FORBIDDEN = {
    "x86_64": (
        0xC000003E,
        # socket connect accept socketpair bind listen, execve ptrace, accept4, process_vm_*,
        # execveat, io_uring_setup (it opens sockets too), pidfd_getfd
        (41, 42, 43, 49, 50, 53, 59, 101, 288, 310, 311, 322, 425, 438),
    ),
    "aarch64": (
        0xC00000B7,
        (117, 198, 199, 200, 201, 202, 203, 221, 242, 270, 271, 281, 425, 438),
    ),
}
"""The kernel's name of each architecture, and the numbers of the calls that are refused."""

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_FILTER = 38, 22, 2
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 1  # EPERM
_X32 = 0x40000000
"""From this number on stand the same calls once more, for another kind of program."""


def main() -> None:
    """Read a pickled function and its arguments, call it, write the pickled result."""
    with os.fdopen(os.dup(0), "rb") as source:
        function, args = cast(
            "tuple[Callable[..., object], tuple[object, ...]]",
            pickle.load(source),  # noqa: S301 - our own parent wrote it
        )
    answer_to = os.dup(1)
    os.dup2(2, 1)  # what a library prints is no part of the result
    limit_memory()
    forbid_sockets()
    outcome, value = _call(function, args)
    with os.fdopen(answer_to, "wb") as target:
        pickle.dump((outcome.value, value), target, protocol=pickle.HIGHEST_PROTOCOL)


def _call(function: Callable[..., object], args: tuple[object, ...]) -> tuple[Outcome, object]:
    try:
        return Outcome.DONE, function(*args)
    except DecodeFailed as error:
        return Outcome.DECODE_FAILED, error.detail
    except DamagedValue as error:
        return Outcome.DAMAGED_VALUE, error.detail
    except MemoryError:
        return Outcome.DECODE_FAILED, "out of memory"


def limit_memory() -> None:
    # Windows has no such limit and macOS does not keep it; there the pixel limit stands alone.
    if sys.platform == "linux":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = (
            MEMORY_LIMIT_BYTES if hard == resource.RLIM_INFINITY else min(MEMORY_LIMIT_BYTES, hard)
        )
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def forbid_sockets() -> bool:
    """Let the kernel refuse sockets and programs from now on; False where it cannot be asked to."""
    known = _FORBIDDEN.get(platform.machine()) if sys.platform == "linux" else None
    if known is None:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    program = _build_filter(*known)
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HP", len(program) // 8, ctypes.addressof(code))
    return (
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
        and libc.prctl(_PR_SET_SECCOMP, _SECCOMP_FILTER, header, 0, 0) == 0
    )


def _build_filter(architecture: int, calls: tuple[int, ...]) -> bytes:
    """Write the kernel's little program: each step is a code, two jumps and a number."""
    checks = [(_JUMP_AT_LEAST, _X32), *((_JUMP_EQUAL, number) for number in calls)]
    steps = [
        (_LOAD, 0, 0, 4),  # the architecture
        (_JUMP_EQUAL, 0, len(checks) + 2, architecture),  # another one is refused
        (_LOAD, 0, 0, 0),  # the call's number
        *((code, len(checks) - index, 0, number) for index, (code, number) in enumerate(checks)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
