"""A process of its own for one decode, so that a crash or a bomb in a decoder stays in there."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar, cast

from kling_desktop.domain.errors import DamagedValue
from kling_desktop.media.decoding import DecodeFailed

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

T = TypeVar("T")

TIME_LIMIT_S = 60.0
MEMORY_LIMIT_BYTES = 3 * 1024**3


def run_isolated(
    function: Callable[..., T], *args: object, time_limit_s: float = TIME_LIMIT_S
) -> T:
    """Call a module's function in a new process and return what it returned (blocking).

    Function, arguments and result are pickled: plain values only.  A packaged app has to call
    `multiprocessing.freeze_support` first thing.

    Raises:
        DecodeFailed: The function raised it, took too long, or the process died.
        DamagedValue: The function raised it.
    """
    import multiprocessing

    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(sender, function, args), daemon=True)
    process.start()
    # Ours is closed so that the end of the child is the end of the pipe.
    sender.close()
    try:
        if not receiver.poll(time_limit_s):
            raise DecodeFailed(detail=f"no result after {time_limit_s:g} s")
        outcome, value = cast("tuple[str, object]", receiver.recv())
    except (EOFError, OSError) as error:
        process.join(1.0)
        raise DecodeFailed(detail=f"the decoder ended with {process.exitcode}") from error
    finally:
        receiver.close()
        process.kill()
        process.join()
    if outcome == "damaged_value":
        raise DamagedValue(str(value))
    if outcome == "decode_failed":
        raise DecodeFailed(detail=str(value))
    return cast("T", value)


def _work(sender: "Connection", function: Callable[..., object], args: tuple[object, ...]) -> None:
    _limit_memory()
    try:
        sender.send(("done", function(*args)))
    except DecodeFailed as error:
        sender.send(("decode_failed", error.detail))
    except DamagedValue as error:
        sender.send(("damaged_value", str(error)))
    except MemoryError:
        sender.send(("decode_failed", "out of memory"))


def _limit_memory() -> None:
    # Windows has no such limit and macOS does not keep it; there the pixel limit stands alone.
    if sys.platform == "linux":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = (
            MEMORY_LIMIT_BYTES if hard == resource.RLIM_INFINITY else min(MEMORY_LIMIT_BYTES, hard)
        )
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
