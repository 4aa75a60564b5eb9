"""Moves the pointer over a widget without letting Qt's events into a task."""

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget


def move(view: QWidget, place: QPoint) -> None:
    """Tell a widget that the pointer moves, with the buttons as they are.

    `QTest.mouseMove` forgets those held. Worse, it pumps Qt's events: inside a coroutine asyncio
    refuses whatever task wakes then, and that task hangs for ever.
    """
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(place),
        QPointF(view.mapToGlobal(place)),
        Qt.MouseButton.NoButton,
        QApplication.mouseButtons(),
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(view, event)


def enter(view: QWidget, place: QPoint) -> None:
    """Bring the pointer itself over a widget soon, from an event of its own: no task runs then."""
    QTimer.singleShot(0, view, lambda: QTest.mouseMove(view, place))


def double_click(view: QWidget, place: QPoint) -> None:
    """Click twice and let go: `QTest.mouseDClick` leaves the button pressed for later tests."""
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=place)
