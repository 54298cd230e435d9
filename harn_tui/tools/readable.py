"""Text for a model made from bytes and names that may hold anything.

Control characters stay (a screen cleans its own); only what JSON text cannot carry well is
replaced: NUL by its picture, bytes that are no UTF-8 by the replacement character.
"""

import re

_NUL_PICTURE = "\N{SYMBOL FOR NULL}"
_SURROGATE = re.compile("[\ud800-\udfff]")


def without_nul(text: str) -> str:
    """Return ``text`` with each NUL replaced by a visible sign."""
    return text.replace("\x00", _NUL_PICTURE)


def readable_name(name: str) -> str:
    """Return a file name, from the system or a model, as text that can be encoded as UTF-8."""
    return without_nul(_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", name))


def one_line(text: str, limit: int = 500) -> str:
    """Return ``text`` on one line for a summary; line ends show as a sign, a long rest is cut."""
    flat = text.strip().replace("\r\n", "\n").replace("\n", " ⏎ ")
    if len(flat) <= limit:
        return flat
    return f"{flat[:limit]}… ({len(flat) - limit} more characters)"


def line_count(text: str) -> int:
    """Return how many lines ``text`` has; a last line without a line end counts."""
    return text.count("\n") + (not text.endswith("\n") and bool(text))
