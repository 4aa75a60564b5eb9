"""The settings' shorter pages: general, queue, notifications."""

from kling_desktop.domain.draft import MAX_TAKES
from kling_desktop.storage.settings.settings_store import NotifyWhen, Settings
from kling_desktop.ui.controls.segmented import Segment, SegmentedControl
from kling_desktop.ui.controls.stepper import Stepper
from kling_desktop.ui.settings.settings_page import PageContext, SettingsColumn


class GeneralPage(SettingsColumn):
    """How the window opens and closes."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context, "General")
        self.add_switch(
            "Start with the last window",
            "Open where and as large as the window was, with the same panels.",
            "start_with_last_window",
        )
        if context.services.has_tray:
            self.add_switch(
                "Keep in the tray",
                "Closing the window leaves the queue working in the tray.",
                "keep_in_tray",
            )
        self.end()


class QueuePage(SettingsColumn):
    """How clips are queued."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context, "Queue")
        takes = Stepper(context.look, "Takes", 1, MAX_TAKES)
        row = self.add_row("Takes", "How many takes a new draft starts with.", takes)
        takes.value_changed.connect(lambda value: self.change(row, default_takes=value))
        self.follow(lambda settings: takes.set_value(settings.default_takes))
        self.add_switch(
            "Resume on start",
            "Waiting clips go on by themselves when the app starts. Off: the queue starts paused.",
            "resume_on_start",
        )
        self.end()


class NotificationsPage(SettingsColumn):
    """When the system's notices are shown, and for what."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(
            context,
            "Notifications",
            "Notices of your system. Several within ten seconds become one."
            if context.services.can_notify
            else "This desktop does not show notices for apps. The window and its icon still do.",
        )
        if context.services.can_notify:
            self._build()
        self.end()

    def _build(self) -> None:
        when = SegmentedControl(
            self._look,
            "Show notices",
            (
                Segment(NotifyWhen.NOT_IN_FRONT, "When not in front"),
                Segment(NotifyWhen.ALWAYS, "Always"),
                Segment(NotifyWhen.NEVER, "Never"),
            ),
        )
        row = self.add_row("Show notices", "In front is the window you work in.", when)
        when.value_changed.connect(lambda value: self.change(row, notify_when=value))
        self.follow(lambda settings: when.set_value(settings.notify_when))
        events = (
            self.add_switch("Clip ready", "A click on it shows the clip.", "notify_done"),
            self.add_switch("Clip failed", "With the reason.", "notify_failed"),
            self.add_switch(
                "Needs you",
                "The queue waits for credit, a key, a folder or your decision.",
                "notify_needs_person",
            ),
            self.add_switch("Queue finished", "After the last of several.", "notify_queue_empty"),
        )

        def show(settings: Settings) -> None:
            for event in events:
                event.setEnabled(settings.notify_when is not NotifyWhen.NEVER)

        self.follow(show)
