"""The list of models: which fit the input, what they usually cost, and how a row is painted."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QApplication,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from kling_desktop.domain.catalog import MODELS, ModelId, ModelSpec
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.model_fit import Obstacle, find_obstacle, fit_draft
from kling_desktop.domain.money import Usual
from kling_desktop.ui.create.model_columns import (
    ICON_PX,
    USE_X_PX,
    ModelColumns,
    chip_words,
    measure_columns,
)
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import (
    LEFT,
    RIGHT,
    draw_capability,
    draw_frame,
    draw_ring,
    draw_text,
    draw_tier,
    measure_pill,
    measure_text,
)
from kling_desktop.ui.theme.plain_text import plain_tip
from kling_desktop.wording import formatting
from kling_desktop.wording import models as words

Index = QModelIndex | QPersistentModelIndex
ROW_PX, GROUP_GAP_PX = 44, 9
_CHIP_PX = 20
_TIER_DIMMED = 0.6


class ModelRole(IntEnum):
    """The list's data besides text."""

    ROW = Qt.ItemDataRole.UserRole + 1
    IS_CHOSEN = ROW + 1
    OPENS_GROUP = ROW + 2


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model, compared with the present input."""

    spec: ModelSpec
    obstacle: Obstacle | None = None
    is_gone: bool = False
    usual: Usual = Usual()  # noqa: RUF009  (frozen)

    @property
    def fits(self) -> bool:
        return self.obstacle is None and not self.is_gone

    @property
    def reason(self) -> str:
        """Why it cannot be used; empty when it can."""
        if self.is_gone:
            return words.gone_model()
        return "" if self.obstacle is None else words.obstacle_words(self.obstacle)[0]

    @property
    def way_out(self) -> str:
        """The link that makes it fit; empty when there is none."""
        if self.is_gone or self.obstacle is None:
            return ""
        return words.obstacle_words(self.obstacle)[1]


class ModelListModel(QAbstractListModel):
    """All models, newest first; rows are never added or removed, only changed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows = [ModelRow(spec) for spec in MODELS]
        self._chosen = MODELS[0].id
        self._gone: frozenset[ModelId] = frozenset()
        self._only_fitting = False

    def show_draft(self, draft: Draft, usual: Callable[[Draft], Usual]) -> None:
        """Compare every model with a draft."""
        self._chosen = draft.model
        self._rows = [
            ModelRow(
                spec,
                find_obstacle(draft, spec),
                spec.id in self._gone,
                usual(fit_draft(draft, spec).draft),
            )
            for spec in MODELS
        ]
        self._notify()

    def mark_gone(self, models: Collection[ModelId]) -> None:
        """Mark models that the service no longer offers; they stay in the list."""
        self._gone = frozenset(models)
        self._rows = [
            ModelRow(row.spec, row.obstacle, row.spec.id in self._gone, row.usual)
            for row in self._rows
        ]
        self._notify()

    def set_only_fitting(self, only_fitting: bool) -> None:
        """Note whether the view hides rows that do not fit: groups then begin at other rows."""
        self._only_fitting = only_fitting
        self._notify()

    def is_shown(self, row: int) -> bool:
        return not self._only_fitting or self._rows[row].fits

    def get_row(self, row: int) -> ModelRow:
        return self._rows[row]

    def find_row(self, model: ModelId) -> int:
        """The row of a model; -1 for one that is not in the catalogue."""
        return next((at for at, row in enumerate(self._rows) if row.spec.id == model), -1)

    def find_typed(self, typed: str) -> int:
        """The first shown row whose name begins with what was typed, ``2.1 p``; -1 when none."""
        wanted = " ".join(typed.casefold().split())
        for at, row in enumerate(self._rows):
            if self.is_shown(at) and row.spec.short_name.casefold().startswith(wanted):
                return at
        return -1

    def _notify(self) -> None:
        self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    def _opens_group(self, at: int) -> bool:
        before = [n for n in range(at) if self.is_shown(n)]
        if not before:
            return False
        return self._rows[before[-1]].spec.generation != self._rows[at].spec.generation

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return words.model_name(row.spec.id)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return words.model_accessible_name(row.spec, row.reason)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(row.reason) or None
        if role == ModelRole.ROW:
            return row
        if role == ModelRole.IS_CHOSEN:
            return row.spec.id == self._chosen
        if role == ModelRole.OPENS_GROUP:
            return self._opens_group(index.row())
        return None


