"""Puts the two sides of a hunk beside each other: which line replaced which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from harn_tui.console.review.hunks import HunkLine
from harn_tui.console.review.words import likeness, word_set

MAX_COMPARED_PAIRS = 400
"""Of a longer stretch the lines are paired in their order."""

_ALIKE = 0.4


class SideRow(NamedTuple):
    """A row with the places of its lines in the hunk; ``None`` for an empty side.

    ``is_alike`` when both sides are versions of one line, so that words can be compared.
    """

    left: int | None
    right: int | None
    is_alike: bool = False


def side_by_side(lines: Sequence[HunkLine]) -> tuple[SideRow, ...]:
    """Return the rows of a hunk: every line once, context on both sides, in their order."""
    rows: list[SideRow] = []
    removed: list[int] = []
    added: list[int] = []
    for place, line in enumerate(lines):
        if line.sign == "-" and not added:
            removed.append(place)
        elif line.sign == "+":
            added.append(place)
        else:
            rows += _change(lines, removed, added)
            removed, added = ([place], []) if line.sign == "-" else ([], [])
            if line.sign == " ":
                rows.append(SideRow(place, place))
    return (*rows, *_change(lines, removed, added))


def partners(rows: Sequence[SideRow]) -> dict[int, int]:
    """Return for each line that has one the line that is another version of it."""
    found: dict[int, int] = {}
    for left, right, is_alike in rows:
        if is_alike and left is not None and right is not None:
            found |= {left: right, right: left}
    return found


def _change(lines: Sequence[HunkLine], removed: list[int], added: list[int]) -> list[SideRow]:
    """Return the rows of a stretch; lines that are alike stand beside each other."""
    rows: list[SideRow] = []
    left = right = 0
    for old, new in _alike(lines, removed, added):
        rows += _unlike(removed[left:old], added[right:new])
        rows.append(SideRow(removed[old], added[new], is_alike=True))
        left, right = old + 1, new + 1
    return rows + _unlike(removed[left:], added[right:])


def _unlike(removed: list[int], added: list[int]) -> list[SideRow]:
    length = max(len(removed), len(added))
    lefts: list[int | None] = [*removed, *[None] * (length - len(removed))]
    rights: list[int | None] = [*added, *[None] * (length - len(added))]
    return [SideRow(left, right) for left, right in zip(lefts, rights, strict=True)]


def _alike(
    lines: Sequence[HunkLine], removed: list[int], added: list[int]
) -> list[tuple[int, int]]:
    """Return the pairs of lines that are alike, as places in the two lists, none crossing.

    The pairs are those whose likeness sums up to the most.
    """
    before = [word_set(lines[place].text) for place in removed]
    after = [word_set(lines[place].text) for place in added]
    if len(before) * len(after) > MAX_COMPARED_PAIRS:
        pairs = enumerate(zip(before, after, strict=False))
        return [(place, place) for place, (old, new) in pairs if likeness(old, new) >= _ALIKE]
    alike = [[_score(old, new) for new in after] for old in before]
    best = [[0.0] * (len(after) + 1) for _ in range(len(before) + 1)]
    for row in range(len(before) - 1, -1, -1):
        for column in range(len(after) - 1, -1, -1):
            paired = alike[row][column] + best[row + 1][column + 1]
            best[row][column] = max(paired, best[row + 1][column], best[row][column + 1])
    return _walk(alike, best)


def _score(old: frozenset[str], new: frozenset[str]) -> float:
    score = likeness(old, new)
    return score if score >= _ALIKE else 0.0


def _walk(alike: list[list[float]], best: list[list[float]]) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    row = column = 0
    while row < len(alike) and column < len(alike[row]):
        score = alike[row][column]
        if score and best[row][column] == score + best[row + 1][column + 1]:
            pairs.append((row, column))
            row, column = row + 1, column + 1
        elif best[row][column] == best[row + 1][column]:
            row += 1
        else:
            column += 1
    return pairs
