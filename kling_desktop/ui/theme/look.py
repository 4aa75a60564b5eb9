"""What a widget needs in order to look right: the theme and the icons, handed over together."""

from dataclasses import dataclass

from kling_desktop.ui.theme.icons import IconSet
from kling_desktop.ui.theme.theme import Theme, ThemeSource


@dataclass(frozen=True, slots=True)
class Look:
    """The first thing every painted widget gets; made once by the app."""

    themes: ThemeSource
    icons: IconSet

    @property
    def theme(self) -> Theme:
        """The theme in force now; ask again at every painting."""
        return self.themes.current
