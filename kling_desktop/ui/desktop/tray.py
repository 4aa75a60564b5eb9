"""The app in the system's tray: its icon with progress, its menu, and the badge of the dock."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication, QIcon, QKeySequence
from PySide6.QtWidgets import QSystemTrayIcon

from kling_desktop.domain.events import EngineStatus, PauseReason
from kling_desktop.ui.desktop.app_icon import AppIconMark, build_app_icon
from kling_desktop.ui.overlays.menu import Menu
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.plain_text import notification_text, set_tooltip
from kling_desktop.wording import desktop as texts
from kling_desktop.wording import phrases
from kling_desktop.wording.queue import describe_queue, resume_obstacle

_STEPS = 20
"""How many steps the bar on the icon has: each one paints eight pixmaps anew."""


def read_mark(status: EngineStatus, fraction: float | None, unseen: int) -> AppIconMark:
    """Return what the icon shows: progress, amber while the network is away, red when needed.

    Args:
        status: The queue as a whole.
        fraction: How much of the active work is done, 0 to 1; None while nothing runs.
        unseen: Clips that nobody has looked at.
    """
    if status.needs_user or (status.pause not in (None, PauseReason.USER)):
        return AppIconMark(fraction=fraction or 1.0, ink="danger", unseen=unseen)
    if not (status.running or status.waiting):
        return AppIconMark(unseen=unseen)
    if status.network.is_down:
        return AppIconMark(fraction=fraction or 1.0, ink="warning", unseen=unseen)
    if fraction is None:
        return AppIconMark(unseen=unseen)
    return AppIconMark(fraction=round(fraction * _STEPS) / _STEPS, unseen=unseen)


class Tray(QObject):
    """The icon in the tray; made only where `Tray.is_there()`.  Owned by the app.

    Signals:
        show_wanted: The user wants to see the window.
        pause_wanted, resume_wanted: The whole queue.
        clipboard_wanted: A new draft from the picture on the clipboard.
        quit_wanted: Leave, the tray too.
        message_clicked: The notice that was shown last was clicked.
    """

    show_wanted = Signal()
    pause_wanted = Signal()
    resume_wanted = Signal()
    clipboard_wanted = Signal()
    quit_wanted = Signal()
    message_clicked = Signal()

    def __init__(self, look: Look, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._paused = False
        self.menu = Menu(look)
        self._count = self.menu.add_heading("")
        self.menu.addSeparator()
        self.menu.add(texts.SHOW_KLING_DESKTOP(), self.show_wanted.emit)
        self._pause = self.menu.add(phrases.PAUSE_ALL(), self._on_pause)
        self.menu.add(texts.NEW_FROM_CLIPBOARD(), self.clipboard_wanted.emit)
        self.menu.addSeparator()
        keys = QKeySequence("Ctrl+Q").toString(QKeySequence.SequenceFormat.NativeText)
        self.menu.add(phrases.QUIT(), self.quit_wanted.emit, shortcut=keys)
        self._icon = QSystemTrayIcon(build_app_icon(look.theme), self)
        self._icon.setContextMenu(self.menu)
        self._icon.activated.connect(self._on_activated)
        self._icon.messageClicked.connect(self.message_clicked)

    @staticmethod
    def is_there() -> bool:
        """Whether the system has a tray."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    @staticmethod
    def can_notify() -> bool:
        """Whether notices can be shown through it."""
        return QSystemTrayIcon.supportsMessages() and QSystemTrayIcon.isSystemTrayAvailable()

    def show(self) -> None:
        self._icon.show()

    def hide(self) -> None:
        self._icon.hide()

    def set_status(self, status: EngineStatus) -> None:
        words = describe_queue(status, "")
        self._count.setText(words)
        set_tooltip(self._icon, texts.TRAY_TIP(queue=words))
        self._paused = status.pause is not None
        self._pause.setText(phrases.RESUME() if self._paused else phrases.PAUSE_ALL())
        obstacle = resume_obstacle(status) if self._paused else ""
        self._pause.setEnabled(not obstacle)
        set_tooltip(self._pause, obstacle)

    def set_icon(self, icon: QIcon) -> None:
        self._icon.setIcon(icon)

    def show_message(self, title: str, text: str) -> None:
        """Show a notice of the system."""
        self._icon.showMessage(title, notification_text(text), self._icon.icon())

    def _on_pause(self) -> None:
        (self.resume_wanted if self._paused else self.pause_wanted).emit()

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        kinds = QSystemTrayIcon.ActivationReason
        if reason in (kinds.Trigger, kinds.DoubleClick):
            self.show_wanted.emit()


class AppMark:
    """Puts progress and the number of unseen clips on the app's icon; owned by the app.

    Args:
        look: The icon is painted with its theme.
        show_icon: Called with the icon to show: the tray's `set_icon`.
    """

    def __init__(self, look: Look, show_icon: Callable[[QIcon], object] | None = None) -> None:
        self._look = look
        self._show_icon = show_icon
        self._shown: AppIconMark | None = None

    @property
    def shown(self) -> AppIconMark | None:
        """The mark on the icon; None before the first."""
        return self._shown

    def show(self, mark: AppIconMark) -> None:
        """Show a mark; the same one again costs nothing."""
        if mark == self._shown:
            return
        before, self._shown = self._shown, mark
        icon = build_app_icon(self._look.theme, mark)
        QGuiApplication.setWindowIcon(icon)
        if self._show_icon is not None:
            self._show_icon(icon)
        if before is None or before.unseen != mark.unseen:
            _set_badge(mark.unseen)


def _set_badge(number: int) -> None:
    app = QGuiApplication.instance()
    if isinstance(app, QGuiApplication) and hasattr(app, "setBadgeNumber"):
        app.setBadgeNumber(number)
