"""The library: the wall with its controls around it, and what it shows when it is empty."""

from dataclasses import replace

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from kling_desktop.domain.video import Video, VideoId
from kling_desktop.ui.clips.clip_menu import build_clip_menu
from kling_desktop.ui.clips.clip_services import ClipServices
from kling_desktop.ui.controls.action_offer import ActionOffer
from kling_desktop.ui.controls.labels import Hairline, set_surface
from kling_desktop.ui.library.library_empty import EmptyLibrary
from kling_desktop.ui.library.library_filters import LibraryFilters
from kling_desktop.ui.library.library_header import LibraryHeader
from kling_desktop.ui.library.library_query import LibraryChoice, build_query, build_scope_query
from kling_desktop.ui.library.selection_bar import SelectionBar
from kling_desktop.ui.library.video_model import VideoModel
from kling_desktop.ui.library.video_wall import VideoWall
from kling_desktop.ui.overlays.menu import Menu
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording.library import CLEAR_FILTERS
from kling_desktop.wording.translation import _

_BAR_GAP = 20


class LibraryPage(QWidget):
    """The centre of the window; owned by it.

    Signals:
        open_requested: `VideoId` to be shown in the viewer.
        chosen_changed: The chosen `Video`s, a tuple in the order of the wall.
        picture_wanted: The user wants to choose a picture to begin with.
        sample_wanted: The user wants to try a picture that ships with the app.
        create_toggled: The left panel should be open (True) or folded away.
        side_toggled: The right panel likewise.
    """

    open_requested = Signal(object)
    chosen_changed = Signal(object)
    picture_wanted = Signal()
    sample_wanted = Signal()
    create_toggled = Signal(bool)
    side_toggled = Signal(bool)

    def __init__(self, look: Look, parts: ClipServices, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._parts = parts
        self._choice = LibraryChoice()
        self.model = VideoModel(parts.store, now=parts.now, parent=self)
        self.header = LibraryHeader(look)
        self.filters = LibraryFilters(look)
        self.wall = VideoWall(look, self.model, parts.pictures)
        self.empty = EmptyLibrary(look)
        self.bar = SelectionBar(look, parts.commands, parent=self)
        self.bar.hide()
        self._stack = QStackedWidget()
        self._build()
        self._connect()

    def _build(self) -> None:
        set_surface(self, "panel")
        self._stack.addWidget(self.wall)
        self._stack.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.filters)
        column.addWidget(Hairline())
        column.addWidget(self._stack, 1)
        self.setTabOrder(self.header.side_toggle, self.filters.favourites)
        self.bar.raise_()

    def _connect(self) -> None:
        header, wall = self.header, self.wall
        follow = self._parts.commands.follow_keys
        follow("toggle-create", header.create_toggle.set_shortcut_hint)
        follow("toggle-side", header.side_toggle.set_shortcut_hint)
        header.create_toggled.connect(self.create_toggled)
        header.side_toggled.connect(self.side_toggled)
        header.scope_changed.connect(lambda scope: self._change(scope=scope))
        header.text_changed.connect(lambda text: self._change(text=text))
        header.size_changed.connect(wall.set_target_height)
        self.filters.choice_changed.connect(self.show_choice)
        self.model.refreshed.connect(self._on_refreshed)
        wall.open_requested.connect(self.open_requested)
        wall.chosen_changed.connect(self._on_chosen)
        wall.command_requested.connect(self.run_command)
        wall.favourite_toggled.connect(self._on_heart)
        wall.find_requested.connect(self._on_find)
        wall.menu_requested.connect(self._open_menu)
        wall.compare_requested.connect(self._on_dropped_on)
        self.bar.command_requested.connect(self.run_command)
        self.bar.cleared.connect(wall.clearSelection)
        self.empty.picture_wanted.connect(self.picture_wanted)
        self.empty.sample_wanted.connect(self.sample_wanted)
        self._parts.actions.file_found.connect(self._parts.pictures.forget)

    def start(self) -> None:
        """Read the library for the first time, after the window was painted."""
        self._read()

    def stop(self) -> None:
        """Stop timers and listening: the window is about to close."""
        self.header.stop()
        self.wall.stop()
        self.model.close()

    # ------------------------------------------------------------------ what others ask

    @property
    def choice(self) -> LibraryChoice:
        """What scope, search, chips and sort say now; worth keeping for the next start."""
        return self._choice

    def show_choice(self, choice: LibraryChoice) -> None:
        """Set scope, search, chips and sort."""
        self._choice = choice
        self.header.show_scope(choice.scope)
        self.header.show_text(choice.text)
        self.filters.show_choice(choice)
        self._read()

    def show_clip(self, video_id: VideoId) -> None:
        """Select a clip because the user asked to see it; filters that hide it are cleared."""
        if self.model.find_row(video_id) is None:
            self.show_choice(LibraryChoice(sort=self._choice.sort))
        self.wall.choose([video_id])
        self.wall.setFocus(Qt.FocusReason.OtherFocusReason)

    def shows_clip(self, video_id: VideoId) -> bool:
        """Whether a clip's tile is in view, at least in part."""
        row = self.model.find_row(video_id)
        return row is not None and self.wall.isVisible() and row in self.wall.tiles_in_view()

    def chosen_videos(self) -> tuple[Video, ...]:
        return self.wall.chosen_videos()

    def find_neighbour(self, video_id: VideoId, step: int) -> VideoId | None:
        """Return the clip `step` places further on the wall; None at its ends."""
        row = self.model.find_row(video_id)
        if row is None or not 0 <= row + step < self.model.rowCount():
            return None
        return self.model.id_at(row + step)

    def run_command(self, command_id: str) -> None:
        """Do a command of the menus for what is chosen here."""
        match command_id:
            case "find":
                self.header.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
                self.header.search.selectAll()
            case "select-all":
                self.wall.selectAll()
            case "play":
                self.wall.toggle_playing()
            case _:
                videos = self._videos_for_command()
                self._parts.actions.run(command_id, videos, self.window())

    def focus_region(self) -> None:
        """Take the focus."""
        self._find_start().setFocus(Qt.FocusReason.ShortcutFocusReason)

    # ------------------------------------------------------------------ inside

    def _change(self, **changes: object) -> None:
        self.show_choice(replace(self._choice, **changes))  # pyright: ignore[reportArgumentType]

    def _read(self) -> None:
        self.model.set_query(build_query(self._choice, self._parts.now()))

    def _on_refreshed(self) -> None:
        shown = self.model.rowCount()
        filtered = self._choice.is_filtered
        total = self._parts.store.count(build_scope_query(self._choice)) if filtered else shown
        self.filters.show_count(shown, total)
        if shown:
            self._stack.setCurrentWidget(self.wall)
        else:
            offers = (ActionOffer(_(CLEAR_FILTERS), self._clear_filters),) if filtered else ()
            self.empty.show_reason(self._choice.scope, filtered=filtered, offers=offers)
            self._stack.setCurrentWidget(self.empty)
        self.setFocusProxy(self._find_start())
        self._show_bar()

    def _find_start(self) -> QWidget:
        """Return what takes the focus: the clips, or the search while there are none."""
        return self.wall if self._stack.currentWidget() is self.wall else self.header.search

    def _clear_filters(self) -> None:
        self.show_choice(self._choice.without_filters())

    def _videos_for_command(self) -> tuple[Video, ...]:
        """Return what is chosen, else the clip that has the focus."""
        videos = self.wall.chosen_videos()
        current = self.wall.current_id()
        row = None if videos or current is None else self.model.find_row(current)
        return videos if row is None else self.model.load([row])

    def _on_chosen(self) -> None:
        self._show_bar()
        self.chosen_changed.emit(self.wall.chosen_videos())

    def _on_heart(self, video_id: VideoId) -> None:
        row = self.model.find_row(video_id)
        if row is not None:
            favourite = not self.model.row_at(row).favourite
            self._parts.actions.set_favourite([video_id], favourite=favourite)

    def _on_find(self, video_id: VideoId) -> None:
        row = self.model.find_row(video_id)
        if row is not None:
            self._parts.actions.find_file(self.model.get_video(row), self.window())

    def _on_dropped_on(self, first: VideoId, second: VideoId) -> None:
        videos = self._parts.store.get_videos([first, second])
        self._parts.actions.run("compare", videos, self.window())

    def _open_menu(self, place: QPoint) -> None:
        menu = Menu(self._look, self)
        menu.aboutToHide.connect(menu.deleteLater)
        videos = self._videos_for_command()
        build_clip_menu(menu, self._parts.commands, videos, self.run_command)
        menu.popup(place)

    # ------------------------------------------------------------------ the floating bar

    def _show_bar(self) -> None:
        videos = self.wall.chosen_videos()
        shown = bool(videos) and self._stack.currentWidget() is self.wall
        if shown:
            self.bar.show_videos(videos)
            self._place_bar()
        self.bar.setVisible(shown)
        self.wall.set_extra_bottom(56 if shown else 0)

    def _place_bar(self) -> None:
        self.bar.fit_into(self.width())
        size = self.bar.sizeHint()
        x = (self.width() - size.width()) // 2
        y = self.height() - size.height() - _BAR_GAP
        self.bar.setGeometry(x, y, size.width(), size.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self.bar.isHidden():
            self._place_bar()
