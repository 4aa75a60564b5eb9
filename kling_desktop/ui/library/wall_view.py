"""The wall: a list view whose tiles stand in justified rows under the days they were made."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QWidget,
)

from kling_desktop.storage.settings.settings_store import TILE_HEIGHT_PX, TILE_HEIGHTS_PX
from kling_desktop.ui.controls.labels import set_surface
from kling_desktop.ui.library.tile_delegate import TileDelegate
from kling_desktop.ui.library.video_model import Section, VideoModel
from kling_desktop.ui.library.wall_layout import (
    NARROWEST,
    WIDEST,
    TileRect,
    WallLayout,
    WallMetrics,
)
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import draw_text, fade, measure_text

_RING = 4
_CAPTION_GAP = 4
_STEP = 48
_AnyIndex = QModelIndex | QPersistentModelIndex
_Hint = QAbstractItemView.ScrollHint
_Move = QAbstractItemView.CursorAction
_Flag = QItemSelectionModel.SelectionFlag


class WallView(QListView):
    """Places, paints, scrolls and selects; what a tile does when touched is `VideoWall`'s.

    Subclasses QListView only because screen readers expose no rows for other views; the layout is
    our own.

    Signals:
        view_moved: Other tiles are in view than before, by scrolling or by a new layout.
        names_wanted: A tile was painted whose clip's name is not in memory.
    """

    view_moved = Signal()
    names_wanted = Signal()

    def __init__(self, look: Look, model: VideoModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._clips = model
        self._target = TILE_HEIGHT_PX
        self._extra_bottom = 0
        self._shows_names = False
        self._layout = WallLayout([], [], WallMetrics(width=1, target=TILE_HEIGHT_PX))
        self._sections: tuple[Section, ...] = ()
        self._stale = True
        self._anchor: tuple[QPersistentModelIndex, int] | None = None
        self._kept: tuple[list[int], int | None] = ([], None)
        self._band = QRect()
        self._layout_timer = QTimer(self, singleShot=True, interval=0)
        self._layout_timer.timeout.connect(self.doItemsLayout)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        set_surface(self, "canvas")
        # We fill the background: a scroll moves only opaque content without repainting it.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def attach(self) -> None:
        """Set the model; the last step of construction, for Qt calls back into the whole view."""
        model = self._clips
        # Before the selection model is notified: a reset clears it.
        model.modelAboutToBeReset.connect(self._keep_selection)
        self.setModel(model)
        model.rowsAboutToBeInserted.connect(self._keep_anchor)
        model.rowsAboutToBeRemoved.connect(self._keep_anchor)
        model.rowsRemoved.connect(self._mark_stale)
        model.modelReset.connect(self._restore_selection)

    # ------------------------------------------------------------------ layout

    @property
    def target_height(self) -> int:
        return self._target

    def set_target_height(self, height: int) -> None:
        """Make the rows about this many pixels high; what is in view stays in view."""
        least, most = TILE_HEIGHTS_PX
        height = min(max(height, least), most)
        if height != self._target:
            self._keep_anchor()
            self._target = height
            self.doItemsLayout()

    def set_extra_bottom(self, pixels: int) -> None:
        """Leave room under the last row, for a bar that floats there."""
        if pixels != self._extra_bottom:
            self._extra_bottom = pixels
            self._mark_stale()

    def show_names(self, *, shown: bool) -> None:
        """Show each clip's name under its tile, or leave it out; what is in view stays there."""
        if shown != self._shows_names:
            self._keep_anchor()
            self._shows_names = shown
            self.doItemsLayout()

    def wall_layout(self) -> WallLayout:
        """Return where everything stands now."""
        if self._stale:
            self.doItemsLayout()
        return self._layout

    def _mark_stale(self) -> None:
        self._stale = True
        self._layout_timer.start()

    def doItemsLayout(self) -> None:
        self._layout_timer.stop()
        self._stale = False
        self._sections = self._clips.sections()
        theme = self._look.theme
        titled = any(section.title for section in self._sections)
        metrics = WallMetrics(
            width=self.width(),  # the scroll bar lies in the margin: its coming moves nothing
            target=self._target,
            header=theme.line_height("body") + 22 if titled else 16,
            bottom=16 + self._extra_bottom,
            caption=theme.line_height("small") + _CAPTION_GAP if self._shows_names else 0,
        )
        sizes = [section.count for section in self._sections]
        self._layout = WallLayout(self._clips.aspects(), sizes, metrics)
        self._set_scroll_range()
        self._restore_anchor()
        self.viewport().update()
        self.view_moved.emit()

    def _set_scroll_range(self) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setSingleStep(_STEP)
        bar.setPageStep(height)
        bar.setRange(0, max(0, self._layout.height - height))

    def _keep_anchor(self, *_: object) -> None:
        """Note what stands at the top, so that it stands there again after the change."""
        if self._anchor is not None or self._stale:
            return
        offset = self.verticalOffset()
        tiles = self._layout.tiles_between(offset, offset + self.viewport().height())
        # At the very top a new clip may show itself: nobody is looking further down.
        if not tiles or offset == 0 or tiles.start >= self._clips.rowCount():
            return
        index = self._clips.index(tiles.start, 0)
        shift = self._layout.rect(tiles.start).y - offset
        self._anchor = (QPersistentModelIndex(index), shift)

    def _restore_anchor(self) -> None:
        anchor, self._anchor = self._anchor, None
        if anchor is None:
            return
        index, shift = anchor
        if index.isValid() and index.row() < len(self._layout):
            self.verticalScrollBar().setValue(self._layout.rect(index.row()).y - shift)

    # ------------------------------------------------------------------ the model's changes

    def rowsInserted(self, parent: _AnyIndex, start: int, end: int) -> None:
        self._mark_stale()
        QAbstractItemView.rowsInserted(self, parent, start, end)

    def rowsAboutToBeRemoved(self, parent: _AnyIndex, start: int, end: int) -> None:
        QAbstractItemView.rowsAboutToBeRemoved(self, parent, start, end)

    def dataChanged(
        self, top_left: _AnyIndex, bottom_right: _AnyIndex, roles: Sequence[int] = ()
    ) -> None:
        if self._stale:
            return
        for number in range(top_left.row(), bottom_right.row() + 1):
            if self._layout_fits(number):
                self.update_tile(number)
            else:
                self._mark_stale()
                return

    def _layout_fits(self, number: int) -> bool:
        """Say whether the tile still has the shape it was laid out with."""
        rect = self._layout.rect(number)
        aspect = min(max(self._clips.row_at(number).aspect, NARROWEST), WIDEST)
        return abs(rect.width - aspect * rect.height) < 4

    def _keep_selection(self) -> None:
        chosen = [index.row() for index in self.selectedIndexes()]
        current = self.currentIndex()
        self._kept = (
            [self._clips.id_at(row) for row in chosen],
            self._clips.id_at(current.row()) if current.isValid() else None,
        )

    def reset(self) -> None:
        QAbstractItemView.reset(self)
        self._stale = True
        self.doItemsLayout()

    def _restore_selection(self) -> None:
        ids, current = self._kept
        self._kept = ([], None)
        selection = QItemSelection()
        for video_id in ids:
            index = self._clips.index_of(video_id)  # pyright: ignore[reportArgumentType]
            if index.isValid():
                selection.select(index, index)
        model = self.selectionModel()
        if current is not None:
            index = self._clips.index_of(current)  # pyright: ignore[reportArgumentType]
            model.setCurrentIndex(index, _Flag.NoUpdate)
        model.select(selection, _Flag.ClearAndSelect)

    # ------------------------------------------------------------------ places

    def horizontalOffset(self) -> int:
        return 0

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: _AnyIndex) -> bool:
        return False

    def tile_rect(self, number: int) -> QRect:
        """Return a tile's place in the view, also where it is scrolled away."""
        layout = self.wall_layout()
        if not 0 <= number < len(layout):
            return QRect()
        rect: TileRect = layout.rect(number)
        return QRect(rect.x, rect.y - self.verticalOffset(), rect.width, rect.height)

    def visualRect(self, index: _AnyIndex) -> QRect:
        return self.tile_rect(index.row()) if index.isValid() else QRect()

    def indexAt(self, point: QPoint) -> QModelIndex:
        number = self.wall_layout().index_at(point.x(), point.y() + self.verticalOffset())
        return QModelIndex() if number is None else self._clips.index(number, 0)

    def update_tile(self, number: int) -> None:
        """Paint one tile again, its ring and its name included."""
        self.viewport().update(self._painted_rect(number))

    def _painted_rect(self, number: int) -> QRect:
        below = max(_RING, self._layout.metrics.caption)
        return self.tile_rect(number).adjusted(-_RING, -_RING, _RING, below)

    def tiles_in_view(self, screens: float = 0.0) -> range:
        """Return the tiles in view and `screens` heights of the view above and below."""
        top, height = self.verticalOffset(), self.viewport().height()
        reach = round(screens * height)
        return self.wall_layout().tiles_between(top - reach, top + height + reach)

    def scrollTo(self, index: _AnyIndex, hint: _Hint = _Hint.EnsureVisible) -> None:
        rect = self.visualRect(index)
        if rect.isEmpty():
            return
        layout, bar = self.wall_layout(), self.verticalScrollBar()
        margin = self._layout.metrics.gap + _RING
        top = rect.top() - margin
        if layout.row_of(index.row()) in (0, layout.row_of(self._first_of_section(index.row()))):
            top -= layout.metrics.header  # the day's name comes into view with its first row
        bottom = rect.bottom() + margin + self._extra_bottom
        height = self.viewport().height()
        if hint == _Hint.PositionAtCenter:
            bar.setValue(bar.value() + rect.center().y() - height // 2)
        elif hint == _Hint.PositionAtTop or top < 0:
            bar.setValue(bar.value() + top)
        elif hint == _Hint.PositionAtBottom or bottom > height:
            bar.setValue(bar.value() + min(bottom - height, top))

    def _first_of_section(self, number: int) -> int:
        section = self._layout.section_of(number)
        return sum(part.count for part in self._sections[:section])

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().scroll(0, dy)
        self.view_moved.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self.width() != self._layout.metrics.width:
            self._keep_anchor()
            self.doItemsLayout()
        else:
            self._set_scroll_range()
            self.view_moved.emit()

    def updateGeometries(self) -> None:
        QAbstractItemView.updateGeometries(self)
        if not self._stale:
            self._set_scroll_range()

    # ------------------------------------------------------------------ selection and cursor

    def moveCursor(self, action: _Move, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        layout, count = self.wall_layout(), self._clips.rowCount()
        if not count:
            return QModelIndex()
        current = self.currentIndex()
        if not current.isValid():
            return self._clips.index(0, 0)
        row, page = current.row(), self.viewport().height()
        match action:
            case _Move.MoveLeft | _Move.MovePrevious:
                row -= 1
            case _Move.MoveRight | _Move.MoveNext:
                row += 1
            case _Move.MoveUp:
                row = layout.step_rows(row, -1)
            case _Move.MoveDown:
                row = layout.step_rows(row, 1)
            case _Move.MovePageUp:
                row = layout.step_page(row, -page)
            case _Move.MovePageDown:
                row = layout.step_page(row, page)
            case _Move.MoveHome:
                row = 0
            case _Move.MoveEnd:
                row = count - 1
        return self._clips.index(min(max(row, 0), count - 1), 0)

    def setSelection(self, rect: QRect, command: _Flag) -> None:
        """Select what a rubber band touches, or all clips in order between two of them."""
        layout, offset = self.wall_layout(), self.verticalOffset()
        model = self.selectionModel()
        selection = QItemSelection()
        if self.state() == QAbstractItemView.State.DragSelectingState:
            band = rect.normalized().translated(0, offset)
            self._band = band
            numbers = layout.tiles_touching(band.x(), band.y(), band.width(), band.height())
            for number in numbers:
                index = self._clips.index(number, 0)
                selection.select(index, index)
            self.viewport().update()
        else:
            ends = [self.indexAt(rect.topLeft()), self.indexAt(rect.bottomRight())]
            rows = sorted(index.row() for index in ends if index.isValid())
            if rows:
                selection.select(self._clips.index(rows[0], 0), self._clips.index(rows[-1], 0))
        model.select(selection, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        # The rings lie outside the tiles, and few tiles are in view: all of it is quickest.
        return QRegion(self.viewport().rect())

    def end_band(self) -> None:
        """Remove the rubber band."""
        if not self._band.isNull():
            self._band = QRect()
            self.viewport().update()

    # ------------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        layout, offset = self.wall_layout(), self.verticalOffset()
        area, region = event.rect(), event.region()
        painter = QPainter(self.viewport())
        painter.fillRect(area, self._look.theme.color("canvas"))
        top, bottom = area.top() + offset, area.bottom() + 1 + offset
        for number, y in layout.headers_between(top, bottom):
            self._paint_header(painter, self._sections[number], y - offset)
        delegate = self.itemDelegate()
        if not isinstance(delegate, TileDelegate):
            return
        runs = self.selectionModel().selection()  # "all" is one run of a hundred thousand
        spans = [(runs.at(run).top(), runs.at(run).bottom()) for run in range(runs.count())]
        focused = self.currentIndex().row() if self.hasFocus() else -1
        for number in layout.tiles_between(top - _RING, bottom + _RING):
            rect = self.tile_rect(number)
            # What lies between two parts that need it needs nothing.
            if region.intersects(self._painted_rect(number)):
                delegate.draw(
                    painter,
                    QRectF(rect),
                    self._clips.row_at(number),
                    chosen=any(first <= number <= last for first, last in spans),
                    focused=number == focused,
                )
                if self._shows_names:
                    self._paint_name(painter, number, rect)
        if not self._band.isNull():
            self._paint_band(painter, QRectF(self._band.translated(0, -offset)))

    def _paint_header(self, painter: QPainter, section: Section, y: int) -> None:
        if not section.title:
            return
        theme = self._look.theme
        x, height = self._layout.metrics.margin, theme.line_height("body") + 8
        room = self.width() - 2 * x
        strong, quiet = theme.font("body-strong"), theme.font("small")
        rect = QRectF(x, y + 9, room, height)
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            rect.setLeft(rect.right() - measure_text(strong, section.title) - 90)
        width = draw_text(painter, rect, section.title, strong, theme.color("text"))
        rect.adjust(width + 9, 0, 0, 0)
        draw_text(painter, rect, section.count_words, quiet, theme.color("text-3"))

    def _paint_name(self, painter: QPainter, number: int, tile: QRect) -> None:
        """Draw a clip's name under its tile; one that was not read yet is requested."""
        name = self._clips.find_title(number)
        if name is None:
            self.names_wanted.emit()
            return
        theme, height = self._look.theme, self._layout.metrics.caption - _CAPTION_GAP
        place = QRectF(tile.x(), tile.bottom() + 1 + _CAPTION_GAP, tile.width(), height)
        draw_text(painter, place, name, theme.font("small"), theme.color("text-2"))

    def _paint_band(self, painter: QPainter, band: QRectF) -> None:
        theme = self._look.theme
        painter.fillRect(band, fade(theme.color("focus"), 0.16))
        painter.setPen(theme.color("focus"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(band.adjusted(0.5, 0.5, -0.5, -0.5))
