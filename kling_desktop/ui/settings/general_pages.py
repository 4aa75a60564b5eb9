"""The settings' shorter pages: general, queue, notifications."""

from kling_desktop.domain.draft import MAX_TAKES
from kling_desktop.storage.settings.settings_store import MOST_RETRIES, NotifyWhen, Settings
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.controls.segmented import Segment, SegmentedControl
from kling_desktop.ui.controls.stepper import Stepper
from kling_desktop.ui.settings.settings_column import PageContext, SettingsColumn
from kling_desktop.wording import phrases
from kling_desktop.wording import settings_pages as texts


class GeneralPage(SettingsColumn):
    """How the window opens and closes."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context, texts.GENERAL())
        self.add_switch(
            texts.LAST_WINDOW(),
            texts.LAST_WINDOW_ABOUT(),
            "start_with_last_window",
        )
        if context.services.has_tray:
            self.add_switch(
                texts.KEEP_IN_TRAY(),
                texts.KEEP_IN_TRAY_ABOUT(),
                "keep_in_tray",
            )
        self.end()


class QueueSettingsPage(SettingsColumn):
    """How clips are queued."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context, phrases.QUEUE())
        takes = Stepper(context.look, texts.TAKES(), 1, MAX_TAKES)
        row = self.add_row(texts.TAKES(), texts.TAKES_ABOUT(), takes)
        takes.value_changed.connect(lambda value: self.change(row, default_takes=value))
        self.follow(lambda settings: takes.set_value(settings.default_takes))
        retries = Stepper(context.look, texts.RETRY(), 0, MOST_RETRIES)
        again = self.add_row(texts.RETRY(), texts.RETRY_ABOUT(), retries)
        retries.value_changed.connect(lambda value: self.change(again, retry_count=value))
        self.follow(lambda settings: retries.set_value(settings.retry_count))
        self.add_switch(
            texts.RESUME_ON_START(),
            texts.RESUME_ON_START_ABOUT(),
            "resume_on_start",
        )
        self.add_space(2)
        self.add_widget(Label(texts.ONLY_PIXELS_ARE_SENT(), "small", "text-2", wrap=True))
        self.end()


class NotificationsPage(SettingsColumn):
    """When the system's notices are shown, and for what."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(
            context,
            texts.NOTIFICATIONS(),
            texts.NOTIFICATIONS_ABOUT()
            if context.services.can_notify
            else texts.NO_NOTIFICATIONS(),
        )
        if context.services.can_notify:
            self._build()
        self.end()

    def _build(self) -> None:
        when = SegmentedControl(
            self._look,
            texts.SHOW_NOTIFICATIONS(),
            (
                Segment(NotifyWhen.NOT_IN_FRONT, texts.WHEN_NOT_IN_FRONT()),
                Segment(NotifyWhen.ALWAYS, texts.ALWAYS()),
                Segment(NotifyWhen.NEVER, texts.NEVER()),
            ),
        )
        row = self.add_row(texts.SHOW_NOTIFICATIONS(), texts.SHOW_NOTIFICATIONS_ABOUT(), when)
        when.value_changed.connect(lambda value: self.change(row, notify_when=value))
        self.follow(lambda settings: when.set_value(settings.notify_when))
        events = (
            self.add_switch(phrases.CLIP_READY(), texts.CLIP_READY_ABOUT(), "notify_done"),
            self.add_switch(texts.CLIP_FAILED(), texts.CLIP_FAILED_ABOUT(), "notify_failed"),
            self.add_switch(
                texts.NEEDS_YOU(),
                texts.NEEDS_YOU_ABOUT(),
                "notify_needs_person",
            ),
            self.add_switch(
                texts.QUEUE_FINISHED(), texts.QUEUE_FINISHED_ABOUT(), "notify_queue_empty"
            ),
        )

        def show(settings: Settings) -> None:
            for event in events:
                event.setEnabled(settings.notify_when is not NotifyWhen.NEVER)

        self.follow(show)
