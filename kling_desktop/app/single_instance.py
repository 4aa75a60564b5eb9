"""How a second start of the app finds the first one and brings its window to the front.

It is a convenience and no lock: whoever owns the data folder is decided by the database's owner
lock alone, and a process that cannot reach the first one says so in a sentence.
"""

import asyncio
import logging
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from kling_desktop.app.peer_user import is_same_user

logger = logging.getLogger(__name__)

_NAME = "app.socket"
_LONGEST_PATH_BYTES = 100
"""Unix keeps a socket's path in 104 bytes (macOS) or 108 (Linux), with the end mark."""
_SHOW = b"show"
_SHOWN = b"shown\n"
_LONGEST_MESSAGE_BYTES = 512
_LONGEST_TOKEN_BYTES = 400
_PATIENCE_S = 2.0
_TOKENS = ("XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID")
"""What a desktop gives a program that the user started: the right to take the focus."""


class AlreadyRunning(Exception):
    """The app that owns the data folder has shown its window: this start has done its work."""


def find_address(data: Path) -> str:
    """Where the app that owns this data folder listens.

    One folder has one address, however its path is written.  Where its path is too long for a
    socket, the address is in a folder that the user alone can enter, never in one that all share;
    empty where there is none, which only costs the convenience.
    """
    beside = data / _NAME
    if sys.platform != "win32" and len(os.fsencode(beside)) <= _LONGEST_PATH_BYTES:
        return str(beside)
    import hashlib  # late: not needed where most users start it

    digest = hashlib.sha256(_identify(data)).hexdigest()[:24]
    if sys.platform == "win32":
        return rf"\\.\pipe\kling-desktop-{digest}"
    folder = _find_private_folder()
    return "" if folder is None else str(folder / f"kling-desktop-{digest}")


def _identify(data: Path) -> bytes:
    """Return bytes that identify a folder, however its path is written."""
    try:
        status = data.stat()
    except OSError:
        return os.fsencode(os.path.normcase(data))
    return f"{status.st_dev}:{status.st_ino}".encode()


def _find_private_folder() -> Path | None:
    """Return a short folder that no other user can enter, or None."""
    import tempfile

    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime and _is_private(Path(runtime)):
        return Path(runtime)
    mine = Path(tempfile.gettempdir()) / f"kling-desktop-{os.getuid()}"
    with suppress(OSError):  # it is there, or cannot be made: what is there is looked at
        mine.mkdir(mode=0o700)
    return mine if _is_private(mine) else None


def _is_private(folder: Path) -> bool:
    """Whether a folder is this user's own and closed to all others; a link to one is not."""
    try:
        status = folder.lstat()
    except OSError:
        return False
    closed = not status.st_mode & 0o077
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and closed


async def show_running(data: Path) -> bool:
    """Ask the app that owns this folder to show its window; False when nobody answers.

    It takes two seconds at most, and next to nothing where no app ever listened.
    """
    address = find_address(data)
    if not address or not os.path.exists(address):  # noqa: PTH110 - quick, and no `Path` on Windows
        return False
    from PySide6.QtNetwork import QLocalSocket  # late: a first start has no need of it

    _pass_the_focus_on()
    socket = QLocalSocket()
    answered = asyncio.get_running_loop().create_future()

    def end(*_: object) -> None:
        if not answered.done():
            answered.set_result(socket.isOpen() and socket.readAll().data() == _SHOWN)

    def ask() -> None:
        if is_same_user(int(socket.socketDescriptor())):
            socket.write(words)
        else:  # whoever took the name shows no window of ours: this start goes on by itself
            logger.warning("another user listens at %s", address)
            end()

    token = next((os.environ[name] for name in _TOKENS if os.environ.get(name)), "")
    words = _SHOW + b" " + token.encode("ascii", "ignore")[:_LONGEST_TOKEN_BYTES] + b"\n"
    socket.connected.connect(ask)
    for signal in (socket.readyRead, socket.errorOccurred, socket.disconnected):
        signal.connect(end)
    socket.connectToServer(address)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await answered
    except TimeoutError:
        return False
    finally:
        socket.abort()
        socket.deleteLater()


def _pass_the_focus_on() -> None:
    """Let the other process come to the front: Windows gives that right to the newest alone."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.AllowSetForegroundWindow(-1)


class SingleInstance(QObject):
    """Listens for second starts; owned by the program while it owns the data folder.

    Signals:
        show_wanted: Somebody started the app again: its window should come to the front.
    """

    show_wanted = Signal()

    def __init__(self, data: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        from PySide6.QtNetwork import QLocalServer  # late: the window is painted by now

        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)
        self._address = find_address(data)

    def start(self) -> bool:
        """Listen; False where the folder can hold no socket, which only costs the convenience.

        What a killed process left there is removed: the caller owns the data folder, so that
        nobody can be listening.
        """
        from PySide6.QtNetwork import QLocalServer

        if not self._address:
            return False
        QLocalServer.removeServer(self._address)
        return self._server.listen(self._address)

    def stop(self) -> None:
        """Be silent from now on, and leave nothing behind."""
        self._server.close()

    def _on_connection(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            if not is_same_user(int(socket.socketDescriptor())):
                socket.abort()
                socket.deleteLater()
                continue
            socket.setReadBufferSize(_LONGEST_MESSAGE_BYTES)
            socket.readyRead.connect(self._on_words)
            socket.disconnected.connect(socket.deleteLater)

    def _on_words(self) -> None:
        from PySide6.QtNetwork import QLocalSocket

        socket = self.sender()
        if not isinstance(socket, QLocalSocket):
            return
        if not socket.canReadLine():
            if socket.bytesAvailable() >= _LONGEST_MESSAGE_BYTES:
                socket.abort()
            return
        word, _, token = bytes(socket.readLine().data()).strip().partition(b" ")
        if word != _SHOW:
            socket.abort()
            return
        if token:
            os.environ[_TOKENS[0]] = token.decode("ascii", "ignore")  # Qt reads and drops it
        self.show_wanted.emit()
        socket.write(_SHOWN)
        socket.flush()
