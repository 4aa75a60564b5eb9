"""The Create panel: edits one draft and says what keeps it from being sent."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kling_desktop.domain.catalog import MODELS, MODELS_BY_ID, Dimensions, ModelId, ModelSpec
from kling_desktop.domain.draft import Draft, FrameRole
from kling_desktop.domain.job import JobId
from kling_desktop.domain.model_fit import find_model_for_last_frame, fit_draft, without_unused
from kling_desktop.domain.money import Usual
from kling_desktop.domain.problems import Field, Problem, ProblemCode
from kling_desktop.domain.validation import find_problems
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.ui.controls.labels import SectionLabel, set_surface
from kling_desktop.ui.controls.layouts import ScrollColumn
from kling_desktop.ui.create.create_drops import CreateDrops
from kling_desktop.ui.create.create_footer import CreateFooter, Mode
from kling_desktop.ui.create.create_header import CreateHeader
from kling_desktop.ui.create.frame_pictures import FramePictures
from kling_desktop.ui.create.frames_panel import FramesPanel
from kling_desktop.ui.create.model_button import ModelButton
from kling_desktop.ui.create.model_picker import ModelPicker
from kling_desktop.ui.create.option_form import OptionForm
from kling_desktop.ui.create.picture_preparer import ClipFrames, PicturePreparer
from kling_desktop.ui.create.prompt_field import PromptField
from kling_desktop.ui.create.slot_state import SlotPhase, SlotState
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import create as words
from kling_desktop.wording import phrases
from kling_desktop.wording import pictures as picture_words
from kling_desktop.wording.models import gone_model
from kling_desktop.wording.problems import (
    describe_problem,
    disabled_reason,
    field_name,
    fix_first,
)

_SAVE_AFTER_MS = 300
_SHORT_UNDER_PX = 722
"""A window of 780 px less menu bar and status line."""
_MOST_UNDONE = 100
_ONE_STEP_MS = 1500
"""Changes of one setting, a text for instance, are one step until this long a pause."""
_NOTHING_YET = Problem(ProblemCode.NOTHING_TO_GO_ON, Field.PROMPT)


@dataclass(frozen=True, slots=True)
class _Step:
    """What Undo brings back: the draft, where it came from, and the waiting job it changes."""

    draft: Draft
    source: str = ""
    editing: JobId | None = None


class CreatePage(QWidget):
    """The panel; owned by the window.  It starts nothing: its signals say what is wanted.

    Signals:
        generate_requested: The draft as it is to be sent; every take becomes a job.
        draft_saved: The draft is to be kept for later.
        draft_changed: The draft as it is, 300 ms after the last change, to be kept over a quit.
        recent_wanted: Recent settings are wanted, below this widget.
        announced: A sentence for screen readers.
        many_dropped: Three pictures or more came at once (their paths), for drafts.
        job_dropped: A row of the queue (its `JobId`) was dropped here for its settings.
    """

    generate_requested = Signal(object)
    draft_saved = Signal(object)
    draft_changed = Signal(object)
    recent_wanted = Signal(QWidget)
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
        self._settings = Draft()
        """The draft without its frames, which `pictures` owns."""
        self._editing: JobId | None = None
        self._mode = Mode()
        self._gone: frozenset[ModelId] = frozenset()
        self._undoable: list[_Step] = []
        self._undo_notice: Callable[[], object] = self.undo
        self._picker: ModelPicker | None = None
        self.pictures = FramePictures(preparer, tasks, self)
        self.frames = FramesPanel(look, self.pictures, tasks)
        self.prompt = PromptField(look, field_name(Field.PROMPT), words.prompt_hint())
        self.model = ModelButton(look)
        self.options = OptionForm(look, self.spec)
        self.footer = CreateFooter(look)
        self.header = CreateHeader(look)
        self._scroll = ScrollColumn(look)
        self._save_timer = QTimer(self)
        self._save_timer.setSingleShot(True)
        self._save_timer.setInterval(_SAVE_AFTER_MS)
        self._save_timer.timeout.connect(self.flush)
        self._step_timer = QTimer(self)
        self._step_timer.setSingleShot(True)
        self._step_timer.setInterval(_ONE_STEP_MS)
        self._edited: frozenset[str] = frozenset()
        """The settings that the present step changes."""
        set_surface(self, "panel")
        self.setAccessibleName(words.panel_name())
        self._build()
        self._connect()
        self.drops = CreateDrops(look, self, self.frames, self.prompt, clip_frames)
        self.drops.many_dropped.connect(self.many_dropped)
        self.drops.job_dropped.connect(self.job_dropped)
        self._show()

    # -------------------------------------------------------------- building

    def _build(self) -> None:
        """Add the parts in the order of the Tab key: the header comes last, though it is on top."""
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
        label = SectionLabel(field_name(Field.MODEL))
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
        self.pictures.changing.connect(lambda _role: self._remember())
        self.pictures.picture_refused.connect(self._on_picture_refused)
        self.frames.undo_wanted.connect(lambda: self._undo_notice())
        self.frames.size_wanted.connect(self._use_size)
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
        self.header.recent_wanted.connect(self.recent_wanted)
        self.header.restart_wanted.connect(self.start_over)

    # -------------------------------------------------------------- the draft

    @property
    def draft(self) -> Draft:
        """What is filled in now, also what the present model does not take."""
        return replace(
            self._settings,
            first_frame=self.pictures.image(FrameRole.FIRST),
            last_frame=self.pictures.image(FrameRole.LAST),
        )

    @property
    def spec(self) -> ModelSpec:
        return MODELS_BY_ID.get(self._settings.model, MODELS[0])

    @property
    def source(self) -> str:
        """Where the settings came from, as the header says it."""
        return self.header.source

    @property
    def editing(self) -> JobId | None:
        """The waiting job that generating changes; None when a new clip is made."""
        return self._editing

    def set_draft(self, draft: Draft, source: str = "", *, editing: JobId | None = None) -> None:
        """Fill everything in from a draft, as a step that Undo takes back.

        Args:
            draft: What to fill in.
            source: Where it came from, for the header.
            editing: The waiting job that generating is to change.
        """
        self._remember()
        self._fill(_Step(draft, source, editing))

    def load_draft(self, draft: Draft) -> None:
        """Fill everything in as the program does at its start: no step that could be undone."""
        self._undoable.clear()
        self._fill(_Step(draft))

    def show_source(self, source: str) -> None:
        """Show where the settings came from."""
        self.header.show_source(source)

    def end_editing(self) -> None:
        """The edited job has its new draft: from now on new clips are made."""
        self._editing = None
        self.header.show_source("")
        self._show()

    def _fill(self, step: "_Step") -> None:
        self._settings = replace(step.draft, first_frame=None, last_frame=None)
        self._editing = step.editing
        self.header.show_source(step.source)
        self.frames.notice.say("")
        self.pictures.set_spec(self.spec)
        self.pictures.show_image(FrameRole.FIRST, step.draft.first_frame)
        self.pictures.show_image(FrameRole.LAST, step.draft.last_frame)
        self._show()
        self._save_timer.start()

    def _edit(self, **changes: object) -> None:
        """Take over what the user changed: one step for Undo as long as it is the same setting."""
        names = frozenset(changes)
        if names != self._edited or not self._step_timer.isActive():
            self._remember()
            self._edited = names
        self._step_timer.start()
        self._settings = replace(self._settings, **changes)  # pyright: ignore[reportArgumentType]
        self._show()
        self._save_timer.start()

    def flush(self) -> None:
        """Report the draft at once, instead of after a pause."""
        self._save_timer.stop()
        self.draft_changed.emit(self.draft)

    def _show(self) -> None:
        draft, spec = self.draft, self.spec
        known = draft.model in MODELS_BY_ID and draft.model not in self._gone
        self.model.show_model(spec, "" if known else gone_model())
        self.frames.show_draft(draft, spec)
        self.prompt.set_text(draft.prompt)
        self.prompt.set_limits(spec.prompt_limits.max_length, optional=spec.prompt is None)
        self.options.show_draft(draft, spec)
        self.footer.show_draft(draft.takes, self._usual(draft), self._present_mode)
        self._show_reason()

    def _show_reason(self) -> None:
        self.footer.show_reason(self._find_reason())
        draft = self.draft
        nothing = not draft.prompt.strip() and not draft.frames
        self.footer.show_unsavable(describe_problem(_NOTHING_YET) if nothing else "")

    def _find_reason(self) -> str:
        """Why the draft cannot be sent now, in the order of the form; empty when it can."""
        for role in FrameRole:
            state = self.pictures.state(role)
            if state.phase is SlotPhase.CHECKING:
                return picture_words.still_checking(role)
            if state.is_in_the_way:
                return fix_first(role)
        draft = self.draft
        spec = MODELS_BY_ID.get(draft.model)
        sent = draft if spec is None else without_unused(draft, spec)
        reason = disabled_reason(find_problems(sent, spec))
        if not reason and draft.model in self._gone:
            return gone_model()
        return reason

    # -------------------------------------------------------------- what the window says

    def set_mode(
        self,
        *,
        sandbox: bool = False,
        queues_only: bool = False,
        cost_warning: Decimal | None = None,
    ) -> None:
        """Set what holds outside the draft; see `Mode`."""
        mode = Mode(
            sandbox=sandbox,
            queues_only=queues_only,
            cost_warning_usd=cost_warning,
        )
        if mode != self._mode:
            self._mode = mode
            self._show()

    def refresh_usual(self) -> None:
        """Show again what clips usually cost: one was finished."""
        draft = self.draft
        self.footer.show_draft(draft.takes, self._usual(draft), self._present_mode)

    @property
    def _present_mode(self) -> Mode:
        return replace(self._mode, editing=self._editing is not None)

    def mark_gone(self, models: Collection[ModelId]) -> None:
        """Mark models that the service no longer offers; none disappears."""
        self._gone = frozenset(models)
        if self._picker is not None:
            self._picker.mark_gone(models)
        self._show()

    # -------------------------------------------------------------- pictures

    def choose_first_frame(self) -> None:
        """Open the file dialog for the first frame."""
        self.frames.browse(FrameRole.FIRST)

    def take_picture_files(self, paths: Sequence[Path], role: FrameRole = FrameRole.FIRST) -> None:
        """Use files as frames: one for `role`, two as first and last by their names' order."""
        self.drops.take_files(paths, role)

    def takes(self, mime: QMimeData) -> bool:
        """Whether something dragged over the window could become a frame."""
        return self.drops.can_take(mime)

    def take_mime(self, mime: QMimeData, role: FrameRole = FrameRole.FIRST) -> bool:
        """Use something pasted; return whether it was of any use."""
        return self.drops.take_mime(mime, role)

    def take_clipboard(self) -> bool:
        """Paste: a picture becomes a frame, text goes into the prompt."""
        return self.take_mime(QGuiApplication.clipboard().mimeData())

    def recheck_pictures(self) -> None:
        """Notice pictures that were moved while another program was in use."""
        self.pictures.recheck()

    def take_drop(self, mime: QMimeData) -> bool:
        """Use something dropped elsewhere in the window; return whether it was of any use."""
        return self.drops.take_drop(mime)

    def _on_image_changed(self, _role: FrameRole) -> None:
        self._show()
        self._save_timer.start()

    def _on_picture_refused(self, _role: FrameRole, _refused: SlotState) -> None:
        self.announced.emit(self.frames.refusal.text)

    def _on_state_changed(self, role: FrameRole) -> None:
        state = self.pictures.state(role)
        if role is FrameRole.LAST and state.is_empty:
            self.frames.notice.say("")
        if state.is_in_the_way:
            self.announced.emit(picture_words.cannot_use(role))
        self._show_reason()

    def _on_picture_taken(self, role: FrameRole) -> None:
        """Switch to the model that takes a last frame when there is one, with a way back."""
        spec, former = find_model_for_last_frame(), self.spec
        if role is not FrameRole.LAST or spec is None or former.takes_last_frame:
            return
        self._use_model(spec)
        self.frames.notice.say(words.switched_notice(spec), phrases.UNDO())

        def undo_switch() -> None:
            self.frames.notice.say("")
            self.pictures.remove(FrameRole.LAST)
            self._use_model(former)

        self._undo_notice = undo_switch

    # -------------------------------------------------------------- model

    def open_models(self) -> None:
        """Open the picker beside the model button."""
        if self._picker is None:
            self._picker = ModelPicker(self._look, self)
            self._picker.mark_gone(self._gone)
            self._picker.model_chosen.connect(self.choose_model)
            self._picker.way_out_chosen.connect(self._take_way_out)
        self._picker.open_beside(self.model, self.draft, self._usual)

    @property
    def picker(self) -> ModelPicker | None:
        return self._picker

    def choose_model(self, model: ModelId) -> None:
        """Change the model; what had to change with it is highlighted once."""
        if model != self._settings.model and model in MODELS_BY_ID:
            self._remember()
            self.frames.notice.say("")
            self._use_model(MODELS_BY_ID[model])

    def _use_model(self, spec: ModelSpec) -> None:
        fitted = fit_draft(self.draft, spec)
        self.pictures.set_spec(spec)
        self._settings = replace(fitted.draft, first_frame=None, last_frame=None)
        self._show()
        self._save_timer.start()
        self.options.highlight(fitted.changed)

    def _take_way_out(self, model: ModelId) -> None:
        spec = MODELS_BY_ID[model]
        if self.draft.last_frame is not None and not spec.takes_last_frame:
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
        self.prompt.commit_composed()
        self.options.negative_prompt.commit_composed()
        if not self._find_reason():
            self.flush()
            self.generate_requested.emit(without_unused(self.draft, self.spec))

    def save_draft(self) -> None:
        """Ask for the draft to be kept; it may still have problems."""
        self.prompt.commit_composed()
        draft = self.draft
        if draft.prompt.strip() or draft.frames:
            self.draft_saved.emit(draft)

    def start_over(self) -> None:
        """Empty everything but the model's own settings; Undo brings it back."""
        if self.draft == Draft() and not self.source:
            return
        self._remember()
        self._fill(_Step(Draft()))
        self.frames.notice.say(words.started_over(), phrases.UNDO())
        self._undo_notice = self.undo
        self.prompt.edit.setFocus()

    def undo(self) -> bool:
        """Take back the last step that changed anything; return whether there was one."""
        self._edited = frozenset()
        present = self._present_step
        while self._undoable:
            step = self._undoable.pop()
            if step != present:
                self._fill(step)
                return True
        return False

    @property
    def _present_step(self) -> "_Step":
        return _Step(self.draft, self.source, self._editing)

    def _remember(self) -> None:
        """Note the present draft as what Undo brings back."""
        self._edited = frozenset()
        self._undoable.append(self._present_step)
        del self._undoable[:-_MOST_UNDONE]

    def _use_size(self, size: Dimensions) -> None:
        self._edit(dimensions=size)

    # -------------------------------------------------------------- Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.frames.set_short(self.height() < _SHORT_UNDER_PX)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.recheck_pictures()
