"""Connects the Create panel with queue, drafts and library: generate, edit, remix, extend."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from kling_desktop.app.context import AppContext
from kling_desktop.app.cost_check import CostCheck
from kling_desktop.assembly.core import Core
from kling_desktop.assembly.current_draft import CurrentDraft
from kling_desktop.domain.catalog import MODELS_BY_ID
from kling_desktop.domain.draft import Draft, FrameRole, ImageInput
from kling_desktop.domain.errors import DraftRejected, StateConflict, UnreadableImage
from kling_desktop.domain.job import Job, JobId, Service
from kling_desktop.domain.resources import find_resource
from kling_desktop.domain.video import Video, VideoId
from kling_desktop.storage.settings.settings_store import Settings
from kling_desktop.ui.clips.frame_extractor import FrameExtractor
from kling_desktop.ui.create.create_page import CreatePage
from kling_desktop.ui.create.picture_preparer import PicturePreparer
from kling_desktop.ui.overlays.dialogs import Answer, ask
from kling_desktop.ui.overlays.menu import Menu
from kling_desktop.ui.overlays.notices import Notice
from kling_desktop.wording import create as words
from kling_desktop.wording import phrases
from kling_desktop.wording.models import describe_draft
from kling_desktop.wording.problems import describe_problem
from kling_desktop.wording.reasons import describe_error

_NOT_KEPT = "not-kept"
"""The name of a picture that was never kept; no file is ever called so."""
_SAMPLE = "samples/umbrella.jpg"


class CreateController(QObject):
    """Owns the Create panel; owned by the main controller."""

    _job_changed = Signal(object)

    def __init__(
        self,
        context: AppContext,
        core: Core,
        frames: FrameExtractor,
        current: CurrentDraft,
        costs: CostCheck,
    ) -> None:
        super().__init__(context.window)
        self._context = context
        self._core, self._engine = core, core.engine
        stores = core.stores
        self._jobs, self._drafts, self._videos = stores.jobs, stores.drafts, stores.videos
        self._settings = stores.settings
        self._frames, self._current, self._costs = frames, current, costs
        self._preparer = PicturePreparer(core.folders.prepared)
        self.page = CreatePage(
            context.look,
            self._preparer,
            costs.usual,
            context.tasks,
            clip_frames=self._cut_frame,
        )
        self.page.generate_requested.connect(self._on_generate)
        self.page.draft_saved.connect(self._on_draft_saved)
        self.page.draft_changed.connect(self._on_draft_changed)
        self.page.recent_wanted.connect(self._show_recent)
        self.page.many_dropped.connect(self.offer_drafts)
        self.page.job_dropped.connect(self._load_job)
        self._job_changed.connect(self._on_job_changed)
        self._unsubscribe = self._jobs.changed.subscribe(self._job_changed.emit)
        self._connect_commands()

    async def restore(self) -> None:
        """Load the draft that was filled in when the app was closed."""
        draft = await self._current.load()
        takes = self._settings.current.default_takes
        if draft is not None:
            self.page.load_draft(draft)
        elif takes != 1:
            self.page.load_draft(replace(Draft(), takes=takes))

    async def close(self) -> None:
        """Write the draft down, however recently it was typed."""
        self._unsubscribe()
        self.page.draft_changed.disconnect(self._on_draft_changed)
        self.page.flush()
        await self._current.keep(self.page.draft)

    # -- what others ask ------------------------------------------------------------------------

    def show_mode(self, settings: Settings) -> None:
        """Show in Create what holds outside it: sandbox, network, pause, gone models."""
        core, status = self._core, self._engine.status
        down = status.network.is_down
        self.page.set_mode(
            sandbox=core.service is Service.SANDBOX,
            # Without a key clips wait in the queue, as they do offline.
            queues_only=down or status.pause is not None or core.client is None,
            cost_warning=settings.cost_warning_usd,
        )
        self.page.mark_gone([model for model in MODELS_BY_ID if model in settings.models_gone])

    def edit(self, draft: Draft, job_id: JobId | None) -> None:
        """Load a draft; with a waiting job's number, generating changes that job in its place."""
        source = "" if job_id is None else self._describe_editing(job_id)
        self._load(draft, source, job_id)
        self.page.focus_prompt()

    def remix(self, video: Video) -> None:
        """Load every setting of a clip."""
        self._load(self._with_own_frames(video.draft), words.from_clip(Path(video.file).stem))

    def remix_job(self, job: Job) -> None:
        """Load every setting of a job that has no clip."""
        self.edit(job.draft, None)

    def extend(self, video: Video, picture: Path) -> None:
        """Start from a clip's last frame, with its prompt and model."""
        self._start_from(picture, video, words.after_clip(Path(video.file).stem))

    def start_from(self, picture: Path, video: Video) -> None:
        """Start from a picture taken out of a clip, with the clip's prompt and model."""
        self._start_from(picture, video, words.from_frame_of(Path(video.file).stem))

    def choose_picture(self) -> None:
        """Open the file dialog for the first frame."""
        self._open_panel()
        self.page.choose_first_frame()

    def take_drop(self, mime: QMimeData) -> bool:
        """Use what was dropped elsewhere in the window; return whether it was of any use."""
        self._open_panel()
        return self.page.take_drop(mime)

    def try_sample(self) -> None:
        """Fill in a picture that ships with the app, and a prompt for it."""
        self._open_panel()
        if not self.page.draft.prompt.strip():
            self.page.set_draft(replace(self.page.draft, prompt=words.SAMPLE_PROMPT))
        self.page.take_picture_files([find_resource(_SAMPLE)])

    def offer_drafts(self, paths: tuple[Path, ...]) -> None:
        """Offer to make a draft of each of several pictures, with the present settings."""
        self._context.start(self._offer_drafts(paths), "make drafts of pictures")

    # -- loading --------------------------------------------------------------------------------

    def _open_panel(self) -> None:
        self._context.window.set_create_open(is_open=True)

    def _load(self, draft: Draft, source: str, editing: JobId | None = None) -> None:
        self._open_panel()
        self.page.set_draft(draft, source, editing=editing)

    def _start_from(self, picture: Path, video: Video, source: str) -> None:
        self._load(replace(video.draft, first_frame=None, last_frame=None, takes=1), source)
        self.page.take_picture_files([picture])

    def _load_job(self, job_id: JobId) -> None:
        """Load a job's settings; the job stays where it is."""
        job = self._jobs.find_job(job_id)
        if job is not None:
            name = Path(job.file).stem if job.file else job.title
            self._load(self._with_kept_frames(job.draft), words.from_clip(name))

    def _with_own_frames(self, draft: Draft) -> Draft:
        """Replace the frames of a clip's recipe by the app's own copies, found by their hash.

        The path that a recipe names is never used, for anybody may have written it: a frame of
        which there is no copy becomes one that is not there, which Create says and offers to find.
        """
        first, last = (
            None if image is None else self._find_own(image)
            for image in (draft.first_frame, draft.last_frame)
        )
        return replace(draft, first_frame=first, last_frame=last, takes=1)

    def _find_own(self, image: ImageInput) -> ImageInput:
        inputs = self._core.inputs
        kept = inputs.find_kept(image.sha256)
        return replace(image, path=inputs.inputs_dir / _NOT_KEPT if kept is None else kept)

    def _with_kept_frames(self, draft: Draft) -> Draft:
        """Point a recipe's frames at the app's own copies, which are found by their hash."""
        return replace(
            draft,
            first_frame=self._find_kept(draft.first_frame),
            last_frame=self._find_kept(draft.last_frame),
            takes=1,
        )

    def _find_kept(self, image: ImageInput | None) -> ImageInput | None:
        if image is None or not image.sha256:
            return image
        kept = self._core.inputs.find_kept(image.sha256)
        return image if kept is None else replace(image, path=kept)

    async def _cut_frame(self, video_id: VideoId, which: FrameRole) -> Path:
        video = self._videos.get_video(video_id)
        if which is FrameRole.FIRST:
            return await self._frames.take(video, 0)
        return await self._frames.take_last(video)

    def _show_recent(self, below: QWidget) -> None:
        menu = Menu(self._context.look, self.page)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        recent = self._drafts.list_recent()
        menu.add_heading(words.recent_settings() if recent else words.nothing_recent())
        for draft in recent:
            prompt = " ".join(draft.prompt.split())[:48] or words.no_prompt()
            menu.add(
                f"{prompt} · {describe_draft(draft)}",
                lambda draft=draft: self._load(self._with_kept_frames(draft), ""),
            )
        menu.popup_below(below)

    # -- commands -------------------------------------------------------------------------------

    def _connect_commands(self) -> None:
        follow = self._context.commands.follow_keys
        follow("generate", self.page.footer.show_generate_keys)
        follow("save-draft", self.page.footer.save.set_shortcut_hint)
        follow("start-over", self.page.header.restart.set_shortcut_hint)
        connect = self._context.commands.connect_to
        connect("choose-picture", self.choose_picture)
        connect("generate", self.page.generate)
        connect("save-draft", self.page.save_draft)
        connect("start-over", self.page.start_over)
        connect("go-to-prompt", self._go_to_prompt)
        connect("models", self._open_models)

    def _go_to_prompt(self) -> None:
        self._open_panel()
        self.page.focus_prompt()

    def _open_models(self) -> None:
        self._open_panel()
        self.page.open_models()

    # -- generating -----------------------------------------------------------------------------

    def _on_generate(self, draft: Draft) -> None:
        self._context.start(self._generate(draft), "generate")

    async def _generate(self, draft: Draft) -> None:
        editing = self.page.editing
        if not await self._costs.may_spend([draft]):
            return
        try:
            if editing is None:
                await self._engine.enqueue([draft])
            elif not await self._edit(editing, draft):
                return
        except DraftRejected as error:
            reasons = " ".join(describe_problem(problem) for problem in error.problems)
            self._context.notify(Notice(words.not_queued(), reasons, kind="warning"))
            return
        if self._core.client is None and self._core.service is Service.RUNWARE:
            self._context.notify(Notice(*words.waiting_for_key(), kind="info"))

    async def _edit(self, job_id: JobId, draft: Draft) -> bool:
        """Change a waiting job; when it was sent meanwhile, offer a new clip instead."""
        try:
            await self._engine.edit(job_id, draft)
        except StateConflict:
            title, text = words.edit_too_late()
            answer = await ask(
                self._context.look,
                self._context.window,
                title,
                text,
                (
                    Answer("cancel", phrases.CANCEL()),
                    Answer("new", words.generate_new(), "primary"),
                ),
            )
            if answer != "new":
                return False
            await self._engine.enqueue([draft])
        else:
            self._context.notify(Notice(words.edited(), kind="success"))
        self.page.end_editing()
        return True

    def _on_job_changed(self) -> None:
        """Keep the header true while a waiting job is edited: its place moves, or it is sent."""
        editing = self.page.editing
        if editing is not None:
            self.page.show_source(self._describe_editing(editing))

    def _describe_editing(self, job_id: JobId) -> str:
        place = self._jobs.find_place(job_id)
        return words.sent_meanwhile() if place is None else words.editing(place)

    # -- drafts ---------------------------------------------------------------------------------

    async def _offer_drafts(self, paths: tuple[Path, ...]) -> None:
        answer = await ask(
            self._context.look,
            self._context.window,
            words.drafts_question(len(paths)),
            words.drafts_details(),
            (
                Answer("cancel", phrases.CANCEL()),
                Answer("make", words.make_drafts(len(paths)), "primary"),
            ),
            icon="stack",
        )
        if answer != "make":
            return
        made = 0
        pattern = replace(self.page.draft, first_frame=None, last_frame=None, takes=1)
        for path in paths:
            try:
                image = await self._prepare(path)
            except UnreadableImage as error:
                self._context.notify(Notice(path.name, describe_error(error), kind="warning"))
                continue
            await self._drafts.save(replace(pattern, first_frame=image))
            made += 1
        if made:
            self._context.notify(Notice(words.drafts_made(made), kind="success"))

    async def _prepare(self, path: Path) -> ImageInput | None:
        """Check a picture and repair it where that is possible without a question."""
        spec = self.page.spec
        picture = await self._preparer.prepare(path, spec=spec)
        if picture.image is None and picture.fix is not None:
            return await self._preparer.apply_fix(path, picture.fix, spec=spec)
        return picture.image

    def _on_draft_changed(self, draft: Draft) -> None:
        self._context.start(self._current.keep(draft), "keep the draft")

    def _on_draft_saved(self, draft: Draft) -> None:
        async def save() -> None:
            await self._drafts.save(draft)
            self._context.notify(Notice(*words.draft_saved(), kind="success"))

        self._context.start(save(), "save a draft")
