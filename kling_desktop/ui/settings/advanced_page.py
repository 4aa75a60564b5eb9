"""The settings' page for the few: the service's address, a proxy, the log, diagnostics."""

from collections.abc import Callable

from PySide6.QtGui import QGuiApplication

from kling_desktop.domain.errors import KlingDesktopError
from kling_desktop.storage.settings.settings_store import LogLevel, Settings
from kling_desktop.ui.controls.buttons import SecondaryButton
from kling_desktop.ui.controls.fields import TextField
from kling_desktop.ui.controls.segmented import Segment, SegmentedControl
from kling_desktop.ui.settings.settings_column import PageContext, SettingsColumn
from kling_desktop.ui.settings.settings_row import SettingRow, find_proxy_problem
from kling_desktop.wording import phrases
from kling_desktop.wording import settings_pages as texts
from kling_desktop.wording.commands import translate_command
from kling_desktop.wording.settings import failed_words


class AdvancedPage(SettingsColumn):
    """An address or proxy is kept only when it is one, and used at once."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context, texts.ADVANCED())
        self._build_addresses()
        self._build_log()
        self._build_diagnostics()
        self.end()

    def _build_addresses(self) -> None:
        services = self._context.services
        address = self._add_text(
            texts.API_ADDRESS(),
            texts.ADDRESS_ABOUT(),
            "base_url",
            services.default_address,
            services.find_address_problem,
        )
        if services.fixed_address:
            address.set_text(texts.ADDRESS_FIXED(address=services.fixed_address))
            address.setEnabled(False)
        self._add_text(
            texts.PROXY(),
            texts.PROXY_ABOUT(),
            "proxy",
            "http://proxy.example:8080",
            find_proxy_problem,
        )

    def _add_text(
        self,
        title: str,
        text: str,
        name: str,
        placeholder: str,
        find_problem: Callable[[str], str],
    ) -> SettingRow:
        field = TextField(title, placeholder)
        field.setMinimumWidth(280)
        row = self.add_row(title, text, field)

        def show(settings: Settings) -> None:
            if not field.isModified():
                field.setText(getattr(settings, name))

        def keep() -> None:
            typed = field.text().strip()
            field.setModified(False)
            problem = find_problem(typed) if typed else ""
            row.set_error(problem)
            if not problem and typed != getattr(self._context.store.current, name):
                work = self._keep_address(row, name, typed)
                self._context.tasks.see_through(work, name="use another address")

        field.editingFinished.connect(keep)
        self.follow(show)
        return row

    async def _keep_address(self, row: SettingRow, name: str, address: str) -> None:
        trouble = await self.keep(**{name: address})
        if not trouble:
            try:
                await self._context.services.reconnect()
            except KlingDesktopError as error:
                trouble = failed_words(error)
        if not self._context.tasks.is_over:
            row.set_error(trouble)

    def _build_log(self) -> None:
        levels = (Segment(LogLevel.INFO, texts.NORMAL()), Segment(LogLevel.DEBUG, texts.DETAILED()))
        level = SegmentedControl(self._look, texts.LOG(), levels)
        words = texts.LOG_ABOUT()
        row = self.add_row(texts.LOG(), words, level)
        level.value_changed.connect(lambda value: self.change(row, log_level=value))
        self.follow(lambda settings: level.set_value(settings.log_level))
        services = self._context.services
        button = SecondaryButton(self._look, texts.OPEN(), name=translate_command("open-logs"))
        folder = self.add_row(texts.LOG_FOLDER(), str(services.log_dir), button)

        def show() -> None:
            opened = services.open_folder(services.log_dir)
            folder.set_error("" if opened else phrases.FOLDER_NOT_OPENED())

        button.clicked.connect(show)

    def _build_diagnostics(self) -> None:
        button = SecondaryButton(self._look, texts.COPY(), name=texts.COPY_DIAGNOSTICS())
        row = self.add_row(
            texts.DIAGNOSTICS(),
            texts.DIAGNOSTICS_ABOUT(),
            button,
        )
        button.clicked.connect(
            lambda: self._context.tasks.start(self._copy(row), name="copy diagnostics")
        )

    async def _copy(self, row: SettingRow) -> None:
        try:
            words = await self._context.services.describe_machine()
        except KlingDesktopError as error:
            row.set_error(failed_words(error))
            return
        QGuiApplication.clipboard().setText(words)
        row.set_error("")
        row.set_aside(texts.COPIED())
