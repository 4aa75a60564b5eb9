"""The welcome: one card, two choices, and the window opens whatever was chosen."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from kling_desktop.domain.job import Service
from kling_desktop.domain.secret import ApiKey
from kling_desktop.engine.tasks import TaskOwner
from kling_desktop.ui.controls.buttons import PrimaryButton, SecondaryButton
from kling_desktop.ui.controls.fields import TextField, set_bad
from kling_desktop.ui.controls.icon_view import IconView
from kling_desktop.ui.controls.labels import Label, set_surface
from kling_desktop.ui.controls.toggles import RadioButton
from kling_desktop.ui.overlays.dialogs import choose_folder
from kling_desktop.ui.settings.key_field import KeyField, KeyTest, KeyVerdict
from kling_desktop.ui.settings.settings_services import FolderCheck, FolderVerdict
from kling_desktop.ui.startup.welcome_animation import WelcomeAnimation
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import draw_frame
from kling_desktop.wording import phrases
from kling_desktop.wording import startup as texts

_CARD = QSize(1040, 600)
_PICTURE_WIDTH = 356
_FOLDER_ICON_ROOM = 22
_FREE_ROOM = 96
_PICTURE_FROM_PX = 900


@dataclass(frozen=True, slots=True)
class FirstChoice:
    """What the user chose on the first day; all of it can be changed later."""

    library: Path
    service: Service
    key: ApiKey | None


class WelcomePage(QWidget):
    """The whole window on the first start; owned by the app, gone after `finished`.

    Signals:
        finished: A `FirstChoice`.
    """

    finished = Signal(object)

    def __init__(
        self,
        look: Look,
        library: Path,
        check_folder: FolderCheck,
        test_key: KeyTest,
        tasks: TaskOwner,
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_surface(self, "canvas")
        self._look = look
        self._library = library
        self._check_folder = check_folder
        self._tasks = tasks
        self._folder = TextField(phrases.LIBRARY_FOLDER())
        self._folder.setText(str(library))
        self._free = Label("", "small", "text-3")
        self._folder_trouble = Label("", "small", "danger", wrap=True)
        self._folder_trouble.hide()
        self._sandbox = RadioButton(look, texts.LOOK_AROUND(), weight=600)
        self._runware = RadioButton(look, texts.HAVE_KEY(), weight=600)
        self._key = KeyField(look, test_key, tasks)
        self._open = PrimaryButton(look, texts.OPEN_KLING_DESKTOP(), size="large")
        self._build()
        self._connect()
        self._sandbox.setChecked(True)
        self._on_folder_edited()

    def _connect(self) -> None:
        self._folder.editingFinished.connect(self._on_folder_edited)
        self._key.touched.connect(lambda: self._runware.setChecked(True))
        self._folder.textEdited.connect(lambda: self._free.setText(""))
        self._key.tested.connect(self._on_key_tested)
        self._runware.toggled.connect(self._on_runware_toggled)
        self._open.clicked.connect(self._finish)

    def _build(self) -> None:
        theme = self._look.theme
        card = _Card(self._look)
        card.setMaximumWidth(_CARD.width())
        card.setMinimumHeight(_CARD.height())
        self._picture = WelcomeAnimation(self._look, "samples/lanterns-portrait.jpg")
        self._picture.setFixedWidth(_PICTURE_WIDTH)
        words = QVBoxLayout()
        words.setContentsMargins(44, theme.space(8), 44, theme.space(8))
        words.setSpacing(theme.space(2))
        words.addSpacing(theme.space(2))
        words.addWidget(Label(texts.WELCOME_TITLE(), "display"))
        words.addWidget(
            Label(
                texts.WELCOME_ABOUT(),
                "body",
                "text-2",
                wrap=True,
            )
        )
        words.addSpacing(theme.space(4))
        self._build_folder(words)
        words.addSpacing(theme.space(4))
        words.addWidget(Label(texts.HOW_TO_START(), "body-strong"))
        self._build_choices(words)
        words.addStretch(1)
        foot = QHBoxLayout()
        foot.addWidget(
            Label(
                texts.HAVE_KEY_ABOUT(),
                "small",
                "text-3",
                wrap=True,
            ),
            1,
        )
        foot.addWidget(self._open)
        words.addLayout(foot)
        row = QHBoxLayout(card)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        row.addWidget(self._picture)
        row.addLayout(words, 1)
        self._build_frame(card)

    def _build_frame(self, card: QWidget) -> None:
        """Stand the card in the middle; where the window is too small for it, it scrolls."""
        ground = QWidget()
        set_surface(ground, "canvas")
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(card, 1000)
        across.addStretch(1)
        down = QVBoxLayout(ground)
        down.addStretch(1)
        down.addLayout(across)
        down.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidgetResizable(True)
        area.setAccessibleName(texts.WELCOME())
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the choices scroll themselves into view
        area.setWidget(ground)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(area)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._picture.setVisible(self.width() >= _PICTURE_FROM_PX)

    def _build_folder(self, words: QVBoxLayout) -> None:
        label = Label(phrases.CHOOSE_LIBRARY_QUESTION(), "body-strong")
        label.setBuddy(self._folder)
        choose = SecondaryButton(self._look, texts.CHOOSE(), name=texts.CHOOSE_LIBRARY_FOLDER())
        choose.clicked.connect(
            lambda: self._tasks.start(self._choose_folder(), name="choose the library folder")
        )
        row = QHBoxLayout()
        row.setSpacing(self._look.theme.space(2))
        row.addWidget(self._folder, 1)
        row.addWidget(choose)
        inside = QHBoxLayout(self._folder)
        inside.setContentsMargins(8, 0, 10, 0)
        inside.addWidget(IconView(self._look, "folder", size=16), 0, Qt.AlignmentFlag.AlignVCenter)
        inside.addStretch(1)
        inside.addWidget(self._free)
        self._folder.setTextMargins(_FOLDER_ICON_ROOM, 0, _FREE_ROOM, 0)
        about = texts.PLAIN_MP4_FILES_IN_ORDINARY_FOLDERS()
        words.addWidget(label)
        words.addLayout(row)
        words.addWidget(Label(about, "small", "text-2", wrap=True))
        words.addWidget(self._folder_trouble)

    def _build_choices(self, words: QVBoxLayout) -> None:
        sandbox = _Choice(self._look, self._sandbox, "sandbox")
        sandbox.add(
            Label(
                texts.LOOK_AROUND_ABOUT(),
                "small",
                "text-2",
                wrap=True,
            )
        )
        runware = _Choice(self._look, self._runware, "key")
        runware.add(Label(texts.KEPT_IN_KEYCHAIN(), "small", "text-2", wrap=True))
        runware.add(self._key, above=self._look.theme.space(2))
        words.addWidget(sandbox)
        words.addWidget(runware)
        # Two frames, one choice: Qt groups radio buttons by parent, so a group joins them.
        group = QButtonGroup(self)
        group.addButton(self._sandbox)
        group.addButton(self._runware)

    async def _choose_folder(self) -> None:
        folder = await choose_folder(
            self.window(), phrases.CHOOSE_LIBRARY_QUESTION(), folder=self._library.parent
        )
        if folder is not None:
            self._folder.setText(str(folder))
            self._on_folder_edited()

    def _on_folder_edited(self) -> None:
        self._tasks.start(self._look_at_folder(), name="look at the library folder")

    async def _look_at_folder(self) -> None:
        folder = Path(self._folder.text()).expanduser()
        verdict: FolderVerdict = await self._check_folder(folder)
        self._free.setText(verdict.free)
        room = max(_FREE_ROOM, self._free.sizeHint().width() + self._look.theme.space(4))
        self._folder.setTextMargins(_FOLDER_ICON_ROOM, 0, room, 0)
        self._folder_trouble.setText(verdict.trouble)
        self._folder_trouble.setVisible(bool(verdict.trouble))
        set_bad(self._folder, bool(verdict.trouble))
        self._folder.setAccessibleDescription(verdict.trouble)

    def _on_runware_toggled(self, on: bool) -> None:
        if on and not self._key.field.hasFocus():
            self._key.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_key_tested(self, verdict: KeyVerdict) -> None:
        if verdict.works:
            self._open.setFocus(Qt.FocusReason.OtherFocusReason)

    def _finish(self) -> None:
        # Always works: a wrong folder or key is said again in the window and corrected there.
        wants_runware = self._runware.isChecked()
        self.finished.emit(
            FirstChoice(
                library=Path(self._folder.text()).expanduser(),
                service=Service.RUNWARE if wants_runware else Service.SANDBOX,
                key=self._key.key if wants_runware else None,
            )
        )


class _Card(QWidget):
    """The framed panel in the middle."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        draw_frame(
            painter,
            QRectF(self.rect()),
            theme.radius("xl"),
            theme.color("panel"),
            theme.color("line"),
        )


class _Choice(QWidget):
    """A frame around a radio button and what belongs to it; the whole frame chooses."""

    def __init__(self, look: Look, button: RadioButton, icon: str) -> None:
        super().__init__()
        self._look = look
        self._button = button
        self._icon_name = icon
        self._icon = IconView(look, icon, size=18)
        button.toggled.connect(self._on_toggled)
        top = QHBoxLayout()
        top.addWidget(button, 1)
        top.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(*(look.theme.space(4),) * 4)
        self._column.setSpacing(look.theme.space(1))
        self._column.addLayout(top)

    def add(self, widget: QWidget, *, above: int = 0) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(28, above, 0, 0)
        row.addWidget(widget)
        self._column.addLayout(row)

    def _on_toggled(self, chosen: bool) -> None:
        self._icon.set_icon(self._icon_name, "accent-text" if chosen else "text-2")
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._button.setChecked(True)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        chosen = self._button.isChecked()
        painter = QPainter(self)
        draw_frame(
            painter,
            QRectF(self.rect()),
            theme.radius("lg"),
            theme.color("accent-soft" if chosen else "raised"),
            theme.color("focus" if chosen else "line-strong"),
        )
