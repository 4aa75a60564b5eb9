"""How the chosen clip was made: its settings, frames, takes, file and receipt."""

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from kling_desktop.domain.events import VideoChange
from kling_desktop.domain.video import Video, VideoId
from kling_desktop.storage.stores.job_store import JobStore
from kling_desktop.ui.clips.clip_commands import find_obstacle
from kling_desktop.ui.clips.clip_facts import (
    describe_making,
    describe_settings,
    describe_several,
    find_takes,
)
from kling_desktop.ui.clips.clip_services import ClipServices
from kling_desktop.ui.controls.buttons import IconButton
from kling_desktop.ui.controls.collapsible import CollapsibleSection
from kling_desktop.ui.controls.drag_data import build_clip_mime
from kling_desktop.ui.controls.empty_state import EmptyState
from kling_desktop.ui.controls.labels import Hairline, Label, set_surface
from kling_desktop.ui.controls.painted_button import ButtonInks, PaintedButton
from kling_desktop.ui.controls.picture_button import PictureButton
from kling_desktop.ui.details.details_pictures import SourceFrames, TakesRow
from kling_desktop.ui.details.fact_list import FactList
from kling_desktop.ui.details.receipt_view import ReceiptView
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import CENTER, draw_text, measure_text
from kling_desktop.wording.library import NOTHING_SELECTED, length_pill, selected_words

_PREVIEW_MOST = 240
_ACTIONS = (
    ("remix", "Remix", "remix"),
    ("extend", "Extend", "extend"),
    ("reveal", "Reveal", "reveal"),
    ("export", "Export", "export"),
)


class _ActionTile(PaintedButton):
    """An icon over its word."""

    INKS = ButtonInks(
        fill="raised",
        line="line",
        text="text-2",
        hover_text="text",
        disabled_fill="panel",
        disabled_line="line",
    )

    def __init__(self, look: Look, text: str, icon: str) -> None:
        super().__init__(look, text, icon=icon, name=text)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(64, self._look.theme.line_height("label") + 36)

    def minimumSizeHint(self) -> QSize:
        words = measure_text(self._look.theme.font("label"), self.text())
        return QSize(round(words) + 8, self.sizeHint().height())

    def _paint_content(self, painter: QPainter, rect: QRectF) -> None:
        theme = self._look.theme
        icon = QRectF(rect.x(), rect.y() + 8, rect.width(), 18)
        words = QRectF(rect.x(), rect.y() + 28, rect.width(), theme.line_height("label"))
        self._look.icons.paint(painter, icon, self.icon_name, self._ink())
        ink = theme.color("text" if self.isEnabled() else "text-disabled")
        draw_text(painter, words, self.text(), theme.font("label"), ink, align=CENTER)


