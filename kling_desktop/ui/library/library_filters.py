"""The second row of the library: chips that narrow it, how much is shown, and its order."""

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from kling_desktop.domain.catalog import ASPECT_RATIOS, MODELS
from kling_desktop.storage.stores.video_query import VideoSort
from kling_desktop.ui.controls.buttons import LinkButton
from kling_desktop.ui.controls.chips import FilterChip
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.controls.menu_button import MenuButton
from kling_desktop.ui.library.library_query import LibraryChoice, Period
from kling_desktop.ui.overlays.menu import Menu
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import library as words
from kling_desktop.wording.formatting import seconds_words
from kling_desktop.wording.models import model_name
from kling_desktop.wording.translation import _

_LENGTHS_S = sorted({seconds for spec in MODELS for seconds in spec.durations_s})
_MARGIN = 14


class LibraryFilters(QWidget):
    """Edits a `LibraryChoice`; owned by the library page, which answers with `show_choice`.

    Signals:
        choice_changed: The `LibraryChoice` that the user made.
    """

    choice_changed = Signal(object)

    def __init__(self, look: Look, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._choice = LibraryChoice()
        self.favourites = FilterChip(look, _(words.FAVOURITES), icon="heart", has_menu=False)
        self.model = FilterChip(look, _(words.MODEL))
        self.shape = FilterChip(look, _(words.SHAPE))
        self.length = FilterChip(look, _(words.LENGTH))
        self.date = FilterChip(look, _(words.DATE))
        self.clear = LinkButton(look, _(words.CLEAR_FILTERS))
        self.count = Label("", "small", "text-3")
        self.sort = MenuButton(look, "", style="small", quiet=True)
        self._chips = (self.favourites, self.model, self.shape, self.length, self.date)
        row = QHBoxLayout(self)
        row.setContentsMargins(_MARGIN, 0, _MARGIN - 6, look.theme.space(1))
        row.setSpacing(look.theme.space(2))
        for chip in self._chips:
            row.addWidget(chip)
        row.addWidget(self.clear)
        row.addStretch(1)
        row.addWidget(self.count)
        row.addSpacing(4)
        row.addWidget(self.sort)
        self.setFixedHeight(look.theme.height("second-row"))
        look.themes.changed.connect(self._on_theme_changed)
        self._connect()
        self.show_choice(self._choice)
        self.show_count(0, 0)

    def _connect(self) -> None:
        self.favourites.clicked.connect(self._toggle_favourites)
        self.favourites.cleared.connect(self._toggle_favourites)
        self.model.clicked.connect(self._open_models)
        self.model.cleared.connect(lambda: self._change(models=()))
        self.shape.clicked.connect(self._open_shapes)
        self.shape.cleared.connect(lambda: self._change(shape=""))
        self.length.clicked.connect(self._open_lengths)
        self.length.cleared.connect(lambda: self._change(length_s=0))
        self.date.clicked.connect(self._open_dates)
        self.date.cleared.connect(lambda: self._change(period=None))
        self.clear.clicked.connect(lambda: self._send(self._choice.without_filters()))
        self.sort.clicked.connect(self._open_orders)

    # ------------------------------------------------------------------ what is shown

    def show_choice(self, choice: LibraryChoice) -> None:
        """Show a choice made here or elsewhere, without emitting a signal."""
        self._choice = choice
        self.favourites.set_icon_name("heart-fill" if choice.favourites else "heart")
        self.favourites.set_active(_(words.FAVOURITES) if choice.favourites else "")
        self.model.set_active(words.name_models(choice.models))
        self.shape.set_active(choice.shape)
        self.length.set_active(seconds_words(choice.length_s) if choice.length_s else "")
        self.date.set_active(words.name_period(choice.period) if choice.period else "")
        self.sort.show_words(words.name_order(choice.sort), words.speak_order(choice.sort))
        self._fit()

    def show_count(self, shown: int, total: int) -> None:
        self.count.setText(words.count_shown(shown, total))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _on_theme_changed(self) -> None:
        self.setFixedHeight(self._look.theme.height("second-row"))
        self._fit()  # the text may be larger now, in the same room

    def _fit(self) -> None:
        """Hide first what is needed least; a chip that filters is never hidden."""
        filtered = self._choice.is_filtered
        for widget in (self.clear, self.count):
            widget.setVisible(filtered)
        for chip in self._chips:
            chip.setVisible(True)
        room = self.width() - 2 * _MARGIN
        for widget in (self.length, self.date, self.shape, self.count, self.clear):
            if self._needed() <= room:
                break
            active = isinstance(widget, FilterChip) and widget.is_active()
            if not active:
                widget.setVisible(False)

    def _needed(self) -> int:
        gap = self._look.theme.space(2)
        shown = [*self._chips, self.clear, self.count, self.sort]
        return sum(w.sizeHint().width() + gap for w in shown if not w.isHidden()) + 4

    # ------------------------------------------------------------------ what is chosen

    def _send(self, choice: LibraryChoice) -> None:
        self.show_choice(choice)
        self.choice_changed.emit(choice)

    def _change(self, **changes: object) -> None:
        self._send(replace(self._choice, **changes))  # pyright: ignore[reportArgumentType]

    def _toggle_favourites(self) -> None:
        self._change(favourites=not self._choice.favourites)

    def _open_models(self) -> None:
        menu = self._new_menu()
        for spec in MODELS:
            chosen = spec.id in self._choice.models
            others = tuple(model for model in self._choice.models if model != spec.id)
            models = others if chosen else (*others, spec.id)
            menu.add(
                model_name(spec.id),
                lambda models=models: self._change(models=models),
                checked=chosen,
            )
        menu.popup_below(self.model)

    def _open_shapes(self) -> None:
        menu = self._new_menu()
        for shape in ASPECT_RATIOS:
            menu.add(
                shape,
                lambda shape=shape: self._change(shape=shape),
                checked=shape == self._choice.shape,
            )
        menu.popup_below(self.shape)

    def _open_lengths(self) -> None:
        menu = self._new_menu()
        for seconds in _LENGTHS_S:
            menu.add(
                seconds_words(seconds),
                lambda seconds=seconds: self._change(length_s=seconds),
                checked=seconds == self._choice.length_s,
            )
        menu.popup_below(self.length)

    def _open_dates(self) -> None:
        menu = self._new_menu()
        for period in Period:
            menu.add(
                words.name_period(period),
                lambda period=period: self._change(period=period),
                checked=period is self._choice.period,
            )
        menu.popup_below(self.date)

    def _open_orders(self) -> None:
        menu = self._new_menu()
        for sort in VideoSort:
            menu.add(
                words.name_order(sort),
                lambda sort=sort: self._change(sort=sort),
                checked=sort is self._choice.sort,
            )
        menu.popup_below(self.sort)

    def _new_menu(self) -> Menu:
        menu = Menu(self._look, self)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu
