"""What the command line's exit codes mean."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Documented in the README; scripts rely on them.

    Attributes:
        DONE: All that was asked for was done.
        SOME_FAILED: Some clips failed, or a check found something wrong.
        USAGE: The command cannot be carried out as it was typed; nothing was changed.
        NEEDS_USER: It waits for something only the user can do: a key, credit, room on the disk,
            an answer about a clip whose fate is unknown.
    """

    DONE = 0
    SOME_FAILED = 1
    USAGE = 2
    NEEDS_USER = 3