class DetailsPanel(QWidget):
    """The second page of the side panel; owned by it.

    Signals:
        open_requested: `VideoId` to be shown in the viewer.
        picture_requested: `Path` of a source frame to be opened.
        shown_changed: The one `Video` shown, or None: for the heart in the panel's header.
    """

    open_requested = Signal(object)
    picture_requested = Signal(object)
    shown_changed = Signal(object)
    _changed = Signal(object)

    def __init__(
        self, look: Look, parts: ClipServices, jobs: JobStore, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._parts = parts
        self._jobs = jobs
        self._videos: tuple[Video, ...] = ()
        self._takes_shown: tuple[Video, ...] = ()
        self._preview_wanted = True
        set_surface(self, "panel")
        self._build_parts()
        self._stack = QStackedWidget()
        self._stack.addWidget(EmptyState(look, *NOTHING_SELECTED, style="body-strong"))
        self._stack.addWidget(self._build_scroll())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self._connect()

    def stop(self) -> None:
        """Stop listening to the store."""
        self._disconnect()

    # ------------------------------------------------------------------ what is shown

    def show_videos(self, videos: Sequence[Video]) -> None:
        """Show one clip whole, several in sum, none as such."""
        same = [v.id for v in videos] == [v.id for v in self._videos]
        self._videos = tuple(videos)
        self._stack.setCurrentIndex(1 if videos else 0)
        for command, button in self._tiles.items():
            button.set_disabled_reason(find_obstacle(command, videos))
        if len(videos) == 1:
            self._show_one(videos[0])
        elif videos:
            self._show_several(videos)
        if not same:
            self._scroll.verticalScrollBar().setValue(0)
        self.shown_changed.emit(videos[0] if len(videos) == 1 else None)

    def set_preview_shown(self, *, shown: bool) -> None:
        """Leave the preview away while the viewer itself shows the clip."""
        self._preview_wanted = shown
        self.preview.setVisible(shown and len(self._videos) == 1)

    def _show_one(self, video: Video) -> None:
        self._heading.hide()
        self.preview.set_pill(length_pill(video.facts.duration_s))
        self.preview.setVisible(self._preview_wanted)
        self._fit_preview()
        self._parts.pictures.want_posters([video])
        self.preview.update()
        prompt = video.draft.prompt.strip()
        self._prompt.setText(prompt or "No prompt")
        self._prompt.setAccessibleName(f"Prompt: {prompt or 'none'}")
        self._prompt.set_ink("text" if prompt else "text-3")
        self._prompt.show()
        self.copy_prompt.setVisible(bool(prompt))
        self._settings.show_facts(describe_settings(video))
        self._frames.show_draft(video.draft)
        self._takes_shown = find_takes(self._parts.store, video)
        self._takes.show_takes(self._takes_shown, video.id)
        self._making.show_facts(describe_making(video, self._parts.now()))
        for widget in (self._making, self._making_line):
            widget.show()
        self.receipt.setVisible(video.job_id is not None)
        if self.receipt.is_expanded():
            self._show_receipt()

    def _show_several(self, videos: Sequence[Video]) -> None:
        self._heading.setText(selected_words(len(videos)))
        self._heading.show()
        self._settings.show_facts(describe_several(videos))
        for widget in (
            self.preview,
            self._prompt,
            self.copy_prompt,
            self._frames,
            self._takes,
            self._making,
            self._making_line,
            self.receipt,
        ):
            widget.hide()

    def _show_receipt(self) -> None:
        job_id = self._videos[0].job_id if len(self._videos) == 1 else None
        if job_id is not None:
            self._receipt.show_receipt(self._jobs.get_receipt(job_id))

    # ------------------------------------------------------------------ building

    def _build_parts(self) -> None:
        look, pictures = self._look, self._parts.pictures
        self._heading = Label("", "title")
        self.preview = PictureButton(
            look,
            "Play this clip",
            self._find_poster,
            size=QSize(300, 158),
            play=True,
            mime=self._pack,
        )
        self._prompt = Label("", "body", wrap=True)
        self._prompt.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy_prompt = IconButton(look, "copy", "Copy prompt")
        self._settings, self._making = FactList(look), FactList(look)
        self._making_line = Hairline()
        self._frames = SourceFrames(look, pictures)
        self._takes = TakesRow(look, pictures)
        self._receipt = ReceiptView(look, now=self._parts.now)
        self.receipt = CollapsibleSection(look, "Receipt", self._receipt)

    def _build_scroll(self) -> QWidget:
        page = QWidget()
        page.setProperty("clear", "true")
        column = QVBoxLayout(page)
        margin = self._look.theme.space(4)
        column.setContentsMargins(margin, 2, margin, margin)
        column.setSpacing(self._look.theme.space(3))
        words = QHBoxLayout()
        words.setSpacing(8)
        words.addWidget(self._prompt, 1)
        words.addWidget(self.copy_prompt, 0, Qt.AlignmentFlag.AlignTop)
        column.addWidget(self._heading)
        column.addWidget(self.preview)
        column.addLayout(words)
        column.addWidget(self._build_actions())
        column.addWidget(Hairline())
        column.addWidget(self._settings)
        column.addWidget(self._frames)
        column.addWidget(self._takes)
        column.addWidget(self._making_line)
        column.addWidget(self._making)
        column.addWidget(self.receipt)
        column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(page)
        return self._scroll

    def _build_actions(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        self._tiles: dict[str, _ActionTile] = {}
        for command, text, icon in _ACTIONS:
            button = self._tiles[command] = _ActionTile(self._look, text, icon)
            button.clicked.connect(lambda _=False, c=command: self._run(c))
            row.addWidget(button)
        return holder

    def _connect(self) -> None:
        self.preview.pressed.connect(self._on_preview_pressed)
        self.copy_prompt.clicked.connect(lambda: self._run("copy-prompt"))
        self._frames.pressed.connect(self.picture_requested)
        self._takes.take_pressed.connect(self.open_requested)
        self._takes.compare_pressed.connect(self._compare_takes)
        self.receipt.toggled.connect(self._on_receipt_toggled)
        self._parts.pictures.ready.connect(self._on_picture_ready)
        self._changed.connect(self._on_video_changed)
        self._disconnect = self._parts.store.changed.subscribe(self._changed.emit)

    # ------------------------------------------------------------------ what happens

    def _run(self, command_id: str) -> None:
        self._parts.actions.run(command_id, self._videos, self.window())

    def _find_poster(self) -> QPixmap | None:
        return self._parts.pictures.find_poster(self._videos[0].id) if self._videos else None

    def _pack(self) -> QMimeData:
        files = [self._parts.pictures.locate(video) for video in self._videos]
        words = self._videos[0].draft.prompt if len(self._videos) == 1 else ""
        return build_clip_mime([video.id for video in self._videos], files, words)

    def _on_preview_pressed(self) -> None:
        if self._videos:
            self.open_requested.emit(self._videos[0].id)

    def _compare_takes(self) -> None:
        """Hold the take in view against the next one, or against the one before the last."""
        takes, ids = self._takes_shown, [video.id for video in self._takes_shown]
        if len(takes) < 2 or not self._videos:
            return
        at = min(ids.index(self._videos[0].id), len(takes) - 2)
        self._parts.actions.run("compare", takes[at : at + 2], self.window())

    def _on_receipt_toggled(self, expanded: bool) -> None:
        if expanded:
            self._show_receipt()

    def _on_picture_ready(self, video_id: VideoId) -> None:
        if self._videos and self._videos[0].id == video_id:
            self.preview.update()

    def _on_video_changed(self, change: VideoChange) -> None:
        if change.video_id not in [video.id for video in self._videos]:
            return
        ids = [video.id for video in self._videos]
        self.show_videos(self._parts.store.get_videos(ids))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_preview()

    def _fit_preview(self) -> None:
        """Give the preview the clip's own shape, no higher than it is useful."""
        if len(self._videos) != 1:
            return
        aspect = self._videos[0].aspect
        width = max(120, self.width() - 2 * self._look.theme.space(4))
        height = min(round(width / aspect), _PREVIEW_MOST)
        self.preview.set_picture_size(QSize(min(width, round(height * aspect)), height))
