"""The pixels of an SVG drawing, by Qt.

A drawing from elsewhere is hostile input.  It may name files of this machine, contain pictures of
any size and refer to itself: only what it carries itself is drawn, in a process of its own
(`isolation.py`), at a size that we choose.
"""

import base64
import re
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from kling_desktop.media.decoding import DecodeFailed
from kling_desktop.media.signatures import HEAD_BYTES, recognise

if TYPE_CHECKING:
    from PIL import Image

MAX_SVG_BYTES = 16 * 1024 * 1024
_CARRIED = re.compile(r"\s*data:image/[a-z]+;base64,(.*)", re.I | re.S)
_PIXELS = frozenset({"png", "jpeg", "gif", "bmp", "webp"})
"""What a drawing may carry inside: by its content, for a second drawing would be read anew."""
_OUTSIDE = re.compile(r"@import|url\(\s*['\"]?\s*[^#'\"\s]", re.I)
_NAMESPACES = {"": "http://www.w3.org/2000/svg", "xlink": "http://www.w3.org/1999/xlink"}
_NEVER_DRAWN = frozenset({"script", "foreignObject", "feImage"})


def render_svg(path: Path, size: tuple[int, int]) -> "Image.Image":
    """Draw an SVG at a size, transparent where nothing is drawn (for a process of its own).

    Raises:
        DecodeFailed: It is no SVG that can be drawn.
    """
    from PIL import Image
    from PySide6.QtCore import QByteArray, Qt
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    data = _keep_own_parts(path)
    # Text needs an application; the one that is made here shows nothing.
    app = QGuiApplication.instance() or QGuiApplication(["kling-desktop", "-platform", "offscreen"])
    renderer = QSvgRenderer(QByteArray(data))
    if not renderer.isValid():
        raise DecodeFailed(detail="svg: nothing that can be drawn")
    renderer.setAspectRatioMode(Qt.AspectRatioMode.KeepAspectRatio)
    canvas = QImage(*size, QImage.Format.Format_RGBA8888)
    canvas.fill(Qt.GlobalColor.transparent)
    painter = QPainter(canvas)
    renderer.render(painter)
    painter.end()
    del renderer, app
    return Image.frombytes("RGBA", size, bytes(canvas.constBits()))


def _keep_own_parts(path: Path) -> bytes:
    """Parse a drawing and take out whatever refers to something outside of it."""
    try:
        if path.stat().st_size > MAX_SVG_BYTES:
            raise DecodeFailed(detail="svg: too large")
        root = ElementTree.fromstring(path.read_bytes())  # noqa: S314 expat bounds entities
    except (ElementTree.ParseError, OSError, ValueError, LookupError) as error:
        raise DecodeFailed(detail=f"svg: {error}") from error
    if root.tag.rpartition("}")[2] != "svg":
        raise DecodeFailed(detail="the root element is not svg")
    for parent in list(root.iter()):
        for child in list(parent):
            if not isinstance(child.tag, str) or child.tag.rpartition("}")[2] in _NEVER_DRAWN:
                parent.remove(child)
        for name, value in list(parent.attrib.items()):
            refers = name.rpartition("}")[2] in ("href", "src")
            if (refers and not _is_carried(value)) or _OUTSIDE.search(value):
                del parent.attrib[name]
        if parent.tag.rpartition("}")[2] == "style" and _OUTSIDE.search(parent.text or ""):
            parent.text = ""
    for prefix, name in _NAMESPACES.items():  # Qt goes by the usual prefixes
        ElementTree.register_namespace(prefix, name)
    return ElementTree.tostring(root, encoding="utf-8")


def _is_carried(reference: str) -> bool:
    """Say whether a reference leads to a part of the drawing or to pixels that it carries."""
    found = _CARRIED.match(reference)
    if found is None:
        return reference.lstrip().startswith("#")
    text = "".join(found[1].split())
    start = base64.b64decode(text[: HEAD_BYTES // 3 * 4], validate=False)
    return recognise(start).format in _PIXELS
