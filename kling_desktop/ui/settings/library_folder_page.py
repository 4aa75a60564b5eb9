"""The settings' page for the library: its folder, the names of clips, thumbnails, a check."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kling_desktop.domain.errors import DamagedValue, KlingDesktopError
from kling_desktop.engine.library.library_move import UnfinishedMove
from kling_desktop.storage.files.file_names import DEFAULT_NAME_PATTERN, example_name
from kling_desktop.ui.controls.buttons import LinkButton, SecondaryButton
from kling_desktop.ui.controls.fields import TextField, set_bad
from kling_desktop.ui.controls.labels import ElidedLabel, Label
from kling_desktop.ui.controls.segmented import Segment, SegmentedControl
from kling_desktop.ui.overlays.dialogs import Answer, ask, choose_folder
from kling_desktop.ui.settings.settings_column import PageContext, SettingsColumn
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import phrases
from kling_desktop.wording import settings_pages as texts
from kling_desktop.wording.commands import translate_command
from kling_desktop.wording.formatting import file_size
from kling_desktop.wording.reasons import describe_error
from kling_desktop.wording.settings import (
    cache_words,
    check_progress,
    doubles_words,
    failed_words,
    move_progress,
    moved_words,
    report_words,
)

CACHE_SIZES_MB = (512, 1024, 2048, 5120, 10_240)


class LibraryFolderPage(SettingsColumn):
    """Shows where clips lie and looks after them.

    Args:
        context: What every page has.
        hold_open: Keeps the dialog open with a reason while clips are moved.
    """

    def __init__(self, context: PageContext, hold_open: Callable[[str], object]) -> None:
        super().__init__(context, phrases.LIBRARY(), texts.PLAIN_MP4_FILES_IN_ORDINARY_FOLDERS())
        self._library = context.services
        self._hold_open = hold_open
        self._work: asyncio.Task[None] | None = None
        self._build_folder()
        self._build_pattern()
        self._build_cache()
        self._build_check()
        self.end()
        context.tasks.start(self._look_at_folder(), name="look at the library folder")
        context.tasks.start(self._measure_cache(), name="measure the thumbnails")

    # -- the folder -----------------------------------------------------------------------------

    def _build_folder(self) -> None:
        self._path = ElidedLabel("", "small", "text-2")
        self._choose_button = SecondaryButton(
            self._look, texts.CHANGE(), name=texts.CHANGE_LIBRARY_FOLDER()
        )
        self._open = SecondaryButton(
            self._look, texts.OPEN(), name=translate_command("open-library")
        )
        self._move = _Progress(self._look, texts.CANCEL_MOVE())
        self._choose_button.clicked.connect(
            lambda: self._context.tasks.start(self._choose(), name="choose the library folder")
        )
        self._open.clicked.connect(self._open_folder)
        self._move.cancelled.clicked.connect(self._cancel)
        if self._library.folder_fixed_by:
            self._choose_button.set_disabled_reason(
                texts.FOLDER_FIXED(name=self._library.folder_fixed_by)
            )
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._path)
        column.addWidget(self._move)
        buttons = _in_a_row(self._look, self._open, self._choose_button)
        self._folder_row = self.add_row(phrases.LIBRARY_FOLDER(), "", buttons, below=below)
        self._show_folder()

    def _show_folder(self) -> None:
        folder = str(self._library.library_folder)
        self._path.setText(folder)
        fixed = self._library.folder_fixed_by
        self._folder_row.set_text(
            texts.FOLDER_FIXED(name=fixed) if fixed else texts.LIBRARY_FOLDER_ABOUT()
        )

    async def _look_at_folder(self) -> None:
        verdict = await self._library.check_folder(self._library.library_folder)
        self._folder_row.set_aside(verdict.free)
        self._folder_row.set_error(verdict.trouble)

    def _open_folder(self) -> None:
        if not self._library.open_folder(self._library.library_folder):
            self._folder_row.set_error(phrases.FOLDER_NOT_OPENED())

    async def _choose(self) -> None:
        now = self._library.library_folder
        folder = await choose_folder(self, phrases.CHOOSE_LIBRARY_QUESTION(), folder=now.parent)
        if folder is None or folder == now:
            return
        verdict = await self._library.check_folder(folder)
        if verdict.trouble:
            self._folder_row.set_error(verdict.trouble)
            return
        answer = await ask(
            self._look,
            self,
            texts.MOVE_QUESTION(),
            texts.MOVE_QUESTION_ABOUT(),
            (
                Answer("cancel", phrases.CANCEL(), "ghost"),
                Answer("use", texts.ONLY_NEW_CLIPS()),
                Answer("move", texts.MOVE_ALL_CLIPS(), "primary"),
            ),
            icon="folder",
        )
        if answer in ("use", "move"):
            work = self._use_folder(folder, moves=answer == "move")
            self._work = self._context.tasks.see_through(work, name="change the library folder")

    async def _use_folder(self, folder: Path, *, moves: bool) -> None:
        """Use another folder; the dialog stays open until it is done, so widgets are there."""
        self._folder_row.set_error("")
        self._choose_button.set_disabled_reason(texts.CLIPS_ARE_MOVING())
        self._hold_open(texts.CLIPS_ARE_MOVING())
        words = trouble = ""
        try:
            if moves:
                self._move.show_words(texts.COPYING())
                videos = await self._library.move_library(folder, self._on_moved)
                words = moved_words(videos)
            else:
                await self._library.use_library(folder)
                words = moved_words(0)
        except KlingDesktopError as error:
            trouble = failed_words(error)
        except asyncio.CancelledError:
            trouble = texts.MOVE_CANCELLED()
            raise
        finally:
            self._end_move(words, trouble)
        if not trouble:  # looking says of the folder that is in use that all is well
            await self._look_at_folder()

    def _end_move(self, words: str, trouble: str) -> None:
        self._hold_open("")
        if self._context.tasks.is_over:
            return
        self._choose_button.set_disabled_reason("")
        self._move.end(words)
        self._show_folder()
        self._folder_row.set_error(trouble)

    def _on_moved(self, done: int, total: int) -> None:
        self._move.show_words(move_progress(done, total))

    def _cancel(self) -> None:
        if self._work is not None:
            self._work.cancel()

    # -- names ----------------------------------------------------------------------------------

    def _build_pattern(self) -> None:
        self._pattern = TextField(texts.FILE_NAMES())
        self._example = Label("", "small", "text-2", wrap=True)
        reset = LinkButton(self._look, texts.RESET(), name=texts.RESET_FILE_NAMES())
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._pattern)
        column.addWidget(self._example)
        row = self.add_row(texts.FILE_NAMES(), texts.PATTERN_HINT(), reset, below=below)
        self._pattern_row = row
        self._pattern.setAccessibleDescription(texts.PATTERN_HINT())
        self._pattern.textChanged.connect(self._show_example)
        self._pattern.editingFinished.connect(self._keep_pattern)
        reset.clicked.connect(lambda: self.change(row, file_name_pattern=DEFAULT_NAME_PATTERN))
        self.follow(lambda settings: self._show_pattern(settings.file_name_pattern))

    def _show_pattern(self, pattern: str) -> None:
        if self._kept_pattern != pattern:  # words that are being typed stay
            self._kept_pattern = pattern
            self._pattern.setText(pattern)

    _kept_pattern = ""

    def _show_example(self, pattern: str) -> bool:
        try:
            words, problem = texts.EXAMPLE_NAME(name=example_name(pattern)), ""
        except DamagedValue as error:
            words = problem = describe_error(error)
        self._example.setText(words)
        self._example.set_ink("danger" if problem else "text-2")
        set_bad(self._pattern, bool(problem))
        self._pattern.setAccessibleDescription(problem or texts.PATTERN_HINT())
        return not problem

    def _keep_pattern(self) -> None:
        pattern = self._pattern.text()
        if pattern != self._kept_pattern and self._show_example(pattern):
            self._kept_pattern = pattern
            self.change(self._pattern_row, file_name_pattern=pattern)

    # -- thumbnails -----------------------------------------------------------------------------

    def _build_cache(self) -> None:
        self.add_switch(texts.HOVER_STRIPS(), texts.HOVER_STRIPS_ABOUT(), "hover_strips")
        self._clear = SecondaryButton(self._look, texts.CLEAR(), name=texts.CLEAR_THUMBNAILS())
        self._cache_row = self.add_row(texts.THUMBNAIL_CACHE(), cache_words(None), self._clear)
        self._clear.clicked.connect(
            lambda: self._context.tasks.start(self._clear_cache(), name="clear the thumbnails")
        )

        sizes = SegmentedControl(
            self._look,
            texts.CACHE_SIZE(),
            tuple(Segment(size, file_size(size * 1024 * 1024)) for size in CACHE_SIZES_MB),
        )
        row = self.add_row(texts.CACHE_SIZE(), texts.CACHE_SIZE_ABOUT(), sizes)
        sizes.value_changed.connect(lambda value: self.change(row, cache_size_mb=value))
        self.follow(lambda settings: sizes.set_value(_nearest(settings.cache_size_mb)))

    async def _measure_cache(self) -> None:
        size = await self._library.measure_cache()
        self._cache_row.set_text(cache_words(size))
        self._clear.set_disabled_reason("" if size else texts.CACHE_IS_EMPTY())

    async def _clear_cache(self) -> None:
        self._clear.set_disabled_reason(texts.CACHE_BEING_CLEARED())
        await self._library.clear_cache()
        await self._measure_cache()

    # -- the check ------------------------------------------------------------------------------

    def _build_check(self) -> None:
        self._check = SecondaryButton(self._look, texts.CHECK(), name=texts.CHECK_CLIP_FILES())
        self._checked = _Progress(self._look, texts.CANCEL_THE_CHECK())
        self._check_row = self.add_row(
            texts.CHECK_THE_FILES(),
            texts.CHECK_ABOUT(),
            self._check,
            below=self._checked,
        )
        self._check.clicked.connect(self._start_check)
        self._checked.cancelled.clicked.connect(lambda: self._checking and self._checking.cancel())

        remove = SecondaryButton(self._look, texts.REMOVE_DOUBLES())
        self._doubles_row = self.add_row(texts.CLIPS_LIE_TWICE(), "", remove)
        self._doubles_row.hide()
        remove.clicked.connect(
            lambda: self._context.tasks.see_through(self._clear_doubles(), name="remove doubles")
        )

    _checking: asyncio.Task[None] | None = None
    _move_left: UnfinishedMove | None = None

    def _start_check(self) -> None:
        self._checking = self._context.tasks.start(self._verify(), name="check the clips’ files")

    async def _verify(self) -> None:
        self._check_row.set_error("")
        self._check.set_disabled_reason(texts.CHECK_IS_RUNNING())
        self._checked.show_words(texts.CHECKING())
        words = ""
        try:
            words = report_words(await self._library.verify_library(self._on_checked))
            await self._look_for_doubles()
        except KlingDesktopError as error:
            self._check_row.set_error(failed_words(error))
        finally:
            if not self._context.tasks.is_over:
                self._checked.end(words)
                self._check.set_disabled_reason("")

    async def _look_for_doubles(self) -> None:
        """Show what a move that was broken off has left, with the way to clear it."""
        move = await self._library.find_unfinished_move()
        if self._context.tasks.is_over:
            return
        self._move_left = move
        self._doubles_row.setVisible(move is not None and bool(move.doubles))
        if move is not None:
            self._doubles_row.set_text(doubles_words(move))

    async def _clear_doubles(self) -> None:
        if self._move_left is None:
            return
        trouble = ""
        try:
            await self._library.clear_doubles(self._move_left)
            await self._look_for_doubles()
        except KlingDesktopError as error:
            trouble = failed_words(error)
        if not self._context.tasks.is_over:
            self._doubles_row.set_error(trouble)

    def _on_checked(self, done: int, total: int) -> None:
        self._checked.show_words(check_progress(done, total))


class _Progress(QWidget):
    """How far something long is, and the way to stop it; afterwards what came of it."""

    def __init__(self, look: Look, cancel_name: str) -> None:
        super().__init__()
        self._words = Label("", "small", "text-2", wrap=True)
        self.cancelled = LinkButton(look, phrases.CANCEL(), name=cancel_name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._words, 1)
        row.addWidget(self.cancelled)
        self.hide()

    @property
    def words(self) -> str:
        return self._words.text()

    def show_words(self, words: str) -> None:
        self._words.setText(words)
        self.cancelled.show()
        self.show()

    def end(self, words: str) -> None:
        self._words.setText(words)
        self.cancelled.hide()
        self.setVisible(bool(words))


def _nearest(size_mb: int) -> int:
    """A size written into the file by hand shows as the step that is nearest to it."""
    return min(CACHE_SIZES_MB, key=lambda each: abs(each - size_mb))


def _in_a_row(look: Look, *widgets: QWidget) -> QWidget:
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(look.theme.space(2))
    for widget in widgets:
        row.addWidget(widget)
    return box
