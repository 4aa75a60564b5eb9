"""How one clip is drawn on the wall: at rest, under the pointer, new, missing, chosen."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from kling_desktop.domain.video import VideoId
from kling_desktop.storage.stores.video_store import VideoRow
from kling_desktop.ui.clips.clip_pictures import ClipPictures
from kling_desktop.ui.library.video_model import VideoRole
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import (
    CENTER,
    cover,
    draw_dot,
    draw_frame,
    draw_picture,
    draw_pill,
    draw_ring,
    draw_text,
    fade,
    fill_rounded,
    measure_pill,
)
from kling_desktop.ui.theme.pixmap_cache import PixmapCache
from kling_desktop.ui.theme.theme import parse_color
from kling_desktop.wording.library import FILE_MOVED, FIND_FILE, PRACTICE, length_pill, moment_pill
from kling_desktop.wording.translation import _

_BUTTON = 26
_INSET = 6
_PILL_INSET = 4
_DOT = 9
_SCRUB_INSET = 8
_TRACK_HEIGHT = 3


class TilePart(StrEnum):
    """What of a tile is under the pointer."""

    PICTURE = "picture"
    HEART = "heart"
    MORE = "more"
    FIND = "find"


@dataclass(slots=True)
class TileStage:
    """What the pointer and the player do on the wall; the view writes it, the delegate reads it.

    Attributes:
        hovered: The clip under the pointer.
        fraction: How far across it the pointer is, 0 to 1.
        part: What of it is under the pointer.
        playing: The clip that plays in place, and what draws its current frame.
        play_fraction: How far that one has come.
        appearing: Clips whose picture has just come, with how much of it shows (0 to 1).
        scrubs: Whether the pointer scrubs through a clip; a setting of the user's.
    """

    hovered: VideoId | None = None
    fraction: float = 0.0
    part: TilePart = TilePart.PICTURE
    playing: VideoId | None = None
    play_fraction: float = 0.0
    draw_playing: Callable[[QPainter, QRectF], bool] | None = None
    appearing: dict[VideoId, float] = field(default_factory=dict)
    scrubs: bool = True


def heart_rect(tile: QRectF) -> QRectF:
    """Return where the heart button stands; empty where the tile is too narrow for two."""
    if tile.width() < 2 * _BUTTON + 3 * _INSET:
        return QRectF()
    return more_rect(tile).translated(-_BUTTON - 4, 0)


def more_rect(tile: QRectF) -> QRectF:
    """Return where the button for the clip's menu stands; empty where the tile is tiny."""
    if tile.width() < _BUTTON + 2 * _INSET:
        return QRectF()
    return QRectF(tile.right() - _INSET - _BUTTON, tile.top() + _INSET, _BUTTON, _BUTTON)


def find_rect(tile: QRectF) -> QRectF:
    """Return where "Find" stands on a tile whose file has moved."""
    width = min(56.0, tile.width() - 8)
    return QRectF(tile.center().x() - width / 2, tile.center().y() + 12, width, _BUTTON)


def part_at(tile: QRectF, row: VideoRow, point: QPointF) -> TilePart:
    """Return what of a tile is under a point."""
    if row.missing and find_rect(tile).contains(point):
        return TilePart.FIND
    if heart_rect(tile).contains(point):
        return TilePart.HEART
    if more_rect(tile).contains(point):
        return TilePart.MORE
    return TilePart.PICTURE


