"""Sets the stage for the screenshots: the real window, a demo library, a scripted service."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx
from PySide6.QtCore import QEvent, QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from kling_desktop.api.client import ApiClient
from kling_desktop.app.main_controller import MainController
from kling_desktop.assembly.core import Core
from kling_desktop.assembly.current_draft import CurrentDraft
from kling_desktop.assembly.folders import Folders
from kling_desktop.assembly.log import start_log
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.job import Job, TaskId
from kling_desktop.domain.secret import ApiKey
from kling_desktop.storage.database.database import Database
from kling_desktop.ui.shell.main_window import MainWindow
from kling_desktop.ui.theme.look import Look
from tests.fakes.service import KEY, FakeService, FakeTask
from tests.fakes.service_script import Absent, Processing, Success
from tools.demo_library import DemoBuilder, keep_samples

_VIDEO_BYTES = 9_542_000
_SO_FAR_BYTES = 6_711_000
_SETTLE_S = 20


class StillService(FakeService):
    """A service whose jobs stay as they are: one is being made, one video comes and never ends."""

    def __init__(self) -> None:
        super().__init__()
        answer = self.transport.handler

        async def handle(request: httpx.Request) -> httpx.Response:
            if request.method == "GET" and not self.files.down:
                headers = {"content-length": str(_VIDEO_BYTES), "etag": '"half"'}
                return httpx.Response(200, headers=headers, stream=_HalfVideo())
            return await answer(request)  # pyright: ignore[reportGeneralTypeIssues]

        self.transport = httpx.MockTransport(handle)

    def keep_running(self, task_id: TaskId) -> None:
        self._know(task_id, Processing(100_000))

    def keep_sending(self, task_id: TaskId) -> None:
        """Let the video of this task come for ever."""
        self._know(task_id, Success())

    def never_hear_of(self, task_id: TaskId) -> None:
        self.tasks[task_id] = FakeTask(task_id, [Absent(100_000)])

    def _know(self, task_id: TaskId, *steps: Processing | Success) -> None:
        task = FakeTask(task_id, list(steps), body={"includeCost": True})
        task.known = True
        self.tasks[task_id] = task


class _HalfVideo(httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield bytes(_SO_FAR_BYTES)
        await asyncio.Event().wait()


class _StageCore(Core):
    """The app's core, whose service is the scripted one."""

    service_of_stage: FakeService

    def _connect(self, base_url: str, key: ApiKey) -> ApiClient:
        return self.service_of_stage.make_client()


@dataclass
class Stage:
    """An open window and how to picture it."""

    look: Look
    window: MainWindow
    core: Core
    main: MainController
    service: FakeService
    jobs: dict[str, Job]
    failures: list[BaseException] = field(default_factory=list[BaseException])

    def find(self, kind: type[QWidget], name: str = "") -> QWidget:
        """Return the visible widget of a kind, by its accessible name if given."""
        for widget in self.window.findChildren(kind):
            if widget.isVisible() and (not name or widget.accessibleName() == name):
                return widget
        raise LookupError(f"no visible {kind.__name__} {name}")

    async def settle(self, rounds: int = 3) -> None:
        """Wait until pictures are there and motion has come to rest."""
        await asyncio.sleep(0.25)
        for _ in range(rounds):
            QApplication.sendPostedEvents()
            self.window.grab()  # painting asks for what is not there yet
            await asyncio.sleep(0.2)

    async def wait_until(self, is_done: Callable[[], object]) -> None:
        async with asyncio.timeout(_SETTLE_S):
            while not is_done():  # noqa: ASYNC110 - widgets have no event to wait for
                await asyncio.sleep(0.02)

    def picture(self) -> QPixmap:
        """Return the window with everything that stands over it."""
        shot = self.window.grab()
        painter = QPainter(shot)
        over = [w for w in QApplication.topLevelWidgets() if w.isVisible() and w is not self.window]
        for widget in sorted(over, key=lambda w: w.windowType() == Qt.WindowType.Popup):
            painter.drawPixmap(widget.pos() - self.window.pos(), widget.grab())
        painter.end()
        return shot

    def hover(self, widget: QWidget, place: QPoint) -> None:
        """Let the pointer stand over a widget."""
        event = QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(place),
            QPointF(widget.mapToGlobal(place)),
            Qt.MouseButton.NoButton,
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(widget, event)


@asynccontextmanager
async def open_stage(
    look: Look,
    folder: Path,
    *,
    fill: Callable[[DemoBuilder, StillService], object] | None = None,
    videos: Path,
    draft: Draft | None = None,
    first_run: bool = False,
    size: Sequence[int] = (1440, 900),
    concurrency: int = 3,
) -> AsyncIterator[Stage]:
    """Open the window over a new data folder; `fill` (async) puts the library and jobs in it."""
    data, library = folder / "data", folder / "Videos" / "Kling Desktop"
    library.mkdir(parents=True)
    folders = Folders(data=data, cache=data / "cache", default_library=library)
    service, jobs = StillService(), {}
    if fill is not None:
        database = await Database.open(folders.database, now=lambda: datetime.now().astimezone())
        builder = DemoBuilder(database, videos, library, datetime.now().astimezone())
        keep_samples(folders.inputs)
        jobs = await fill(builder, service)  # pyright: ignore[reportGeneralTypeIssues]
        await database.close()
    if not first_run:
        settings = {"service": "runware", "concurrency": concurrency}
        data.mkdir(exist_ok=True)
        folders.settings.write_text(json.dumps(settings), "utf-8")
    if draft is not None:
        await CurrentDraft(data / "current-draft.json").keep(draft)
    failures: list[BaseException] = []
    environment = {} if first_run else {"RUNWARE_API_KEY": KEY}
    _StageCore.service_of_stage = service
    core = await _StageCore.open(folders, environment, on_failure=failures.append)
    store = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
    window = MainWindow(store)
    window.apply_look(look)
    window.resize(*size)
    window.show()
    quit_ = asyncio.Event()
    log = start_log(folders.logs)
    main = MainController(look, window, core, quit_, failures.append, log)
    await main.start()
    stage = Stage(look, window, core, main, service, jobs, failures)
    try:
        yield stage
    finally:
        window.hide()
        await main.close()
        window.deleteLater()
    if failures:
        raise failures[0]
