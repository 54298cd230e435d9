"""Break styled text into rows of cells.

Widths are those of ``rich.cells``, which the screen is measured with as well, so a row never
comes out wider than it was told to be.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from rich.cells import cell_len, get_character_cell_size
from rich.segment import Segment
from rich.style import Style

Run: TypeAlias = tuple[str, Style]
"""Text without control characters (line feeds break rows), and its style."""

_JOINER = "\u200d"


class Row(NamedTuple):
    """One row: its segments, its width in cells, and where it begins in the joined text.

    ``starts_line`` is false where the row goes on with a line that was too long for one row.
    """

    segments: list[Segment]
    cells: int
    offset: int
    starts_line: bool = True


def wrap_runs(runs: Sequence[Run], width: int) -> list[Row]:
    """Break ``runs`` at spaces into rows of at most ``width`` cells; at least one row.

    A word that is longer than a row is cut. Spaces at a break are dropped.
    """
    width = max(1, width)
    if len(runs) == 1:
        text, style = runs[0]
        return [
            _row([Segment(text[start:end], style)] if end > start else [], start, text, width)
            for start, end in break_text(text, width)
        ]
    joined = "".join([text for text, _ in runs])
    spans = break_text(joined, width)
    return [_row(segments, start, joined, width) for start, segments in _slice_runs(runs, spans)]


def break_text(text: str, width: int) -> list[tuple[int, int]]:
    """Return the ``(start, end)`` of each row of ``text``, in characters."""
    spans: list[tuple[int, int]] = []
    position = 0
    for line in text.split("\n"):
        if not _is_narrow(line):
            _break_cells(line, position, width, spans)
        elif len(line) <= width:
            spans.append((position, position + len(line)))
        else:
            _break_narrow(line, position, width, spans)
        position += len(line) + 1
    return spans


def crop_runs(runs: Iterable[Run], width: int) -> list[Run]:
    """Return ``runs`` cut to ``width`` cells; an ellipsis marks a cut."""
    shown = [(text.replace("\n", " "), style) for text, style in runs if text]
    if runs_cells(shown) <= width:
        return shown
    kept: list[Run] = []
    left = width - 1
    for text, style in shown:
        cells = cell_len(text)
        if cells > left:
            kept.append((cut_text(text, left) + "…", style))
            break
        kept.append((text, style))
        left -= cells
    return kept if width > 0 else []


def crop_text(text: str, width: int) -> str:
    """Return ``text`` in at most ``width`` cells, with an ellipsis when it was cut."""
    if len(text) > width * 4 + 8:
        # No character is narrower than none, but a bound keeps a long line cheap to measure.
        text = text[: width * 4 + 8]
    if cell_len(text) <= width:
        return text
    return cut_text(text, width - 1) + "…" if width > 0 else ""


def cut_text(text: str, width: int) -> str:
    """Return the start of ``text`` that takes at most ``width`` cells."""
    if text.isascii():
        return text[: max(0, width)]
    end, cells = 0, 0
    for _, following, size in _clusters(text):
        if cells + size > width:
            break
        end, cells = following, cells + size
    while end and cell_len(text[:end]) > width:
        # With stray joiners the whole can measure more than its parts.
        end -= 1
    return text[:end]


def runs_cells(runs: Iterable[Run]) -> int:
    """Return the width of ``runs`` in cells."""
    return sum(cell_len(text) for text, _ in runs)


def _row(segments: list[Segment], offset: int, text: str, width: int) -> Row:
    cells = sum([cell_len(segment.text) for segment in segments])
    if cells > width:
        # Joiners can make parts wider than the whole that was measured.
        segments = _cut_segments(segments, width)
        cells = sum([cell_len(segment.text) for segment in segments])
    return Row(segments, cells, offset, offset == 0 or text[offset - 1] == "\n")


def _cut_segments(segments: list[Segment], width: int) -> list[Segment]:
    kept: list[Segment] = []
    for segment in segments:
        text = cut_text(segment.text, width)
        kept.append(Segment(text, segment.style))
        width -= cell_len(text)
        if len(text) < len(segment.text):
            break
    return kept


def _is_narrow(line: str) -> bool:
    if line.isascii():
        return True
    return all(get_character_cell_size(character) == 1 for character in set(line))


def _break_narrow(line: str, base: int, width: int, spans: list[tuple[int, int]]) -> None:
    """Break a line whose characters all take one cell."""
    start, length = 0, len(line)
    while length - start > width:
        cut = line.rfind(" ", start, start + width + 1)
        if cut <= start:
            end = following = start + width
        else:
            end = cut
            while end > start and line[end - 1] == " ":
                end -= 1
            following = cut + 1
            while following < length and line[following] == " ":
                following += 1
        spans.append((base + start, base + end))
        start = following
    if start < length or not length:
        spans.append((base + start, base + length))


def _break_cells(line: str, base: int, width: int, spans: list[tuple[int, int]]) -> None:
    """Break a line that holds wide or zero-width characters."""
    start, cells = 0, 0
    last_break, last_break_cells = -1, 0
    for begin, end, size in _clusters(line):
        if cells + size > width and begin > start:
            if last_break > start:
                spans.append((base + start, base + len(line[:last_break].rstrip(" "))))
                start, cells = last_break, cells - last_break_cells
            else:
                spans.append((base + start, base + begin))
                start, cells = begin, 0
            last_break = -1
        is_space = line[begin:end] == " "
        if is_space and begin == start and spans and start:
            start, cells = end, 0
            continue
        cells += size
        if is_space or size > 1:
            last_break, last_break_cells = end, cells
    if start < len(line) or not line:
        spans.append((base + start, base + len(line)))


def _clusters(line: str) -> Iterable[tuple[int, int, int]]:
    """Yield ``(start, end, cells)`` of what must stay together in one cell or two."""
    start, length = 0, len(line)
    while start < length:
        end = start + 1
        while end < length and (
            get_character_cell_size(line[end]) == 0 or line[end - 1] == _JOINER
        ):
            end += 1
        yield start, end, cell_len(line[start:end])
        start = end


def _slice_runs(
    runs: Sequence[Run], spans: list[tuple[int, int]]
) -> Iterable[tuple[int, list[Segment]]]:
    """Yield each span's start and segments; spans are in order and do not overlap."""
    index, run_start = 0, 0
    for start, end in spans:
        segments: list[Segment] = []
        while index < len(runs) and run_start + len(runs[index][0]) <= start:
            run_start += len(runs[index][0])
            index += 1
        position, at, at_start = start, index, run_start
        while position < end and at < len(runs):
            text, style = runs[at]
            piece = text[position - at_start : end - at_start]
            if piece:
                segments.append(Segment(piece, style))
                position += len(piece)
            if position < end:
                at_start += len(text)
                at += 1
        yield start, segments
