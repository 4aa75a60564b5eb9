"""The settings: a list of pages, one page at a time, every change kept at once."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.storage.settings.settings_store import Settings, SettingsStore
from kling_desktop.ui.commands.commands import CommandSet
from kling_desktop.ui.controls.buttons import PrimaryButton
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.overlays.sheet import Sheet, SheetTasks
from kling_desktop.ui.settings.account_page import AccountPage
from kling_desktop.ui.settings.advanced_page import AdvancedPage
from kling_desktop.ui.settings.appearance_page import AppearancePage
from kling_desktop.ui.settings.general_pages import (
    GeneralPage,
    NotificationsPage,
    QueueSettingsPage,
)
from kling_desktop.ui.settings.library_folder_page import LibraryFolderPage
from kling_desktop.ui.settings.settings_column import PageContext, SettingsColumn
from kling_desktop.ui.settings.settings_nav import SettingsNav
from kling_desktop.ui.settings.settings_page import SettingsPage
from kling_desktop.ui.settings.settings_services import SettingsServices
from kling_desktop.ui.settings.shortcuts_page import ShortcutsPage
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import draw_frame
from kling_desktop.wording import phrases
from kling_desktop.wording import settings_pages as texts

_WIDTH, _HEIGHT = 900, 580
_NAV_WIDTH = 216
_PAGE_TOP = 28


class SettingsDialog(Sheet):
    """Edits the settings; what lies beyond their file is asked of `SettingsServices`.

    Open it with `show_dialog(dialog)`, at a page with `show_settings(page)` before or after.
    """

    _settings_changed = Signal(object)

    def __init__(
        self,
        look: Look,
        window: QWidget,
        settings: SettingsStore,
        services: SettingsServices,
        tasks: TaskOwner,
        commands: CommandSet,
    ) -> None:
        super().__init__(look, window, width=_WIDTH)
        self.setFixedHeight(_HEIGHT)
        self.setWindowTitle(texts.SETTINGS())
        self._tasks = SheetTasks(tasks, self)
        self._commands = commands
        self._context = PageContext(look, settings, services, self._tasks)
        self._built: dict[SettingsPage, QWidget] = {}
        self._stack = QStackedWidget()
        self._nav = SettingsNav(look, tuple(SettingsPage))
        self._done = PrimaryButton(look, phrases.DONE())
        self._nav_width = _NAV_WIDTH
        self._build()
        self._fit_nav()
        look.themes.changed.connect(self._fit_nav)
        self._nav.page_chosen.connect(self._on_page_chosen)
        self._done.clicked.connect(self.accept)
        self._settings_changed.connect(self._on_settings_changed)
        self._disconnect = settings.changed.subscribe(self._settings_changed.emit)
        self.finished.connect(self._on_finished)
        self.show_settings(SettingsPage.GENERAL)
        self._nav.setFocus()

    @property
    def page(self) -> SettingsPage:
        """The page that is shown."""
        shown = self._stack.currentWidget()
        return next(page for page, made in self._built.items() if made is shown)

    def show_settings(self, page: SettingsPage) -> None:
        """Turn to a page."""
        self._nav.choose(page)

    def show_spending(self) -> None:
        """Show the sums as they are now: clips come in while the dialog is open."""
        page = self._built.get(SettingsPage.ACCOUNT)
        if isinstance(page, AccountPage):
            page.show_spending()

    def hold_open(self, reason: str) -> None:
        """Keep the dialog open while something must not be left alone; empty lets it go."""
        self._done.set_disabled_reason(reason)

    def reject(self) -> None:
        if not self._done.disabled_reason:
            super().reject()

    def _build(self) -> None:
        theme = self._look.theme
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        left = QVBoxLayout()
        left.setContentsMargins(theme.space(3), theme.space(5), theme.space(3), theme.space(3))
        left.setSpacing(theme.space(3))
        title = QHBoxLayout()
        title.setContentsMargins(10, 0, 0, 0)
        title.addWidget(Label(texts.SETTINGS(), "title"))
        left.addLayout(title)
        left.addWidget(self._nav, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(32, theme.space(2), 31, 19)
        foot.addWidget(Label(texts.SAVED_AT_ONCE(), "small", "text-2"), 1)
        foot.addWidget(self._done)
        right = QVBoxLayout()
        right.setContentsMargins(0, _PAGE_TOP, 0, 0)
        right.setSpacing(0)
        right.addWidget(self._stack, 1)
        right.addLayout(foot)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addLayout(left)
        row.addLayout(right, 1)
        self.body.addLayout(row)

    def _fit_nav(self) -> None:
        """Make room for the longest page's name in the text size that holds now."""
        margins = 2 * self._look.theme.space(3)
        self._nav_width = max(_NAV_WIDTH, self._nav.measure_words() + margins)
        self._nav.setFixedWidth(self._nav_width - margins)

    def _build_page(self, page: SettingsPage) -> QWidget:
        """Build a page when it is first looked at."""
        context = self._context
        build: dict[SettingsPage, Callable[[], QWidget]] = {
            SettingsPage.GENERAL: lambda: GeneralPage(context),
            SettingsPage.LIBRARY: lambda: LibraryFolderPage(context, self.hold_open),
            SettingsPage.ACCOUNT: lambda: AccountPage(context),
            SettingsPage.QUEUE: lambda: QueueSettingsPage(context),
            SettingsPage.NOTIFICATIONS: lambda: NotificationsPage(context),
            SettingsPage.APPEARANCE: lambda: AppearancePage(context),
            SettingsPage.SHORTCUTS: lambda: ShortcutsPage(context, self._commands),
            SettingsPage.ADVANCED: lambda: AdvancedPage(context),
        }
        return build[page]()

    def _on_page_chosen(self, page: SettingsPage) -> None:
        if page not in self._built:
            self._built[page] = self._build_page(page)
            self._stack.addWidget(self._built[page])
        self._stack.setCurrentWidget(self._built[page])

    def _on_settings_changed(self, settings: Settings) -> None:
        for page in self._built.values():
            if isinstance(page, SettingsColumn | ShortcutsPage):
                page.show_settings(settings)

    def _on_finished(self) -> None:
        self._disconnect()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        rect, radius = QRectF(self.rect()), theme.radius("xl")
        line = theme.color("line-strong")
        draw_frame(painter, rect, radius, theme.color("panel"), line)
        side = QRectF(0, 0, self._nav_width, rect.height())
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            side.moveRight(rect.right())
        rounded = QPainterPath()
        rounded.addRoundedRect(rect, radius, radius)
        painter.save()
        painter.setClipPath(rounded)
        painter.fillRect(side, theme.color("canvas"))
        painter.setPen(QPen(theme.color("line"), 1))
        edge = side.right() if side.left() == 0 else side.left()
        painter.drawLine(round(edge), 1, round(edge), self.height() - 2)
        painter.restore()
        draw_frame(painter, rect, radius, None, line)
