"""Which keys a command may have: not those of another one, and none that typing needs."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeySequence

from kling_desktop.ui.commands.commands import COMMANDS, Command
from kling_desktop.wording import commands as texts

_OF_TEXT = {
    "Ctrl+X": texts.CUTS_TEXT,
    "Ctrl+Y": texts.REDOES_TYPING,
    "Ctrl+Shift+Z": texts.REDOES_TYPING,
}
_FREE_MODIFIERS = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)


@dataclass(frozen=True, slots=True)
class KeysVerdict:
    """Whether a command may have some keys.

    Attributes:
        problem: Why not, in a sentence; empty when it may.
        taken_from: The command that has them now and could give them up; empty when none could.
    """

    problem: str = ""
    taken_from: str = ""


def write_keys(keys: QKeyCombination) -> str:
    """Keys in the portable form that is kept; Enter on the number pad is Return."""
    modifiers = keys.keyboardModifiers() & ~Qt.KeyboardModifier.KeypadModifier
    key = Qt.Key.Key_Return if keys.key() == Qt.Key.Key_Enter else keys.key()
    portable = QKeySequence.SequenceFormat.PortableText
    return QKeySequence(QKeyCombination(modifiers, key)).toString(portable)


def read_keys(text: str) -> str:
    """Keys as this system writes them."""
    return QKeySequence(text).toString(QKeySequence.SequenceFormat.NativeText)


def find_command(command_id: str) -> Command:
    return next(command for command in COMMANDS if command.id == command_id)


def keys_of(command: Command, own: Mapping[str, str]) -> str:
    """The keys of a command, with the user's own over the defaults."""
    return command.keys if command.in_wall else own.get(command.id, command.keys)


def judge_keys(keys: str, command_id: str, own: Mapping[str, str]) -> KeysVerdict:
    """Say whether a command may have these keys, given the user's own ones."""
    wanted = QKeySequence(keys)
    combination = wanted[0]  # pyright: ignore[reportIndexIssue] the stubs leave it out
    shown = read_keys(keys)
    if not _is_free(combination):
        return KeysVerdict(texts.TYPED_KEYS(keys=shown))
    for command in COMMANDS:
        if command.id == command_id or QKeySequence(keys_of(command, own)) != wanted:
            continue
        problem = texts.KEYS_IN_USE(keys=shown, command=command.text)
        return KeysVerdict(problem, "" if command.in_wall else command.id)
    use = _OF_TEXT.get(wanted.toString(QKeySequence.SequenceFormat.PortableText))
    return KeysVerdict(use(keys=shown)) if use else KeysVerdict()


def give_keys(
    own: Mapping[str, str], command_id: str, keys: str, *, taken_from: str = ""
) -> dict[str, str]:
    """The user's own keys with one more; keys equal to the default are not kept."""
    changed = dict(own)
    if taken_from:
        changed[taken_from] = ""
    changed[command_id] = keys
    if QKeySequence(keys) == QKeySequence(find_command(command_id).keys):
        del changed[command_id]
    return changed


def reset_keys(own: Mapping[str, str], command_id: str) -> tuple[dict[str, str], KeysVerdict]:
    """Give a command its default keys back, unless another command has them now."""
    default = find_command(command_id).keys
    verdict = judge_keys(default, command_id, own) if default else KeysVerdict()
    if verdict.taken_from:
        return dict(own), verdict
    return {id_: keys for id_, keys in own.items() if id_ != command_id}, KeysVerdict()


def _is_free(keys: QKeyCombination) -> bool:
    """Whether pressing these keys never writes anything into a field."""
    if keys.keyboardModifiers() & _FREE_MODIFIERS:
        return True
    return Qt.Key.Key_F1 <= keys.key() <= Qt.Key.Key_F35
