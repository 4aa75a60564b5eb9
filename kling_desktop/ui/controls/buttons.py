"""The kinds of button: primary, secondary, ghost, danger, link and icon."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kling_desktop.ui.controls.painted_button import ButtonInks, PaintedButton
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import draw_ring, draw_text, measure_text
from kling_desktop.ui.theme.plain_text import set_tooltip

_DANGER_FILLED = ButtonInks(
    fill="danger-fill",
    hover="danger-fill",
    pressed="danger-fill",
    text="on-accent",
    disabled_fill="panel",
    disabled_line="line",
)
_ON_PICTURE = ButtonInks(
    fill="overlay",
    hover="stage",
    pressed="stage",
    text="on-picture",
    checked="stage",
    checked_text="on-picture",
)


class PrimaryButton(PaintedButton):
    """The next step: the one blue thing of a view."""

    INKS = ButtonInks(
        fill="accent",
        hover="accent-hover",
        pressed="accent-pressed",
        text="on-accent",
        disabled_fill="raised",
        disabled_line="line",
    )

    def step_back(self, *, others_turn: bool) -> None:
        """Look like any other button while the next step of the window is elsewhere."""
        self._inks = SecondaryButton.INKS if others_turn else self.INKS
        self.update()


class SecondaryButton(PaintedButton):
    """Everything else that is worth a frame."""

    INKS = ButtonInks(
        fill="raised", line="line-strong", disabled_fill="panel", disabled_line="line"
    )


class GhostButton(PaintedButton):
    """A quiet action without a frame."""

    INKS = ButtonInks(text="text-2", hover_text="text")


class DangerButton(PaintedButton):
    """An action that takes something away; `filled` where it is the answer to a question."""

    INKS = ButtonInks(
        fill="raised",
        hover="danger-soft",
        pressed="danger-soft",
        line="line-strong",
        text="danger",
        disabled_fill="panel",
        disabled_line="line",
    )

    def __init__(
        self,
        look: Look,
        text: str,
        *,
        filled: bool = False,
        icon: str = "",
        size: str = "normal",
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        inks = _DANGER_FILLED if filled else None
        super().__init__(look, text, icon=icon, size=size, name=name, inks=inks, parent=parent)


class LinkButton(PaintedButton):
    """An action that reads like a link, in line with text; a quiet one like the text itself."""

    INKS = ButtonInks(text="accent-text")
    _QUIET = ButtonInks(text="text-2", hover_text="text")

    def __init__(
        self,
        look: Look,
        text: str,
        *,
        quiet: bool = False,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        inks = self._QUIET if quiet else None
        super().__init__(look, text, size="small", name=name, inks=inks, parent=parent)
        self._quiet = quiet
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def _font(self) -> QFont:
        theme = self._look.theme
        font = QFont(theme.font("small") if self._quiet else theme.font("body", 500))
        font.setUnderline(self.isEnabled() and self.underMouse())
        return font

    def sizeHint(self) -> QSize:
        theme = self._look.theme
        width = measure_text(self._font(), self.text()) + 4
        return QSize(round(width + 0.5), max(24, theme.line_height("body") + 4))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        rect = QRectF(self.rect())
        if self._ring and self.hasFocus():
            draw_ring(painter, rect, theme, theme.radius("sm"))
        ink = self._ink()
        area = rect.adjusted(2, 0, -2, 0)
        draw_text(painter, area, self.text(), self._font(), ink)


class IconButton(PaintedButton):
    """A square button that shows an icon alone; its name is its tooltip too."""

    def __init__(
        self,
        look: Look,
        icon: str,
        name: str,
        *,
        checkable: bool = False,
        checked_icon: str = "",
        ink: str = "text-2",
        framed: bool = False,
        size: str = "icon",
        on_picture: bool = False,
        is_round: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        if on_picture:
            inks = _ON_PICTURE
        elif framed:
            inks = SecondaryButton.INKS
        else:
            inks = ButtonInks(text=ink, hover_text="text")
        super().__init__(look, "", icon=icon, size=size, name=name, inks=inks, parent=parent)
        self._checked_icon = checked_icon
        self._is_round = is_round
        self.setCheckable(checkable)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._show_tip()

    def set_name(self, name: str) -> None:
        super().set_name(name)
        self._show_tip()

    def _show_tip(self) -> None:
        tip = self._tip or self.accessibleName()
        if self._hint:
            tip = f"{tip}  {self._hint}"
        set_tooltip(self, self._reason or tip)

    def sizeHint(self) -> QSize:
        side = self._look.theme.height(self._size.height)
        return QSize(side, side)

    def _radius(self) -> float:
        return self.height() / 2 if self._is_round else super()._radius()

    def _paint_content(self, painter: QPainter, rect: QRectF) -> None:
        icon = self._checked_icon if self._checked_icon and self.isChecked() else self._icon_name
        side = self._size.icon
        area = QRectF(0, 0, side, side)
        area.moveCenter(rect.center())
        self._look.icons.paint(painter, area, icon, self._ink())
