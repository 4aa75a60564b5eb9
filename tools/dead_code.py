"""Finds code that nothing in the app uses; tests do not count as a use.

vulture reads the sources.  Names in camel case are Qt's own, called by Qt; what other libraries
call or read is listed below with its reason, and so is what exists for tests to look at.
"""

import re
import sys
from pathlib import Path

from vulture import Vulture

ROOT = Path(__file__).resolve().parent.parent
KINDS = {"class", "function", "method", "property", "import", "unreachable_code"}
"""Not variables and attributes: values of enums and fields of other libraries are among them."""
CALLED_BY_QT = re.compile(r"[a-z]+[A-Z]\w*")
CALLED_BY_OTHERS = {
    "call_at": "asyncio's event loop",
    "set_debug": "asyncio's event loop",
    "capture_signals": "uvicorn",
    "dst": "datetime's tzinfo",
    "fromutc": "datetime's tzinfo",
    "readable": "io.RawIOBase",
    "seekable": "io.RawIOBase",
    "readinto": "io.RawIOBase",
    "clone": "Qt's icon engine",
    "find_class": "pickle's Unpickler",
    "_timer_handle_cancelled": "asyncio's event loop",
    "__call__": "a protocol",
    "InputContainer": "a type in quotes",
    "VideoStream": "a type in quotes",
}
READ_BY_TESTS = {
    # What a user sees, for a test to look at.
    *("cost_lines", "picker", "size_words", "note_words", "is_highlighted", "counter_ink"),
    *("shortcut_hint", "list_shown", "grab_picture", "set_expanded", "focus_chosen", "list_names"),
    # What is kept, for a test to count.
    *("used_bytes", "list_kept", "count_states", "timer_count"),
}


def main() -> int:
    vulture = Vulture()
    vulture.scavenge([str(ROOT / "kling_desktop")])
    found = [
        item
        for item in vulture.get_unused_code(min_confidence=60)
        if item.typ in KINDS
        and not CALLED_BY_QT.fullmatch(item.name)
        and item.name not in CALLED_BY_OTHERS
        and item.name not in READ_BY_TESTS
    ]
    for item in found:
        place = Path(item.filename).relative_to(ROOT)
        print(f"{place}:{item.first_lineno}: {item.typ} {item.name} is used nowhere")
    used = {item.name for item in vulture.get_unused_code(min_confidence=60)}
    stale = sorted((CALLED_BY_OTHERS.keys() | READ_BY_TESTS) - used)
    for name in stale:
        print(f"tools/dead_code.py: {name} needs no entry any more")
    return 1 if found or stale else 0


if __name__ == "__main__":
    sys.exit(main())
