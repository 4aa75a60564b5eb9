"""Lines of label and value: what Details says, each value selectable, some with a copy button."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from kling_desktop.ui.clips.clip_facts import Fact
from kling_desktop.ui.controls.buttons import IconButton
from kling_desktop.ui.controls.chips import TierBadge
from kling_desktop.ui.controls.labels import ElidedLabel, Label
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording.details import name_copy, speak_fact

_LABEL_WIDTH, _NARROW_LABEL_WIDTH = 112, 100
_ROOMY_FROM_PX = 300
_LINE_GAP = 7


class FactList(QWidget):
    """Shows a list of facts; owned by Details."""

    def __init__(self, look: Look, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(0)
        self._grid.setVerticalSpacing(_LINE_GAP)
        self._grid.setColumnMinimumWidth(0, _LABEL_WIDTH)
        self._grid.setColumnStretch(1, 1)
        self._shown: tuple[Fact, ...] = ()

    def facts(self) -> tuple[Fact, ...]:
        return self._shown

    def show_facts(self, facts: Sequence[Fact]) -> None:
        if tuple(facts) == self._shown:
            return
        self._shown = tuple(facts)
        while (place := self._grid.takeAt(0)) is not None:
            old = place.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        for line, fact in enumerate(facts):
            label = Label(fact.label, "body", "text-3")
            self._grid.addWidget(label, line, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(self._build_value(fact), line, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        roomy = self.width() >= _ROOMY_FROM_PX
        self._grid.setColumnMinimumWidth(0, _LABEL_WIDTH if roomy else _NARROW_LABEL_WIDTH)

    def _build_value(self, fact: Fact) -> QWidget:
        if fact.copied:  # its words are for the eye; the button has the whole of them
            value = ElidedLabel(fact.value, "body", mode=Qt.TextElideMode.ElideMiddle)
        else:
            value = Label(fact.value, "body", wrap=not fact.badge)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setAccessibleName(speak_fact(fact.label, fact.value))
        if not fact.badge and not fact.copied:
            return value
        value.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1 if fact.copied else 6)  # the button brings a margin of its own
        row.addWidget(value)
        if fact.badge:
            row.addWidget(TierBadge(self._look, fact.badge))
        if fact.copied:
            row.addWidget(self._build_copy(fact))
        row.addStretch(1)
        return holder

    def _build_copy(self, fact: Fact) -> QWidget:
        button = IconButton(self._look, "copy", name_copy(fact.label))
        button.setFixedSize(24, 24)
        button.clicked.connect(lambda: QGuiApplication.clipboard().setText(fact.copied))
        # The line keeps its height; the button reaches over it.
        holder = QWidget()
        holder.setFixedSize(24, self._look.theme.line_height("body"))
        button.setParent(holder)
        button.move(0, (holder.height() - 24) // 2)
        return holder
