"""What typed words mean as a setting: sums of money and proxies, or a sentence why not."""

from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from kling_desktop.domain.errors import DamagedValue

_MOST_USD = 1_000_000


def read_amount(text: str) -> Decimal | None:
    """Read a sum in dollars as people write one: ``60``, ``5.00``, ``$1,200``, ``4,50``.

    Returns:
        The sum to the cent; None for an empty text, which takes the limit away.

    Raises:
        DamagedValue: It is none; the message is the sentence.
    """
    plain = text.replace("$", "").replace(" ", "").replace("\u00a0", "").strip()
    if not plain:
        return None
    try:
        amount = Decimal(_with_point(plain)).quantize(Decimal("0.01"))
    except InvalidOperation as error:
        raise DamagedValue("Type a sum such as 5.00, or leave it empty.") from error
    if not amount.is_finite() or not 0 <= amount <= _MOST_USD:
        raise DamagedValue(f"Type a sum from $0 to ${_MOST_USD:,}.")
    return amount


def _with_point(text: str) -> str:
    """Tell a decimal comma from one that groups thousands: the latter has three digits behind."""
    head, comma, tail = text.rpartition(",")
    if comma and "." not in text and len(tail) != 3:
        return f"{head.replace(',', '')}.{tail}"
    return text.replace(",", "")


def find_proxy_problem(text: str) -> str:
    """Say in a sentence why this is no proxy's address; empty when it is one, or empty."""
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "This is not a proxy’s address."
    if parts.scheme not in ("http", "https") or not host or any(c.isspace() for c in text):
        return "A proxy’s address looks like http://proxy.example:8080."
    if port == 0 or parts.path not in ("", "/") or parts.query or parts.fragment:
        return "A proxy’s address ends with its host and port."
    return ""
