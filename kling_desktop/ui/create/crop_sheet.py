"""The sheet for cropping by hand: the picture, a frame to move and resize, the resulting size."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from kling_desktop.domain.catalog import ASPECT_RATIOS, Dimensions, ModelSpec
from kling_desktop.domain.problems import Field
from kling_desktop.media.fit import Box, plan_crop
from kling_desktop.ui.controls.buttons import PrimaryButton, SecondaryButton
from kling_desktop.ui.controls.focus import takes_ring
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.controls.segmented import Segment, SegmentedControl
from kling_desktop.ui.create.crop_geometry import CropFrame
from kling_desktop.ui.overlays.sheet import Sheet
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import draw_ring, fill_rounded
from kling_desktop.wording import phrases
from kling_desktop.wording import pictures as words
from kling_desktop.wording.problems import field_name

_WIDTH = 720
_VIEW_PX = 400
_REACH_PX = 14
_FREE = "free"
_STEP, _BIG_STEP = 1, 10
_MARGIN = 10


class CropView(QWidget):
    """The picture with the frame on it, moved by pointer or arrow keys.

    Arrows move by one pixel, with Shift by ten; plus and minus grow and shrink.  `changed` is
    emitted with each change of the frame.
    """

    changed = Signal()

    def __init__(
        self, look: Look, picture: QImage, frame: CropFrame, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._picture = QPixmap.fromImage(picture)
        self._frame = frame
        self._handle: tuple[int, int] | None = None
        self._grabbed: QPointF | None = None
        self._start = frame
        self._ring = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def frame(self) -> CropFrame:
        return self._frame

    def set_frame(self, frame: CropFrame) -> None:
        if frame != self._frame:
            self._frame = frame
            self.update()
            self.changed.emit()

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH - 48, _VIEW_PX)

    # -------------------------------------------------------------- coordinates

    def _area(self) -> QRectF:
        """Where the picture is painted."""
        room = QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        size = self._frame.picture
        scale = min(room.width() / size.width, room.height() / size.height)
        area = QRectF(0, 0, size.width * scale, size.height * scale)
        area.moveCenter(room.center())
        return area

    def to_view(self, box: Box) -> QRectF:
        """Where a part of the picture is painted."""
        area = self._area()
        scale = area.width() / self._frame.picture.width
        return QRectF(
            area.x() + box.left * scale,
            area.y() + box.top * scale,
            box.width * scale,
            box.height * scale,
        )

    def _to_picture(self, point: QPointF) -> tuple[int, int]:
        area = self._area()
        scale = self._frame.picture.width / area.width()
        return round((point.x() - area.x()) * scale), round((point.y() - area.y()) * scale)

    def _find_handle(self, point: QPointF) -> tuple[int, int] | None:
        """The corner or side under the pointer; ``(0, 0)`` is the inside, None outside."""
        rect = self.to_view(self._frame.box)
        if not rect.adjusted(-_REACH_PX, -_REACH_PX, _REACH_PX, _REACH_PX).contains(point):
            return None

        def side(value: float, low: float, high: float) -> int:
            if abs(value - low) <= _REACH_PX:
                return -1
            return 1 if abs(value - high) <= _REACH_PX else 0

        return (
            side(point.x(), rect.left(), rect.right()),
            side(point.y(), rect.top(), rect.bottom()),
        )

    # -------------------------------------------------------------- pointer and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._handle = self._find_handle(event.position())
            self._grabbed = event.position()
            self._start = self._frame

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        if self._grabbed is None or self._handle is None:
            self._show_cursor(self._find_handle(point))
            return
        x, y = self._to_picture(point)
        if self._handle == (0, 0):
            from_x, from_y = self._to_picture(self._grabbed)
            self.set_frame(self._start.moved(x - from_x, y - from_y))
        else:
            self.set_frame(self._start.pulled(self._handle, x, y))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grabbed = self._handle = None

    def _show_cursor(self, handle: tuple[int, int] | None) -> None:
        shapes = Qt.CursorShape
        cursor = {
            None: shapes.ArrowCursor,
            (0, 0): shapes.SizeAllCursor,
            (-1, -1): shapes.SizeFDiagCursor,
            (1, 1): shapes.SizeFDiagCursor,
            (1, -1): shapes.SizeBDiagCursor,
            (-1, 1): shapes.SizeBDiagCursor,
            (0, -1): shapes.SizeVerCursor,
            (0, 1): shapes.SizeVerCursor,
        }.get(handle, shapes.SizeHorCursor)
        self.setCursor(cursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = _BIG_STEP if shift else _STEP
        moves = {
            Qt.Key.Key_Left: (-step, 0),
            Qt.Key.Key_Right: (step, 0),
            Qt.Key.Key_Up: (0, -step),
            Qt.Key.Key_Down: (0, step),
        }
        key = Qt.Key(event.key())
        if key in moves:
            self.set_frame(self._frame.moved(*moves[key]))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.set_frame(self._frame.grown(_BIG_STEP))
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self.set_frame(self._frame.grown(-_BIG_STEP))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = takes_ring(event, self._ring)
        super().focusInEvent(event)

    # -------------------------------------------------------------- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        ground = QRectF(self.rect())
        fill_rounded(painter, ground, theme.radius("md"), theme.color("stage"))
        area = self._area()
        painter.drawPixmap(area, self._picture, QRectF(self._picture.rect()))
        kept = self.to_view(self._frame.box)
        share = self._picture.width() / area.width()
        source = QRectF(
            (kept.x() - area.x()) * share,
            (kept.y() - area.y()) * share,
            kept.width() * share,
            kept.height() * share,
        )
        painter.fillRect(area, theme.color("overlay"))
        painter.drawPixmap(kept, self._picture, source)
        self._paint_frame(painter, kept)
        if self._ring and self.hasFocus():
            draw_ring(painter, QRectF(self.rect()), theme, theme.radius("md"))

    def _paint_frame(self, painter: QPainter, kept: QRectF) -> None:
        ink = self._look.theme.color("on-picture")
        thin = self._look.theme.color("on-picture-2")
        painter.setPen(QPen(thin, 1))
        for third in (1, 2):
            x = kept.x() + kept.width() * third / 3
            y = kept.y() + kept.height() * third / 3
            painter.drawLine(QPointF(x, kept.top()), QPointF(x, kept.bottom()))
            painter.drawLine(QPointF(kept.left(), y), QPointF(kept.right(), y))
        painter.setPen(QPen(ink, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(kept)
        painter.setPen(QPen(ink, 3))
        reach = min(18.0, kept.width() / 3, kept.height() / 3)
        for x, across in ((kept.left(), 1), (kept.right(), -1)):
            for y, down in ((kept.top(), 1), (kept.bottom(), -1)):
                corner = QPointF(x, y)
                painter.drawLine(corner, corner + QPointF(across * reach, 0))
                painter.drawLine(corner, corner + QPointF(0, down * reach))


class CropSheet(Sheet):
    """Lets a part of a picture be chosen; accepted, `box` is what is to be kept.

    Args:
        look: The theme and the icons.
        window: What it opens over.
        picture: The picture as it is shown, of any size.
        size: The original's size in pixels, after its turn.
        spec: The model whose shapes are offered and whose limits hold.
    """

    def __init__(
        self, look: Look, window: QWidget, picture: QImage, size: Dimensions, spec: ModelSpec
    ) -> None:
        super().__init__(look, window, words.crop_title(), width=_WIDTH)
        self._spec = spec
        shapes = spec.dimensions or tuple(
            Dimensions(*(int(side) for side in ratio.split(":"))) for ratio in ASPECT_RATIOS
        )
        self._shapes = {shape.aspect_ratio: shape for shape in shapes}
        whole = CropFrame(size, Box(0, 0, size.width, size.height))
        if _is_too_thin(whole, spec):
            whole = whole.with_aspect(next(iter(self._shapes.values())))
        self.view = CropView(look, picture, whole)
        self.choice = SegmentedControl(look, field_name(Field.DIMENSIONS), self._build_segments())
        self.crop = PrimaryButton(look, words.crop_title(), icon="crop")
        self._size = Label("", "body-strong")
        self._note = Label("", "small", "text-3")
        self._build(look)
        self.choice.value_changed.connect(self._on_shape_chosen)
        self.view.changed.connect(self._show_size)
        self.choice.set_value(_name_of(whole, self._shapes))
        self._show_size()
        self.view.setFocus()

    @property
    def box(self) -> Box:
        return self.view.frame.box

    @property
    def size_words(self) -> str:
        return self._size.text()

    @property
    def note_words(self) -> str:
        return self._note.text()

    def _build_segments(self) -> list[Segment]:
        free = Segment(_FREE, words.free_shape(), icon="crop")
        shaped = [
            Segment(ratio, ratio, shape=(size.width, size.height))
            for ratio, size in self._shapes.items()
        ]
        return [free, *shaped]

    def _build(self, look: Look) -> None:
        self.body.addWidget(self.view, 1)
        row = QHBoxLayout()
        row.setSpacing(look.theme.space(3))
        row.addWidget(self.choice)
        row.addStretch(1)
        row.addWidget(self._note)
        row.addWidget(self._size)
        self.body.addLayout(row)
        cancel = SecondaryButton(look, phrases.CANCEL())
        cancel.clicked.connect(self.reject)
        self.crop.setDefault(True)
        self.crop.clicked.connect(self.accept)
        self.add_buttons(cancel, self.crop)

    def _on_shape_chosen(self, ratio: str) -> None:
        self.view.set_frame(self.view.frame.with_aspect(self._shapes.get(ratio)))
        self._show_size()

    def _show_size(self) -> None:
        box = self.view.frame.box
        fix = plan_crop(box, self._spec.input_image)
        self._size.setText(words.pixel_size(fix.width, fix.height))
        self._note.setText(words.crop_note(box, fix, self._spec.input_image))
        unfit = _is_too_thin(self.view.frame, self._spec)
        self.crop.set_disabled_reason(words.too_thin() if unfit else "")
        self.view.setAccessibleName(words.crop_frame_name(box, fix))


def _is_too_thin(frame: CropFrame, spec: ModelSpec) -> bool:
    """Whether no size with this shape fits the limits."""
    limits = spec.input_image
    long_side = max(frame.box.width, frame.box.height)
    short_side = min(frame.box.width, frame.box.height)
    return long_side * limits.min_side_px > short_side * limits.max_side_px


def _name_of(frame: CropFrame, shapes: dict[str, Dimensions]) -> str:
    return next((name for name, size in shapes.items() if size == frame.aspect), _FREE)
