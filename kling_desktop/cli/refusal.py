"""The refusal of a wish that cannot be carried out as it was typed."""

from kling_desktop.domain.errors import KlingDesktopError, Reaction


class RequestRefused(KlingDesktopError):
    """What was asked for cannot be done; the message is the sentence for the person."""

    code = "request_refused"
    reaction = Reaction.NEVER_SENT
