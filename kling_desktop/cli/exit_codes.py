"""What the command line's exit codes mean."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Documented in the README; scripts rely on them."""

    DONE = 0
    SOME_FAILED = 1
    USAGE = 2
    NEEDS_USER = 3
