"""What a call would change in a file, as styled text for the person who decides on it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harn_tui.console.approval.parts import DIFF_STYLES, Part
from harn_tui.console.plain_text import one_line, revealed

if TYPE_CHECKING:
    from harn_tui.tools.foreseen_change import ForeseenChange

LOOKING = "looking at what it replaces…"
_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@")
_UNITS = ("bytes", "kB", "MB", "GB", "TB")


def change_facts(change: ForeseenChange) -> Part:
    """Return in words what becomes of the file."""
    if change.problem:
        return f"what it replaces is not known: {one_line(revealed(change.problem))}", "$warning"
    if change.is_new:
        return "new file", "$muted"
    if change.added is None:
        return f"replaces {_size_words(change)}", "$warning"
    if not change.added and not change.removed:
        return "has exactly this content already", "$muted"
    return f"replaces the file, +{change.added:,} -{change.removed or 0:,}", "$warning"


def diff_parts(change: ForeseenChange) -> list[Part]:
    """Return the lines of the diff, those alone that are in the file or would be."""
    lines = revealed(_without_headers(change.diff)).split("\n")
    parts: list[Part] = []
    for line in lines:
        hunk = _HUNK.match(line)
        if hunk is None:
            parts.append((f"{line}\n", DIFF_STYLES.get(line[:1], "")))
        elif parts or int(hunk[1]) > 1:
            parts.append((f"⋯ line {hunk[1]}\n", "$muted"))
    if change.is_cut:
        parts.append(("… the rest of this change is not shown\n", "$muted"))
    return parts


def _without_headers(diff: str) -> str:
    return diff.split("\n", 2)[2].removesuffix("\n")


def _size_words(change: ForeseenChange) -> str:
    size = _bytes_words(change.old_bytes or 0)
    if change.is_binary:
        return f"a binary file ({size})"
    if change.old_lines is None:
        return f"a file of {size}"
    return f"{change.old_lines:,} line{'' if change.old_lines == 1 else 's'} ({size})"


def _bytes_words(count: int) -> str:
    size, unit = float(count), 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{count:,} bytes" if unit == 0 else f"{size:.1f} {_UNITS[unit]}"
