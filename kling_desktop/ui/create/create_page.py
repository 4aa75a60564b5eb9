"""The Create panel: edits one frozen draft and says what keeps it from being sent."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kling_desktop.domain.catalog import MODELS, MODELS_BY_ID, ModelId, ModelSpec
from kling_desktop.domain.draft import Draft, FrameRole
from kling_desktop.domain.model_fit import find_model_for_last_frame, fit_draft, without_unused
from kling_desktop.domain.money import Usual
from kling_desktop.domain.validation import find_problems
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.ui.controls.labels import SectionLabel, set_surface
from kling_desktop.ui.controls.layouts import ScrollColumn
from kling_desktop.ui.create.create_drops import CreateDrops
from kling_desktop.ui.create.create_footer import ComposeFooter, Mode
from kling_desktop.ui.create.create_header import ComposeHeader
from kling_desktop.ui.create.frame_pictures import FramePictures
from kling_desktop.ui.create.frames_panel import FramesPanel
from kling_desktop.ui.create.model_button import ModelButton
from kling_desktop.ui.create.model_picker import ModelPicker
from kling_desktop.ui.create.option_form import OptionForm
from kling_desktop.ui.create.picture_preparer import ClipFrames, PicturePreparer
from kling_desktop.ui.create.prompt_field import PromptField
from kling_desktop.ui.create.slot_state import SlotPhase
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import create as words
from kling_desktop.wording.problems import disabled_reason

_SAVE_AFTER_MS = 300
_SHORT_UNDER_PX = 722
"""A window of 780 px less menu bar and status line."""
_MOST_UNDONE = 20


class CreatePage(QWidget):
    """The panel; owned by the window.  It starts nothing: it says what is wanted.

    Signals:
        generate_requested: The draft as it is to be sent; every take becomes a job.
        draft_saved: The draft is to be kept for later.
        draft_changed: The draft as it is, 300 ms after the last change, for keeping over a quit.
        recent_wanted: Recent settings are wanted, below this widget.
        settings_wanted: A key is to be added.
        sandbox_wanted: Work is to go on in the sandbox.
        announced: A sentence for screen readers.
        many_dropped: Three pictures or more came at once (their paths): they want to be drafts.
        job_dropped: A row of the queue (its `JobId`) was dropped here for its settings.
    """

    generate_requested = Signal(object)
    draft_saved = Signal(object)
    draft_changed = Signal(object)
    recent_wanted = Signal(QWidget)
    settings_wanted = Signal()
    sandbox_wanted = Signal()
    announced = Signal(str)
    many_dropped = Signal(object)
    job_dropped = Signal(object)

    def __init__(
        self,
        look: Look,
        preparer: PicturePreparer,
        usual: Callable[[Draft], Usual],
        tasks: TaskOwner,
        *,
        clip_frames: ClipFrames | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._usual = usual
        self._draft = Draft()
        self._mode = Mode()
        self._gone: frozenset[ModelId] = frozenset()
        self._undoable: list[tuple[Draft, str]] = []
        self._picker: ModelPicker | None = None
        self.pictures = FramePictures(preparer, tasks, self)
        self.frames = FramesPanel(look, self.pictures, tasks)
        self.prompt = PromptField(look, "Prompt", words.PROMPT_HINT)
        self.model = ModelButton(look)
        self.options = OptionForm(look, self.spec)
        self.footer = ComposeFooter(look)
        self.header = ComposeHeader(look)
        self._scroll = ScrollColumn(look)
        self._save_timer = QTimer(self)
        self._save_timer.setSingleShot(True)
        self._save_timer.setInterval(_SAVE_AFTER_MS)
        self._save_timer.timeout.connect(self.flush)
        set_surface(self, "panel")
        self.setAccessibleName("Create")
        self._build()
        self._connect()
        self.drops = CreateDrops(look, self, self.pictures, self.frames, self.prompt, clip_frames)
        self.drops.many_dropped.connect(self.many_dropped)
        self.drops.job_dropped.connect(self.job_dropped)
        self._show()

    # -------------------------------------------------------------- building

    def _build(self) -> None:
        """Put the parts in the order of the keyboard: the header comes last, though on top."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._build_content(), 1)
        column.addWidget(self.footer)
        column.insertWidget(0, self.header)

    def _build_content(self) -> QWidget:
        column = self._scroll.column
        column.addWidget(self.frames)
        column.addWidget(self.prompt, 1)
        model = QVBoxLayout()
        model.setSpacing(6)
        label = SectionLabel("Model")
        label.set_buddy(self.model)
        model.addWidget(label)
        model.addWidget(self.model)
        column.addLayout(model)
        column.addWidget(self.options)
        return self._scroll

    def _connect(self) -> None:
        self.pictures.image_changed.connect(self._on_image_changed)
        self.pictures.state_changed.connect(self._on_state_changed)
        self.pictures.picture_taken.connect(self._on_picture_taken)
        self.frames.paste_wanted.connect(self.take_clipboard)
        self.frames.undo_wanted.connect(self.undo)
        self.frames.changing.connect(lambda _role: self._remember())
        self.prompt.text_changed.connect(lambda text: self._edit(prompt=text))
        self.prompt.picture_pasted.connect(self.take_mime)
        self.model.clicked.connect(self.open_models)
        self.options.dimensions_changed.connect(lambda size: self._edit(dimensions=size))
        self.options.duration_changed.connect(lambda length: self._edit(duration_s=length))
        self.options.negative_prompt_changed.connect(lambda text: self._edit(negative_prompt=text))
        self.options.cfg_scale_changed.connect(lambda value: self._edit(cfg_scale=value))
        self.footer.takes_changed.connect(lambda takes: self._edit(takes=takes))
        self.footer.generate_wanted.connect(self.generate)
        self.footer.save_wanted.connect(self.save_draft)
        self.footer.settings_wanted.connect(self.settings_wanted)
        self.footer.sandbox_wanted.connect(self.sandbox_wanted)
        self.header.recent_wanted.connect(self.recent_wanted)
        self.header.restart_wanted.connect(self.start_over)

    # -------------------------------------------------------------- the draft

    @property
    def draft(self) -> Draft:
        """What is filled in at this moment, words for other models included."""
        return self._draft

    @property
    def spec(self) -> ModelSpec:
        return MODELS_BY_ID.get(self._draft.model, MODELS[0])

    @property
    def source(self) -> str:
        """Where the settings came from, as the header says it."""
        return self.header.source

    def set_draft(self, draft: Draft, source: str = "") -> None:
        """Fill everything in from a draft; `source` is said in the header.  Undo brings back."""
        self._remember()
        self._take_over(draft, source)

    def load_draft(self, draft: Draft) -> None:
        """Fill everything in as the program does at its start: no step that could be undone."""
        self._undoable.clear()
        self._take_over(draft, "")

    def forget_source(self) -> None:
        """Clear what the header says about where the settings came from."""
        self.header.say_source("")

    def _take_over(self, draft: Draft, source: str) -> None:
        self._draft = draft
        self.header.say_source(source)
        self.frames.notice.say("")
        self.pictures.set_spec(self.spec)
        self.pictures.show_image(FrameRole.FIRST, draft.first_frame)
        self.pictures.show_image(FrameRole.LAST, draft.last_frame)
        self._show()
        self._save_timer.start()

    def _edit(self, **changes: object) -> None:
        self._draft = replace(self._draft, **changes)  # pyright: ignore[reportArgumentType]
        self._show()
        self._save_timer.start()

    def flush(self) -> None:
        """Tell at once what is filled in, instead of after a pause."""
        self._save_timer.stop()
        self.draft_changed.emit(self._draft)

    def _show(self) -> None:
        draft, spec = self._draft, self.spec
        known = draft.model in MODELS_BY_ID and draft.model not in self._gone
        self.model.show_model(spec, "" if known else words.GONE_MODEL)
        self.frames.show_draft(draft, spec)
        self.prompt.set_text(draft.prompt)
        self.prompt.set_limits(spec.prompt_limits.max_length, optional=spec.prompt is None)
        self.options.show_draft(draft, spec)
        self.footer.show_draft(draft.takes, self._usual(draft), self._mode)
        self._show_reason()

    def _show_reason(self) -> None:
        self.footer.show_reason(self._find_reason())
        nothing = not self._draft.prompt.strip() and not self._draft.frames
        self.footer.show_unsavable("Add a picture or write a prompt." if nothing else "")

    def _find_reason(self) -> str:
        """Why the draft cannot be sent now, in the order of the form; empty when it can."""
        for role in FrameRole:
            state = self.pictures.state(role)
            if state.phase is SlotPhase.CHECKING:
                return words.still_checking(role)
            if state.is_in_the_way:
                return words.fix_first(role)
        spec = MODELS_BY_ID.get(self._draft.model)
        sent = self._draft if spec is None else without_unused(self._draft, spec)
        reason = disabled_reason(find_problems(sent, spec))
        if not reason and self._draft.model in self._gone:
            return words.GONE_MODEL
        return reason or (words.KEY_NEEDED if self._mode.key_missing else "")

    # -------------------------------------------------------------- what the window says

    def set_mode(
        self,
        *,
        sandbox: bool = False,
        key_missing: bool = False,
        queues_only: bool = False,
        cost_warning: Decimal | None = None,
    ) -> None:
        """Take over what the world outside says; see `Mode`."""
        mode = Mode(
            sandbox=sandbox,
            key_missing=key_missing,
            queues_only=queues_only,
            cost_warning_usd=cost_warning,
        )
        if mode != self._mode:
            self._mode = mode
            self._show()

    def refresh_usual(self) -> None:
        """Ask again what clips usually cost: one was finished."""
        self.footer.show_draft(self._draft.takes, self._usual(self._draft), self._mode)

    def mark_gone(self, models: Collection[ModelId]) -> None:
        """Mark models that the service no longer offers; none disappears."""
        self._gone = frozenset(models)
        if self._picker is not None:
            self._picker.mark_gone(models)
        self._show()

    # -------------------------------------------------------------- pictures

    def choose_first_frame(self) -> None:
        """Let a file be chosen for the first frame."""
        self.frames.browse(FrameRole.FIRST)

    def take_picture_files(self, paths: Sequence[Path], role: FrameRole = FrameRole.FIRST) -> None:
        """Use files as frames: one for `role`, two as first and last by their names' order."""
        self.drops.take_files(paths, role)

    def takes(self, mime: QMimeData) -> bool:
        """Whether something dragged over the window could become a frame."""
        return self.drops.can_take(mime)

    def take_mime(self, mime: QMimeData, role: FrameRole = FrameRole.FIRST) -> bool:
        """Use something dropped elsewhere in the window, or pasted; says whether it was any use."""
        return self.drops.take_mime(mime, role)

    def take_clipboard(self, role: FrameRole = FrameRole.FIRST) -> bool:
        """Paste: a picture becomes a frame, words go into the prompt."""
        return self.take_mime(QGuiApplication.clipboard().mimeData(), role)

    def recheck_pictures(self) -> None:
        """Notice pictures that were moved while somebody was elsewhere."""
        self.pictures.recheck()

    def _on_image_changed(self, role: FrameRole) -> None:
        image = self.pictures.image(role)
        if role is FrameRole.FIRST:
            self._edit(first_frame=image)
        else:
            self._edit(last_frame=image)

    def _on_state_changed(self, role: FrameRole) -> None:
        state = self.pictures.state(role)
        if role is FrameRole.LAST and state.is_empty:
            self.frames.notice.say("")
        if state.is_in_the_way:
            self.announced.emit(f"{words.role_name(role)}: {words.CANT_USE_YET}")
        self._show_reason()

    def _on_picture_taken(self, role: FrameRole) -> None:
        """A last frame brings the model that can use it, with a way back."""
        spec = find_model_for_last_frame()
        if role is not FrameRole.LAST or spec is None or self.spec.takes_last_frame:
            return
        self._remember(replace(self._draft, last_frame=None))
        self._use_model(spec)
        self.frames.notice.say(words.switched_notice(spec), "Undo")

    # -------------------------------------------------------------- model

    def open_models(self) -> None:
        """Open the picker beside the model button."""
        if self._picker is None:
            self._picker = ModelPicker(self._look, self)
            self._picker.mark_gone(self._gone)
            self._picker.model_chosen.connect(self.choose_model)
            self._picker.way_out_chosen.connect(self._take_way_out)
        self._picker.open_beside(self.model, self._draft, self._usual)

    @property
    def picker(self) -> ModelPicker | None:
        return self._picker

    def choose_model(self, model: ModelId) -> None:
        """Go over to another model; what had to change is pointed at once."""
        if model != self._draft.model and model in MODELS_BY_ID:
            self._remember()
            self.frames.notice.say("")
            self._use_model(MODELS_BY_ID[model])

    def _use_model(self, spec: ModelSpec) -> None:
        fitted = fit_draft(self._draft, spec)
        self.pictures.set_spec(spec)
        self._draft = fitted.draft
        self._show()
        self._save_timer.start()
        self.options.pulse(fitted.changed)

    def _take_way_out(self, model: ModelId) -> None:
        spec = MODELS_BY_ID[model]
        if self._draft.last_frame is not None and not spec.takes_last_frame:
            self._remember()
            self.pictures.remove(FrameRole.LAST)
            self._use_model(spec)
            return
        self.frames.browse(FrameRole.FIRST, lambda: self.choose_model(model))

    # -------------------------------------------------------------- commands

    def focus_prompt(self) -> None:
        self._scroll.ensureWidgetVisible(self.prompt)
        self.prompt.edit.setFocus()

    def generate(self) -> None:
        """Ask for the clips, when nothing is in the way; everything stays filled in."""
        if not self._find_reason():
            self.flush()
            self.generate_requested.emit(without_unused(self._draft, self.spec))

    def save_draft(self) -> None:
        """Ask for the draft to be kept; it may still have problems."""
        if self._draft.prompt.strip() or self._draft.frames:
            self.draft_saved.emit(self._draft)

    def start_over(self) -> None:
        """Empty everything but the model's own settings; Undo brings it back."""
        if self._draft == Draft() and not self.source:
            return
        self._remember()
        self._take_over(Draft(), "")
        self.frames.notice.say("Started over.", "Undo")
        self.prompt.edit.setFocus()

    def undo(self) -> bool:
        """Take back the last start over, switch, removal or replacement; says whether any was."""
        if not self._undoable:
            return False
        draft, source = self._undoable.pop()
        self._take_over(draft, source)
        return True

    def _remember(self, draft: Draft | None = None) -> None:
        self._undoable.append((draft or self._draft, self.source))
        del self._undoable[:-_MOST_UNDONE]

    # -------------------------------------------------------------- Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.frames.set_short(self.height() < _SHORT_UNDER_PX)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.recheck_pictures()
