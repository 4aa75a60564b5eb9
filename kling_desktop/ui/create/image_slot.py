"""One frame of the draft on screen: a place to drop a picture, then the picture."""

from enum import StrEnum

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from kling_desktop.domain.catalog import IMAGE_LIMITS
from kling_desktop.domain.draft import FrameRole
from kling_desktop.ui.controls.buttons import IconButton
from kling_desktop.ui.controls.focus import takes_ring
from kling_desktop.ui.create.slot_state import EMPTY_SLOT, SlotPhase, SlotState
from kling_desktop.ui.overlays.menu import Menu
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import (
    CENTER,
    LEFT,
    RIGHT,
    draw_frame,
    draw_picture,
    draw_ring,
    draw_text,
    fill_rounded,
    measure_text,
)
from kling_desktop.ui.theme.plain_text import set_tooltip
from kling_desktop.wording import create as create_words
from kling_desktop.wording import pictures as words

TALL_PX, SHORT_PX, PAIR_PX, ROW_PX = 178, 120, 104, 36
_EMPTY_SHORT_PX = 128
_PICTURE_ROOM = 7


class SlotShape(StrEnum):
    """How much room a slot has."""

    TALL = "tall"
    SHORT = "short"
    PAIR = "pair"
    ROW = "row"


class ImageSlot(QAbstractButton):
    """A slot: a click, Enter or Space browses, Delete removes, C crops; its menu has all of it.

    It paints a `SlotState` and decides nothing.

    Signals:
        browse_wanted, paste_wanted, crop_wanted, remove_wanted, swap_wanted: What it asks for.
    """

    browse_wanted = Signal()
    paste_wanted = Signal()
    crop_wanted = Signal()
    remove_wanted = Signal()
    swap_wanted = Signal()

    def __init__(self, look: Look, role: FrameRole, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._role = role
        self._state = EMPTY_SLOT
        self._shape = SlotShape.TALL
        self._aside = ""
        self._can_swap = False
        self._picture: QPixmap | None = None
        self._ring = False
        crop, remove = words.crop_words(role), words.remove_words(role)
        self._crop = IconButton(look, "crop", crop, on_picture=True, parent=self)
        self._remove = IconButton(look, "x", remove, on_picture=True, parent=self)
        for button, signal in ((self._crop, self.crop_wanted), (self._remove, self.remove_wanted)):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _=False, signal=signal: signal.emit())
            button.hide()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda: self.browse_wanted.emit())
        self._update_name()

    @property
    def state(self) -> SlotState:
        return self._state

    def show_state(self, state: SlotState) -> None:
        if state.preview is not self._state.preview:
            self._picture = QPixmap.fromImage(state.preview) if state.preview else None
        self._state = state
        self._update_name()
        self._place_buttons()
        self.updateGeometry()
        self.update()

    def set_shape(self, shape: SlotShape) -> None:
        if shape is not self._shape:
            self._shape = shape
            self.updateGeometry()
            self._place_buttons()

    def set_aside(self, text: str) -> None:
        """Show at the end of the row what choosing a picture does besides."""
        self._aside = text
        self._update_name()
        self.update()

    def set_can_swap(self, can_swap: bool) -> None:
        self._can_swap = can_swap

    # -------------------------------------------------------------- words

    def _update_name(self) -> None:
        state = self._state
        image = None if state.phase is SlotPhase.CHECKING else state.image
        spoken = words.slot_state(state.phase)
        self.setAccessibleName(words.slot_name(self._role, state.name, image, spoken))
        limits = words.slot_limits(IMAGE_LIMITS)
        empty = f"{limits}. {self._aside}" if self._aside else limits
        self.setAccessibleDescription(empty if state.is_empty else state.message)
        set_tooltip(self, "" if state.is_empty else state.name)

    # -------------------------------------------------------------- size and buttons

    def sizeHint(self) -> QSize:
        theme = self._look.theme
        grown = theme.line_height("body") - theme.tokens.types["body"].line
        empty = self._state.is_empty
        height = {
            SlotShape.TALL: TALL_PX,
            SlotShape.SHORT: _EMPTY_SHORT_PX if empty else SHORT_PX,
            SlotShape.PAIR: PAIR_PX,
            SlotShape.ROW: ROW_PX if empty else PAIR_PX,
        }[self._shape]
        return QSize(120, height + (3 * grown if empty and self._shape is not SlotShape.ROW else 0))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.sizeHint().height())

    def _place_buttons(self) -> None:
        side, gap = self._crop.sizeHint().width(), 8
        x = self.width() - side - gap
        step = -(side + gap)
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            x, step = gap, side + gap
        self._remove.setGeometry(x, gap, side, side)
        self._crop.setGeometry(x + step, gap, side, side)
        state = self._state
        shown = not state.is_empty and (self.underMouse() or self.hasFocus())
        self._remove.setVisible(shown or state.is_in_the_way)
        self._crop.setVisible(shown and state.phase is SlotPhase.READY)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_buttons()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._place_buttons()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._place_buttons()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = takes_ring(event, self._ring)
        super().focusInEvent(event)
        self._place_buttons()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._place_buttons()

    # -------------------------------------------------------------- keys and menu

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        filled = not self._state.is_empty
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.click()
        elif filled and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_wanted.emit()
        elif self._can_crop and key == Qt.Key.Key_C and not event.modifiers():
            self.crop_wanted.emit()
        else:
            super().keyPressEvent(event)

    @property
    def _can_crop(self) -> bool:
        return self._state.phase in (SlotPhase.READY, SlotPhase.NEEDS_FIX)

    def build_menu(self) -> Menu:
        """Build the menu of everything that can be done with the slot."""
        menu = Menu(self._look, self)
        state = self._state
        menu.add(
            words.choose_picture(), self.browse_wanted.emit, shortcut="Enter", icon="image-plus"
        )
        menu.add(words.paste(), self.paste_wanted.emit, icon="copy")
        if not state.is_empty:
            menu.addSeparator()
            tip = "" if self._can_crop else words.cannot_use_yet()
            menu.add(
                words.crop_menu(),
                self.crop_wanted.emit,
                shortcut="C",
                icon="crop",
                enabled=self._can_crop,
                tip=tip,
            )
            if self._can_swap:
                menu.add(words.swap_frames(), self.swap_wanted.emit, icon="swap")
            menu.add(words.remove(), self.remove_wanted.emit, shortcut="Del", icon="x")
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.build_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            menu.popup(self.mapToGlobal(QPoint(8, min(self.height(), 40))))
        else:
            menu.popup(event.globalPos())

    # -------------------------------------------------------------- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = QRectF(self.rect())
        if self._state.is_empty:
            draw_drop_frame(painter, rect, self._look, hovered=self.underMouse())
            if self._shape is SlotShape.ROW:
                self._paint_row(painter, rect)
            else:
                self._paint_invitation(painter, rect)
        else:
            self._paint_picture(painter, rect)
        if self._ring and self.hasFocus():
            theme = self._look.theme
            draw_ring(painter, rect, theme, theme.radius("lg"))

    def _paint_row(self, painter: QPainter, rect: QRectF) -> None:
        theme = self._look.theme
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        icon = QRectF(12, 0, 16, rect.height())
        text = rect.adjusted(36, 0, -12, 0)
        if mirrored:
            icon.moveRight(rect.right() - 12)
            text = rect.adjusted(12, 0, -36, 0)
        self._look.icons.paint(painter, icon, "plus", theme.color("text-2"))
        start, end = (RIGHT, LEFT) if mirrored else (LEFT, RIGHT)
        label = words.add_words(self._role)
        ink = theme.color("text" if self.underMouse() else "text-2")
        draw_text(painter, text, label, theme.font("body"), ink, align=start)
        wanted = measure_text(theme.font("body"), label) + 8
        if wanted + measure_text(theme.font("small"), self._aside) > text.width():
            return  # the accessible description and the drop target say it too
        draw_text(painter, text, self._aside, theme.font("small"), theme.color("text-3"), align=end)

    def _paint_invitation(self, painter: QPainter, rect: QRectF) -> None:
        theme = self._look.theme
        lines = [theme.line_height("body"), theme.line_height("small"), theme.line_height("small")]
        total = 24 + 8 + lines[0] + 2 + lines[1] + 6 + lines[2]
        y = rect.y() + (rect.height() - total) / 2
        icon = QRectF(rect.center().x() - 12, y, 24, 24)
        self._look.icons.paint(painter, icon, "image-plus", theme.color("text-2"))
        y += 24 + 8
        inner = rect.adjusted(8, 0, -8, 0)
        line = QRectF(inner.x(), y, inner.width(), lines[0])
        title = create_words.drop_invitation()
        draw_text(painter, line, title, theme.font("body", 500), theme.color("text"), align=CENTER)
        y += lines[0] + 2
        self._paint_ways(painter, QRectF(inner.x(), y, inner.width(), lines[1]))
        y += lines[1] + 6
        last = QRectF(inner.x(), y, inner.width(), lines[2])
        limits = words.slot_limits(IMAGE_LIMITS)
        draw_text(painter, last, limits, theme.font("caption"), theme.color("text-3"), align=CENTER)

    def _paint_ways(self, painter: QPainter, rect: QRectF) -> None:
        theme = self._look.theme
        font, link_font = theme.font("small"), theme.font("small", 500)
        styles = ((font, "text-2"), (link_font, "accent-text"), (font, "text-2"))

        def measure(line: tuple[str, str, str]) -> float:
            parts = zip(line, styles, strict=True)
            return sum(measure_text(style, text) for text, (style, _ink) in parts)

        lines = create_words.invitation_ways()
        chosen = next((line for line in lines if measure(line) <= rect.width()), lines[-1])
        x = rect.center().x() - measure(chosen) / 2
        for text, (style, ink) in zip(chosen, styles, strict=True):
            place = QRectF(x, rect.y(), measure_text(style, text) + 2, rect.height())
            x += draw_text(painter, place, text, style, theme.color(ink))

    def _paint_picture(self, painter: QPainter, rect: QRectF) -> None:
        theme, state = self._look.theme, self._state
        radius = theme.radius("lg")
        bad = state.is_in_the_way
        if self._picture is not None:
            draw_picture(painter, rect, self._picture, radius)
        else:
            fill_rounded(painter, rect, radius, theme.color("raised"))
            icon = QRectF(0, 0, 24, 24)
            icon.moveCenter(rect.center())
            name = "film" if state.message and not bad else "image"
            self._look.icons.paint(painter, icon, name, theme.color("text-3"))
        if bad or state.phase is SlotPhase.CHECKING:
            fill_rounded(painter, rect, radius, theme.color("overlay"))
        if bad:
            draw_frame(painter, rect, radius, None, theme.color("danger"), 2)
        self._paint_pill(painter, rect)

    def _paint_pill(self, painter: QPainter, rect: QRectF) -> None:
        theme, state = self._look.theme, self._state
        text, icon = words.role_name(self._role), ""
        if self._shape is SlotShape.PAIR:
            text = words.short_role_name(self._role)
        if state.phase is SlotPhase.CHECKING:
            text = words.checking()
        elif state.is_in_the_way:
            text, icon = words.cannot_use_yet(), "error"
        room = 18 if icon else 0
        font = theme.font("caption")
        width = min(measure_text(font, text) + 14 + room, rect.width() - 2 * _PICTURE_ROOM)
        height = theme.height("badge") + 2
        x = rect.x() + _PICTURE_ROOM
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            x = rect.right() - _PICTURE_ROOM - width
        pill = QRectF(x, rect.bottom() - height - _PICTURE_ROOM, width, height)
        fill_rounded(painter, pill, theme.radius("sm"), theme.color("overlay"))
        if icon:
            # On a dark picture the light red of the dark theme is the one that can be seen.
            mark = QRectF(pill.x() + 6, pill.y(), 14, pill.height())
            self._look.icons.paint(painter, mark, icon, theme.color("on-picture"))
        label = pill.adjusted(7 + room, 0, -4, 0)
        draw_text(painter, label, text, font, theme.color("on-picture"))


def draw_drop_frame(painter: QPainter, rect: QRectF, look: Look, *, hovered: bool = False) -> None:
    """Draw the dashed outline of a place to drop something; style sheets cannot do it well."""
    theme = look.theme
    radius = theme.radius("lg")
    if hovered:
        fill_rounded(painter, rect, radius, theme.color("raised"))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(theme.color("control-line"), 1.5)
    pen.setDashPattern([4 / 1.5, 3 / 1.5])
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(0.75, 0.75, -0.75, -0.75), radius, radius)
