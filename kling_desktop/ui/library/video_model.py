"""The library's rows for a view: which clips there are and in what order, read when looked at."""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from kling_desktop.domain.events import VideoChange
from kling_desktop.domain.video import Video, VideoId
from kling_desktop.storage.rows.columns import write_moment
from kling_desktop.storage.stores.video_query import VideoQuery, VideoSort
from kling_desktop.storage.stores.video_store import VideoRow, VideoStore
from kling_desktop.ui.theme.plain_text import plain_tip
from kling_desktop.wording.clips import speak_clip
from kling_desktop.wording.formatting import clip_count, day_name

_KEPT_VIDEOS = 600
_FEW_CHANGES = 200
"""Up to this many changed clips are looked up one by one; for more the list is read again."""
_FEW_RUNS = 60
"""Up to this many removed or added runs are signalled one by one; more is a reset."""
_PIECE = 4_000
"""Rows read in one go: well under a frame's time."""
_AnyIndex = QModelIndex | QPersistentModelIndex


class VideoRole(IntEnum):
    """The values of a row beside its texts."""

    ROW = Qt.ItemDataRole.UserRole + 1
    VIDEO = Qt.ItemDataRole.UserRole + 2


@dataclass(frozen=True, slots=True)
class Section:
    """Clips of one day that stand together; a list that is not by date has one without a title."""

    title: str
    count_words: str
    count: int


