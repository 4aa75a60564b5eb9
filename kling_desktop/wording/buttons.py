"""The words of the buttons that many places share."""

from kling_desktop.wording.translation import _


def cancel() -> str:
    return _("Cancel")


def undo() -> str:
    return _("Undo")
