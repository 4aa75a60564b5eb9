"""How the settings say the window should look, in the terms of the theme."""

from kling_desktop.storage.settings import Settings
from kling_desktop.ui.theme import Appearance, ThemeChoice


def appearance_of(settings: Settings) -> Appearance:
    return Appearance(
        theme=ThemeChoice(settings.theme.value),
        text_scale=settings.text_scale,
        high_contrast=settings.high_contrast,
        reduced_motion=settings.reduced_motion,
    )
