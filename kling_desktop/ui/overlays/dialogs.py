"""Dialogs for questions, messages and files: modal, awaited, never in a nested loop."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from PySide6.QtCore import QStandardPaths
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from kling_desktop.ui.controls.buttons import (
    DangerButton,
    GhostButton,
    PrimaryButton,
    SecondaryButton,
)
from kling_desktop.ui.controls.icon_view import IconView
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.controls.painted_button import PaintedButton
from kling_desktop.ui.overlays.sheet import Sheet, show_dialog
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.plain_text import plain_title

_T = TypeVar("_T")
_WIDTH = 460
_ICON = 20
_PLATFORMS_WITHOUT_DIALOGS = ("offscreen", "minimal")


@dataclass(frozen=True, slots=True)
class Answer(Generic[_T]):
    """One button of a question; `kind` is "primary", "secondary", "danger" or "ghost"."""

    value: _T
    text: str
    kind: str = "secondary"


class Question(Sheet, Generic[_T]):
    """A sheet with an icon, a sentence in bold, some more words, and buttons."""

    def __init__(
        self, look: Look, window: QWidget, title: str, text: str, icon: str, ink: str
    ) -> None:
        super().__init__(look, window, width=_WIDTH)
        self.setWindowTitle(plain_title(title))
        self.setAccessibleDescription(text)
        self.chosen: _T | None = None
        row = QHBoxLayout()
        row.setSpacing(look.theme.space(4))
        if icon:
            row.addWidget(IconView(look, icon, size=_ICON, ink=ink))
        self.words = QVBoxLayout()
        self.words.setSpacing(look.theme.space(1))
        self.words.addWidget(Label(title, "title", wrap=True))
        if text:
            self.words.addWidget(Label(text, "body", "text-2", wrap=True))
        row.addLayout(self.words, 1)
        self.body.addLayout(row)

    def add_answers(self, answers: Sequence[Answer[_T]], default: _T | None) -> None:
        buttons: list[PaintedButton] = []
        for answer in answers:
            button = _build_button(self._look, answer)
            button.clicked.connect(self._build_chooser(answer))
            is_default = answer.value == default if default is not None else False
            if is_default or (default is None and answer.kind == "primary"):
                button.setDefault(True)
                button.setFocus()
            buttons.append(button)
        self.add_buttons(*buttons)

    def _build_chooser(self, answer: Answer[_T]):
        def choose() -> None:
            self.chosen = answer.value
            self.accept()

        return choose


def _build_button(look: Look, answer: Answer[_T]) -> PaintedButton:
    match answer.kind:
        case "primary":
            return PrimaryButton(look, answer.text)
        case "danger":
            return DangerButton(look, answer.text, filled=True)
        case "ghost":
            return GhostButton(look, answer.text)
        case _:
            return SecondaryButton(look, answer.text)


async def ask(
    look: Look,
    window: QWidget,
    title: str,
    text: str,
    answers: Sequence[Answer[_T]],
    *,
    icon: str = "",
    ink: str = "accent-text",
    default: _T | None = None,
) -> _T | None:
    """Ask over `window`; return the chosen answer's value, or `None` when it was closed.

    Enter gives the `default` answer, or the primary one where none is named.
    """
    question: Question[_T] = Question(look, window, title, text, icon, ink)
    question.add_answers(answers, default)
    accepted = await show_dialog(question)
    return question.chosen if accepted else None


def _build_file_dialog(window: QWidget, caption: str, folder: Path | None) -> QFileDialog:
    dialog = QFileDialog(window.window(), caption)
    if QGuiApplication.platformName() in _PLATFORMS_WITHOUT_DIALOGS:
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    if folder is not None:
        dialog.setDirectory(str(folder))
    return dialog


async def _choose(dialog: QFileDialog) -> tuple[Path, ...]:
    chosen: list[str] = []
    dialog.filesSelected.connect(chosen.extend)
    result = await show_dialog(dialog)
    if result != QDialog.DialogCode.Accepted.value:
        return ()
    return tuple(Path(file) for file in chosen)


def find_pictures_folder() -> Path | None:
    """Where people keep pictures on this system; None where it is not there."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    return Path(place) if place and Path(place).is_dir() else None


async def choose_file(
    window: QWidget, caption: str, *, folder: Path | None = None, patterns: Sequence[str] = ()
) -> Path | None:
    """Let a file be chosen. `patterns` are Qt's: ``"Pictures (*.png *.jpg)"``."""
    dialog = _build_file_dialog(window, caption, folder)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    if patterns:
        dialog.setNameFilters(list(patterns))
    return next(iter(await _choose(dialog)), None)


async def choose_folder(
    window: QWidget, caption: str, *, folder: Path | None = None
) -> Path | None:
    dialog = _build_file_dialog(window, caption, folder)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return next(iter(await _choose(dialog)), None)


async def save_file(
    window: QWidget, caption: str, suggestion: Path, *, patterns: Sequence[str] = ()
) -> Path | None:
    """Let a name to write to be chosen; the system asks before one is written over."""
    dialog = _build_file_dialog(window, caption, suggestion.parent)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    if patterns:
        dialog.setNameFilters(list(patterns))
    dialog.setDefaultSuffix(suggestion.suffix.removeprefix("."))
    dialog.selectFile(suggestion.name)
    return next(iter(await _choose(dialog)), None)
