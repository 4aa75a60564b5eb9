"""The queue's list view: hover, hits, keys, reorder by drag, and the cards under rows."""

from collections.abc import Iterator, Sequence

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QCursor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
)

from kling_desktop.domain.job import Job, JobId, JobState
from kling_desktop.ui.controls.focus import takes_ring
from kling_desktop.ui.queue.attention_card import AttentionCard
from kling_desktop.ui.queue.queue_model import QueueModel
from kling_desktop.ui.queue.queue_rows import RowKind
from kling_desktop.ui.queue.row_actions import REMOVING
from kling_desktop.ui.queue.row_delegate import CardHeight, RowDelegate, list_row_actions
from kling_desktop.ui.queue.row_roles import RowRole
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.plain_text import show_tooltip
from kling_desktop.wording.actions import Action
from kling_desktop.wording.cards import CardWords
from kling_desktop.wording.queue import LIST_NAME
from kling_desktop.wording.translation import _

_AnyIndex = QModelIndex | QPersistentModelIndex
_LINE_PX = 2
_MARGIN = 16


class QueueView(QListView):
    """Shows a `QueueModel`; decides nothing.

    Signals:
        acted: A row (QModelIndex) and the `Action` that was chosen by pointer or key.
        card_acted: A `Job` and the `Action` of its card.
        menu_wanted: A row and the global position of its menu.
    """

    acted = Signal(object, object)
    card_acted = Signal(object, object)
    menu_wanted = Signal(object, QPoint)

    def __init__(
        self, look: Look, model: QueueModel, delegate: RowDelegate, heights: CardHeight
    ) -> None:
        super().__init__()
        self._look = look
        self._jobs = model
        self._delegate = delegate
        self._heights = heights
        self._cards: dict[int, AttentionCard] = {}
        self._pressed: Action | None = None
        self._revealed: JobId | None = None
        self._drop_row: int | None = None
        self._place_cards_soon = QTimer(self)
        self._place_cards_soon.setSingleShot(True)
        self._place_cards_soon.timeout.connect(self._place_cards)
        self.setModel(model)
        self.setItemDelegate(delegate)
        self.setAccessibleName(_(LIST_NAME))
        self.setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        # We fill the background: otherwise three style sheets paint theirs under each row.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDropIndicatorShown(False)  # we paint the line ourselves
        self.setDragEnabled(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.verticalScrollBar().setSingleStep(24)
        for signal in (
            model.rowsInserted,
            model.rowsRemoved,
            model.rowsMoved,
            model.dataChanged,
        ):
            signal.connect(self._schedule_cards)
        look.themes.changed.connect(self._on_theme_changed)
        self._schedule_cards()

    # -- cards ----------------------------------------------------------------------------------

    def _schedule_cards(self) -> None:
        if not self._place_cards_soon.isActive():
            self._place_cards_soon.start(0)

    def _place_cards(self) -> None:
        """Give every card row in view its widget, and remove those whose row has gone."""
        open_: set[int] = set()
        grown = False
        for row in self._jobs.list_cards():
            index = self._jobs.index(row)
            words, job = index.data(RowRole.CARD), index.data(RowRole.JOB)
            if not isinstance(words, CardWords) or not isinstance(job, Job):
                continue
            open_.add(job.id)
            rect = self.visualRect(index)
            card = self._cards.get(job.id)
            if card is None and not rect.intersects(self.viewport().rect()):
                continue  # a queue may need the user a hundred times; few cards are in view
            if card is None or card.words != words:
                card = self._replace_card(job, words)
            height = card.height_at(self.viewport().width())
            grown = grown or self._heights.heights.get(job.id) != height
            self._heights.heights[job.id] = height
            card.setGeometry(rect)
            card.show()
        for job_id in [job_id for job_id in self._cards if job_id not in open_]:
            self._cards.pop(job_id).deleteLater()
            self._heights.heights.pop(job_id, None)
        if grown:
            self.scheduleDelayedItemsLayout()
            self._schedule_cards()
        elif self._revealed is not None:
            self._scroll_to_revealed()

    def _replace_card(self, job: Job, words: CardWords) -> AttentionCard:
        """Replace a job's card by one with these words; the focus stays on it."""
        old = self._cards.get(job.id)
        card = self._cards[job.id] = self._build_card(job, words)
        if old is not None:
            if old.has_focus_inside():
                card.take_focus()
            old.deleteLater()
        return card

    def _build_card(self, job: Job, words: CardWords) -> AttentionCard:
        card = AttentionCard(self._look, words, parent=self.viewport())
        card.chosen.connect(lambda action: self._on_card_chosen(job.id, action))
        return card

    def _on_card_chosen(self, job_id: int, action: Action) -> None:
        row = self._jobs.find_row(RowKind.CARD, job_id)
        job = None if row is None else self._jobs.index(row).data(RowRole.JOB)
        if isinstance(job, Job):
            self.card_acted.emit(job, action)

    def updateGeometries(self) -> None:
        super().updateGeometries()
        self._schedule_cards()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self._place_cards()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._schedule_cards()

    def _on_theme_changed(self) -> None:
        for card in self._cards.values():
            card.deleteLater()
        self._cards = {}
        self.scheduleDelayedItemsLayout()
        self._schedule_cards()

    def dataChanged(
        self, top_left: _AnyIndex, bottom_right: _AnyIndex, roles: Sequence[int] = ()
    ) -> None:
        """Repaint what changed.

        QListView would measure all rows and repaint them.  Only a card's row can change its
        height, and `_place_cards` handles that.
        """
        QAbstractItemView.dataChanged(self, top_left, bottom_right, roles)

    def reveal_card(self, job: Job) -> None:
        """Scroll so that a job's row and its card, which was just opened, are in view."""
        self._revealed = job.id
        self._schedule_cards()

    def _scroll_to_revealed(self) -> None:
        job_id, self._revealed = self._revealed, None
        row = None if job_id is None else self._jobs.find_row(RowKind.CARD, job_id)
        if row is not None:
            self.scrollTo(self._jobs.index(row))
            self.scrollTo(self._jobs.index(row - 1))  # the row itself counts most

    # -- reordering -----------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(self._jobs.mimeTypes()[0]):
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        super().dragMoveEvent(event)  # scrolls near the edges
        self._show_drop_row(self._find_drop_row(event))
        event.setAccepted(self._drop_row is not None)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        super().dragLeaveEvent(event)
        self._show_drop_row(None)

    def dropEvent(self, event: QDropEvent) -> None:
        row = self._find_drop_row(event)
        self._show_drop_row(None)
        self.stopAutoScroll()
        self.setState(QAbstractItemView.State.NoState)
        if row is None:
            event.ignore()
            return
        action = Qt.DropAction.MoveAction
        self._jobs.dropMimeData(event.mimeData(), action, row, 0, QModelIndex())
        event.acceptProposedAction()

    def _find_drop_row(self, event: QDropEvent) -> int | None:
        """The row that a drop here lands in front of; None where nothing may land."""
        index = self.indexAt(event.position().toPoint())
        if not index.isValid():
            return None
        below = event.position().y() > self.visualRect(index).center().y()
        row = index.row() + (1 if below else 0)
        action, root = Qt.DropAction.MoveAction, QModelIndex()
        fits = self._jobs.canDropMimeData(event.mimeData(), action, row, 0, root)
        return row if fits else None

    def _show_drop_row(self, row: int | None) -> None:
        if row != self._drop_row:
            self._drop_row = row
            self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint only the rows that need it; Qt would also paint those between them."""
        region, painter = event.region(), QPainter(self.viewport())
        painter.fillRect(event.rect(), self._look.theme.color("panel"))
        pointed = QModelIndex()
        if self.viewport().underMouse():
            pointed = self.indexAt(self.viewport().mapFromGlobal(QCursor.pos()))
        chosen = {index.row() for index in self.selectedIndexes()}
        focused = self.currentIndex().row() if self.hasFocus() else -1
        for number, rect in self._list_rows_between(event.rect().top(), event.rect().bottom()):
            if region.intersects(rect):
                self._delegate.draw(
                    painter,
                    QRectF(rect),
                    number,
                    self._jobs.content_at(number),
                    pointed=pointed if number == pointed.row() else None,
                    chosen=number in chosen,
                    focused=number == focused,
                )
        if self._drop_row is not None:
            above = self.visualRect(self._jobs.index(self._drop_row - 1))
            line = QRectF(_MARGIN, above.bottom(), self.viewport().width() - 2 * _MARGIN, _LINE_PX)
            painter.fillRect(line, self._look.theme.color("focus"))

    def _list_rows_between(self, top: int, bottom: int) -> Iterator[tuple[int, QRect]]:
        """The rows from `top` to `bottom` in the viewport's pixels, with their places."""
        first = self.indexAt(QPoint(0, max(0, top)))
        place = self.visualRect(first)
        for number in range(first.row(), self._jobs.rowCount()) if first.isValid() else ():
            place.setHeight(self._delegate.measure(self._jobs.row_at(number)))
            if place.top() > bottom:
                return
            yield number, QRect(place)
            place.moveTop(place.bottom() + 1)

    # -- pointer and keys -----------------------------------------------------------------------

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._delegate.shows_ring = takes_ring(event, self._delegate.shows_ring)
        super().focusInEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._delegate.shows_ring = False
        left = event.button() is Qt.MouseButton.LeftButton
        self._pressed = self._find_hit(event.position()) if left else None
        if self._pressed is None:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        if pressed is None:
            super().mouseReleaseEvent(event)
            return
        if self._find_hit(event.position()) is pressed:
            self.acted.emit(self.indexAt(event.position().toPoint()), pressed)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hit = self._find_hit(event.position())
        shape = Qt.CursorShape.PointingHandCursor if hit else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)
        if self._pressed is None:
            super().mouseMoveEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and self._find_hit(event.position()) is None:
            self.acted.emit(index, self._default_act(index))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        act = self._find_key_act(event.key(), index) if index.isValid() else None
        if act is not None:
            self.acted.emit(index, act)
            return
        self._delegate.shows_ring = True
        super().keyPressEvent(event)

    def _find_key_act(self, key: int, index: QModelIndex) -> Action | None:
        unfolded = index.data(RowRole.UNFOLDED)
        match key:
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                return self._default_act(index)
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
                return self._removing_act(index)
            case Qt.Key.Key_Right if unfolded is False:
                return Action.UNFOLD
            case Qt.Key.Key_Left if unfolded is True:
                return Action.FOLD
            case _:
                return None

    def moveCursor(
        self,
        cursorAction: QAbstractItemView.CursorAction,  # noqa: N803 Qt's own name
        modifiers: Qt.KeyboardModifier,
    ) -> QModelIndex:
        """Step over headings and cards, which have nothing to be done with a key."""
        index = super().moveCursor(cursorAction, modifiers)
        actions = QAbstractItemView.CursorAction
        backwards = cursorAction in (actions.MoveUp, actions.MovePageUp, actions.MoveEnd)
        step = -1 if backwards else 1
        row = index.row()
        while 0 <= row < self._jobs.rowCount():
            found = self._jobs.index(row)
            if found.flags() & Qt.ItemFlag.ItemIsSelectable:
                return found
            row += step
        return self.currentIndex()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.indexAt(event.pos())
        place = event.globalPos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            index = self.currentIndex()
            place = self.viewport().mapToGlobal(self.visualRect(index).center())
        if index.isValid() and index.flags() & Qt.ItemFlag.ItemIsSelectable:
            self.menu_wanted.emit(index, place)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = self.indexAt(event.pos())
            rect = QRectF(self.visualRect(index))
            tip = self._delegate.find_tip(rect, index, QPointF(event.pos()))
            show_tooltip(event.globalPos(), tip, self)
            return True
        return super().viewportEvent(event)

    def _find_hit(self, place: QPointF) -> Action | None:
        index = self.indexAt(place.toPoint())
        if not index.isValid():
            return None
        return self._delegate.find_hit(QRectF(self.visualRect(index)), index, place)

    def _default_act(self, index: QModelIndex) -> Action:
        """Return what Enter and a double click do: show the clip, else edit, else say more."""
        if index.data(RowRole.KIND) is RowKind.DRAFT:
            return Action.EDIT
        job = index.data(RowRole.JOB)
        if not isinstance(job, Job):
            return Action.DETAILS
        match job.state:
            case JobState.DONE:
                return Action.OPEN
            case JobState.QUEUED:
                return Action.EDIT
            case _:
                offered = [each.action for each in list_row_actions(index)]
                return Action.EXPLAIN if Action.EXPLAIN in offered else Action.DETAILS

    def _removing_act(self, index: QModelIndex) -> Action | None:
        """Return what Delete does here: the first removing action that the row offers."""
        offered = [each.action for each in list_row_actions(index)]
        return next((action for action in REMOVING if action in offered), None)