class TileDelegate(QStyledItemDelegate):
    """Draws tiles from memory only; a picture that is not there yet is a plain plate."""

    def __init__(
        self, look: Look, pictures: ClipPictures, stage: TileStage, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._pictures = pictures
        self._stage = stage
        self._faces = PixmapCache()
        look.themes.changed.connect(self._faces.clear)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        state = option.state
        painter.save()
        self.draw(
            painter,
            QRectF(option.rect),
            index.data(VideoRole.ROW),
            chosen=bool(state & QStyle.StateFlag.State_Selected),
            focused=bool(state & QStyle.StateFlag.State_HasFocus),
        )
        painter.restore()

    def draw(
        self, painter: QPainter, tile: QRectF, row: VideoRow, *, chosen: bool, focused: bool
    ) -> None:
        """Draw a clip's tile; the wall calls this directly, without a call through Qt."""
        if row.missing:
            self._paint_missing(painter, tile, row)
            self._paint_marks(painter, tile, row)
        elif row.id in (self._stage.hovered, self._stage.playing):
            self._paint_lively(painter, tile, row)
            self._paint_marks(painter, tile, row)
        else:
            self._paint_at_rest(painter, tile, row)
        theme, radius = self._look.theme, self._look.theme.radius("md")
        if chosen:
            draw_ring(painter, tile, theme, radius, gap=2)
        elif focused:
            # Focus without selection: the same place, thinner and quieter, yet 3:1 on the ground.
            frame = tile.adjusted(-3, -3, 3, 3)
            draw_frame(painter, frame, radius + 3, None, theme.color("control-line"), 1)

    def _paint_at_rest(self, painter: QPainter, tile: QRectF, row: VideoRow) -> None:
        """Copy the cached pixmap of an unchanged tile; paint it where it differs."""
        poster = self._pictures.find_poster(row.id)
        shows = self._stage.appearing.get(row.id, 1.0)
        if poster is not None and shows < 1.0:
            self._draw_face(painter, tile, row, None)
        self._draw_face(painter, tile, row, poster, 1.0 if poster is None else shows)

    def _draw_face(
        self,
        painter: QPainter,
        tile: QRectF,
        row: VideoRow,
        poster: QPixmap | None,
        opacity: float = 1.0,
    ) -> None:
        picture = 0 if poster is None else poster.cacheKey()
        key = (picture, row.duration_s, row.favourite, row.practice, row.seen)

        def paint(inner: QPainter, place: QRectF) -> None:
            self._paint_poster(inner, place, poster)
            self._paint_length(inner, place, row)
            if row.favourite:
                heart = QRectF(place.left() + 8, place.bottom() - 22, 14, 14)
                white = self._look.theme.color("on-picture")
                self._look.icons.paint(inner, heart, "heart-fill", white)
            self._paint_marks(inner, place, row)

        self._faces.draw(painter, tile, key, paint, opacity=opacity)

    def _paint_lively(self, painter: QPainter, tile: QRectF, row: VideoRow) -> None:
        """A tile that plays, or that lies under the pointer."""
        stage = self._stage
        if stage.playing == row.id and stage.draw_playing is not None:
            self._paint_poster(painter, tile, self._pictures.find_poster(row.id))
            stage.draw_playing(painter, tile)
            self._paint_track(painter, tile, row, stage.play_fraction, line=False)
        else:
            self._paint_scrubbed(painter, tile, row)
        if stage.hovered == row.id:
            self._paint_buttons(painter, tile, row)

    def _paint_marks(self, painter: QPainter, tile: QRectF, row: VideoRow) -> None:
        """Made in the sandbox; not looked at yet."""
        if row.practice:
            self._paint_practice(painter, tile, row)
        if not row.seen:
            place = QPointF(tile.left() + 12, tile.top() + 12)
            # On a picture the dark theme's blue, in both: the light one's drowns in a night sky.
            blue = parse_color(self._look.theme.tokens.dark["focus"])
            draw_dot(painter, place, _DOT, blue)

    def _paint_plate(self, painter: QPainter, tile: QRectF) -> None:
        theme = self._look.theme
        fill_rounded(painter, tile, theme.radius("md"), theme.color("raised"))

    def _paint_poster(self, painter: QPainter, tile: QRectF, poster: QPixmap | None) -> None:
        if poster is None:
            self._paint_plate(painter, tile)
        else:
            self._paint_picture(painter, tile, poster, QRectF(poster.rect()))

    def _paint_picture(
        self,
        painter: QPainter,
        tile: QRectF,
        picture: QPixmap,
        source: QRectF,
        opacity: float = 1.0,
    ) -> None:
        """Fill the tile, or fit the picture inside it whole where the shapes differ much."""
        radius = self._look.theme.radius("md")
        shown = cover(source.size(), tile.size())
        kept = shown.width() * shown.height() / max(1.0, source.width() * source.height())
        if kept > 0.95:
            draw_picture(painter, tile, picture, radius, source=source, opacity=opacity)
            return
        self._paint_plate(painter, tile)
        scale = min(tile.width() / source.width(), tile.height() / source.height())
        fitted = QRectF(0, 0, source.width() * scale, source.height() * scale)
        fitted.moveCenter(tile.center())
        draw_picture(painter, fitted, picture, 0, source=source, opacity=opacity)

    def _paint_length(self, painter: QPainter, tile: QRectF, row: VideoRow) -> None:
        theme, text = self._look.theme, length_pill(row.duration_s)
        size = measure_pill(theme, text)
        place = QPointF(
            tile.right() - size.width() - _PILL_INSET, tile.bottom() - size.height() - _PILL_INSET
        )
        draw_pill(painter, place, theme, text)

    def _paint_practice(self, painter: QPainter, tile: QRectF, row: VideoRow) -> None:
        theme = self._look.theme
        size = measure_pill(theme, _(PRACTICE))
        if size.width() + 2 * _INSET > tile.width():
            return
        left = tile.left() + (_INSET if row.seen else 22)
        if self._stage.hovered == row.id and left + size.width() > heart_rect(tile).left() - 4:
            return
        draw_pill(painter, QPointF(left, tile.top() + _INSET), theme, _(PRACTICE))

    def _paint_scrubbed(self, painter: QPainter, tile: QRectF, row: VideoRow) -> None:
        scrubs = self._stage.scrubs
        strip = self._pictures.find_strip(row.id) if scrubs else None
        if strip is None:
            self._paint_poster(painter, tile, self._pictures.find_poster(row.id))
        else:
            source = strip.source(self._stage.fraction)
            self._paint_picture(painter, tile, strip.pixmap, source)
        if scrubs and self._stage.part is TilePart.PICTURE:
            self._paint_track(painter, tile, row, self._stage.fraction, line=True)
        else:
            self._paint_length(painter, tile, row)

    def _paint_track(
        self, painter: QPainter, tile: QRectF, row: VideoRow, fraction: float, *, line: bool
    ) -> None:
        """Draw the inset bar, the time and, under the pointer, the line across the picture."""
        theme = self._look.theme
        white = theme.color("on-picture")
        track = QRectF(
            tile.left() + _SCRUB_INSET,
            tile.bottom() - _SCRUB_INSET - _TRACK_HEIGHT,
            max(1.0, tile.width() - 2 * _SCRUB_INSET),
            _TRACK_HEIGHT,
        )
        fill_rounded(painter, track, 1.5, fade(white, 0.45))
        x = round(tile.left() + tile.width() * fraction)
        done = QRectF(track)
        done.setRight(min(max(float(x), track.left() + 1), track.right()))
        fill_rounded(painter, done, 1.5, white)
        if line:
            painter.fillRect(QRectF(x - 1, tile.top(), 2, tile.height()), white)
        text = moment_pill(fraction * row.duration_s)
        size = measure_pill(theme, text)
        place = QPointF(tile.left() + _SCRUB_INSET, track.top() - size.height() - 5)
        draw_pill(painter, place, theme, text)

    def _paint_buttons(self, painter: QPainter, tile: QRectF, row: VideoRow) -> None:
        heart = "heart-fill" if row.favourite else "heart"
        buttons = (
            (heart_rect(tile), heart, TilePart.HEART),
            (more_rect(tile), "more", TilePart.MORE),
        )
        theme = self._look.theme
        for rect, icon, part in buttons:
            if rect.isEmpty():
                continue
            ground = "stage" if self._stage.part is part else "overlay"
            fill_rounded(painter, rect, theme.radius("md"), theme.color(ground))
            side = QRectF(0, 0, 16, 16)
            side.moveCenter(rect.center())
            self._look.icons.paint(painter, side, icon, theme.color("on-picture"))

    def _paint_missing(self, painter: QPainter, tile: QRectF, row: VideoRow) -> None:
        theme = self._look.theme
        self._paint_plate(painter, tile)
        grey = self._pictures.find_grey_poster(row.id)
        if grey is not None:
            self._paint_picture(painter, tile, grey, QRectF(grey.rect()), 0.35)
        words = QRectF(tile.left() + 4, tile.center().y() - 14, tile.width() - 8, 18)
        draw_text(
            painter, words, _(FILE_MOVED), theme.font("label"), theme.color("text"), align=CENTER
        )
        button = find_rect(tile)
        hot = self._stage.hovered == row.id and self._stage.part is TilePart.FIND
        fill = theme.color("hover" if hot else "panel")
        draw_frame(painter, button, theme.radius("md"), fill, theme.color("line-strong"))
        draw_text(
            painter, button, _(FIND_FILE), theme.font("label"), theme.color("text"), align=CENTER
        )