class VideoModel(QAbstractListModel):
    """The clips that a query finds, as light rows; whole values only for those looked at.

    Owned by the library page.  Reads the store on the loop's thread; a change in the store touches
    its own row.

    Signals:
        refreshed: The rows are those of the query again, after a change of any kind.
    """

    refreshed = Signal()
    _video_changed = Signal(object)

    def __init__(
        self, store: VideoStore, *, now: Callable[[], datetime], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._now = now
        self._query = VideoQuery()
        self._rows: list[VideoRow] = []
        self._row_numbers: dict[VideoId, int] = {}
        self._videos: OrderedDict[VideoId, Video] = OrderedDict()
        # Through a signal: an exception in here must not reach the store.
        self._video_changed.connect(self._on_video_changed)
        self._disconnect = store.changed.subscribe(self._video_changed.emit)
        self._changes: dict[VideoId, Video | None] = {}
        self._coming: list[VideoRow] = []
        self._shown_query: VideoQuery | None = None
        self._change_timer = QTimer(self, singleShot=True, interval=0)
        self._change_timer.timeout.connect(self._apply_changes)
        self._reading_timer = QTimer(self, interval=0)
        self._reading_timer.timeout.connect(self._read_on)

    def close(self) -> None:
        """Stop listening to the store."""
        self._disconnect()
        self._change_timer.stop()
        self._reading_timer.stop()

    # ------------------------------------------------------------------ what is asked

    @property
    def query(self) -> VideoQuery:
        return self._query

    def set_query(self, query: VideoQuery) -> None:
        """Show what another query finds; the rows that stay keep their selection."""
        if query != self._query or not self._rows:
            self._query = query
            self.refresh()

    def refresh(self) -> None:
        """Read the rows again and touch what differs.

        A large library comes in pieces between two turns of the loop; of a list that was empty or
        another one, the first piece shows at once.
        """
        self._changes.clear()
        self._change_timer.stop()
        self._coming = list(self._store.list_ids(self._query, limit=_PIECE))
        if len(self._coming) < _PIECE:
            self._finish_reading()
            return
        if self._shown_query != self._query or not self._rows:
            self._take_rows(list(self._coming))
            self._shown_query = self._query
            self.refreshed.emit()
        self._reading_timer.start()

    def _read_on(self) -> None:
        piece = self._store.list_ids(self._query, limit=_PIECE, offset=len(self._coming))
        self._coming.extend(piece)
        if len(piece) < _PIECE:
            self._finish_reading()

    def _finish_reading(self) -> None:
        self._reading_timer.stop()
        rows, self._coming = self._coming, []
        self._take_rows(rows)
        self._shown_query = self._query
        self.refreshed.emit()

    # ------------------------------------------------------------------ rows and ids

    def row_at(self, number: int) -> VideoRow:
        return self._rows[number]

    def id_at(self, number: int) -> VideoId:
        return self._rows[number].id

    def find_row(self, video_id: VideoId) -> int | None:
        """Return where a clip stands in the list, None when the query does not find it."""
        if len(self._row_numbers) != len(self._rows):
            self._row_numbers = {row.id: number for number, row in enumerate(self._rows)}
        return self._row_numbers.get(video_id)

    def index_of(self, video_id: VideoId) -> QModelIndex:
        number = self.find_row(video_id)
        return QModelIndex() if number is None else self.index(number, 0)

    def get_video(self, number: int) -> Video:
        return self.load(range(number, number + 1))[0]

    def find_title(self, number: int) -> str | None:
        """Return a clip's name if it is in memory; for painting, which must not wait."""
        video = self._videos.get(self._rows[number].id)
        return None if video is None else video.title

    def load(self, numbers: Sequence[int]) -> tuple[Video, ...]:
        """Return the whole values of some rows, read in one go where they are not at hand."""
        ids = [self._rows[number].id for number in numbers]
        absent = [video_id for video_id in ids if video_id not in self._videos]
        if absent:
            for video in self._store.get_videos(absent):
                self._videos[video.id] = video
        found = [self._videos[video_id] for video_id in ids if video_id in self._videos]
        for video in found:
            self._videos.move_to_end(video.id)
        while len(self._videos) > max(_KEPT_VIDEOS, len(ids)):
            self._videos.popitem(last=False)
        return tuple(found)

    def aspects(self) -> list[float]:
        return [row.aspect for row in self._rows]

    def sections(self) -> tuple[Section, ...]:
        """Return the days in order of the list; one section without a title when not by date."""
        if not self._rows:
            return ()
        if self._query.sort not in (VideoSort.NEWEST, VideoSort.OLDEST):
            return (Section("", "", len(self._rows)),)
        now = self._now()
        found: list[Section] = []
        first = 0
        while first < len(self._rows):
            moment = datetime.fromisoformat(self._rows[first].made_at)
            end = self._find_day_end(first, moment.astimezone(now.tzinfo))
            words = clip_count(end - first)
            found.append(Section(day_name(moment, now), words, end - first))
            first = end
        return tuple(found)

    def _find_day_end(self, first: int, moment: datetime) -> int:
        """Return where the day of the row `first` ends: by search, not by reading every date."""
        day = moment.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        if self._query.sort is VideoSort.NEWEST:
            start = write_moment(day)
            return _first_where(self._rows, first + 1, lambda row: row.made_at < start)
        next_day = write_moment(day + timedelta(days=1))
        return _first_where(self._rows, first + 1, lambda row: row.made_at >= next_day)

    # ------------------------------------------------------------------ Qt's questions

    def rowCount(self, parent: _AnyIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: _AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        match role:
            case VideoRole.ROW:
                return self._rows[index.row()]
            case VideoRole.VIDEO:
                return self.get_video(index.row())
            case Qt.ItemDataRole.DisplayRole:
                return self.get_video(index.row()).title
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(self.get_video(index.row()).title)
            case Qt.ItemDataRole.AccessibleTextRole:
                return speak_clip(self.get_video(index.row()))
            case _:
                return None

    def flags(self, index: _AnyIndex) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return (
            Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsDragEnabled
            | Qt.ItemFlag.ItemNeverHasChildren
        )

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    # ------------------------------------------------------------------ changes

    def _on_video_changed(self, change: VideoChange) -> None:
        self._videos.pop(change.video_id, None)
        self._changes[change.video_id] = change.video
        # Several changes of one moment (a hundred hearts at once) are one piece of work.
        self._change_timer.start()

    def _apply_changes(self) -> None:
        """Touch the rows that changed; read the whole list again where that is less work."""
        changes = dict(self._changes)
        self._changes.clear()
        if (
            len(changes) > _FEW_CHANGES
            or self._reading_timer.isActive()
            or self._query.sort is VideoSort.COST  # a light row does not know its cost
        ):
            self.refresh()
            return
        for video_id, video in changes.items():
            self._place_row(video_id, None if video is None else self._find_in_query(video))
        self.refreshed.emit()

    def _find_in_query(self, video: Video) -> VideoRow | None:
        """Ask the store whether the query finds this clip, by its moment alone."""
        query, moment = self._query, video.made_at
        if (query.made_after is not None and moment < query.made_after) or (
            query.made_before is not None and moment >= query.made_before
        ):
            return None
        only = replace(query, made_after=moment, made_before=moment + timedelta(microseconds=1))
        return next((row for row in self._store.list_ids(only) if row.id == video.id), None)

    def _place_row(self, video_id: VideoId, row: VideoRow | None) -> None:
        number = self.find_row(video_id)
        if number is not None and row is not None:
            if self._rows[number] != row:
                self._rows[number] = row
            self.dataChanged.emit(self.index(number, 0), self.index(number, 0))
            return
        if number is not None:
            self.beginRemoveRows(QModelIndex(), number, number)
            del self._rows[number]
            self._row_numbers = {}
            self.endRemoveRows()
        elif row is not None:
            key = _sort_key(self._query.sort)
            wanted = key(row)
            place = _first_where(self._rows, 0, lambda other: key(other) > wanted)
            self.beginInsertRows(QModelIndex(), place, place)
            self._rows.insert(place, row)
            self._row_numbers = {}
            self.endInsertRows()

    def _take_rows(self, rows: list[VideoRow]) -> None:
        """Become `rows` with as few changes as the two lists allow."""
        old_ids = [row.id for row in self._rows]
        new_ids = [row.id for row in rows]
        gone = set(old_ids).difference(new_ids)
        come = set(new_ids).difference(old_ids)
        kept_before = [video_id for video_id in old_ids if video_id not in gone]
        kept_after = [video_id for video_id in new_ids if video_id not in come]
        runs_out, runs_in = _runs(old_ids, gone), _runs(new_ids, come)
        if len(runs_out) + len(runs_in) > _FEW_RUNS or kept_before != kept_after or not kept_after:
            self.beginResetModel()
            self._rows = rows
            self._row_numbers = {}
            self.endResetModel()
            return
        for first, last in reversed(runs_out):
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._rows[first : last + 1]
            self._row_numbers = {}
            self.endRemoveRows()
        for first, last in runs_in:
            self.beginInsertRows(QModelIndex(), first, last)
            self._rows[first:first] = rows[first : last + 1]
            self._row_numbers = {}
            self.endInsertRows()
        self._touch_changed(rows)

    def _touch_changed(self, rows: list[VideoRow]) -> None:
        pairs = enumerate(zip(self._rows, rows, strict=True))
        for number in [number for number, (old, new) in pairs if old is not new and old != new]:
            self._rows[number] = rows[number]
            self.dataChanged.emit(self.index(number, 0), self.index(number, 0))


def _runs(ids: list[VideoId], chosen: set[VideoId]) -> list[tuple[int, int]]:
    """Return the first and last number of each unbroken run of chosen ids."""
    if not chosen:
        return []
    runs: list[tuple[int, int]] = []
    for number, video_id in enumerate(ids):
        if video_id not in chosen:
            continue
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def _first_where(rows: list[VideoRow], lo: int, test: Callable[[VideoRow], bool]) -> int:
    """Return the first row from `lo` on that passes a test which, once true, stays true."""
    return bisect_left(rows, 1, lo=min(lo, len(rows)), key=lambda row: int(test(row)))


def _sort_key(sort: VideoSort) -> Callable[[VideoRow], tuple[object, ...]]:
    """Return what orders light rows as the store does, smallest first."""
    match sort:
        case VideoSort.OLDEST:
            return lambda row: (row.made_at, row.id)
        case VideoSort.LONGEST:
            return lambda row: (-row.duration_s, -row.id)
        case _:
            return lambda row: (_Reversed(row.made_at), -row.id)


class _Reversed(str):
    """Text that sorts the other way round."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        return str.__gt__(self, other)

    def __gt__(self, other: str) -> bool:
        return str.__lt__(self, other)
