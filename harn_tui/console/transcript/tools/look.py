"""What a tool's renderer is, and the parts that several of them draw with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harn_tui.console.transcript.clean import clean_output_line, split_lines
from harn_tui.console.transcript.pen import Margin
from harn_tui.console.transcript.roles import Role
from harn_tui.console.transcript.text_bodies import counted
from harn_tui.console.transcript.text_units import NoteUnit, text_units
from harn_tui.console.transcript.unit import Unit
from harn_tui.view.model import ToolBlock

_BAR = (("   ", Role.TEXT), ("│ ", Role.RULE))
BODY_MARGIN = Margin(_BAR, _BAR)
"""What stands left of everything below a tool's header."""

ERROR_LINES = 6
"""Lines of an error that are shown while the call is folded."""


@dataclass(frozen=True, slots=True)
class ToolLook:
    """How the calls of one kind of tool are drawn once they ended.

    ``body(block, is_folded)`` returns what stands below the header; ``hint(block, is_folded)``
    the end of the header, which says what folding hides.
    """

    body: Callable[[ToolBlock, bool], list[Unit]]
    hint: Callable[[ToolBlock, bool], str]


def result_lines(text: str) -> list[Unit]:
    """Return a tool's text as units."""
    return text_units(text, Role.OUTPUT, BODY_MARGIN, clean=clean_output_line)


def last_lines(text: str, count: int) -> list[Unit]:
    """Return the last ``count`` lines of a tool's text as units."""
    lines = len(split_lines(text))
    first = max(0, lines - count)
    return text_units(
        text,
        Role.OUTPUT,
        BODY_MARGIN,
        clean=clean_output_line,
        first_line=first,
        last_line=first + count,
    )


def error_units(error: str, role: Role, *, is_folded: bool) -> list[Unit]:
    """Return an error's text as units in ``role``, bounded while folded."""
    shown = ERROR_LINES if is_folded else 1_000_000
    units = text_units(error, role, BODY_MARGIN, clean=clean_output_line, last_line=shown)
    hidden = len(split_lines(error)) - shown
    if hidden > 0:
        note = f"… {counted(hidden, 'more line')} ▸"
        units.append(NoteUnit(note, BODY_MARGIN, is_toggle=True))
    return units


def result_text(block: ToolBlock) -> str:
    """Return what the call gave back: its result, or its live output when it has none.

    Nothing when the result only says the error again, which is drawn on its own.
    """
    text = block.result_text if block.result_text is not None else block.output
    return "" if block.error and text.strip() == block.error.strip() else text


def folded_result(block: ToolBlock, is_folded: bool) -> list[Unit]:
    """Return the whole result unless the call is folded."""
    return [] if is_folded else result_lines(result_text(block))


def lines_hint(block: ToolBlock, is_folded: bool) -> str:
    """Return how many lines the result has, and whether they are shown."""
    text = result_text(block)
    if not text:
        return ""
    lines = text.count("\n") + (not text.endswith("\n"))
    return f"{counted(lines, 'line')} {'▸' if is_folded else '▾'}"
