"""The pages of the settings: their order, names and icons."""

from enum import StrEnum

from kling_desktop.wording import phrases
from kling_desktop.wording import settings_pages as texts
from kling_desktop.wording.translation import Phrase


class SettingsPage(StrEnum):
    """The pages of the settings, in their order."""

    GENERAL = "general"
    LIBRARY = "library"
    ACCOUNT = "account"
    QUEUE = "queue"
    NOTIFICATIONS = "notifications"
    APPEARANCE = "appearance"
    SHORTCUTS = "shortcuts"
    ADVANCED = "advanced"


_PAGES: dict[SettingsPage, tuple[Phrase, str]] = {
    SettingsPage.GENERAL: (texts.GENERAL, "settings"),
    SettingsPage.LIBRARY: (phrases.LIBRARY, "folder"),
    SettingsPage.ACCOUNT: (texts.RUNWARE_ACCOUNT, "key"),
    SettingsPage.QUEUE: (phrases.QUEUE, "list"),
    SettingsPage.NOTIFICATIONS: (texts.NOTIFICATIONS, "bell"),
    SettingsPage.APPEARANCE: (texts.APPEARANCE, "monitor"),
    SettingsPage.SHORTCUTS: (texts.SHORTCUTS, "keyboard"),
    SettingsPage.ADVANCED: (texts.ADVANCED, "sliders"),
}


def page_title(page: SettingsPage) -> str:
    title, _icon = _PAGES[page]
    return title()


def page_icon(page: SettingsPage) -> str:
    _title, icon = _PAGES[page]
    return icon
