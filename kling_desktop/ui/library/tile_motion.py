"""What moves on the wall by itself: pictures fading in, a clip that plays in its place."""

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEasingCurve, QObject, QTimer, Signal

from kling_desktop.domain.video import Video, VideoId
from kling_desktop.ui.clips.video_player import ClipPlayer
from kling_desktop.ui.library.tile_delegate import TileStage
from kling_desktop.ui.theme.look import Look

_TICK_MS = 16
_ASK_MS = 40


class TileMotion(QObject):
    """The timers and the one player of a wall; owned by it.

    Signals:
        pictures_wanted: The view has come to rest, or long enough passed: ask for its pictures.
    """

    pictures_wanted = Signal()

    def __init__(
        self,
        look: Look,
        stage: TileStage,
        update_clip: Callable[[VideoId], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._stage = stage
        self._update_clip = update_clip
        self._began: dict[VideoId, float] = {}
        self._curve = QEasingCurve(QEasingCurve.Type.OutCubic)
        self._fading = QTimer(self, interval=_TICK_MS)
        self._fading.timeout.connect(self._on_fade_tick)
        self._asking = QTimer(self, singleShot=True, interval=_ASK_MS)
        self._asking.timeout.connect(self.pictures_wanted)
        self._player: ClipPlayer | None = None
        self._playing_s = 1.0

    def stop(self) -> None:
        """Stop all motion and close the player's file."""
        self._fading.stop()
        self._asking.stop()
        self._stage.appearing.clear()
        self.stop_playing()

    # ------------------------------------------------------------------ pictures that come

    def ask_soon(self) -> None:
        """Request pictures once for the many small moves of one scroll."""
        if not self._asking.isActive():
            self._asking.start()

    def let_appear(self, video_id: VideoId) -> None:
        """Fade a clip's picture in over its plate."""
        self._stage.appearing[video_id] = 0.0
        self._began[video_id] = time.monotonic()
        if not self._fading.isActive():
            self._fading.start()

    def _on_fade_tick(self) -> None:
        length_s = self._look.theme.duration("slow") / 1000
        now = time.monotonic()
        for video_id in list(self._stage.appearing):
            share = min(1.0, (now - self._began[video_id]) / length_s)
            self._stage.appearing[video_id] = self._curve.valueForProgress(share)
            if share >= 1.0:
                del self._stage.appearing[video_id], self._began[video_id]
            self._update_clip(video_id)
        if not self._stage.appearing:
            self._fading.stop()

    # ------------------------------------------------------------------ play in place

    def toggle_playing(self, video: Video, file: Path) -> None:
        """Play a clip in its tile, or stop it."""
        if self._stage.playing == video.id:
            self.stop_playing()
            return
        self.stop_playing()
        if video.missing:
            return
        player = self._player
        if player is None:
            # The first player costs an import and a decoder: only for those who press Space.
            player = self._player = ClipPlayer(self)
            player.frame_changed.connect(self._on_frame)
            player.failed.connect(self.stop_playing)
        self._stage.playing = video.id
        self._stage.draw_playing = player.paint_cover
        self._playing_s = max(0.1, video.facts.duration_s)
        player.load(file, fps=video.facts.fps, frames=video.facts.frames)
        player.set_loop(loop=True)
        player.play()
        self._update_clip(video.id)

    def stop_playing(self) -> None:
        video_id, self._stage.playing = self._stage.playing, None
        self._stage.draw_playing = None
        self._stage.play_fraction = 0.0
        if self._player is not None and video_id is not None:
            self._player.unload()
        if video_id is not None:
            self._update_clip(video_id)

    def _on_frame(self) -> None:
        if self._stage.playing is not None and self._player is not None:
            self._stage.play_fraction = self._player.fraction
            self._update_clip(self._stage.playing)
