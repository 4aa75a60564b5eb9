"""What the pages of the settings share: a heading, rows that scroll, and how a change is kept."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from kling_desktop.domain.errors import KlingDesktopError
from kling_desktop.storage.settings.settings_store import Settings, SettingsStore
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.controls.toggles import Switch
from kling_desktop.ui.overlays.sheet import SheetTasks
from kling_desktop.ui.settings.settings_row import SettingRow
from kling_desktop.ui.settings.settings_services import SettingsServices
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording.settings import failed_words

_SIDE = 32


@dataclass(frozen=True, slots=True)
class PageContext:
    """What every page works with; made once by the dialog."""

    look: Look
    store: SettingsStore
    services: SettingsServices
    tasks: SheetTasks


class SettingsColumn(QScrollArea):
    """One page: heading, a sentence, rows.  Owned by the dialog, which calls `show_settings`."""

    def __init__(self, context: PageContext, title: str, intro: str = "") -> None:
        super().__init__()
        self._context = context
        self._look = context.look
        self._shown: list[Callable[[Settings], None]] = []
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(title)
        inner = QWidget()
        inner.setProperty("clear", "true")
        self._column = QVBoxLayout(inner)
        theme = context.look.theme
        self._column.setContentsMargins(_SIDE, 0, _SIDE, 0)
        self.verticalScrollBar().rangeChanged.connect(self._make_room)
        self._column.setSpacing(0)
        self._intro = Label(intro, "body", "text-2", wrap=True)
        self._intro.setVisible(bool(intro))
        self._column.addWidget(Label(title, "heading"))
        self._column.addSpacing(2)
        self._column.addWidget(self._intro)
        self._column.addSpacing(theme.space(2))
        self.setWidget(inner)

    def show_settings(self, settings: Settings) -> None:
        """Show what holds now, without a signal."""
        for show in self._shown:
            show(settings)

    def _make_room(self, least: int, most: int) -> None:
        """Let the scroll bar stand in the margin, so that nothing moves when it comes."""
        bar = self.verticalScrollBar().sizeHint().width() if most > least else 0
        self._column.setContentsMargins(_SIDE, 0, _SIDE - bar, 0)

    def set_intro(self, text: str) -> None:
        self._intro.setText(text)
        self._intro.setVisible(bool(text))

    def add_row(
        self, title: str, text: str, control: QWidget, *, below: QWidget | None = None
    ) -> SettingRow:
        row = SettingRow(self._look, title, text, control, below=below)
        self._column.addWidget(row)
        return row

    def add_switch(self, title: str, text: str, name: str) -> SettingRow:
        """Add a setting that is on or off; `name` is its field in `Settings`."""
        switch = Switch(self._look, title)
        row = self.add_row(title, text, switch)
        switch.clicked.connect(lambda: self.change(row, **{name: switch.isChecked()}))
        self.follow(lambda settings: switch.setChecked(getattr(settings, name)))
        return row

    def add_widget(self, widget: QWidget) -> None:
        self._column.addWidget(widget)

    def add_space(self, step: int) -> None:
        self._column.addSpacing(self._look.theme.space(step))

    def end(self) -> None:
        """Close the column: what room is left stays below."""
        self._column.addStretch(1)

    def follow(self, show: Callable[[Settings], None]) -> None:
        """Call `show` now and whenever settings have changed."""
        self._shown.append(show)
        show(self._context.store.current)

    def change(self, row: SettingRow, **changes: object) -> None:
        """Keep a change; one that cannot be kept is taken back and its row says why."""
        self._context.tasks.see_through(self._change(row, changes), name="change a setting")

    async def _change(self, row: SettingRow, changes: dict[str, object]) -> None:
        trouble = await self.keep(**changes)
        if self._context.tasks.is_over:
            return
        row.set_error(trouble)
        if trouble:
            self.show_settings(self._context.store.current)

    async def keep(self, **changes: object) -> str:
        """Save a change; return why it could not be saved, empty when it was."""
        try:
            await self._context.store.update(**changes)
        except KlingDesktopError as error:
            return failed_words(error)
        return ""
