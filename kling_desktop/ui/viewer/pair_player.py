"""Two videos played as one: the longer one leads, the other keeps up and holds its last frame."""

import time
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from kling_desktop.domain.video import Video
from kling_desktop.ui.clips.video_player import ClipPlayer

_CORRECT_EVERY_S = 0.4


class PairPlayer(QObject):
    """Owned by Compare; has the face of a `ClipPlayer`, with the frames of the longer video.

    Signals:
        frame_changed: One of the two shows another picture.
        playing_changed: They play (True) or stand.
        failed: One of them cannot be played; one sentence.
        loaded: The first picture of the leader is here.
    """

    frame_changed = Signal()
    playing_changed = Signal(bool)
    failed = Signal(str)
    loaded = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.first, self.second = ClipPlayer(self), ClipPlayer(self)
        self._leader, self._follower = self.first, self.second
        self._loop = True
        self._before = 0
        self._corrected_at = 0.0
        for player in (self.first, self.second):
            player.frame_changed.connect(self._on_frame)
            player.failed.connect(self.failed)
            player.playing_changed.connect(self._on_playing)
            player.loaded.connect(self._on_loaded)

    def load(self, first: tuple[Video, Path], second: tuple[Video, Path]) -> None:
        """Open two videos at their first frames."""
        for player, (video, file) in ((self.first, first), (self.second, second)):
            player.load(file, fps=video.facts.fps, frames=video.facts.frames)
        longer = first[0].facts.duration_s >= second[0].facts.duration_s
        self._leader = self.first if longer else self.second
        self._follower = self.second if longer else self.first
        self._leader.set_loop(loop=self._loop)
        self._follower.set_loop(loop=False)
        self._before = 0

    def unload(self) -> None:
        self.first.unload()
        self.second.unload()

    @property
    def is_open(self) -> bool:
        return self.first.is_open or self.second.is_open

    @property
    def frame(self) -> int:
        return self._leader.frame

    @property
    def frames(self) -> int:
        return self._leader.frames

    @property
    def fps(self) -> float:
        return self._leader.fps

    @property
    def is_playing(self) -> bool:
        return self._leader.is_playing

    @property
    def is_settled(self) -> bool:
        return self.first.is_settled and self.second.is_settled

    @property
    def loop(self) -> bool:
        return self._loop

    @property
    def speed(self) -> float:
        return self._leader.speed

    @property
    def has_sound(self) -> bool:
        return False  # two sounds at once help nobody

    def set_volume(self, volume: float) -> None:
        """Compare is silent."""

    def set_loop(self, *, loop: bool) -> None:
        self._loop = loop
        self._leader.set_loop(loop=loop)

    def set_speed(self, speed: float) -> None:
        self.first.set_speed(speed)
        self.second.set_speed(speed)

    def play(self) -> None:
        if self._leader.frame >= self._leader.frames - 1:
            self.seek(0)
        self._leader.play()
        if not self._is_past_end():
            self._follower.play()

    def pause(self) -> None:
        self.first.pause()
        self.second.pause()

    def toggle(self) -> None:
        if self.is_playing:
            self.pause()
        else:
            self.play()

    def seek(self, frame: int) -> None:
        self._leader.seek(frame)
        self._follower.seek(self._follow(self._leader.frame))

    def step(self, frames: int) -> None:
        self.pause()
        self.seek(self._leader.frame + frames)

    def _follow(self, frame: int) -> int:
        """Return the follower's frame at the leader's moment; past its end the last one."""
        return self._follower.frame_at(self._leader.moment_of(frame))

    def _is_past_end(self) -> bool:
        return self._follow(self._leader.frame) >= self._follower.frames - 1

    def _on_frame(self) -> None:
        if self._leader.is_playing and self.sender() is self._leader:
            self._keep_up()
        self.frame_changed.emit()

    def _keep_up(self) -> None:
        """Bring the follower back when it drifted over one frame, or when the leader began anew."""
        frame, before = self._leader.frame, self._before
        self._before = frame
        wanted = self._follow(frame)
        if frame < before:
            self._follower.seek(wanted)
            self._follower.play()
            return
        drift = abs(self._follower.frame - wanted)
        now = time.monotonic()
        if drift > 1 and not self._is_past_end() and now - self._corrected_at > _CORRECT_EVERY_S:
            self._corrected_at = now
            self._follower.seek(wanted)

    def _on_playing(self) -> None:
        if self.sender() is self._leader:
            self.playing_changed.emit(self._leader.is_playing)

    def _on_loaded(self) -> None:
        if self.sender() is self._leader:
            self.loaded.emit()
