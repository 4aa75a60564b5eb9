"""Menus: rows with a shortcut at the end, dangerous ones in the colour of danger."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QWidget

from kling_desktop.ui.controls.labels import set_style_property
from kling_desktop.ui.theme.compositing import cut_to_frame, shows_translucency
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import LEFT, RIGHT, draw_frame, draw_text
from kling_desktop.ui.theme.plain_text import plain_menu_text, read_menu_text, set_tooltip

_PADDING = 16
_ICON = 16
_MARKED_PADDING = 40
_DANGER = "danger"
_HEADING = "heading"
_HINT = "hint"


class Menu(QMenu):
    """A menu painted to the design. Open it with `popup` or `popup_below`, never with `exec`."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._is_cut = False
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self.setWindowFlag(Qt.WindowType.NoDropShadowWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setToolTipsVisible(True)

    def add(
        self,
        text: str,
        act: Callable[[], object] | None = None,
        *,
        shortcut: str = "",
        icon: str = "",
        danger: bool = False,
        enabled: bool = True,
        checked: bool | None = None,
        tip: str = "",
    ) -> QAction:
        """Add a row. `shortcut` is for reading alone: the window binds the keys.

        `checked` makes the row one that can be ticked; `tip` says why it is disabled.
        """
        words = plain_menu_text(text)
        action = QAction(words, self)
        if icon:
            action.setIcon(self._look.icons.icon(icon, "danger" if danger else "text-2"))
        if checked is not None:
            action.setCheckable(True)
            action.setChecked(checked)
        if icon or checked is not None:
            set_style_property(self, "marks", "true")
        # Behind a tab the style keeps room for the words, and no key is bound.
        action.setText(f"{words}\t{shortcut}" if shortcut else words)
        action.setProperty(_HINT, shortcut)
        action.setProperty(_DANGER, danger)
        action.setEnabled(enabled)
        set_tooltip(action, tip)
        if act is not None:
            action.triggered.connect(lambda: act())
        self.addAction(action)
        return action

    def add_heading(self, text: str) -> QAction:
        """Add a quiet line of words that cannot be chosen."""
        action = self.add(text, enabled=False)
        action.setProperty(_HEADING, True)
        return action

    def popup_below(self, widget: QWidget) -> None:
        corner = QPoint(0, widget.height() + 4)
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            corner.setX(widget.width() - self.sizeHint().width())
        self.popup(widget.mapToGlobal(corner))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._is_cut = not shows_translucency()
        if self._is_cut:
            cut_to_frame(self, self.rect(), self._look.theme.radius("xl"))
        else:
            self.clearMask()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        frame = QRectF(self.rect())
        ground, line = theme.color("popup"), theme.color("line-strong")
        if self._is_cut:  # the rounded corners' soft edge would be mixed with black
            painter.fillRect(frame, line)
        draw_frame(painter, frame, theme.radius("xl"), ground, line)
        marked = any(a.isCheckable() or not a.icon().isNull() for a in self.actions())
        for action in self.actions():
            if not action.isVisible():
                continue
            rect = QRectF(self.actionGeometry(action))
            if action.isSeparator():
                y = round(rect.center().y())
                painter.fillRect(QRectF(10, y, self.width() - 20, 1), theme.color("line"))
            else:
                self._paint_row(painter, rect, action, marked)

    def _ink(self, action: QAction) -> QColor:
        theme = self._look.theme
        if action.property(_HEADING):
            return theme.color("text-2")
        if not action.isEnabled():
            return theme.color("text-disabled")
        return theme.color("danger" if action.property(_DANGER) else "text")

    def _paint_row(self, painter: QPainter, rect: QRectF, action: QAction, marked: bool) -> None:
        theme = self._look.theme
        if action is self.activeAction() and action.isEnabled():
            painter.fillRect(rect.adjusted(1, 0, -1, 0), theme.color("hover"))
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        start, end = (RIGHT, LEFT) if mirrored else (LEFT, RIGHT)
        lead = _MARKED_PADDING if marked else _PADDING
        words = rect.adjusted(*((_PADDING, 0, -lead, 0) if mirrored else (lead, 0, -_PADDING, 0)))
        ink = self._ink(action)
        x = rect.right() - _PADDING - _ICON if mirrored else rect.left() + _PADDING
        mark = QRectF(x, rect.y(), _ICON, rect.height())
        if action.isCheckable():
            if action.isChecked():
                self._look.icons.paint(painter, mark, "check", ink)
        elif not action.icon().isNull():
            mode = action.icon().Mode.Normal if action.isEnabled() else action.icon().Mode.Disabled
            action.icon().paint(painter, mark.toRect(), mode=mode)
        draw_text(
            painter, words, read_menu_text(action.text()), theme.font("body"), ink, align=start
        )
        quiet = theme.color("text-3" if action.isEnabled() else "text-disabled")
        hint = action.property(_HINT)
        if action.menu() is not None:
            side = words.left() if mirrored else words.right() - _ICON
            arrow = QRectF(side, rect.y(), _ICON, rect.height())
            name = "chevron-left" if mirrored else "chevron-right"
            self._look.icons.paint(painter, arrow, name, quiet)
        elif hint:
            draw_text(painter, words, hint, theme.font("small"), quiet, align=end)
