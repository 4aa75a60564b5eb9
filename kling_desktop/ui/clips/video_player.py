"""Plays one video for a painted widget: its frames, exact steps, loop and speed."""

import threading
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRectF, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QImage, QPainter

from kling_desktop.domain.errors import DamagedDownload, LibraryUnavailable
from kling_desktop.ui.clips.software_frames import has_graphics, read_image
from kling_desktop.ui.theme.painting import cover
from kling_desktop.wording.translation import _
from kling_desktop.wording.viewer import DAMAGED, FILE_GONE

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QMediaPlayer, QVideoFrame

DEADLINE_MS = 5_000
"""A video that was cut off reports no error: without a frame for this long it is looked at."""
_SEEK_PATIENCE_MS = 400
_EVEN_ENOUGH = 0.4
"""How far a frame may be from its place by the average rate, in frames."""
_ROUNDING_S = 0.001
"""The player's times are rounded to less than this."""
SPEEDS = (0.25, 0.5, 1.0, 2.0)


class ClipPlayer(QObject):
    """One video and the frame it shows; owned by the widget that paints it.

    Frames are numbered from zero.  `frame` is the current one, or the one asked for: a paused seek
    takes a tenth of a second to deliver, and the number must not lag behind the key.

    Args:
        deadline_ms: Without a frame for this long the file is checked.

    Signals:
        frame_changed: There is another picture to paint, or the frame's number changed.
        playing_changed: It plays (True) or is paused.
        failed: The video cannot be played; one sentence.
        loaded: The first picture of a video is here.
    """

    frame_changed = Signal()
    playing_changed = Signal(bool)
    failed = Signal(str)
    loaded = Signal()

    _checked = Signal(object, str)

    def __init__(self, parent: QObject | None = None, *, deadline_ms: int = DEADLINE_MS) -> None:
        super().__init__(parent)
        self._player: QMediaPlayer | None = None
        self._shown: QVideoFrame | None = None
        self._image: QImage | None = None
        self._fps, self._frames = 30.0, 1
        self._times: tuple[float, ...] = ()
        self._shortest_s = 0.0
        self._frame = 0
        self._pending: int | None = None
        self._next: int | None = None
        self._loop, self._speed = True, 1.0
        self._playing = False
        self._delivered = False
        self._deadline = QTimer(self, singleShot=True, interval=deadline_ms)
        self._deadline.timeout.connect(self._on_deadline)
        self._checked.connect(self._on_checked, Qt.ConnectionType.QueuedConnection)
        self._patience = QTimer(self, singleShot=True, interval=_SEEK_PATIENCE_MS)
        self._patience.timeout.connect(self._finish_seek)

    # ------------------------------------------------------------------ what is shown

    @property
    def frame(self) -> int:
        return self._frame

    @property
    def frames(self) -> int:
        return self._frames

    @property
    def fps(self) -> float:
        return self._fps

    def set_times(self, times: Sequence[float]) -> None:
        """Say when each frame of the open video is shown, in seconds from the first.

        Needed only where the rate varies; times of another number of frames are passed over.
        """
        even = all(abs(at * self._fps - n) < _EVEN_ENOUGH for n, at in enumerate(times))
        self._times = () if even or len(times) != self._frames else tuple(times)
        self._shortest_s = min((b - a for a, b in pairwise(self._times)), default=0.0)
        if self._times and self._frame and not self._playing:
            self.seek(self._frame)  # it was asked for by the average rate

    def moment_of(self, frame: int) -> float:
        """Return a moment well inside a frame, in seconds: at its edge the one before shows."""
        if not self._times:
            return (frame + 0.5) / self._fps
        # Half of the shortest frame: where the rate changes, the player takes a frame to be as
        # long as the one before it, and the last one to be short.
        return self._times[frame] + self._shortest_s / 2

    def frame_at(self, moment_s: float) -> int:
        """Return the frame that is shown at a moment."""
        if self._times:
            found = bisect_right(self._times, moment_s) - 1
        else:
            found = int(moment_s * self._fps)
        return min(self._frames - 1, max(0, found))

    @property
    def fraction(self) -> float:
        """How far the video has come, 0 at its first frame to 1 at its last."""
        return self._frame / (self._frames - 1) if self._frames > 1 else 0.0

    @property
    def is_open(self) -> bool:
        """Say whether a video's file is open."""
        return self._player is not None and not self._player.source().isEmpty()

    @property
    def is_playing(self) -> bool:
        return self._playing

    @property
    def is_settled(self) -> bool:
        """Say whether the picture painted is the frame asked for."""
        return self._delivered and self._pending is None and self._next is None

    @property
    def has_sound(self) -> bool:
        """Say whether there is anything to hear and something to hear it with."""
        if self._player is None or not self._player.hasAudio():
            return False
        from PySide6.QtMultimedia import QMediaDevices

        return bool(QMediaDevices.audioOutputs())

    def paint(self, painter: QPainter, rect: QRectF) -> bool:
        """Paint the current frame into `rect`, shaped like the video; False without a frame."""
        frame = self._shown
        if frame is None:
            return False
        if not has_graphics():
            painter.drawImage(rect, self._find_image(frame))
            return True
        from PySide6.QtMultimedia import QVideoFrame

        options = QVideoFrame.PaintOptions()
        options.aspectRatioMode = Qt.AspectRatioMode.IgnoreAspectRatio
        frame.paint(painter, rect, options)
        return True

    def paint_cover(self, painter: QPainter, rect: QRectF) -> bool:
        """Paint the current frame so that it covers `rect`, cropped where it is too long."""
        frame = self._shown
        if frame is None:
            return False
        size = frame.surfaceFormat().viewport().size()
        part = cover(size.toSizeF(), rect.size())
        if part.isEmpty():
            return False
        scale = rect.width() / part.width()
        painter.save()
        painter.setClipRect(rect)
        whole = QRectF(
            rect.x() - part.x() * scale,
            rect.y() - part.y() * scale,
            size.width() * scale,
            size.height() * scale,
        )
        self.paint(painter, whole)
        painter.restore()
        return True

    def grab_picture(self) -> QImage | None:
        """Return the current frame in the video's own pixels."""
        if self._shown is None:
            return None
        return self._shown.toImage() if has_graphics() else self._find_image(self._shown)

    # ------------------------------------------------------------------ what is played

    def load(self, file: Path, *, fps: float, frames: int) -> None:
        """Open a video and show its first frame, paused."""
        player = self._get_player()
        self.unload()
        self._fps, self._frames = fps if fps > 0 else 30.0, max(1, frames)
        self._times = ()
        player.setSource(QUrl.fromLocalFile(str(file)))
        self._apply_loop()
        player.setPlaybackRate(self._speed)
        player.pause()
        self._deadline.start()

    def unload(self) -> None:
        """Close the video and its file."""
        for timer in (self._deadline, self._patience):
            timer.stop()
        self._pending = self._next = None
        self._frame, self._delivered, self._shown, self._image = 0, False, None, None
        if self._player is not None and not self._player.source().isEmpty():
            self._player.stop()
            self._player.setSource(QUrl())
        self._set_playing(playing=False)

    def play(self) -> None:
        player = self._player
        if player is None or player.source().isEmpty():
            return
        self._patience.stop()
        self._pending = self._next = None
        if not self._loop and self._frame >= self._frames - 1:
            player.setPosition(0)
            self._frame = 0
        player.play()
        self._set_playing(playing=True)

    def pause(self) -> None:
        if self._player is None or self._player.source().isEmpty():
            return
        self._player.pause()
        if self._delivered:
            self._deadline.stop()
        self._set_playing(playing=False)

    def toggle(self) -> None:
        if self._playing:
            self.pause()
        else:
            self.play()

    def seek(self, frame: int) -> None:
        """Go to a frame; of many quick calls only the last one costs a decode."""
        frame = min(max(frame, 0), self._frames - 1)
        self._frame = frame
        if self._pending is not None:
            self._next = frame
        else:
            self._send_seek(frame)
        self.frame_changed.emit()

    def step(self, frames: int) -> None:
        """Pause, and go this many frames further (negative: back)."""
        if self._playing:
            self.pause()
        self.seek(self._frame + frames)

    def set_loop(self, *, loop: bool) -> None:
        self._loop = loop
        self._apply_loop()

    @property
    def loop(self) -> bool:
        return self._loop

    def set_speed(self, speed: float) -> None:
        self._speed = speed
        if self._player is not None:
            self._player.setPlaybackRate(speed)

    @property
    def speed(self) -> float:
        return self._speed

    def set_volume(self, volume: float) -> None:
        """Set the loudness, 0 to 1; without a device it does nothing."""
        if self._player is None or not self.has_sound:
            return
        output = self._player.audioOutput()
        if output is not None:
            output.setVolume(volume)

    # ------------------------------------------------------------------ inside

    def _find_image(self, frame: "QVideoFrame") -> QImage:
        """Convert the current frame once, however often it is painted."""
        if self._image is None:
            self._image = read_image(frame)
        return self._image

    def _get_player(self) -> "QMediaPlayer":
        if self._player is not None:
            return self._player
        # Here and not above: the import costs a tenth of a second, see `import_player`.
        from PySide6.QtMultimedia import QAudioOutput, QMediaDevices, QMediaPlayer, QVideoSink

        player = QMediaPlayer(self)
        sink = QVideoSink(self)
        player.setVideoSink(sink)
        if QMediaDevices.audioOutputs():
            player.setAudioOutput(QAudioOutput(self))
        sink.videoFrameChanged.connect(self._on_frame)
        player.mediaStatusChanged.connect(self._on_status)
        player.errorOccurred.connect(self._on_error)
        self._player = player
        return player

    def _apply_loop(self) -> None:
        if self._player is not None:
            from PySide6.QtMultimedia import QMediaPlayer

            loops = QMediaPlayer.Loops
            self._player.setLoops((loops.Infinite if self._loop else loops.Once).value)

    def _set_playing(self, *, playing: bool) -> None:
        if playing != self._playing:
            self._playing = playing
            self.playing_changed.emit(playing)

    def _send_seek(self, frame: int) -> None:
        player = self._player
        if player is None or player.source().isEmpty():
            return
        if not self._playing:
            player.pause()  # after the end it is stopped, and a stopped player shows nothing
            self._pending = frame
            self._patience.start()
        player.setPosition(round(self.moment_of(frame) * 1000))

    def _finish_seek(self) -> None:
        self._patience.stop()
        self._pending, target = None, self._next
        self._next = None
        if target is not None:
            self._send_seek(target)

    def _on_frame(self, frame: "QVideoFrame") -> None:
        # At the end Qt sends an invalid frame, which would turn the view black.
        if not frame.isValid() or self._player is None or self._player.source().isEmpty():
            return
        self._deadline.stop()
        self._shown, self._image = frame, None
        first, self._delivered = not self._delivered, True
        if self._playing:
            self._deadline.start()
            self._frame = self._number_of(frame)
        elif self._pending is not None and self._number_of(frame) == self._pending:
            self._finish_seek()
        if first:
            self.loaded.emit()
        self.frame_changed.emit()

    def _number_of(self, frame: "QVideoFrame") -> int:
        start_us = frame.startTime()
        if start_us < 0:
            start_us = (self._player.position() if self._player is not None else 0) * 1000
        if self._times:
            return self.frame_at(start_us / 1_000_000 + _ROUNDING_S)
        return min(self._frames - 1, max(0, round(start_us * self._fps / 1_000_000)))

    def _on_status(self) -> None:
        from PySide6.QtMultimedia import QMediaPlayer

        player = self._player
        if player is None or player.mediaStatus() != QMediaPlayer.MediaStatus.EndOfMedia:
            return
        self._deadline.stop()
        self._frame = self._frames - 1
        self._set_playing(playing=False)
        self.frame_changed.emit()

    def _on_error(self) -> None:
        self._deadline.stop()
        missing = self._player is not None and not _exists(self._player.source())
        self._set_playing(playing=False)
        self.failed.emit(_(FILE_GONE if missing else DAMAGED))

    def _on_deadline(self) -> None:
        """No frame for long: a damaged file, or a disk that wakes, or a machine that slept."""
        if self._player is None or self._player.source().isEmpty():
            return
        file = Path(self._player.source().toLocalFile())
        threading.Thread(
            target=self._check, args=(file,), name="check a video", daemon=True
        ).start()

    def _check(self, file: Path) -> None:
        """Read the file in a thread of its own; a disk that sleeps holds up nothing but this."""
        from kling_desktop.media.video_file import probe

        fault = ""
        try:
            probe(file)
        except DamagedDownload:
            fault = DAMAGED
        except LibraryUnavailable:
            fault = FILE_GONE
        with suppress(RuntimeError):  # the player was closed and deleted meanwhile
            self._checked.emit(file, fault)

    def _on_checked(self, file: Path, fault: str) -> None:
        player = self._player
        if player is None or player.source().toLocalFile() != str(file):
            return
        if self._delivered and not self._playing:
            return
        if not fault:  # nothing is wrong with it: go on waiting
            self._deadline.start()
            return
        self._set_playing(playing=False)
        player.stop()
        self.failed.emit(_(fault))


def import_player() -> None:
    """Import what plays videos; for a worker, before somebody wants to see one."""
    import PySide6.QtMultimedia  # noqa: F401


def _exists(url: QUrl) -> bool:
    return Path(url.toLocalFile()).exists()
