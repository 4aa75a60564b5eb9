"""Reads a window as a screen reader does: over the accessibility bus of the session."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

# It comes with keyring where there is a session bus to speak to.
jeepney = pytest.importorskip("jeepney", reason="jeepney speaks to the accessibility bus")
blocking = pytest.importorskip("jeepney.io.blocking")

_ACCESSIBLE = "org.a11y.atspi.Accessible"
_COMPONENT = "org.a11y.atspi.Component"
_ROOT = "/org/a11y/atspi/accessible/root"
_FOCUSABLE, _FOCUSED, _SHOWING = 11, 12, 25
_ON_SCREEN = 0
_PATIENCE_S = 20
_DEEPEST = 40
USABLE = {
    *("push button", "button", "check box", "radio button", "combo box", "entry", "text"),
    *("slider", "spin button", "menu item", "page tab", "link", "list item", "toggle button"),
    *("list", "table", "table cell", "dialog"),
}


@dataclass(frozen=True)
class Thing:
    """One accessible object."""

    bus_name: str
    path: str
    name: str
    role: str
    focusable: bool
    focused: bool
    showing: bool
    trail: str


class Gone(Exception):
    """What was asked about is not there any more: the window has moved on."""


class Reader:
    """A connection to the accessibility bus; closed by its test."""

    def __init__(self, session_bus: str) -> None:
        session = blocking.open_dbus_connection(session_bus)
        address = jeepney.DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
        (place,) = _call(session, address, "GetAddress")
        session.close()
        self._bus = blocking.open_dbus_connection(place)

    def close(self) -> None:
        self._bus.close()

    def walk(self) -> Iterator[Thing]:
        """Yield everything that programs on this screen show now."""
        yield from self._walk("org.a11y.atspi.Registry", _ROOT, "", 0)

    def find(self, name: str, role: str = "") -> Thing | None:
        """Return the first thing on show whose name begins so."""
        for thing in self.walk():
            if thing.showing and thing.name.startswith(name) and role in ("", thing.role):
                return thing
        return None

    def find_middle(self, thing: Thing) -> tuple[float, float]:
        """Return where on the screen the middle of a thing is."""
        address = jeepney.DBusAddress(thing.path, thing.bus_name, _COMPONENT)
        ((x, y, width, height),) = _call(self._bus, address, "GetExtents", "u", (_ON_SCREEN,))
        return x + width / 2, y + height / 2

    def _walk(self, bus_name: str, path: str, trail: str, depth: int) -> Iterator[Thing]:
        address = jeepney.DBusAddress(path, bus_name, _ACCESSIBLE)
        if depth:
            try:
                thing = self._read(address, trail)
            except Gone:
                return
            if not thing.showing and depth > 1:
                return
            yield thing
            trail = f"{trail}/{thing.role}:{thing.name}"
        if depth < _DEEPEST:
            try:
                (children,) = _call(self._bus, address, "GetChildren")
            except Gone:
                return
            for child_bus, child in children:
                yield from self._walk(child_bus, child, trail, depth + 1)

    def _read(self, address: Any, trail: str) -> Thing:
        (name,) = _send(self._bus, jeepney.Properties(address).get("Name"))
        (role,) = _call(self._bus, address, "GetRoleName")
        ((low, _high),) = _call(self._bus, address, "GetState")
        return Thing(
            bus_name=address.bus_name or "",
            path=address.object_path,
            name=name[1],
            role=role,
            focusable=bool(low & 1 << _FOCUSABLE),
            focused=bool(low & 1 << _FOCUSED),
            showing=bool(low & 1 << _SHOWING),
            trail=trail,
        )


def list_nameless(reader: Reader) -> list[str]:
    """List what can be used and says nothing."""
    return [
        f"{thing.trail}/{thing.role}"
        for thing in reader.walk()
        if thing.showing
        and (thing.focusable or thing.role in USABLE)
        and not thing.name.strip()
        and thing.role != "application"
    ]


def _call(bus: Any, address: Any, method: str, signature: str = "", body: Any = ()) -> Any:
    return _send(bus, jeepney.new_method_call(address, method, signature or None, body))


def _send(bus: Any, message: Any) -> Any:
    reply = bus.send_and_get_reply(message, timeout=_PATIENCE_S)
    if reply.header.message_type is jeepney.MessageType.error:
        raise Gone(reply.body)
    return reply.body
