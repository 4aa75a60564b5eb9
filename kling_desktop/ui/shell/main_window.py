"""The main window: menu bar, banner, three panels and status line; knows no page inside."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QByteArray,
    QMimeData,
    QSettings,
    QSize,
    Signal,
)
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from kling_desktop.ui.shell.panel_splitter import LIBRARY_LEAST_PX, PanelSplitter
from kling_desktop.ui.theme.tokens import load_tokens

if TYPE_CHECKING:  # the window is painted before any of these is imported
    from kling_desktop.ui.commands.commands import CommandSet
    from kling_desktop.ui.shell.banner import Banner
    from kling_desktop.ui.shell.side_panel import SidePanel
    from kling_desktop.ui.shell.status_line import StatusLine
    from kling_desktop.ui.theme.look import Look

_LEAST = QSize(960, 600)
_FIRST = QSize(1440, 900)
_LIGHT = "look/light"
_ONE_PANEL_UNDER_PX = 1120


_FOOT_PX = 28


@dataclass(frozen=True, slots=True)
class Regions:
    """The widgets that the window frames; the centre shows one page at a time."""

    create: QWidget
    centre: tuple[QWidget, ...]
    side: "SidePanel"
    status: "StatusLine"


class _Blank(QWidget):
    """Stands where a region will be: the window is painted before its pages are built."""

    def __init__(self, color: str) -> None:
        super().__init__()
        _fill(self, color)


class MainWindow(QMainWindow):
    """The window; owned by the app.  Its geometry is kept in `QSettings` and nowhere else.

    It is shown empty at once, in plain colours; `apply_look` sets the theme and `fill` adds
    the pages later.  So nothing that they need is imported before the first paint.

    Signals:
        quit_requested: The user closed the window; whether to leave is decided elsewhere.
        panels_changed: A panel was opened or folded away; (create open, side open).
    """

    quit_requested = Signal()
    panels_changed = Signal(bool, bool)
    banner: "Banner"

    def __init__(self, store: QSettings) -> None:
        super().__init__()
        self._store = store
        self._regions: Regions | None = None
        self._commands: CommandSet | None = None
        self._create_before_viewer = True
        self._viewing = False
        self._cover: QWidget | None = None
        self._can_take: Callable[[QMimeData], bool] | None = None
        self._take: Callable[[QMimeData], object] | None = None
        self.setWindowTitle("Kling Desktop")
        self.setMinimumSize(_LEAST)
        self.stack = QStackedWidget()
        self._splitter = PanelSplitter()
        self._column = QVBoxLayout()
        self._foot: QWidget = _Blank("")
        self._build_body(_find_first_colors(store))
        self._restore_geometry()

    def apply_look(self, look: "Look") -> None:
        """Take the look; from now on the style sheet paints the surfaces."""
        from kling_desktop.ui.controls.labels import set_surface
        from kling_desktop.ui.shell.banner import Banner

        self._keep_scheme(look)
        look.themes.changed.connect(lambda: self._keep_scheme(look))
        self.banner = Banner(look)
        self.banner.hide()
        self._column.insertWidget(0, self.banner)
        set_surface(self.stack, "canvas")
        for index in (1, 2):
            set_surface(self._splitter.handle(index), "line")

    def fill(self, commands: "CommandSet", regions: Regions) -> None:
        """Put the regions in their places and build the menus; once."""
        self._commands, self._regions = commands, regions
        commands.setParent(self)
        for index, region in ((0, regions.create), (2, regions.side)):
            blank = self._splitter.replaceWidget(index, region)
            if blank is not None:
                blank.deleteLater()
        for page in regions.centre:
            self.stack.addWidget(page)
        self._splitter.bound_panels()
        self._column.replaceWidget(self._foot, regions.status)
        self._foot.deleteLater()
        for index in (0, 2):
            self._splitter.setCollapsible(index, True)
        self._connect_commands(commands)
        self._restore_panels(regions)
        regions.side.tab_changed.connect(self._on_tab_changed)

    @property
    def notices_host(self) -> QWidget:
        """Notices stand at the bottom right of the centre."""
        return self.stack

    @property
    def create_is_open(self) -> bool:
        return self._regions is not None and self._regions.create.isVisibleTo(self)

    @property
    def side_is_open(self) -> bool:
        return self._regions is not None and self._regions.side.isVisibleTo(self)

    def fill_menus(self) -> None:
        """Build the menu bar once every command has somebody who does it."""
        if self._commands is not None:
            self._commands.fill(self.menuBar(), self)

    def cover_with(self, page: QWidget) -> None:
        """Lay a page over the whole window, as the welcome does; menus rest meanwhile."""
        self._cover = page
        self.menuBar().setEnabled(False)
        page.setGeometry(self.rect())
        page.show()
        page.raise_()

    def uncover(self, page: QWidget) -> None:
        """Take the page away again."""
        self._cover = None
        self.menuBar().setEnabled(True)
        page.hide()
        page.deleteLater()

    def accept_drops(
        self, can_take: Callable[[QMimeData], bool], take: Callable[[QMimeData], object]
    ) -> None:
        """Take pictures that are dropped anywhere in the window."""
        self._can_take, self._take = can_take, take
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._can_take is not None and self._can_take(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if self._take is not None:
            self._take(event.mimeData())
            event.acceptProposedAction()

    def show_page(self, page: QWidget, *, folds_create: bool = False) -> None:
        """Show a page in the centre; the viewer folds Create away and brings it back on leaving."""
        before = self.stack.currentWidget()
        if page is before:
            return
        if folds_create:
            if not self._viewing:
                self._create_before_viewer = self.create_is_open
            self.set_create_open(is_open=False)
        elif self._viewing:
            self.set_create_open(is_open=self._create_before_viewer)
        self._viewing = folds_create
        self.stack.setCurrentWidget(page)

    def set_create_open(self, *, is_open: bool) -> None:
        if self._regions is not None:
            self._set_open(self._regions.create, is_open, other=self._regions.side)

    def set_side_open(self, *, is_open: bool) -> None:
        if self._regions is not None:
            self._set_open(self._regions.side, is_open, other=self._regions.create)

    def show_tab(self, index: int) -> None:
        """Open the side panel at a tab, as the user asked."""
        self.set_side_open(is_open=True)
        if self._regions is not None:
            self._regions.side.show_tab(index)

    def come_to_front(self) -> None:
        """Show the window over others, out of the tray or the task bar if it was there."""
        from PySide6.QtCore import Qt

        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def save_layout(self) -> None:
        """Keep size, splitter, tab and folded panels for the next start."""
        self._store.setValue("window/geometry", self.saveGeometry())
        if self._regions is None:
            return
        self._store.setValue("window/splitter", self._splitter.saveState())
        self._store.setValue("window/tab", self._regions.side.tab)
        create = self._create_before_viewer if self._viewing else self.create_is_open
        self._store.setValue("window/create", create)
        self._store.setValue("window/side", self.side_is_open)

    def _keep_scheme(self, look: "Look") -> None:
        """Note for the next start whether it shall begin light or dark."""
        self._store.setValue(_LIGHT, not look.theme.is_dark)

    def forget_layout(self) -> None:
        """Start as on the first day next time."""
        self._store.remove("window")

    def closeEvent(self, event: QCloseEvent) -> None:
        # The window goes when everything is put away, not before: see app.py.
        event.ignore()
        self.quit_requested.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._cover is not None:
            self._cover.setGeometry(self.rect())
        if self.width() < _ONE_PANEL_UNDER_PX and self.create_is_open and self.side_is_open:
            self.set_side_open(is_open=False)

    def _build_body(self, colors: Mapping[str, str]) -> None:
        self.stack.setMinimumWidth(LIBRARY_LEAST_PX)
        _fill(self.stack, colors["canvas"])
        for region in (_Blank(colors["panel"]), self.stack, _Blank(colors["panel"])):
            self._splitter.addWidget(region)
        for index in (1, 2):
            _fill(self._splitter.handle(index), colors["line"])
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setCollapsible(1, False)
        body = QWidget()
        _fill(body, colors["canvas"])
        column = self._column
        body.setLayout(column)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._splitter, 1)
        _fill(self._foot, colors["window"])
        self._foot.setFixedHeight(_FOOT_PX)
        column.addWidget(self._foot)
        self.setCentralWidget(body)
        _fill(self.menuBar(), colors["window"])
        self.menuBar().setMinimumHeight(_FOOT_PX)

    def _connect_commands(self, commands: "CommandSet") -> None:
        connect = commands.connect_to
        connect("toggle-create", lambda: self.set_create_open(is_open=not self.create_is_open))
        connect("toggle-side", lambda: self.set_side_open(is_open=not self.side_is_open))
        connect("show-queue", lambda: self.show_tab(0))
        connect("show-details", lambda: self.show_tab(1))
        connect("next-region", lambda: self._move_region(1))
        connect("previous-region", lambda: self._move_region(-1))
        connect("quit", self.quit_requested.emit)

    def _set_open(self, region: QWidget, is_open: bool, *, other: QWidget) -> None:
        if is_open == region.isVisibleTo(self):
            return
        if is_open and self.width() < _ONE_PANEL_UNDER_PX and other.isVisibleTo(self):
            self._splitter.set_shown(other, shown=False)
        self._splitter.set_shown(region, shown=is_open)
        self.panels_changed.emit(self.create_is_open, self.side_is_open)

    def _on_tab_changed(self, tab: int) -> None:
        from kling_desktop.ui.shell.side_panel import DETAILS

        self._splitter.show_details(shown=tab == DETAILS)

    def _restore_geometry(self) -> None:
        geometry = self._store.value("window/geometry")
        if not isinstance(geometry, QByteArray) or not self.restoreGeometry(geometry):
            screen = QApplication.primaryScreen()
            room = screen.availableSize() if screen is not None else _FIRST
            self.resize(_FIRST.boundedTo(room).expandedTo(_LEAST))
        self._splitter.reset_widths(self.width())

    def _restore_panels(self, regions: Regions) -> None:
        state = self._store.value("window/splitter")
        if not isinstance(state, QByteArray) or not self._splitter.restoreState(state):
            self._splitter.reset_widths(self.width())
        for region, name in ((regions.create, "create"), (regions.side, "side")):
            shown = self._store.value(f"window/{name}", True, type=bool) is True
            self._splitter.set_shown(region, shown=shown)
        from kling_desktop.ui.shell.side_panel import DETAILS

        tab = self._store.value("window/tab", 0, type=int)
        regions.side.show_tab(DETAILS if tab == DETAILS else 0)

    def _move_region(self, step: int) -> None:
        """F6: Create, the centre, the side panel, the banner, the status line, and round again."""
        from PySide6.QtCore import Qt

        from kling_desktop.ui.controls.focus import find_first_focus

        regions = self._regions
        if regions is None:
            return
        order = [regions.create, self.stack, regions.side, self.banner, regions.status]
        shown = [region for region in order if region.isVisibleTo(self)]
        focus = QApplication.focusWidget()
        at = next(
            (i for i, region in enumerate(shown) if focus and region.isAncestorOf(focus)), -step
        )
        for distance in range(1, len(shown) + 1):
            target = find_first_focus(shown[(at + step * distance) % len(shown)])
            if target is not None:
                target.setFocus(Qt.FocusReason.TabFocusReason)
                return


def _find_first_colors(store: QSettings) -> Mapping[str, str]:
    """The colours of the first paint, before the settings are read: those of the last time.

    On the first day they are the dark ones.  To ask for the system's scheme costs 40 ms here, for
    the hundred enums of `Qt` that come with the answer.
    """
    tokens = load_tokens()
    return tokens.light if store.value(_LIGHT, False, type=bool) is True else tokens.dark


def _fill(widget: QWidget, color: str) -> None:
    """Paint a widget's ground in a plain colour, without a style sheet."""
    if not color:
        return
    palette = widget.palette()
    palette.setColor(QPalette.ColorRole.Window, QColor(color))
    widget.setAutoFillBackground(True)
    widget.setPalette(palette)
