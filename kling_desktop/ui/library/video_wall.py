"""What a clip on the wall does when it is pointed at, typed at, dragged or dropped on."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPixmap,
)
from PySide6.QtWidgets import QAbstractItemView, QWidget

from kling_desktop.domain.video import Video, VideoId
from kling_desktop.ui.clips.clip_pictures import ClipPictures
from kling_desktop.ui.controls.drag_data import build_clip_mime, draw_ghost, read_clip_ids
from kling_desktop.ui.library.tile_delegate import TileDelegate, TilePart, TileStage, part_at
from kling_desktop.ui.library.tile_motion import TileMotion
from kling_desktop.ui.library.video_model import VideoModel
from kling_desktop.ui.library.wall_view import WallView
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording.library import CLIPS
from kling_desktop.wording.translation import _

_SINGLE_KEYS = {
    Qt.Key.Key_F: "favourite",
    Qt.Key.Key_R: "remix",
    Qt.Key.Key_E: "extend",
    Qt.Key.Key_C: "compare",
    Qt.Key.Key_Delete: "trash",
}
_OPEN_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_AnyIndex = QModelIndex | QPersistentModelIndex
_NO_MODIFIER = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


class VideoWall(WallView):
    """The library's tiles; owned by the library page, which does what is asked for here.

    Signals:
        open_requested: `VideoId` to be shown in the viewer.
        command_requested: A command's id (see commands.py) for the chosen clips.
        favourite_toggled: `VideoId` whose heart was clicked.
        find_requested: `VideoId` of a clip whose file has moved.
        menu_requested: Point on the screen where the menu of the chosen clips is wanted.
        compare_requested: Two `VideoId`s: one clip was dropped onto another.
        chosen_changed: The selection is another one.
        hovered_changed: `VideoId` under the pointer, or None.
    """

    open_requested = Signal(object)
    command_requested = Signal(str)
    favourite_toggled = Signal(object)
    find_requested = Signal(object)
    menu_requested = Signal(QPoint)
    compare_requested = Signal(object, object)
    chosen_changed = Signal()
    hovered_changed = Signal(object)

    def __init__(
        self,
        look: Look,
        model: VideoModel,
        pictures: ClipPictures,
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(look, model, parent)
        self._pictures = pictures
        self.stage = TileStage()
        self._motion = TileMotion(look, self.stage, self._update_clip, self)
        self.setItemDelegate(TileDelegate(look, pictures, self.stage, self))
        self.setAccessibleName(_(CLIPS))
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.view_moved.connect(self._motion.ask_soon)
        self.names_wanted.connect(self._motion.ask_soon)
        self._motion.pictures_wanted.connect(self._ask_for_pictures)
        pictures.ready.connect(self._on_picture_ready)
        look.themes.changed.connect(self._mark_stale)
        self.attach()

    def stop(self) -> None:
        """Stop all motion: the window is about to close."""
        self._motion.stop()

    async def release(self, videos: Sequence[Video]) -> None:
        """Stop the clip that plays in its tile if it is one of these."""
        if self.stage.playing in {video.id for video in videos}:
            self._motion.stop_playing()

    def resume(self, videos: Sequence[Video]) -> None:
        """Do nothing: a tile plays when it is asked to."""

    # ------------------------------------------------------------------ what is chosen

    def chosen_ids(self) -> tuple[VideoId, ...]:
        """Return the selected clips in the order of the wall."""
        rows = sorted(index.row() for index in self.selectedIndexes())
        return tuple(self._clips.id_at(row) for row in rows)

    def chosen_videos(self) -> tuple[Video, ...]:
        rows = sorted(index.row() for index in self.selectedIndexes())
        return self._clips.load(rows)

    def current_id(self) -> VideoId | None:
        index = self.currentIndex()
        return self._clips.id_at(index.row()) if index.isValid() else None

    def choose(self, ids: Sequence[VideoId], *, scroll: bool = True) -> None:
        """Select clips because the user asked to see them."""
        selection = QItemSelection()
        first = QModelIndex()
        for video_id in ids:
            index = self._clips.index_of(video_id)
            if index.isValid():
                selection.select(index, index)
                first = first if first.isValid() else index
        model = self.selectionModel()
        model.setCurrentIndex(first, model.SelectionFlag.NoUpdate)
        model.select(selection, model.SelectionFlag.ClearAndSelect)
        if scroll and first.isValid():
            self.scrollTo(first)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self.viewport().update()  # the rings lie outside the tiles
        self.chosen_changed.emit()

    def currentChanged(self, current: _AnyIndex, previous: _AnyIndex) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()
        if self.stage.playing is not None:
            self._motion.stop_playing()

    def set_scrubbing(self, *, on: bool) -> None:
        """Let the pointer scrub through a clip, or show its poster alone."""
        self.stage.scrubs = on
        self.viewport().update()

    # ------------------------------------------------------------------ pictures

    def _ask_for_pictures(self) -> None:
        """Ask for what is in view, then for one screen around it; nothing beyond."""
        seen = self.tiles_in_view()
        near = self.tiles_in_view(1.0)
        # What is asked for last is made first: the top left tile of what is in view.
        order = [*(number for number in near if number not in seen), *reversed(seen)]
        absent = [n for n in order if not self._pictures.has_poster(self._clips.id_at(n))]
        self._pictures.want_posters(self._clips.load(absent))
        if self._shows_names:
            unnamed = [number for number in seen if self._clips.find_title(number) is None]
            self._clips.load(unnamed)
            for number in unnamed:
                self.update_tile(number)

    def _on_picture_ready(self, video_id: VideoId) -> None:
        number = self._clips.find_row(video_id)
        if number is not None and number in self.tiles_in_view():
            if self.stage.hovered != video_id:
                self._motion.let_appear(video_id)
            self.update_tile(number)

    def _update_clip(self, video_id: VideoId) -> None:
        number = self._clips.find_row(video_id)
        if number is not None:
            self.update_tile(number)

    # ------------------------------------------------------------------ the pointer

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() == Qt.MouseButton.NoButton:
            self._hover(event.position())
            return
        super().mouseMoveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._hover(event.position())
        if event.button() == Qt.MouseButton.LeftButton and self._press_part():
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self.end_band()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and self.stage.part is TilePart.PICTURE:
            self.open_requested.emit(self._clips.id_at(index.row()))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Leave, QEvent.Type.HoverLeave):
            self._set_hovered(None)
        return super().viewportEvent(event)

    def _press_part(self) -> bool:
        """Do what the button under the pointer says; False when it is the picture itself."""
        video_id = self.stage.hovered
        if video_id is None or self.stage.part is TilePart.PICTURE:
            return False
        match self.stage.part:
            case TilePart.HEART:
                self.favourite_toggled.emit(video_id)
            case TilePart.FIND:
                self.find_requested.emit(video_id)
            case TilePart.MORE:
                if video_id not in self.chosen_ids():
                    self.choose([video_id], scroll=False)
                rect = self.visualRect(self._clips.index_of(video_id))
                corner = QPoint(rect.right() - 6, rect.top() + 34)
                self.menu_requested.emit(self.viewport().mapToGlobal(corner))
        return True

    def _hover(self, point: QPointF) -> None:
        index = self.indexAt(point.toPoint())
        if not index.isValid():
            self._set_hovered(None)
            return
        row, tile = self._clips.row_at(index.row()), QRectF(self.visualRect(index))
        # The timeline always runs from left to right, also where the window is mirrored.
        self.stage.fraction = min(1.0, max(0.0, (point.x() - tile.left()) / tile.width()))
        self.stage.part = part_at(tile, row, point)
        wanted = self.stage.scrubs and not row.missing
        if wanted and self._pictures.find_strip(row.id) is None:
            self._pictures.want_strip(self._clips.get_video(index.row()))
        self._set_hovered(row.id)

    def _set_hovered(self, video_id: VideoId | None) -> None:
        before, self.stage.hovered = self.stage.hovered, video_id
        if before is not None and before != video_id:
            self._update_clip(before)
        if video_id is not None:
            self._update_clip(video_id)
        if before != video_id:
            self.hovered_changed.emit(video_id)

    # ------------------------------------------------------------------ the keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.command_requested.emit("copy-files")
        elif event.modifiers() in _NO_MODIFIER and self._press_single(event.key()):
            pass
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def toggle_playing(self) -> None:
        """Play the clip that has the focus in its place on the wall, or stop it."""
        if self.current_id() is not None:
            video = self._clips.get_video(self.currentIndex().row())
            self._motion.toggle_playing(video, self._pictures.locate(video))

    def _press_single(self, key: int) -> bool:
        current = self.current_id()
        if key in _SINGLE_KEYS:
            self.command_requested.emit(_SINGLE_KEYS[Qt.Key(key)])
        elif key in _OPEN_KEYS and current is not None:
            self.open_requested.emit(current)
        elif key == Qt.Key.Key_Space and current is not None:
            self.toggle_playing()
        elif key == Qt.Key.Key_Escape and (self.stage.playing or self.selectedIndexes()):
            self._motion.stop_playing()
            self.clearSelection()
        else:
            return False
        return True

    def keyboardSearch(self, search: str) -> None:
        """Letters are commands here; searching has its own field."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self._clips.rowCount():
            model = self.selectionModel()
            model.setCurrentIndex(self._clips.index(0, 0), model.SelectionFlag.NoUpdate)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._motion.stop_playing()
        self.viewport().update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            index = self.currentIndex()
            place = self.viewport().mapToGlobal(self.visualRect(index).center())
        else:
            index, place = self.indexAt(event.pos()), event.globalPos()
        if not index.isValid():
            return
        if not self.selectionModel().isSelected(index):
            self.choose([self._clips.id_at(index.row())], scroll=False)
        self.menu_requested.emit(place)
        event.accept()

    # ------------------------------------------------------------------ drag and drop

    def startDrag(self, supported_actions: Qt.DropAction) -> None:
        load = self.pack_chosen()
        if load is None:
            return
        mime, ghost = load
        drag = QDrag(self)
        drag.setMimeData(mime)
        drag.setPixmap(ghost)
        drag.setHotSpot(QPoint(24, 36))
        drag.exec(Qt.DropAction.CopyAction)

    def pack_chosen(self) -> tuple[QMimeData, QPixmap] | None:
        """Return the chosen clips as a load with their files, and the ghost that shows it.

        None when no file of them is there.
        """
        videos = [video for video in self.chosen_videos() if not video.missing]
        if not videos:
            return None
        first = videos[0]
        words = first.draft.prompt if len(videos) == 1 else ""
        files = [self._pictures.locate(video) for video in videos]
        mime = build_clip_mime([video.id for video in videos], files, words)
        picture = self._pictures.find_poster(first.id)
        return mime, draw_ghost(self._look.theme, picture, first.aspect, len(videos))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        # Only one of our own clips concerns the wall; pictures are the window's business.
        if event.source() is self and len(read_clip_ids(event.mimeData())) == 1:
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        pair = self._pair_at(event)
        if pair is None:
            event.ignore()
        else:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        pair = self._pair_at(event)
        if pair is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.compare_requested.emit(*pair)
        self.setState(QAbstractItemView.State.NoState)

    def _pair_at(self, event: QDropEvent) -> tuple[VideoId, VideoId] | None:
        ids = read_clip_ids(event.mimeData())
        index = self.indexAt(event.position().toPoint())
        if len(ids) != 1 or not index.isValid():
            return None
        other = self._clips.id_at(index.row())
        return None if other == ids[0] else (ids[0], other)
