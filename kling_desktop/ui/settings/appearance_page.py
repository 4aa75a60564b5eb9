"""The settings' page for looks, and what the chosen looks mean to the theme."""

from kling_desktop.storage.settings.settings_store import Settings, ThemeSetting
from kling_desktop.ui.controls.segmented import Segment, SegmentedControl
from kling_desktop.ui.settings.settings_column import PageContext, SettingsColumn
from kling_desktop.ui.theme.theme import Appearance, ThemeChoice
from kling_desktop.wording import settings_pages as texts
from kling_desktop.wording.formatting import percent

TEXT_SCALES = (0.9, 1.0, 1.15, 1.3, 1.5)


def read_appearance(settings: Settings) -> Appearance:
    """Turn the settings into what `ThemeSource.set_choice` takes."""
    return Appearance(
        theme=ThemeChoice(settings.theme.value),
        text_scale=settings.text_scale,
        high_contrast=settings.high_contrast,
        reduced_motion=settings.reduced_motion,
    )


class AppearancePage(SettingsColumn):
    """Theme, text size, contrast and motion."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context, texts.APPEARANCE())
        self._build_theme()
        self._build_text_size()
        self.add_switch(texts.HIGH_CONTRAST(), texts.HIGH_CONTRAST_ABOUT(), "high_contrast")
        self.add_switch(
            texts.REDUCED_MOTION(),
            texts.REDUCED_MOTION_ABOUT(),
            "reduced_motion",
        )
        scrub = self.add_switch(texts.HOVER_SCRUB(), texts.HOVER_SCRUB_ABOUT(), "hover_scrub")
        # Without the pictures, which have a switch of their own, there is nothing to scrub.
        self.follow(lambda settings: scrub.setEnabled(settings.hover_strips))
        self.add_switch(
            texts.NAMES_UNDER_TILES(), texts.NAMES_UNDER_TILES_ABOUT(), "names_under_tiles"
        )
        self.end()

    def _build_theme(self) -> None:
        theme = SegmentedControl(
            self._look,
            texts.THEME(),
            (
                Segment(ThemeSetting.SYSTEM, texts.SYSTEM()),
                Segment(ThemeSetting.DARK, texts.DARK()),
                Segment(ThemeSetting.LIGHT, texts.LIGHT()),
            ),
        )
        row = self.add_row(texts.THEME(), texts.THEME_ABOUT(), theme)
        theme.value_changed.connect(lambda value: self.change(row, theme=value))
        self.follow(lambda settings: theme.set_value(settings.theme))

    def _build_text_size(self) -> None:
        sizes = SegmentedControl(
            self._look,
            texts.TEXT_SIZE(),
            tuple(Segment(scale, percent(scale)) for scale in TEXT_SCALES),
        )
        row = self.add_row(texts.TEXT_SIZE(), texts.TEXT_SIZE_ABOUT(), sizes)
        sizes.value_changed.connect(lambda value: self.change(row, text_scale=value))
        self.follow(lambda settings: sizes.set_value(_nearest(settings.text_scale)))


def _nearest(scale: float) -> float:
    """A scale written into the file by hand shows as the step that is nearest to it."""
    return min(TEXT_SCALES, key=lambda each: abs(each - scale))