class ModelDelegate(QStyledItemDelegate):
    """Paints a model: generation, badge, use, what it takes, usual cost and time.

    Columns are counted from the row's end, so that a narrower popup cuts the text and no figure.
    """

    _BADGE_X, _ROW_X, _GUTTER_X = 105, 92, 18
    _COST_END, _TIME_END, _CHECK_END = 82, 45, 30

    def __init__(self, look: Look, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.columns = measure_columns(look.theme)
        self.shows_ring = False
        """Whether the current row has a focus ring: only when the keyboard moves it."""

    def measure(self) -> ModelColumns:
        """Measure the columns again: language or size of text may have changed."""
        self.columns = measure_columns(self._look.theme)
        return self.columns

    def row_height(self) -> int:
        theme = self._look.theme
        lines = theme.line_height("body") + theme.line_height("small")
        return max(ROW_PX, lines + 10)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        gap = GROUP_GAP_PX if index.data(ModelRole.OPENS_GROUP) else 0
        return QSize(100, self.row_height() + gap)

    def find_link(self, rect: QRectF, index: Index) -> QRectF:
        """Where the link of an unfit row is; empty when there is none."""
        row: ModelRow = index.data(ModelRole.ROW)
        if not row.way_out:
            return QRectF()
        theme, body = self._look.theme, self._body(rect, index)
        font = theme.font("small")
        x = body.x() + self._scaled(USE_X_PX) + ICON_PX + measure_text(font, f"{row.reason} ")
        top = body.center().y() - 1
        width = measure_text(theme.font("small", 500), row.way_out)
        return self._mirror(QRectF(x, top, width + 2, theme.line_height("small") + 4), rect)

    def _scaled(self, pixels: float) -> float:
        return pixels * self._look.theme.text_scale

    def _body(self, rect: QRectF, index: Index) -> QRectF:
        return rect.adjusted(0, GROUP_GAP_PX if index.data(ModelRole.OPENS_GROUP) else 0, 0, 0)

    def _mirror(self, part: QRectF, rect: QRectF) -> QRectF:
        if self._mirrored:
            part = QRectF(part)
            part.moveLeft(rect.left() + rect.right() - part.right())
        return part

    @property
    def _mirrored(self) -> bool:
        return QApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = self._look.theme
        row: ModelRow = index.data(ModelRole.ROW)
        rect = QRectF(option.rect)  # pyright: ignore[reportAttributeAccessIssue]
        body = self._body(rect, index)
        painter.save()
        if index.data(ModelRole.OPENS_GROUP):
            line = QRectF(rect.x(), rect.y() + GROUP_GAP_PX // 2, rect.width(), 1)
            painter.fillRect(line, theme.color("line"))
        self._paint_ground(painter, option, index, body, rect)
        if index.row() == 0 or index.data(ModelRole.OPENS_GROUP) or self._is_first(index):
            place = QRectF(
                body.x() + self._scaled(self._GUTTER_X),
                body.y(),
                self._scaled(self._ROW_X - self._GUTTER_X - 2),
                body.height(),
            )
            self._text(painter, place, rect, row.spec.generation, "body-strong", "text")
        self._paint_words(painter, index, body, rect)
        self._paint_chips(painter, row, body, rect)
        self._paint_figures(painter, row, body, rect, chosen=bool(index.data(ModelRole.IS_CHOSEN)))
        painter.restore()

    def _is_first(self, index: Index) -> bool:
        model = index.model()
        return isinstance(model, ModelListModel) and not any(
            model.is_shown(at) for at in range(index.row())
        )

    def _paint_ground(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: Index,
        body: QRectF,
        rect: QRectF,
    ) -> None:
        theme = self._look.theme
        state = option.state  # pyright: ignore[reportAttributeAccessIssue]
        start = self._scaled(self._ROW_X)
        ground = self._mirror(body.adjusted(start, 0, -9, 0), rect)
        radius = theme.radius("md")
        if index.data(ModelRole.IS_CHOSEN):
            draw_frame(painter, ground, radius, theme.color("accent-soft"), None)
        elif state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus):
            draw_frame(painter, ground, radius, theme.color("hover"), None)
        if self.shows_ring and state & QStyle.StateFlag.State_HasFocus:
            draw_ring(painter, ground, theme, radius)

    def _text(
        self,
        painter: QPainter,
        place: QRectF,
        rect: QRectF,
        text: str,
        style: str,
        ink: str,
        *,
        at_end: bool = False,
        weight: int | None = None,
    ) -> None:
        theme = self._look.theme
        mirrored = self._mirrored
        align = LEFT if mirrored == at_end else RIGHT
        part = self._mirror(place, rect)
        draw_text(painter, part, text, theme.font(style, weight), theme.color(ink), align=align)

    def _paint_words(self, painter: QPainter, index: Index, body: QRectF, rect: QRectF) -> None:
        row: ModelRow = index.data(ModelRole.ROW)
        theme, spec = self._look.theme, row.spec
        size = measure_pill(theme, spec.tier)
        x, y = body.x() + self._scaled(self._BADGE_X), body.center().y() - size.height() / 2
        badge = self._mirror(QRectF(QPointF(x, y), size), rect)
        painter.setOpacity(1.0 if row.fits else _TIER_DIMMED)
        draw_tier(painter, badge.topLeft(), theme, spec.tier)
        painter.setOpacity(1.0)
        left = body.x() + self._scaled(USE_X_PX)
        right = body.right() - self.columns.lefts["text"] - 4
        if row.fits:
            place = QRectF(left, body.y(), right - left, body.height())
            self._text(painter, place, rect, words.model_use(spec), "body", "text", weight=500)
            return
        right = body.right() - self.columns.lefts["first"] - 8
        upper, lower = theme.line_height("body"), theme.line_height("small")
        top = body.center().y() - (upper + lower) / 2
        use = QRectF(left, top, right - left, upper)
        self._text(painter, use, rect, words.model_use(spec), "body", "text-3")
        icon = self._mirror(QRectF(left, top + upper, 13, lower), rect)
        self._look.icons.paint(painter, icon, "info", theme.color("text-2"))
        reason = QRectF(left + ICON_PX, top + upper, right - left - ICON_PX, lower)
        self._text(painter, reason, rect, row.reason, "small", "text-2")
        link = self.find_link(rect, index)
        if not link.isEmpty():
            # Measured in the same way as for the click on it.
            link.moveTop(top + upper)
            link.setHeight(lower)
            font, ink = theme.font("small", 500), theme.color("accent-text")
            draw_text(painter, link, row.way_out, font, ink)

    def _paint_chips(self, painter: QPainter, row: ModelRow, body: QRectF, rect: QRectF) -> None:
        theme, columns = self._look.theme, self.columns
        height = max(_CHIP_PX, theme.height("badge"))
        for name, chip_text in chip_words(row.spec).items():
            if chip_text:
                x = body.right() - columns.lefts[name]
                chip = QRectF(x, 0, columns.widths[name], height)
                chip.moveTop(body.center().y() - height / 2)
                draw_capability(painter, self._mirror(chip, rect), theme, chip_text, fits=row.fits)

    def _paint_figures(
        self, painter: QPainter, row: ModelRow, body: QRectF, rect: QRectF, *, chosen: bool
    ) -> None:
        theme = self._look.theme
        ink = "text" if row.fits else "text-3"
        cost, took = row.usual.cost_usd, row.usual.took_s
        figures_end = {
            self._COST_END: "" if cost is None else formatting.money(cost),
            self._TIME_END: "" if took is None else formatting.clock(took),
        }
        for end, text in figures_end.items():
            right = body.right() - self._scaled(end)
            place = QRectF(right - self._scaled(46), body.y(), self._scaled(46), body.height())
            inked = ink if end == self._COST_END else "text-3"
            self._text(painter, place, rect, text, "small", inked, at_end=True)
        if chosen:
            x = body.right() - self._scaled(self._CHECK_END)
            mark = self._mirror(QRectF(x, body.y(), 14, body.height()), rect)
            self._look.icons.paint(painter, mark, "check", theme.color("accent-text"))
