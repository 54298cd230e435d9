"""Where a text is code: fenced blocks, and pieces of a line between backticks."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)", re.DOTALL)
_BACKTICKS = re.compile(r"`+")


def code_spans(text: str) -> list[tuple[int, int]]:
    """Return start and end of each, in order. A block that is not closed goes to the end.

    Takes time in proportion to the length of ``text``, whatever it holds.
    """
    spans: list[tuple[int, int]] = []
    fence = ""
    fence_start = place = 0
    for line in text.splitlines(keepends=True):
        opening = _FENCE.match(line)
        if fence:
            if opening and opening[1].startswith(fence) and not opening[2].strip():
                spans.append((fence_start, place + len(line)))
                fence = ""
        elif opening and not (opening[1][0] == "`" and "`" in opening[2]):
            fence, fence_start = opening[1], place
        else:
            spans += _inline_spans(line, place)
        place += len(line)
    if fence:
        spans.append((fence_start, len(text)))
    return spans


def _inline_spans(line: str, offset: int) -> Iterator[tuple[int, int]]:
    """Yield what stands between two runs of equally many backticks, the runs included."""
    runs = [match.span() for match in _BACKTICKS.finditer(line)]
    starts: dict[int, list[int]] = defaultdict(list)
    for start, end in runs:
        starts[end - start].append(start)
    reached = 0
    for start, end in runs:
        if start < reached:
            continue
        alike = starts[end - start]
        following = bisect_right(alike, start)
        if following < len(alike):
            reached = alike[following] + end - start
            yield offset + start, offset + reached
