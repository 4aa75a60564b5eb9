"""Between Create and the queue: generating, drafts, recent settings, remix and extend."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from kling_desktop.app.context import AppContext
from kling_desktop.assembly.current_draft import CurrentDraft
from kling_desktop.domain.catalog import MODELS_BY_ID
from kling_desktop.domain.draft import Draft, FrameRole, ImageInput
from kling_desktop.domain.errors import DraftRejected, UnreadableImage
from kling_desktop.domain.events import Network
from kling_desktop.domain.job import Job, JobId, Service
from kling_desktop.domain.money import Usual, price_key
from kling_desktop.domain.resources import find_resource
from kling_desktop.domain.video import Video, VideoId
from kling_desktop.storage.settings.settings_store import Settings
from kling_desktop.ui.clips.frame_extractor import FrameExtractor
from kling_desktop.ui.create.create_page import CreatePage
from kling_desktop.ui.create.picture_preparer import PicturePreparer
from kling_desktop.ui.overlays.dialogs import Answer, ask
from kling_desktop.ui.overlays.menu import Menu
from kling_desktop.ui.overlays.notices import Notice
from kling_desktop.wording.formatting import count_of, money
from kling_desktop.wording.models import describe_draft, short_model_name
from kling_desktop.wording.problems import describe_problem
from kling_desktop.wording.reasons import describe_error

_SAMPLE = "samples/umbrella.jpg"
_SAMPLE_PROMPT = "She turns under the umbrella as the city lights drift out of focus."


class CreateController(QObject):
    """Owns the Create panel; owned by the desk."""

    def __init__(self, context: AppContext, frames: FrameExtractor, current: CurrentDraft) -> None:
        super().__init__(context.window)
        self._context = context
        self._frames = frames
        self._current = current
        self._replaces: JobId | None = None
        core = context.core
        self._preparer = PicturePreparer(core.folders.prepared)
        self.page = CreatePage(
            context.look,
            self._preparer,
            self._find_usual,
            context.tasks,
            clip_frames=self._cut_frame,
        )
        self.page.generate_requested.connect(self._on_generate)
        self.page.draft_saved.connect(self._on_draft_saved)
        self.page.draft_changed.connect(self._on_draft_changed)
        self.page.recent_wanted.connect(self._show_recent)
        self.page.many_dropped.connect(self.offer_drafts)
        self.page.job_dropped.connect(self._load_job)
        self._connect_commands()

    async def restore(self) -> None:
        """Fill in what was filled in when the app was left."""
        draft = await self._current.load()
        if draft is not None:
            self.page.load_draft(draft)
        elif self._context.core.stores.settings.current.default_takes != 1:
            takes = self._context.core.stores.settings.current.default_takes
            self.page.load_draft(replace(Draft(), takes=takes))

    async def close(self) -> None:
        """Keep what is filled in, however short ago it was typed."""
        self.page.draft_changed.disconnect(self._on_draft_changed)
        self.page.flush()
        await self._current.keep(self.page.draft)

    # -- what others ask ------------------------------------------------------------------------

    def show_mode(self, settings: Settings) -> None:
        """Tell Create what the world outside says: key, sandbox, network, pause."""
        core, status = self._context.core, self._context.core.engine.status
        down = status.network in (Network.OFFLINE, Network.UNREACHABLE)
        self.page.set_mode(
            sandbox=core.service is Service.SANDBOX,
            key_missing=False,  # without a key clips wait in the queue, as they do offline
            queues_only=down or status.pause is not None or core.client is None,
            cost_warning=settings.cost_warning_usd,
        )
        self.page.mark_gone([model for model in MODELS_BY_ID if model in settings.models_gone])

    def edit(self, draft: Draft, replaces: JobId | None) -> None:
        """Load a draft; when it is generated it takes the place of a waiting job."""
        self._context.window.set_create_open(is_open=True)
        source = "" if replaces is None else f"Replaces number {replaces} in the queue"
        self.page.set_draft(draft, source)
        self._replaces = replaces
        self.page.focus_prompt()

    def remix(self, video: Video) -> None:
        """Load every setting of a clip."""
        self._context.window.set_create_open(is_open=True)
        self.page.set_draft(self._with_kept_frames(video.draft), f"From {Path(video.file).stem}")
        self._replaces = None

    def remix_job(self, job: Job) -> None:
        self.edit(job.draft, None)

    def extend(self, video: Video, picture: Path) -> None:
        """Start from a clip's exact last frame, with its prompt and model where that is allowed."""
        draft = replace(video.draft, first_frame=None, last_frame=None, takes=1)
        self.remix_draft(draft, f"After {Path(video.file).stem}")
        self.page.take_picture_files([picture])

    def start_from(self, picture: Path, video: Video) -> None:
        """Start from a picture taken out of a clip."""
        draft = replace(video.draft, first_frame=None, last_frame=None, takes=1)
        self.remix_draft(draft, f"From a frame of {Path(video.file).stem}")
        self.page.take_picture_files([picture])

    def remix_draft(self, draft: Draft, source: str) -> None:
        self._context.window.set_create_open(is_open=True)
        self.page.set_draft(draft, source)
        self._replaces = None

    def choose_picture(self) -> None:
        self._context.window.set_create_open(is_open=True)
        self.page.choose_first_frame()

    def try_sample(self) -> None:
        """Fill in a picture that ships with the app, and words for it."""
        self._context.window.set_create_open(is_open=True)
        if not self.page.draft.prompt.strip():
            self.page.set_draft(replace(self.page.draft, prompt=_SAMPLE_PROMPT))
        self.page.take_picture_files([find_resource(_SAMPLE)])

    def offer_drafts(self, paths: tuple[Path, ...]) -> None:
        """Several pictures were dropped: one draft for each, with the settings of now."""
        self._context.start(self._offer_drafts(paths), "make drafts of pictures")

    # -- inside ---------------------------------------------------------------------------------

    def _connect_commands(self) -> None:
        connect = self._context.commands.connect_to
        connect("choose-picture", self.choose_picture)
        connect("generate", self.page.generate)
        connect("save-draft", self.page.save_draft)
        connect("start-over", self.page.start_over)
        connect("go-to-prompt", self._go_to_prompt)
        connect("models", self._open_models)

    def _load_job(self, job_id: JobId) -> None:
        """Load a job's settings; the job stays where it is."""
        job = self._context.core.stores.jobs.find_job(job_id)
        if job is not None:
            source = Path(job.file).stem if job.file else job.title
            self.remix_draft(self._with_kept_frames(job.draft), f"From {source}")

    def _go_to_prompt(self) -> None:
        self._context.window.set_create_open(is_open=True)
        self.page.focus_prompt()

    def _open_models(self) -> None:
        self._context.window.set_create_open(is_open=True)
        self.page.open_models()

    def _find_usual(self, draft: Draft) -> Usual:
        """What such a clip usually costs and takes; in the sandbox nothing has a price."""
        core = self._context.core
        usual = core.stores.money.usual(price_key(draft), core.service)
        if core.service is Service.RUNWARE:
            return usual
        return replace(usual, cost_usd=None, cost_count=0, newest_at=None)

    def _on_generate(self, draft: Draft) -> None:
        self._context.start(self._generate(draft), "generate")

    async def _generate(self, draft: Draft) -> None:
        if not await self._may_spend([draft]):
            return
        replaces, self._replaces = self._replaces, None
        core = self._context.core
        try:
            await core.engine.enqueue([draft])
        except DraftRejected as error:
            words = " ".join(describe_problem(problem) for problem in error.problems)
            self._context.tell(Notice("Not queued", words, kind="warning"))
            return
        if replaces is not None:
            # Only a job that has not left yet is replaced; one that has goes on.
            job = core.stores.jobs.find_job(replaces)
            if job is not None and job.submitted_at is None and not job.state.is_terminal:
                await core.engine.cancel(replaces)
            self.page.forget_source()
        if core.client is None and core.service is Service.RUNWARE:
            self._context.tell(
                Notice("Waiting for an API key", "The clip is in the queue.", kind="info")
            )

    async def _may_spend(self, drafts: list[Draft]) -> bool:
        """Ask before one click costs more than the person said."""
        core = self._context.core
        limit = core.stores.settings.current.cost_warning_usd
        if core.service is Service.SANDBOX or limit is None:
            return True
        total, unknown = Decimal(0), 0
        for draft in drafts:
            cost = core.stores.money.usual(price_key(draft), core.service).cost_usd
            total += (cost or Decimal(0)) * draft.takes
            unknown += draft.takes if cost is None else 0
        if total <= limit:
            return True
        first = drafts[0]
        what = f"{count_of(first.takes, 'take')} of {short_model_name(first.model)}, "
        what += f"{first.duration_s} s each."
        if len(drafts) > 1:
            what = f"{count_of(sum(draft.takes for draft in drafts), 'clip')}."
        if unknown:
            what += f" {count_of(unknown, 'clip')} of unknown cost not counted."
        answer = await ask(
            self._context.look,
            self._context.window,
            f"This costs about {money(total)}",
            f"{what} You asked to be warned above {money(limit)}.",
            (
                Answer("cancel", "Cancel"),
                Answer("go", f"Generate for about {money(total)}", "primary"),
            ),
            icon="wallet",
            ink="warning",
        )
        return answer == "go"

    async def _offer_drafts(self, paths: tuple[Path, ...]) -> None:
        answer = await ask(
            self._context.look,
            self._context.window,
            f"Make {len(paths)} drafts with these settings?",
            "Each picture becomes the first frame of a draft; of one that does not fit a resized "
            "copy is used. Nothing is sent yet.",
            (Answer("cancel", "Cancel"), Answer("make", f"Make {len(paths)} drafts", "primary")),
            icon="stack",
        )
        if answer != "make":
            return
        made, refused = 0, 0
        pattern = replace(self.page.draft, first_frame=None, last_frame=None, takes=1)
        for path in paths:
            try:
                picture = await self._preparer.prepare(path, spec=self.page.spec)
                image = picture.image
                if image is None and picture.fix is not None:
                    image = await self._preparer.apply_fix(path, picture.fix, spec=self.page.spec)
            except UnreadableImage as error:
                refused += 1
                self._context.tell(Notice(path.name, describe_error(error), kind="warning"))
                continue
            await self._context.core.stores.drafts.save(replace(pattern, first_frame=image))
            made += 1
        if made:
            self._context.tell(Notice(f"{count_of(made, 'draft')} made", kind="success"))

    def _on_draft_changed(self, draft: Draft) -> None:
        self._context.start(self._current.keep(draft), "keep what is filled in")

    def _on_draft_saved(self, draft: Draft) -> None:
        async def save() -> None:
            await self._context.core.stores.drafts.save(draft)
            self._context.tell(
                Notice("Saved as draft", "It waits in the queue panel.", kind="success")
            )

        self._context.start(save(), "save a draft")

    def _show_recent(self, below: QWidget) -> None:
        menu = Menu(self._context.look, self.page)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        recent = self._context.core.stores.drafts.list_recent()
        menu.add_heading("Recent settings" if recent else "Nothing was generated yet")
        for draft in recent:
            words = " ".join(draft.prompt.split())[:48] or "No prompt"
            menu.add(
                f"{words}   {describe_draft(draft)}",
                lambda draft=draft: self.remix_draft(self._with_kept_frames(draft), ""),
            )
        menu.popup_below(below)

    def _with_kept_frames(self, draft: Draft) -> Draft:
        """Point a recipe's frames at the app's own copies, which its hash finds."""
        return replace(
            draft,
            first_frame=self._find_kept(draft.first_frame),
            last_frame=self._find_kept(draft.last_frame),
            takes=1,
        )

    def _find_kept(self, image: ImageInput | None) -> ImageInput | None:
        if image is None or not image.sha256:
            return image
        kept = self._context.core.inputs.find_kept(image.sha256)
        return image if kept is None else replace(image, path=kept)

    async def _cut_frame(self, video_id: VideoId, which: FrameRole) -> Path:
        video = self._context.core.stores.videos.get_video(video_id)
        if which is FrameRole.FIRST:
            return await self._frames.take(video, 0)
        return await self._frames.take_last(video)
