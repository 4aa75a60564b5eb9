"""The list of the settings' pages at the start of the dialog."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from kling_desktop.ui.controls.focus import takes_ring
from kling_desktop.ui.settings.settings_page import SettingsPage, page_icon, page_title
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import draw_frame, draw_ring, draw_text, measure_text
from kling_desktop.wording import settings_pages as texts

_ROW = 34
_PITCH = 36
_ICON = 18
_INSET = 11
_WORDS_X = 38

_Index = QModelIndex | QPersistentModelIndex


class _PagesModel(QAbstractListModel):
    def __init__(self, pages: Sequence[SettingsPage], parent: QWidget) -> None:
        super().__init__(parent)
        self.pages = tuple(pages)

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.pages)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return page_title(self.pages[index.row()])
        return None


class _PageDelegate(QStyledItemDelegate):
    def __init__(self, look: Look, nav: "SettingsNav") -> None:
        super().__init__(nav)
        self._look = look
        self._nav = nav

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        theme = self._look.theme
        grown = theme.line_height("body") - round(theme.line_height("body") / theme.text_scale)
        return QSize(100, _PITCH + max(0, grown))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        theme = self._look.theme
        # The stubs of Qt leave these fields out.
        area: QRectF = QRectF(option.rect)  # pyright: ignore[reportAttributeAccessIssue]
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        row = area.adjusted(0, 0, 0, _ROW - _PITCH)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        if chosen:
            draw_frame(painter, row, theme.radius("md"), theme.color("accent-soft"), None)
        elif state & QStyle.StateFlag.State_MouseOver:
            draw_frame(painter, row, theme.radius("md"), theme.color("hover"), None)
        if chosen and self._nav.shows_ring:
            draw_ring(painter, row, theme, theme.radius("md"))
        ink = theme.color("accent-text" if chosen else "text-2")
        mirrored = self._nav.layoutDirection() == Qt.LayoutDirection.RightToLeft
        x = row.right() - _INSET - _ICON if mirrored else row.left() + _INSET
        icon = QRectF(x, row.y(), _ICON, row.height())
        page = self._nav.pages[index.row()]
        self._look.icons.paint(painter, icon, page_icon(page), ink)
        words = row.adjusted(_WORDS_X, 0, -_INSET, 0)
        align = Qt.AlignmentFlag.AlignLeft
        if mirrored:
            words, align = row.adjusted(_INSET, 0, -_WORDS_X, 0), Qt.AlignmentFlag.AlignRight
        font = theme.font("body", 600 if chosen else 400)
        draw_text(
            painter, words, page_title(page), font, ink, align=align | Qt.AlignmentFlag.AlignVCenter
        )
        painter.restore()


class SettingsNav(QListView):
    """One row for each page; up and down, a letter or a click choose one.

    Signals:
        page_chosen: A `SettingsPage`.
    """

    page_chosen = Signal(object)

    def __init__(
        self, look: Look, pages: Sequence[SettingsPage], *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._ring = False
        self._pages = _PagesModel(pages, self)
        self.setModel(self._pages)
        self.setItemDelegate(_PageDelegate(look, self))
        self.setAccessibleName(texts.SETTINGS_PAGES())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAutoFillBackground(False)
        self.setProperty("surface", "canvas")
        self.selectionModel().currentChanged.connect(self._on_current_changed)

    @property
    def pages(self) -> tuple[SettingsPage, ...]:
        return self._pages.pages

    @property
    def shows_ring(self) -> bool:
        return self._ring and self.hasFocus()

    def measure_words(self) -> int:
        """How wide the list wants to be, in pixels."""
        font = self._look.theme.font("body", 600)
        widest = max(measure_text(font, page_title(page)) for page in self.pages)
        return round(_WORDS_X + widest + _INSET + 1)

    def choose(self, page: SettingsPage) -> None:
        index = self._pages.index(self.pages.index(page))
        flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.selectionModel().setCurrentIndex(index, flag)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = takes_ring(event, self._ring)
        super().focusInEvent(event)

    def _on_current_changed(self, current: QModelIndex) -> None:
        if current.isValid():
            self.page_chosen.emit(self.pages[current.row()])
