"""Draws the app's own icons in the theme's colours, sharp at every size and pixel density."""

from collections import OrderedDict

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from kling_desktop.domain.resources import find_resource
from kling_desktop.ui.theme.theme import ThemeSource

_CACHED_PIXMAPS = 600


class IconSet:
    """The icons by name; owned by the app, handed to every widget that shows one."""

    def __init__(self, themes: ThemeSource) -> None:
        self._themes = themes
        self._sources: dict[str, str] = {}
        self._pixmaps: OrderedDict[tuple[str, int, str, float], QPixmap] = OrderedDict()

    def list_names(self) -> tuple[str, ...]:
        return tuple(sorted(path.stem for path in find_resource("icons").glob("*.svg")))

    def icon(self, name: str, role: str = "text-2") -> QIcon:
        """Return an icon that follows the theme.

        `role` names the colour; disabled parts take "text-disabled".
        """
        return QIcon(_IconEngine(self, name, role))

    def pixmap(self, name: str, size: int, color: QColor, dpr: float = 1.0) -> QPixmap:
        """Return the icon drawn `size` device-independent pixels high; `KeyError` if unknown."""
        key = (name, size, color.name(QColor.NameFormat.HexArgb), dpr)
        pixmap = self._pixmaps.get(key)
        if pixmap is None:
            pixmap = self._render(name, size, color, dpr)
            self._pixmaps[key] = pixmap
            if len(self._pixmaps) > _CACHED_PIXMAPS:
                self._pixmaps.popitem(last=False)
        else:
            self._pixmaps.move_to_end(key)
        return pixmap

    def paint(self, painter: QPainter, rect: QRectF, name: str, color: QColor) -> None:
        """Paint the icon centred in `rect`, as large as its shorter side."""
        device = painter.device()
        dpr = device.devicePixelRatioF() if device is not None else 1.0
        size = int(min(rect.width(), rect.height()))
        pixmap = self.pixmap(name, size, color, dpr)
        # On whole pixels, or the 1.5 px strokes blur.
        x = round((rect.x() + (rect.width() - size) / 2) * dpr) / dpr
        y = round((rect.y() + (rect.height() - size) / 2) * dpr) / dpr
        painter.drawPixmap(QRectF(x, y, size, size), pixmap, QRectF(pixmap.rect()))

    def color_of(self, role: str) -> QColor:
        return self._themes.current.color(role)

    def _render(self, name: str, size: int, color: QColor, dpr: float) -> QPixmap:
        source = self._sources.get(name)
        if source is None:
            path = find_resource(f"icons/{name}.svg")
            if not path.is_file():
                raise KeyError(name)
            source = self._sources[name] = path.read_text("utf-8")
        renderer = QSvgRenderer(QByteArray(source.replace("currentColor", color.name()).encode()))
        pixels = max(1, round(size * dpr))
        pixmap = QPixmap(pixels, pixels)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setOpacity(color.alphaF())
        renderer.render(painter, QRectF(0, 0, pixels, pixels))
        painter.end()
        pixmap.setDevicePixelRatio(dpr)
        return pixmap


class _IconEngine(QIconEngine):
    """Asks the icon set at each painting, so that a change of theme needs no new icons."""

    def __init__(self, icons: IconSet, name: str, role: str) -> None:
        super().__init__()
        self._icons, self._name, self._role = icons, name, role

    def clone(self) -> QIconEngine:
        return _IconEngine(self._icons, self._name, self._role)

    def _choose_color(self, mode: QIcon.Mode) -> QColor:
        disabled = mode == QIcon.Mode.Disabled
        return self._icons.color_of("text-disabled" if disabled else self._role)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        self._icons.paint(painter, QRectF(rect), self._name, self._choose_color(mode))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        side = min(size.width(), size.height())
        return self._icons.pixmap(self._name, side, self._choose_color(mode), scale)

    def actualSize(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QSize:
        side = min(size.width(), size.height())
        return QSize(side, side)

    def isNull(self) -> bool:
        return False
