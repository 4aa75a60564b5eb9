"""What settings change in the window at once: its looks, its keys, and how much is logged."""

import logging

from PySide6.QtCore import QObject, Signal

from kling_desktop.storage.settings.settings_store import Settings, SettingsStore
from kling_desktop.ui.commands.commands import CommandSet
from kling_desktop.ui.settings.appearance_page import read_appearance
from kling_desktop.ui.theme.theme import ThemeSource


class SettingsEffects(QObject):
    """Applies the settings now and whenever they change; owned by the app."""

    _changed = Signal(object)

    def __init__(
        self,
        settings: SettingsStore,
        themes: ThemeSource,
        commands: CommandSet,
        *,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self._commands = commands
        self._changed.connect(self._apply)
        self._disconnect = settings.changed.subscribe(self._changed.emit)
        self._shortcuts = settings.current.shortcuts
        commands.set_keys(self._shortcuts)
        self._apply(settings.current)

    def stop(self) -> None:
        """Follow the settings no more."""
        self._disconnect()

    def _apply(self, settings: Settings) -> None:
        self._themes.set_choice(read_appearance(settings))
        if settings.shortcuts != self._shortcuts:
            self._shortcuts = settings.shortcuts
            self._commands.set_keys(settings.shortcuts)
        logging.getLogger().setLevel(settings.log_level.name)
