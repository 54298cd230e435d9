"""Reads the footer in which a model names the phase it wants to go on with."""

import re
from typing import Final

from harn_tui.tagged_text.visible import prose_lines

_NEXT_PHASE: Final = re.compile(r"[ ]{0,3}next_phase:\s*(?P<phase>\S.*)")
_QUOTES: Final = ("`", '"', "'", "**")
_FENCES: Final = ("```", "~~~")


def next_phase(text: str) -> str | None:
    """Return the phase that the last ``next_phase:`` line of ``text`` names, ``None`` without one.

    Lines in fenced or indented code, in ``>`` quotes, in calls and in thoughts do not count, nor do
    lines that name nothing: they are talk about phases, not a wish. Quotation marks around the
    name are dropped.
    """
    phase: str | None = None
    fence: str | None = None
    for line in prose_lines(text):
        marker = line.lstrip()[:3]
        if marker in _FENCES and fence in (None, marker):
            fence = marker if fence is None else None
        elif fence is None and (match := _NEXT_PHASE.fullmatch(line.rstrip())):
            phase = _without_quotes(match["phase"]) or phase
    return phase


def _without_quotes(name: str) -> str:
    for quote in _QUOTES:
        if len(name) > 2 * len(quote) and name.startswith(quote) and name.endswith(quote):
            return name[len(quote) : -len(quote)].strip()
    return name
