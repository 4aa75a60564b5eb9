"""A process of its own for one decode, so that a crash or a bomb in a decoder stays in there."""

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from typing import IO, TypeVar, cast

from kling_desktop.domain.errors import DamagedValue
from kling_desktop.domain.reasons import Reason
from kling_desktop.media.confinement import DECODER_COMMAND, MAX_RESULT_BYTES, Outcome
from kling_desktop.media.decoding import DecodeFailed
from kling_desktop.media.result_reading import BadResult, read_result

T = TypeVar("T")

TIME_LIMIT_S = 60.0
_KEPT_VARIABLES = frozenset({
    "PATH", "HOME", "LANG", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "WINDIR", "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH", "PYTHONHOME", "PYTHONUTF8", "QT_QPA_PLATFORM", "XDG_RUNTIME_DIR",
})  # fmt: skip
"""What a decoder may know of the environment: no key, no token, no proxy's password."""
_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); \
from kling_desktop.media.confinement import main; main()"


def run_isolated(
    function: Callable[..., T], *args: object, time_limit_s: float = TIME_LIMIT_S
) -> T:
    """Call a module's function in a new process and return what it returned (blocking).

    Function and arguments are pickled.  The process knows no key, and on Linux it can open no
    socket and start no program: see `confinement`.  What it returns is read as if by an attacker:
    plain values and our own dataclasses only.

    Raises:
        DecodeFailed: The function raised it, took too long, or the process died.
        DamagedValue: The function raised it.
    """
    process = subprocess.Popen(  # noqa: S603 - our own interpreter
        _build_command(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=build_environment(os.environ),
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    timed_out = threading.Event()

    def end() -> None:
        timed_out.set()
        process.kill()

    timer = threading.Timer(time_limit_s, end)
    timer.start()
    try:
        answer = _exchange(process, pickle.dumps((function, args)))
    finally:
        timer.cancel()
        process.kill()
        process.wait()
    if timed_out.is_set():
        raise DecodeFailed(detail=f"no result after {time_limit_s:g} s")
    if not answer:
        raise DecodeFailed(detail=f"the decoder ended with {process.returncode}")
    try:
        outcome, value = read_result(answer)
    except BadResult as error:
        raise DecodeFailed(detail=f"the decoder gave no result: {error}") from error
    match outcome:
        case Outcome.DONE:
            return cast("T", value)
        case Outcome.DAMAGED_VALUE:
            raise DamagedValue(Reason.PICTURE_PART_OUTSIDE, detail=str(value))
        case Outcome.DECODE_FAILED:
            raise DecodeFailed(detail=str(value))


def build_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what a decoder gets to know of the environment."""
    return {
        name: value
        for name, value in environment.items()
        if name.upper() in _KEPT_VARIABLES or name.startswith("LC_")
    }


def _build_command() -> list[str]:
    if getattr(sys, "frozen", False):
        return [sys.executable, DECODER_COMMAND]
    import json

    # -P and the list: it finds the packages where we do, and nothing in the folder it starts in.
    return [sys.executable, "-P", "-c", _START, json.dumps(sys.path)]


def _exchange(process: "subprocess.Popen[bytes]", request: bytes) -> bytes:
    """Send the request and read the answer to its end; empty when it is none."""
    stdin, stdout = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
    with stdout:
        try:
            with stdin:
                stdin.write(request)
        except OSError:  # it died before it had read all
            return b""
        answer = stdout.read(MAX_RESULT_BYTES + 1)
    return answer if len(answer) <= MAX_RESULT_BYTES else b""
