"""One setting on its page: what it is, what it does, its control, and why a change failed."""

import re
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from kling_desktop.domain.errors import DamagedValue
from kling_desktop.domain.limits import MOST_CAP_USD
from kling_desktop.domain.reasons import Reason
from kling_desktop.storage.settings.setting_readers import check_sum
from kling_desktop.ui.controls.fields import TextField, set_bad
from kling_desktop.ui.controls.labels import Hairline, Label
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import settings_pages as texts
from kling_desktop.wording.formatting import amount_digits, decimal_point
from kling_desktop.wording.reasons import describe_error

_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+|\d{1,3}(?:,\d{3})+")
_GROUPS = re.compile(r"[\s\u00a0\u202f'’]")
"""What stands between thousands in one locale or another, besides points and commas."""


def read_amount(text: str) -> Decimal | None:
    """Read a sum in dollars as people write one: ``60``, ``5.00``, ``$1,200``, ``4,50``.

    Returns:
        The sum to the cent; None for an empty text, which takes the limit away.

    Raises:
        DamagedValue: It is none, or out of range.
    """
    plain = _GROUPS.sub("", text.replace("$", ""))
    if not plain:
        return None
    try:
        amount = Decimal(_with_point(plain)).quantize(Decimal("0.01"))
    except InvalidOperation as error:
        raise DamagedValue(Reason.SUM_UNREADABLE) from error
    check_sum(amount)
    return amount


def _with_point(text: str) -> str:
    """Put a point where the decimals begin, and take the separators of thousands away.

    Of a point and a comma the later one begins the decimals.  One alone groups thousands where
    three digits follow it and the locale writes its decimals with the other.
    """
    text = _GROUPS.sub("", text)
    last = max(text.rfind("."), text.rfind(","))
    if last < 0:
        return text
    separator, tail = text[last], text[last + 1 :]
    other = "," if separator == "." else "."
    if other not in text and _GROUPED.fullmatch(text) and separator != decimal_point():
        return text.replace(separator, "")
    head = text[:last]
    if other in head and not _GROUPED.fullmatch(head):
        return text  # no way to write a number
    return f"{head.replace(other, '')}.{tail}"


def find_proxy_problem(text: str) -> str:
    """Say in a sentence why this is no proxy's address; empty when it is one, or empty."""
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return texts.NO_PROXY_ADDRESS()
    is_proxy = parts.scheme in ("http", "https", "socks5", "socks5h")
    if not is_proxy or not host or any(c.isspace() for c in text):
        return texts.PROXY_EXAMPLE()
    if port == 0 or parts.path not in ("", "/") or parts.query or parts.fragment:
        return texts.PROXY_WITHOUT_PORT()
    return ""


_AMOUNT_WIDTH = 110
_SIGN_X = 10
_SIGN_ROOM = 16


class SettingRow(QWidget):
    """Name and explanation at the start, the control at the end, a hairline below.

    Args:
        title: What the setting is called; `control` gets the explanation as its description.
        text: What it does, in one sentence.
        control: The widget that changes it.
        below: Stands under both, over the whole width: a long field, an example, progress.
    """

    def __init__(
        self,
        look: Look,
        title: str,
        text: str,
        control: QWidget,
        *,
        below: QWidget | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._control = control
        self._title = Label(title, "row")
        self._title.setBuddy(control)
        self._text = Label(text, "small", "text-2", wrap=True)
        self._aside = Label("", "small", "text-2")
        self._error = Label("", "small", "danger", wrap=True)
        self._error.hide()
        self._build(look, below)
        self._describe()

    def _build(self, look: Look, below: QWidget | None) -> None:
        theme = look.theme
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._text)
        line = QHBoxLayout()
        line.setSpacing(theme.space(3))
        line.addLayout(words, 1)
        line.addWidget(self._aside)
        line.addWidget(self._control, 0, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.space(3), 0, 0)
        column.setSpacing(theme.space(2))
        column.addLayout(line)
        if below is not None:
            column.addWidget(below)
        column.addWidget(self._error)
        column.addSpacing(theme.space(1))
        column.addWidget(Hairline())

    @property
    def error(self) -> str:
        """Why the last change failed; empty when it did not."""
        return self._error.text()

    @property
    def text(self) -> str:
        return self._text.text()

    def set_text(self, text: str) -> None:
        self._text.setText(text)
        self._describe()

    def set_aside(self, text: str) -> None:
        """Set the quiet words before the control: ``$14.60 used``."""
        self._aside.setText(text)

    def set_error(self, text: str) -> None:
        """Say why a change failed, for eye and ear; an empty text takes it back."""
        self._error.setText(text)
        self._error.setVisible(bool(text))
        set_bad(self._control, bool(text))
        self._describe()

    def _describe(self) -> None:
        self._control.setAccessibleDescription(self._error.text() or self._text.text())


class AmountField(TextField):
    """A sum in dollars; empty means that there is none.

    Signals:
        amount_changed: The user typed another sum: a `Decimal`, or None.
        refused: What was typed is no sum; the sentence.
    """

    amount_changed = Signal(object)
    refused = Signal(str)

    def __init__(self, name: str, none: str, *, parent: QWidget | None = None) -> None:
        super().__init__(name, none, parent=parent)
        self._amount: Decimal | None = None
        self._sign = Label("$", "body", "text-3", parent=self)
        self._sign.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextMargins(_SIGN_ROOM, 0, 0, 0)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.editingFinished.connect(self._on_edited)

    @property
    def amount(self) -> Decimal | None:
        return self._amount

    def set_amount(self, amount: Decimal | None) -> None:
        """Show a sum without a signal."""
        self._amount = amount
        self.setText("" if amount is None else amount_digits(amount))

    def sizeHint(self) -> QSize:
        longest = (amount_digits(MOST_CAP_USD), self.placeholderText())
        words = max(self.fontMetrics().horizontalAdvance(text) for text in longest)
        room = words + _SIGN_ROOM + 2 * _SIGN_X
        return QSize(max(_AMOUNT_WIDTH, room), super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width = self._sign.sizeHint().width()
        x = _SIGN_X
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            x = self.width() - _SIGN_X - width
        self._sign.setGeometry(x, 0, width, self.height())

    def _on_edited(self) -> None:
        try:
            amount = read_amount(self.text())
        except DamagedValue as error:
            self.refused.emit(describe_error(error))
            return
        changed = amount != self._amount
        self.set_amount(amount)
        self.refused.emit("")
        if changed:
            self.amount_changed.emit(amount)
