"""Whether the screen can show windows that are partly see-through, and what to do where it can't.

On X11 without a compositor, what a window leaves transparent is shown black: such a window is cut
to its visible frame instead.
"""

import ctypes

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QBitmap, QGuiApplication, QPainter
from PySide6.QtWidgets import QWidget

_X11 = "xcb"


def shows_translucency() -> bool:
    """Say whether see-through windows are possible now: on X11 a compositor may come and go."""
    return QGuiApplication.platformName() != _X11 or _finds_compositor()


def cut_to_frame(window: QWidget, frame: QRect, radius: float) -> None:
    """Cut a window to its rounded frame, in its own coordinates."""
    shape = QBitmap(window.size())
    shape.clear()
    painter = QPainter(shape)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(Qt.GlobalColor.color1)
    painter.drawRoundedRect(frame, radius, radius)
    painter.end()
    window.setMask(shape)


def _finds_compositor() -> bool:
    """Ask the X server who owns the selection that every compositor takes (ICCCM, EWMH)."""
    try:
        x11 = ctypes.CDLL("libX11.so.6")
    except OSError:
        return False
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XGetSelectionOwner.restype = x11.XInternAtom.restype = ctypes.c_ulong
    display = ctypes.c_void_p(x11.XOpenDisplay(None))
    if not display:
        return False
    name = f"_NET_WM_CM_S{x11.XDefaultScreen(display)}"
    atom = ctypes.c_ulong(x11.XInternAtom(display, name.encode("ascii"), 0))
    owner = x11.XGetSelectionOwner(display, atom)
    x11.XCloseDisplay(display)
    return bool(owner)
