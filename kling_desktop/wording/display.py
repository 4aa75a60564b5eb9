"""The words for a window that has no display to open on."""

from kling_desktop.wording.translation import _


def no_display() -> str:
    return _(
        "There is no display to open the window on. The command line works without one; "
        "“kling-desktop --help” lists its commands."
    )


def describe_bad_display(display: str) -> str:
    return _("The window cannot be opened on the display “{display}”.").format(display=display)


def missing_cursor_library() -> str:
    return _("Qt needs a library for it: on Debian and Ubuntu, install libxcb-cursor0.")


def describe_bad_platform(platform: str) -> str:
    return _(
        "The window cannot be opened: Qt cannot use “{platform}”, which QT_QPA_PLATFORM names. "
        "Unset that variable and try again."
    ).format(platform=platform)


def describe_hidden_platform(platform: str) -> str:
    return _(
        "QT_QPA_PLATFORM is “{platform}”: the window is drawn, but shown nowhere. Unset that "
        "variable to see it."
    ).format(platform=platform)
