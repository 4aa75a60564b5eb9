"""A clip's receipt: its time line, what was sent, and all of it as text to be copied."""

import json
from collections.abc import Callable
from datetime import datetime

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from kling_desktop.domain.job import Service
from kling_desktop.domain.receipt import Receipt
from kling_desktop.ui.controls.buttons import GhostButton
from kling_desktop.ui.controls.fields import PlainTextField
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording.details import (
    COPY_RECEIPT,
    REQUEST_AS_SENT,
    describe_digest,
    describe_event,
    write_receipt,
)
from kling_desktop.wording.formatting import exact_time
from kling_desktop.wording.translation import _

_TIME_WIDTH = 72
_REQUEST_LINES = 8


class ReceiptView(QWidget):
    """Owned by Details, inside its folding section; empty until a receipt is shown."""

    def __init__(
        self, look: Look, *, now: Callable[[], datetime], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._now = now
        self._text = ""
        self._lines = QGridLayout()
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setVerticalSpacing(4)
        self._lines.setHorizontalSpacing(0)
        self._lines.setColumnMinimumWidth(0, _TIME_WIDTH)
        self._lines.setColumnStretch(1, 1)
        self._request_label = Label(_(REQUEST_AS_SENT), "label", "text-2")
        self._request = PlainTextField(_(REQUEST_AS_SENT), visible_lines=_REQUEST_LINES)
        self._request.setProperty("type", "mono")
        self._request.setReadOnly(True)
        self._request.setTabChangesFocus(True)
        self._hash = _build_words("", "text-3")
        self.copy = GhostButton(look, _(COPY_RECEIPT), icon="copy", size="small")
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._text))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.theme.space(2))
        column.addLayout(self._lines)
        column.addWidget(self._request_label)
        column.addWidget(self._request)
        column.addWidget(self._hash)
        row = QHBoxLayout()
        row.addWidget(self.copy)
        row.addStretch(1)
        column.addLayout(row)

    @property
    def text(self) -> str:
        """All of the receipt, as it is copied."""
        return self._text

    def show_receipt(self, receipt: Receipt) -> None:
        now = self._now()
        practice = receipt.job.service is Service.SANDBOX
        while (place := self._lines.takeAt(0)) is not None:
            old = place.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        for number, event in enumerate(receipt.events):
            at = exact_time(event.at, now)
            self._lines.addWidget(Label(at, "small", "text-3"), number, 0)
            self._lines.addWidget(
                _build_words(describe_event(event, practice=practice), "text"), number, 1
            )
        request = "" if receipt.request is None else _dump(receipt.request)
        self._request.setPlainText(request)
        for widget in (self._request, self._request_label):
            widget.setVisible(bool(request))
        digest = receipt.video.sha256 if receipt.video is not None else ""
        self._hash.setText(describe_digest(digest))
        self._hash.setVisible(bool(digest))
        self._text = write_receipt(receipt, request, practice=practice)


def _build_words(text: str, ink: str) -> Label:
    """Words that never make the panel wider, however long one of them is."""
    label = Label(text, "small", ink, wrap=True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label


def _dump(request: object) -> str:
    return json.dumps(request, indent=2, ensure_ascii=False)
