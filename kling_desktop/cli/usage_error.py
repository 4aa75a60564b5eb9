"""The error for a command that cannot be carried out as it was typed."""

from collections.abc import Mapping

from kling_desktop.domain.errors import KlingDesktopError, Reaction
from kling_desktop.domain.reasons import Reason
from kling_desktop.wording.reasons import describe_error


class UsageError(KlingDesktopError):
    """What was asked for cannot be done; nothing was changed, and the exit code is 2."""

    code = "usage_error"
    reaction = Reaction.NEVER_SENT

    def __init__(
        self,
        reason: Reason | None = None,
        *,
        sentence: str = "",
        facts: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(reason, facts=facts)
        self._sentence = sentence

    @property
    def sentence(self) -> str:
        """What the user is told: words that `wording` has put together, else the reason's."""
        return self._sentence or describe_error(self)
