"""A thing the user may do next, with its words: in a notice, a banner or an empty view."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ActionOffer:
    """`text` stands on the button or link; `act` is called when it is chosen."""

    text: str
    act: Callable[[], object]
