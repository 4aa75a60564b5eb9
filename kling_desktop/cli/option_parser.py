"""Python's option parser, in the user's language and with values that may begin with a dash."""

import argparse
from collections.abc import Sequence
from typing import Any

from kling_desktop.wording import translation


class OptionParser(argparse.ArgumentParser):
    """Parses the arguments of the command line or of one of its subcommands.

    ``--prompt "-slow zoom"`` is a prompt: what follows an option that takes text is its value
    unless it is an option itself.  Options are typed in full, so that both can be told apart.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        _translate_argparse()
        # Before the base class, which adds --help.
        self._options: set[str] = set()
        self._text_options: set[str] = set()
        super().__init__(*arguments, **{"allow_abbrev": False, **options})

    def add_argument(self, *names: Any, **options: Any) -> argparse.Action:
        return self._note(super().add_argument(*names, **options))

    def parse_known_args(  # pyright: ignore[reportIncompatibleMethodOverride] one signature of several
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        return super().parse_known_args(self._join(args or ()), namespace)

    def _note(self, action: argparse.Action) -> argparse.Action:
        self._options.update(action.option_strings)
        if action.nargs is None and action.type is None and action.choices is None:
            self._text_options.update(action.option_strings)
        return action

    def _join(self, arguments: Sequence[str]) -> list[str]:
        """Write an option and its value as one argument where the value begins with a dash."""
        joined: list[str] = []
        for argument in arguments:
            option = joined[-1] if joined else ""
            if (
                option in self._text_options
                and argument.startswith("-")
                and argument != "--"
                and argument.partition("=")[0] not in self._options
            ):
                joined[-1] = f"{option}={argument}"
            else:
                joined.append(argument)
        return joined


def _translate_argparse() -> None:
    """Let argparse look its own sentences up in this app's catalogue.

    It translates by two functions of its module, taken from `gettext` at import; there is no
    parameter for them.  tests/cli/test_pseudo_locale.py notices if that changes.
    """
    for name, function in (("_", translation._), ("ngettext", translation.ngettext)):
        setattr(argparse, name, function)
