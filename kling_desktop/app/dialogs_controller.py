"""Opens what lies over the window: settings, spending, shortcuts, receipts, about."""

import asyncio
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from kling_desktop import __version__
from kling_desktop.app.account_controller import AccountController
from kling_desktop.app.context import AppContext
from kling_desktop.domain.errors import LibraryUnavailable
from kling_desktop.domain.job import Job, Service
from kling_desktop.domain.local_time import local_now
from kling_desktop.domain.reasons import Reason
from kling_desktop.engine.library.receipts import write_receipts_csv
from kling_desktop.storage.files.atomic_io import write_file
from kling_desktop.storage.settings.settings_store import SettingsStore
from kling_desktop.storage.stores.job_store import JobStore
from kling_desktop.ui.controls.buttons import PrimaryButton
from kling_desktop.ui.details.receipt_view import ReceiptView
from kling_desktop.ui.overlays.dialogs import save_file
from kling_desktop.ui.overlays.menu import Menu
from kling_desktop.ui.overlays.notices import Notice
from kling_desktop.ui.overlays.sheet import Sheet, show_dialog
from kling_desktop.ui.queue.queue_page import QueuePage
from kling_desktop.ui.settings.settings_page import SettingsPage
from kling_desktop.wording import phrases
from kling_desktop.wording import shell as texts
from kling_desktop.wording.commands import translate_command

if TYPE_CHECKING:
    from kling_desktop.ui.settings.settings_dialog import SettingsDialog


class DialogsController(QObject):
    """Owned by the main controller; one sheet at a time."""

    def __init__(
        self,
        context: AppContext,
        account: AccountController,
        settings: SettingsStore,
        jobs: JobStore,
    ) -> None:
        super().__init__(context.window)
        self._context = context
        self._account, self._settings, self._jobs = account, settings, jobs
        self._settings_dialog: SettingsDialog | None = None
        connect = context.commands.connect_to
        connect("settings", lambda: self.open_settings(SettingsPage.GENERAL))
        connect("spending", self.open_spending)
        connect("shortcuts", self.open_shortcuts)
        connect("about", self.open_about)
        connect("open-logs", self._open_logs)
        connect("export-receipts", self._start_export)

    def show_spending(self) -> None:
        """Show the sums as they are now, where they are in view."""
        if self._settings_dialog is not None:
            self._settings_dialog.show_spending()

    def stop(self) -> None:
        """Close whatever sheet is open."""
        for sheet in self._context.window.findChildren(Sheet):
            sheet.reject()

    def open_account(self) -> None:
        self.open_settings(SettingsPage.ACCOUNT)

    def open_proxy(self) -> None:
        self.open_settings(SettingsPage.ADVANCED)

    def open_settings(self, page: SettingsPage) -> None:
        self._context.start(self._open_settings(page), "settings")

    def open_spending(self) -> None:
        self._context.start(self._open_spending(), "spending")

    def open_shortcuts(self) -> None:
        self._context.start(self._open_shortcuts(), "shortcuts")

    def open_about(self) -> None:
        self._context.start(self._open_about(), "about")

    def open_receipt(self, job: Job) -> None:
        """Show all that is known of a job that has no clip."""
        self._context.start(self._open_receipt(job), "receipt")

    def open_queue_menu(self, button: QWidget, queue: QueuePage) -> None:
        menu = Menu(self._context.look, self._context.window)
        menu.add(translate_command("clear-finished"), queue.clear_finished, icon="check")
        menu.add(translate_command("spending"), self.open_spending, icon="wallet")
        menu.add(translate_command("export-receipts"), self._start_export, icon="export")
        menu.popup_below(button)

    # -- inside ---------------------------------------------------------------------------------

    async def _open_settings(self, page: SettingsPage) -> None:
        from kling_desktop.ui.settings.settings_dialog import SettingsDialog

        context = self._context
        dialog = SettingsDialog(
            context.look,
            context.window,
            self._settings,
            self._account,
            context.tasks,
            context.commands,
        )
        dialog.show_settings(page)
        self._settings_dialog = dialog
        try:
            await show_dialog(dialog)
        finally:
            self._settings_dialog = None

    async def _open_spending(self) -> None:
        from kling_desktop.ui.settings.spending_sheet import SpendingServices, SpendingSheet

        context = self._context
        services = SpendingServices(
            spending=self._account.find_spending,
            find_under_way=self._account.find_under_way,
            find_balance=self._account.find_balance,
            export_csv=self._write_receipts,
            export_folder=Path.home(),
            sandbox=self._account.service is Service.SANDBOX,
        )
        sheet = SpendingSheet(context.look, context.window, self._settings, services, context.tasks)
        # The sheet goes first: two sheets over one window hide each other.
        sheet.limits_wanted.connect(sheet.accept)
        sheet.limits_wanted.connect(self.open_account)
        await show_dialog(sheet)

    async def _open_shortcuts(self) -> None:
        from kling_desktop.ui.commands.shortcuts_sheet import CHANGE, ShortcutsSheet

        context = self._context
        sheet = ShortcutsSheet(context.look, context.window, context.commands)
        if await show_dialog(sheet) == CHANGE:
            await self._open_settings(SettingsPage.SHORTCUTS)

    async def _open_about(self) -> None:
        from kling_desktop.ui.shell.about_sheet import AboutSheet

        await show_dialog(AboutSheet(self._context.look, self._context.window, __version__))

    async def _open_receipt(self, job: Job) -> None:

        context = self._context
        sheet = Sheet(context.look, context.window, job.title, width=560)
        view = ReceiptView(context.look, now=local_now)
        view.show_receipt(self._jobs.get_receipt(job.id))
        sheet.body.addWidget(view)
        close = PrimaryButton(context.look, phrases.DONE())
        close.clicked.connect(sheet.accept)
        sheet.add_buttons(close)
        await show_dialog(sheet)

    def _start_export(self) -> None:
        self._context.start(self._export_receipts(), "export receipts")

    async def _export_receipts(self) -> None:
        context = self._context
        target = await save_file(
            context.window,
            phrases.EXPORT_RECEIPTS(),
            Path.home() / "kling-receipts.csv",
            patterns=(phrases.CSV_FILES(),),
        )
        if target is not None:
            await self._write_receipts(target)
            context.notify(Notice(texts.RECEIPTS_EXPORTED(), str(target), kind="success"))

    async def _write_receipts(self, target: Path) -> None:
        jobs = self._jobs
        every = (*jobs.list_history(sys.maxsize, include_hidden=True), *jobs.list_active())
        text = io.StringIO()
        write_receipts_csv(
            (jobs.get_receipt(job.id) for job in sorted(every, key=lambda job: job.id)), text
        )
        data = text.getvalue().encode("utf-8-sig")
        try:
            await asyncio.to_thread(write_file, target, data)
        except OSError as error:
            raise LibraryUnavailable(Reason.FILE_NOT_WRITTEN, detail=str(error)) from error

    def _open_logs(self) -> None:
        folder = self._account.log_dir
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._context.notify(Notice(phrases.FOLDER_NOT_OPENED(), str(folder), kind="warning"))
