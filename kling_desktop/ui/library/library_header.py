"""The first row of the library: panel toggles, what it shows, search, and the size of tiles."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from kling_desktop.storage.settings.settings_store import TILE_HEIGHT_PX, TILE_HEIGHTS_PX
from kling_desktop.ui.controls.buttons import IconButton
from kling_desktop.ui.controls.fields import SearchField
from kling_desktop.ui.controls.menu_button import MenuButton
from kling_desktop.ui.controls.slider import Slider
from kling_desktop.ui.library.library_query import Scope
from kling_desktop.ui.overlays.menu import Menu
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import library as words
from kling_desktop.wording import phrases
from kling_desktop.wording.commands import translate_command
from kling_desktop.wording.translation import _

_MARGIN = 12
_SLIDER_WIDTH = 92
_SLIDER_FROM_PX = 700
_SEARCH_MOST = 240
_TYPING_PAUSE_MS = 180


class LibraryHeader(QWidget):
    """Owned by the library page.

    Signals:
        scope_changed: The `Scope` the user chose.
        text_changed: The text of the search field, once typing pauses.
        size_changed: Height of the rows in pixels.
        create_toggled: The user closed the left panel (False) or opened it.
        side_toggled: The same for the right panel.
    """

    scope_changed = Signal(object)
    text_changed = Signal(str)
    size_changed = Signal(int)
    create_toggled = Signal(bool)
    side_toggled = Signal(bool)

    def __init__(self, look: Look, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._scope = Scope.ALL
        self.create_toggle = IconButton(
            look, "panel-left", translate_command("toggle-create"), checkable=True
        )
        self.side_toggle = IconButton(
            look, "panel-right", translate_command("toggle-side"), checkable=True
        )
        self.scope = MenuButton(look, phrases.LIBRARY())
        self.search = SearchField(look, translate_command("find"), _(words.SEARCH_HINT))
        self.search.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.search.setMaximumWidth(_SEARCH_MOST)
        self.tile_size = Slider(
            look, _(words.CLIP_SIZE), *TILE_HEIGHTS_PX, TILE_HEIGHT_PX, neutral=True
        )
        self.tile_size.setFixedWidth(_SLIDER_WIDTH)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_PAUSE_MS)
        row = QHBoxLayout(self)
        row.setContentsMargins(_MARGIN, 0, _MARGIN, 0)
        row.setSpacing(look.theme.space(2))
        row.addWidget(self.create_toggle)
        row.addWidget(self.scope)
        row.addStretch(1)
        row.addWidget(self.search, 3)
        row.addSpacing(4)
        row.addWidget(self.tile_size)
        row.addSpacing(4)
        row.addWidget(self.side_toggle)
        self.setFixedHeight(look.theme.height("header"))
        self.show_scope(Scope.ALL)
        self._connect()

    def _connect(self) -> None:
        self.create_toggle.clicked.connect(self.create_toggled)
        self.side_toggle.clicked.connect(self.side_toggled)
        self.scope.clicked.connect(self._open_scopes)
        self.tile_size.valueChanged.connect(self.size_changed)
        self.search.textChanged.connect(self._on_typed)
        self.search.returnPressed.connect(self._send_text)
        self._typing.timeout.connect(self._send_text)

    def stop(self) -> None:
        self._typing.stop()

    def show_scope(self, scope: Scope) -> None:
        self._scope = scope
        name = phrases.LIBRARY() if scope is Scope.ALL else words.name_scope(scope)
        self.scope.show_words(name, words.speak_scope(scope))

    def show_size(self, height: int) -> None:
        """Show how high the rows are, without emitting a signal."""
        self.tile_size.blockSignals(True)
        self.tile_size.setValue(height)
        self.tile_size.blockSignals(False)

    def show_text(self, text: str) -> None:
        """Put a search into the field without emitting a signal."""
        if text != self.search.text():
            self.search.setText(text)
            self._typing.stop()

    def show_panels(self, *, create_open: bool, side_open: bool) -> None:
        self.create_toggle.setChecked(create_open)
        self.side_toggle.setChecked(side_open)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.tile_size.setVisible(self.width() >= _SLIDER_FROM_PX)

    def _on_typed(self, text: str) -> None:
        if text:
            self._typing.start()
        else:
            self._send_text()  # an emptied field shows everything at once

    def _send_text(self) -> None:
        self._typing.stop()
        self.text_changed.emit(self.search.text())

    def _open_scopes(self) -> None:
        menu = Menu(self._look, self)
        menu.aboutToHide.connect(menu.deleteLater)
        for scope in Scope:
            menu.add(
                words.name_scope(scope),
                lambda scope=scope: self.scope_changed.emit(scope),
                checked=scope is self._scope,
            )
        menu.popup_below(self.scope)
