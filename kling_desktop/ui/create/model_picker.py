"""The popup in which a model is chosen: what fits, what does not and why, and what can be done."""

from collections.abc import Callable, Collection

from PySide6.QtCore import QModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QListView, QStyleOptionViewItem, QWidget

from kling_desktop.domain.catalog import ModelId
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.money import Usual
from kling_desktop.ui.controls.labels import Hairline, Label, set_surface
from kling_desktop.ui.controls.toggles import Switch
from kling_desktop.ui.create.model_list import ModelDelegate, ModelListModel
from kling_desktop.ui.overlays.popup_frame import SHADOW, PopupFrame
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import models as words

_TYPING_PAUSE_MS = 1000
_LIST_PADDING = 8


class _ModelView(QListView):
    """The list view: typing jumps, Enter or a click chooses, a click on a link follows it."""

    chosen = Signal(object)
    way_out = Signal(object)

    def __init__(self, look: Look, model: ModelListModel) -> None:
        super().__init__()
        self._models = model
        self._delegate = ModelDelegate(look, self)
        self._typed, self._typed_at = "", 0
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(words.models_title())
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self.setFrameShape(QListView.Shape.NoFrame)
        set_surface(self, "popup")

    @property
    def delegate(self) -> ModelDelegate:
        return self._delegate

    def content_height(self) -> int:
        return sum(
            self._delegate.sizeHint(self._option(), self._models.index(row)).height()
            for row in range(self._models.rowCount())
            if self._models.is_shown(row)
        )

    def _option(self) -> QStyleOptionViewItem:
        return QStyleOptionViewItem()

    def sizeHint(self) -> QSize:
        return QSize(round(self._delegate.columns.width), self.content_height())

    def choose(self, index: QModelIndex) -> None:
        """Choose a model, or make an unfit one fit; one that is gone cannot be chosen."""
        row = self._models.get_row(index.row())
        if row.fits:
            self.chosen.emit(row.spec.id)
        elif row.way_out:
            self.way_out.emit(row.spec.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._delegate.shows_ring = True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.currentIndex().isValid():
                self.choose(self.currentIndex())
        elif event.text().isprintable() and event.text() and not _has_command(event):
            self._jump(event)
        else:
            super().keyPressEvent(event)

    def _jump(self, event: QKeyEvent) -> None:
        if event.timestamp() - self._typed_at > _TYPING_PAUSE_MS:
            self._typed = ""
        self._typed_at = event.timestamp()
        self._typed += event.text()
        row = self._models.find_typed(self._typed)
        if row >= 0:
            self.setCurrentIndex(self._models.index(row))

    def _on_link(self, event: QMouseEvent) -> bool:
        index = self.indexAt(event.position().toPoint())
        if not index.isValid():
            return False
        link = self._delegate.find_link(QRectF(self.visualRect(index)), index)
        return link.adjusted(-4, -2, 4, 4).contains(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        fits = index.isValid() and self._models.get_row(index.row()).fits
        pointing = fits or self._on_link(event)
        shapes = Qt.CursorShape
        self.viewport().setCursor(shapes.PointingHandCursor if pointing else shapes.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if not index.isValid() or event.button() != Qt.MouseButton.LeftButton:
            return
        if self._models.get_row(index.row()).fits or self._on_link(event):
            self.choose(index)


class ModelPicker(PopupFrame):
    """The popup; built once, opened beside the model button.

    Signals:
        model_chosen: A model that fits (its id).
        way_out_chosen: A model that does not fit (its id); the page makes it fit first.
    """

    model_chosen = Signal(object)
    way_out_chosen = Signal(object)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, parent, padding=0)
        self.models = ModelListModel(self)
        self.view = _ModelView(look, self.models)
        self._input = Label("", "small", "text-2")
        self.only_fitting = Switch(look, words.only_fitting())
        self.only_fitting.toggled.connect(self._on_only_fitting)
        self.view.chosen.connect(self._on_chosen)
        self.view.way_out.connect(self._on_way_out)
        self.setAccessibleName(words.models_title())
        self._build()

    def _build(self) -> None:
        space = self._look.theme.space
        self.body.setSpacing(0)
        line = 1  # the frame's outline
        self.body.setContentsMargins(SHADOW + line)
        header = QHBoxLayout()
        header.setContentsMargins(space(4) + 2, space(3), space(4), space(3))
        header.setSpacing(space(3) - 2)
        header.addWidget(Label(words.models_title(), "title"))
        header.addWidget(self._input)
        header.addStretch(1)
        header.addWidget(Label(words.only_fitting(), "small", "text-2"))
        header.addWidget(self.only_fitting)
        self.body.addLayout(header)
        self.body.addWidget(Hairline())
        self.body.addSpacing(_LIST_PADDING)
        self.body.addWidget(self.view, 1)
        self.body.addSpacing(_LIST_PADDING)
        self.body.addWidget(Hairline())
        self._footer = footer = QHBoxLayout()
        footer.setContentsMargins(space(4) + 2, space(2), space(4) + 2, space(2))
        footer.setSpacing(space(4))
        footer.addWidget(Label(words.figures_note(), "small", "text-3"))
        footer.addStretch(1)
        for hint in words.key_hints():
            footer.addWidget(Label(hint, "small", "text-3"))
        self.body.addLayout(footer)

    def mark_gone(self, models: Collection[ModelId]) -> None:
        self.models.mark_gone(models)

    def open_beside(self, anchor: QWidget, draft: Draft, usual: Callable[[Draft], Usual]) -> None:
        """Show the models for a draft; the present one has the keyboard."""
        self._input.setText(words.input_words(draft))
        self.models.show_draft(draft, usual)
        self._hide_rows()
        self._fit(anchor)
        self.view.delegate.shows_ring = False
        self.popup_beside(anchor, "right", panel=self.parentWidget())
        row = self.models.find_row(draft.model)
        if row >= 0:
            self.view.setCurrentIndex(self.models.index(row))
        self.view.setFocus(Qt.FocusReason.PopupFocusReason)

    def _fit(self, anchor: QWidget) -> None:
        """Take the width of the columns and the height of all rows, up to the screen's size."""
        room = anchor.screen().availableSize()
        frame = SHADOW.left() + SHADOW.right()
        width = max(round(self.view.delegate.measure().width), self._footer.sizeHint().width())
        self.setFixedWidth(min(width, room.width() - 16) + frame)
        wanted = self.view.content_height() + 2
        around = self.body.sizeHint().height() - self.view.sizeHint().height()
        most = room.height() - around + SHADOW.top() + SHADOW.bottom() - 16
        self.view.setFixedHeight(max(self.view.delegate.row_height(), min(wanted, most)))

    def _on_only_fitting(self, only_fitting: bool) -> None:
        self.models.set_only_fitting(only_fitting)
        self._hide_rows()
        self.view.doItemsLayout()
        current = self.view.currentIndex()
        if current.isValid() and not self.models.is_shown(current.row()):
            shown = [at for at in range(self.models.rowCount()) if self.models.is_shown(at)]
            self.view.setCurrentIndex(self.models.index(shown[0]) if shown else QModelIndex())

    def _hide_rows(self) -> None:
        for row in range(self.models.rowCount()):
            self.view.setRowHidden(row, not self.models.is_shown(row))

    def _on_chosen(self, model: ModelId) -> None:
        self.close()
        self.model_chosen.emit(model)

    def _on_way_out(self, model: ModelId) -> None:
        self.close()
        self.way_out_chosen.emit(model)


def _has_command(event: QKeyEvent) -> bool:
    command = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    return bool(event.modifiers() & command)
