"""A value that must not be shown: the API key."""

from typing import Final


class ApiKey:
    """The key to the service; shows itself to nobody who does not ask for it by name.

    `repr`, `str` and formatting give dots, so neither a log line nor a traceback can hold it.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value: Final = value.strip()

    def reveal(self) -> str:
        """Return the key itself, for the one request header that carries it."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ApiKey) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "ApiKey(••••)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("an API key is not written anywhere by accident")
