"""A unified diff whose cost stays bounded for large files."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TypeAlias

CONTEXT_LINES = 3
# Above this product of line counts the changed middle is shown as one replaced block: the
# result is still correct, only not minimal, and it takes no quadratic time.
_MAX_COMPARED_PAIRS = 4_000_000
_MAX_DIFF_CHARACTERS = 400_000
_NO_FINAL_NEWLINE = "\\ No newline at end of file\n"

Change: TypeAlias = tuple[int, int, int, int]  # old start, old end, new start, new end


@dataclass(frozen=True, slots=True)
class LineDiff:
    """A unified diff. ``cut`` says that ``text`` is only the start of it; the counts are whole."""

    text: str
    added: int
    removed: int
    cut: bool


def diff_lines(old: str, new: str, path: str, *, created: bool = False) -> LineDiff:
    """Return the unified diff from ``old`` to ``new``; its text is empty when they are equal."""
    old_lines, new_lines = _split(old), _split(new)
    changes = list(_changes(old_lines, new_lines))
    header = f"--- {'/dev/null' if created else 'a/' + path}\n+++ b/{path}\n"
    pieces = [header] if changes else []
    length = len(header)
    for hunk in _hunks(changes):
        for line in _hunk_lines(hunk, old_lines, new_lines):
            pieces.append(line)
            length += len(line)
        if length > _MAX_DIFF_CHARACTERS:
            break
    text = "".join(pieces)
    return LineDiff(
        text=text[:_MAX_DIFF_CHARACTERS],
        added=sum(change[3] - change[2] for change in changes),
        removed=sum(change[1] - change[0] for change in changes),
        cut=length > _MAX_DIFF_CHARACTERS,
    )


def _split(text: str) -> list[str]:
    lines = text.split("\n")
    last = lines.pop()
    kept = [line + "\n" for line in lines]
    return [*kept, last] if last else kept


def _changes(old: list[str], new: list[str]) -> Iterator[Change]:
    start = _common_length(old, new)
    end = _common_length(old[start:][::-1], new[start:][::-1])
    old_middle, new_middle = old[start : len(old) - end], new[start : len(new) - end]
    if not old_middle and not new_middle:
        return
    if len(old_middle) * len(new_middle) > _MAX_COMPARED_PAIRS:
        yield start, len(old) - end, start, len(new) - end
        return
    matcher = SequenceMatcher(None, old_middle, new_middle)
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if tag != "equal":
            yield start + old_from, start + old_to, start + new_from, start + new_to


def _common_length(left: list[str], right: list[str]) -> int:
    pairs = zip(left, right, strict=False)
    shorter = min(len(left), len(right))
    return next((index for index, (a, b) in enumerate(pairs) if a != b), shorter)


def _hunks(changes: list[Change]) -> Iterator[list[Change]]:
    """Group changes that lie so close that their context lines meet."""
    if not changes:
        return
    hunk = [changes[0]]
    for before, after in pairwise(changes):
        if after[0] - before[1] > 2 * CONTEXT_LINES:
            yield hunk
            hunk = []
        hunk.append(after)
    yield hunk


def _hunk_lines(hunk: list[Change], old: list[str], new: list[str]) -> Iterator[str]:
    old_start, new_start = (max(0, hunk[0][side] - CONTEXT_LINES) for side in (0, 2))
    # Both sides have the same lines before the first change, so they start equally far back.
    old_end = min(len(old), hunk[-1][1] + CONTEXT_LINES)
    new_end = min(len(new), hunk[-1][3] + CONTEXT_LINES)
    yield f"@@ -{_range(old_start, old_end)} +{_range(new_start, new_end)} @@\n"
    position = old_start
    for old_from, old_to, new_from, new_to in hunk:
        yield from _marked(" ", old[position:old_from])
        yield from _marked("-", old[old_from:old_to])
        yield from _marked("+", new[new_from:new_to])
        position = old_to
    yield from _marked(" ", old[position:old_end])


def _marked(sign: str, lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield sign + line if line.endswith("\n") else f"{sign}{line}\n{_NO_FINAL_NEWLINE}"


def _range(start: int, end: int) -> str:
    count = end - start
    if count == 1:
        return str(start + 1)
    return f"{start + (1 if count else 0)},{count}"
