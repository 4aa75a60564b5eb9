"""The queue's list view: hover, hits, keys, reorder by drag, and the cards under rows."""

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QListView, QToolTip

from kling_desktop.domain.job import Job
from kling_desktop.ui.attention_card import AttentionCard
from kling_desktop.ui.job_actions import RowAct
from kling_desktop.ui.job_delegate import CardHeight, JobDelegate
from kling_desktop.ui.job_list import JobListModel, JobRole
from kling_desktop.ui.look import Look
from kling_desktop.ui.queue_rows import RowKind
from kling_desktop.ui.wording_queue import CardAction, CardWords

_SWEEP_MS = 250


class JobView(QListView):
    """Shows a `JobListModel`; decides nothing.

    Signals:
        acted: A row (QModelIndex) and the `RowAct` that was chosen by pointer or key.
        card_acted: A `Job` and the `CardAction` of its card.
        menu_wanted: A row and the global position of its menu.
    """

    acted = Signal(object, object)
    card_acted = Signal(object, object)
    menu_wanted = Signal(object, QPoint)

    def __init__(
        self, look: Look, model: JobListModel, delegate: JobDelegate, heights: CardHeight
    ) -> None:
        super().__init__()
        self._look = look
        self._jobs = model
        self._delegate = delegate
        self._heights = heights
        self._cards: dict[int, AttentionCard] = {}
        self._pressed: RowAct | None = None
        self._place_cards_soon = QTimer(self)
        self._place_cards_soon.setSingleShot(True)
        self._place_cards_soon.timeout.connect(self._place_cards)
        self.setModel(model)
        self.setItemDelegate(delegate)
        self.setAccessibleName("Queue and history")
        self.setMouseTracking(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDropIndicatorShown(True)
        self.setDragEnabled(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.verticalScrollBar().setSingleStep(24)
        self._sweep = QTimer(self)
        self._sweep.setInterval(_SWEEP_MS)
        self._sweep.timeout.connect(self._on_sweep)
        for signal in (model.rowsInserted, model.rowsRemoved, model.dataChanged):
            signal.connect(self._schedule_cards)
        look.themes.changed.connect(self._on_theme_changed)
        self._schedule_cards()

    # -- cards ----------------------------------------------------------------------------------

    def _schedule_cards(self) -> None:
        if not self._place_cards_soon.isActive():
            self._place_cards_soon.start(0)

    def _place_cards(self) -> None:
        """Give every card row its widget, and take away those whose row has gone."""
        wanted: dict[int, tuple[QModelIndex, CardWords]] = {}
        model = self._jobs
        for row in range(model.rowCount()):
            index = model.index(row)
            if index.data(JobRole.KIND) is RowKind.CARD:
                words, job = index.data(JobRole.CARD), index.data(JobRole.JOB)
                if isinstance(words, CardWords) and isinstance(job, Job):
                    wanted[job.id] = (index, words)
        for job_id in [job_id for job_id in self._cards if job_id not in wanted]:
            self._cards.pop(job_id).deleteLater()
            self._heights.heights.pop(job_id, None)
        grown = False
        for job_id, (index, words) in wanted.items():
            card = self._cards.get(job_id)
            if card is None or card.words != words:
                if card is not None:
                    card.deleteLater()
                card = self._build_card(index.data(JobRole.JOB), words)
                self._cards[job_id] = card
            height = card.height_at(self.viewport().width())
            if self._heights.heights.get(job_id) != height:
                self._heights.heights[job_id] = height
                grown = True
        if grown:
            self.scheduleDelayedItemsLayout()
            self._place_cards_soon.start(0)
        self._move_cards(wanted)

    def _build_card(self, job: Job, words: CardWords) -> AttentionCard:
        card = AttentionCard(self._look, words, parent=self.viewport())
        card.chosen.connect(lambda action: self._on_card_chosen(job.id, action))
        return card

    def _on_card_chosen(self, job_id: int, action: CardAction) -> None:
        for row in range(self._jobs.rowCount()):
            job = self._jobs.index(row).data(JobRole.JOB)
            if isinstance(job, Job) and job.id == job_id:
                self.card_acted.emit(job, action)
                return

    def _move_cards(self, wanted: dict[int, tuple[QModelIndex, CardWords]]) -> None:
        for job_id, (index, _words) in wanted.items():
            card = self._cards[job_id]
            card.setGeometry(self.visualRect(index))
            card.show()

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

    # -- movement -------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._jobs.rowCount() and not self._sweep.isActive() and self._look.theme.moves:
            self._sweep.start()

    def _on_sweep(self) -> None:
        """Move the bars that sweep; stops by itself when none is on screen."""
        self._delegate.phase_s += _SWEEP_MS / 1000
        moving = False
        viewport = self.viewport().rect()
        for row in range(self._jobs.rowCount()):
            index = self._jobs.index(row)
            if index.data(JobRole.KIND) is RowKind.SECTION and moving:
                continue
            rect = self.visualRect(index)
            if rect.top() > viewport.bottom():
                break
            if index.data(JobRole.KIND) is not RowKind.JOB or not rect.intersects(viewport):
                continue
            words = index.data(JobRole.WORDS)
            if words is not None and words.has_bar and words.fraction is None:
                moving = True
                self.viewport().update(rect)
        if not moving:
            self._sweep.stop()

    # -- pointer and keys -----------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = self._find_hit(event.position())
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
        if index.isValid():
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.acted.emit(index, self._default_act(index))
                return
            if event.key() == Qt.Key.Key_Delete:
                self.acted.emit(index, self._removing_act(index))
                return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.indexAt(event.pos())
        place = event.globalPos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            index = self.currentIndex()
            place = self.viewport().mapToGlobal(self.visualRect(index).center())
        if index.isValid():
            self.menu_wanted.emit(index, place)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = self.indexAt(event.pos())
            rect = QRectF(self.visualRect(index))
            tip = self._delegate.find_tip(rect, index, QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().viewportEvent(event)

    def _find_hit(self, place: QPointF) -> RowAct | None:
        index = self.indexAt(place.toPoint())
        if not index.isValid():
            return None
        return self._delegate.find_hit(QRectF(self.visualRect(index)), index, place)

    def _default_act(self, index: QModelIndex) -> RowAct:
        """What Enter and a double click do: show the clip, else edit, else tell more."""
        if index.data(JobRole.KIND) is RowKind.DRAFT:
            return RowAct.EDIT
        job = index.data(JobRole.JOB)
        if not isinstance(job, Job):
            return RowAct.DETAILS
        match job.state.value:
            case "done":
                return RowAct.PLAY
            case "queued":
                return RowAct.EDIT
            case _:
                return RowAct.DETAILS

    def _removing_act(self, index: QModelIndex) -> RowAct:
        if index.data(JobRole.KIND) is RowKind.DRAFT:
            return RowAct.DELETE
        job = index.data(JobRole.JOB)
        if not isinstance(job, Job) or job.state.is_terminal:
            return RowAct.HIDE
        return RowAct.CANCEL if job.state.value == "queued" else RowAct.STOP_WAITING
