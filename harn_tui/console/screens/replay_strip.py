"""The strip of a replay: how much happens when, errors and approvals marked, and the place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

if TYPE_CHECKING:
    from harn_tui.view.timeline import Stretch

_HEAD = "┃"
_ERROR, _APPROVAL = "✗", "?"
_LEVELS = "▁▂▃▄▅▆▇█"
_NOTHING = "─"
_LEAST_MOST = 16
"""A cell of so many records is full, unless another one has more."""


def strip_content(stretches: Sequence[Stretch], share: float) -> Content:
    """Return a cell for each stretch; those before ``share`` of the whole, 0 to 1, are lit."""
    most = max((stretch.records for stretch in stretches), default=0)
    most = max(most, _LEAST_MOST)
    head = head_cell(share, len(stretches))
    pieces = []
    for cell, stretch in enumerate(stretches):
        if cell == head:
            pieces.append((_HEAD, "bold $foreground"))
        else:
            pieces.append(_cell(stretch, most, is_past=cell < head))
    return Content.assemble(*pieces)


def plain_strip(cells: int, share: float) -> Content:
    """Return a strip of ``cells`` for a session of which no more is known yet."""
    head = head_cell(share, cells)
    before, after = max(0, head), cells - max(0, head)
    if head < 0:
        return Content.styled(_NOTHING * cells, "$line")
    return Content.assemble(
        ("━" * before, "$primary"), (_HEAD, "bold $foreground"), (_NOTHING * (after - 1), "$line")
    )


def head_cell(share: float, cells: int) -> int:
    """Return the cell whose stretch ends at or after ``share``; -1 before the first record."""
    return min(cells, math.ceil(share * cells - 1e-9)) - 1


def _cell(stretch: Stretch, most: int, *, is_past: bool) -> tuple[str, str]:
    if stretch.has_error:
        return _ERROR, "$error"
    if stretch.has_approval:
        return _APPROVAL, "$warning"
    style = "$primary" if is_past else "$muted"
    if not stretch.records:
        return _NOTHING, "$line"
    # Bursts are a hundred times as dense as work with tools: a logarithm shows both.
    level = math.log1p(stretch.records) / math.log1p(most) * len(_LEVELS)
    return _LEVELS[min(len(_LEVELS) - 1, max(0, math.ceil(level) - 1))], style
