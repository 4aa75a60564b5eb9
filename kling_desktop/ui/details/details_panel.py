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
from kling_desktop.ui.clips.clip_facts import (
    describe_making,
    describe_settings,
    describe_several,
    find_takes,
)
from kling_desktop.ui.clips.clip_menu import find_obstacle
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
from kling_desktop.wording import clips as clip_words
from kling_desktop.wording import details as words
from kling_desktop.wording.library import count_selected, length_pill
from kling_desktop.wording.translation import _

_PREVIEW_MOST = 240
# Each command with its word; its icon has the command's name.
_ACTIONS = (
    ("remix", clip_words.REMIX),
    ("extend", clip_words.EXTEND),
    ("reveal", clip_words.REVEAL),
    ("export", clip_words.EXPORT),
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
        self.set_tip(text)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(64, self._look.theme.line_height("label") + 36)

    def minimumSizeHint(self) -> QSize:
        # A longer word is cut, and whole in the tooltip: it must not push the panel's edge out.
        width = round(measure_text(self._look.theme.font("label"), self.text())) + 8
        return QSize(min(width, self.sizeHint().width()), self.sizeHint().height())

    def _paint_content(self, painter: QPainter, rect: QRectF) -> None:
        theme = self._look.theme
        icon = QRectF(rect.x(), rect.y() + 8, rect.width(), 18)
        line = QRectF(rect.x(), rect.y() + 28, rect.width(), theme.line_height("label"))
        self._look.icons.paint(painter, icon, self.icon_name, self._ink())
        ink = theme.color("text" if self.isEnabled() else "text-disabled")
        draw_text(painter, line, self.text(), theme.font("label"), ink, align=CENTER)


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
        self.stack = QStackedWidget()
        title, text = words.NOTHING_SELECTED
        self.stack.addWidget(EmptyState(look, _(title), _(text), style="body-strong"))
        self.stack.addWidget(self._build_scroll())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.stack)
        self._connect()

    def stop(self) -> None:
        """Stop listening to the store."""
        self._disconnect()

    # ------------------------------------------------------------------ what is shown

    def show_videos(self, videos: Sequence[Video]) -> None:
        """Show one clip in full, several as a summary, or that nothing is selected."""
        same = [v.id for v in videos] == [v.id for v in self._videos]
        self._videos = tuple(videos)
        self.stack.setCurrentIndex(1 if videos else 0)
        for command, button in self.buttons.items():
            button.set_disabled_reason(find_obstacle(command, videos))
        if len(videos) == 1:
            self._show_one(videos[0])
        elif videos:
            self._show_several(videos)
        if not same:
            self.scroll_area.verticalScrollBar().setValue(0)
        self.shown_changed.emit(videos[0] if len(videos) == 1 else None)

    def set_preview_shown(self, *, shown: bool) -> None:
        """Show the preview, or hide it while the viewer itself shows the clip."""
        self._preview_wanted = shown
        self.preview.setVisible(shown and len(self._videos) == 1)

    def _show_one(self, video: Video) -> None:
        self.heading.hide()
        self.preview.set_pill(length_pill(video.facts.duration_s))
        self.preview.setVisible(self._preview_wanted)
        self._fit_preview()
        self._parts.pictures.want_posters([video])
        self.preview.update()
        prompt = video.draft.prompt.strip()
        self._prompt.setText(prompt or _(words.NO_PROMPT))
        self._prompt.setAccessibleName(words.speak_prompt(prompt))
        self._prompt.set_ink("text" if prompt else "text-3")
        self._prompt.show()
        self.copy_prompt.setVisible(bool(prompt))
        self.settings.show_facts(describe_settings(video))
        self.frames.show_draft(video.draft)
        self._takes_shown = find_takes(self._parts.store, video)
        self.takes.show_takes(self._takes_shown, video.id)
        self.making.show_facts(describe_making(video, self._parts.now()))
        for widget in (self.making, self._making_line):
            widget.show()
        self.receipt.setVisible(video.job_id is not None)
        if self.receipt.is_expanded():
            self._show_receipt()

    def _show_several(self, videos: Sequence[Video]) -> None:
        self.heading.setText(count_selected(len(videos)))
        self.heading.show()
        self.settings.show_facts(describe_several(videos))
        for widget in (
            self.preview,
            self._prompt,
            self.copy_prompt,
            self.frames,
            self.takes,
            self.making,
            self._making_line,
            self.receipt,
        ):
            widget.hide()

    def _show_receipt(self) -> None:
        job_id = self._videos[0].job_id if len(self._videos) == 1 else None
        if job_id is not None:
            self.receipt_view.show_receipt(self._jobs.get_receipt(job_id))

    # ------------------------------------------------------------------ building

    def _build_parts(self) -> None:
        look, pictures = self._look, self._parts.pictures
        self.heading = Label("", "title")
        self.preview = PictureButton(
            look,
            _(words.PLAY_CLIP),
            self._find_poster,
            size=QSize(300, 158),
            play=True,
            mime=self._pack,
        )
        self._prompt = Label("", "body", wrap=True)
        self._prompt.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy_prompt = IconButton(look, "copy", _(clip_words.COPY_PROMPT))
        self.settings, self.making = FactList(look), FactList(look)
        self._making_line = Hairline()
        self.frames = SourceFrames(look, pictures, self._parts.find_frame)
        self.takes = TakesRow(look, pictures)
        self.receipt_view = ReceiptView(look, now=self._parts.now)
        self.receipt = CollapsibleSection(look, _(words.RECEIPT), self.receipt_view)

    def _build_scroll(self) -> QWidget:
        page = QWidget()
        page.setProperty("clear", "true")
        column = QVBoxLayout(page)
        margin = self._look.theme.space(4)
        column.setContentsMargins(margin, 2, margin, margin)
        column.setSpacing(self._look.theme.space(3))
        prompt = QHBoxLayout()
        prompt.setSpacing(8)
        prompt.addWidget(self._prompt, 1)
        prompt.addWidget(self.copy_prompt, 0, Qt.AlignmentFlag.AlignTop)
        column.addWidget(self.heading)
        column.addWidget(self.preview)
        column.addLayout(prompt)
        column.addWidget(self._build_actions())
        column.addWidget(Hairline())
        column.addWidget(self.settings)
        column.addWidget(self.frames)
        column.addWidget(self.takes)
        column.addWidget(self._making_line)
        column.addWidget(self.making)
        column.addWidget(self.receipt)
        column.addStretch(1)
        self.scroll_area = QScrollArea()
        self.scroll_area.setWidgetResizable(True)
        self.scroll_area.setFrameShape(QFrame.Shape.NoFrame)
        self.scroll_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroll_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.scroll_area.setWidget(page)
        return self.scroll_area

    def _build_actions(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        self.buttons: dict[str, _ActionTile] = {}
        for command, text in _ACTIONS:
            button = self.buttons[command] = _ActionTile(self._look, _(text), command)
            button.clicked.connect(lambda _on=False, c=command: self._run(c))
            row.addWidget(button)
        return holder

    def _connect(self) -> None:
        self.preview.pressed.connect(self._on_preview_pressed)
        self.copy_prompt.clicked.connect(lambda: self._run("copy-prompt"))
        self.frames.pressed.connect(self.picture_requested)
        self.takes.take_pressed.connect(self.open_requested)
        self.takes.compare_pressed.connect(self._compare_takes)
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
        prompt = self._videos[0].draft.prompt if len(self._videos) == 1 else ""
        return build_clip_mime([video.id for video in self._videos], files, prompt)

    def _on_preview_pressed(self) -> None:
        if self._videos:
            self.open_requested.emit(self._videos[0].id)

    def _compare_takes(self) -> None:
        """Compare the take in view with the next one; the last with the one before it."""
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
