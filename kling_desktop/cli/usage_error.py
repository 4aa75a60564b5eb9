"""The error for a command that cannot be carried out as it was typed."""

from kling_desktop.domain.errors import KlingDesktopError, Reaction


class UsageError(KlingDesktopError):
    """What was asked for cannot be done; nothing was changed, and the exit code is 2."""

    code = "usage_error"
    reaction = Reaction.NEVER_SENT
