"""Fills the style sheet's template: every `@name` becomes the value of that name."""

import re
from collections.abc import Mapping

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def fill_template(template: str, values: Mapping[str, str]) -> str:
    """Return the style sheet with all names replaced, without its comments.

    Names are tried longest first, so `@text-2` is never taken for `@text`. A name without a value
    is a `KeyError`: a rule that Qt would silently drop.
    """
    names = sorted(values, key=len, reverse=True)
    pattern = re.compile("@(" + "|".join(map(re.escape, names)) + r")(?![\w-])|@([\w-]+)")

    def replace(match: re.Match[str]) -> str:
        if match[1] is None:
            raise KeyError(match[2])
        return values[match[1]]

    return pattern.sub(replace, _COMMENT.sub("", template))
