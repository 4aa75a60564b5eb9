"""Reads what a decoder's process returned, as if an attacker had written it."""

import dataclasses
import io
import pickle
from enum import Enum
from importlib import import_module
from typing import cast

from kling_desktop.media.confinement import Outcome

_OWN_PACKAGES = ("kling_desktop.domain.", "kling_desktop.media.")


class BadResult(Exception):
    """The bytes are no result."""


class _PlainUnpickler(pickle.Unpickler):
    """Makes plain values, and of classes only our own dataclasses and enums.

    A pickle may name any function of the interpreter and have it called; this one finds none.
    """

    def find_class(self, module_name: str, global_name: str) -> type:
        if module_name.startswith(_OWN_PACKAGES):
            found: object = getattr(import_module(module_name), global_name, None)
            if isinstance(found, type) and (
                dataclasses.is_dataclass(found) or issubclass(found, Enum)
            ):
                return found
        raise BadResult(f"it names {module_name}.{global_name}")


def read_result(data: bytes) -> tuple[Outcome, object]:
    """Read the outcome and its value.

    Raises:
        BadResult: It is no pickle of plain values.
    """
    try:
        value: object = _PlainUnpickler(io.BytesIO(data)).load()
        outcome, result = cast("tuple[object, object]", value)
        return Outcome(cast("str", outcome)), result
    except (
        pickle.UnpicklingError, EOFError, ImportError, AttributeError, IndexError, KeyError,
        MemoryError, RecursionError, TypeError, ValueError,
    ) as error:  # fmt: skip
        raise BadResult(f"{error!r:.200}") from error
