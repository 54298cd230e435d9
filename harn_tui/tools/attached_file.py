"""What a person's mention of a file or folder attaches: bounded text, never a binary."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from harn_tui.errors import ToolError
from harn_tui.tools.base import ToolContext
from harn_tui.tools.file_access import (
    BINARY_SNIFF_BYTES,
    is_folder,
    open_regular_file,
    refuse_binary,
)
from harn_tui.tools.line_reader import LineReader
from harn_tui.tools.list_directory import list_folder
from harn_tui.tools.readable import without_nul
from harn_tui.tools.workspace import resolve_path, shown_path

MAX_LINES = 2000
MAX_CHARACTERS = 64 * 1024
MAX_BYTES = 10 * 1024 * 1024
"""A larger file is attached by a range of lines only."""
_MAX_SCANNED_BYTES = 64 * 1024 * 1024
_BACKTICKS = re.compile(r"`+")


@dataclass(frozen=True, slots=True)
class Attached:
    """What was attached: ``name`` for people, such as ``a.py (lines 1-40 of 90)``, and ``text``."""

    name: str
    text: str


def read_attached(
    context: ToolContext, path: str, first_line: int | None = None, last_line: int | None = None
) -> Attached | None:
    """Return what is attached for ``path``, ``None`` when nothing is there.

    Reads files: call it in a thread. Raises ToolError for what lies outside the workspace, is
    binary, or is too large to be attached whole.
    """
    try:
        resolved = resolve_path(context, path)
    except ToolError:
        if _exists(context.cwd, path):
            raise
        return None
    if not os.path.lexists(resolved):
        return None
    shown = shown_path(context, resolved)
    if is_folder(resolved):
        listing = list_folder(context, resolved)
        count = listing.details["entries"]
        name = f"{shown}/ ({count} {'entry' if count == 1 else 'entries'})"
        return Attached(name, listing.text)
    return _read_file(resolved, shown, first_line, last_line)


def fenced(name: str, text: str) -> str:
    """Return ``text`` as a block that nothing in it can close, below a line that names it."""
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"Attached, because the person mentioned it: {name}\n{fence}\n{text}\n{fence}"


def _exists(cwd: Path, path: str) -> bool:
    try:
        return (cwd / Path(path).expanduser()).exists()
    except (OSError, RuntimeError, ValueError):
        return False


def _read_file(path: Path, shown: str, first_line: int | None, last_line: int | None) -> Attached:
    with open_regular_file(path, shown) as file:
        size = os.fstat(file.fileno()).st_size
        refuse_binary(file.read(BINARY_SNIFF_BYTES), size, shown)
        if first_line is None and size > MAX_BYTES:
            raise ToolError(
                f"{shown} is too large to be attached ({size:,} bytes).",
                hint=f"Mention some of its lines: @{shown}:1-200.",
            )
        file.seek(0)
        return _read_lines(LineReader(file, MAX_CHARACTERS * 4), shown, first_line, last_line)


def _read_lines(
    reader: LineReader, shown: str, first_line: int | None, last_line: int | None
) -> Attached:
    first = first_line or 1
    skipped = reader.skip_lines(first - 1, _MAX_SCANNED_BYTES)
    wanted = MAX_LINES if last_line is None else min(MAX_LINES, last_line - first + 1)
    lines, is_cut = _collect(reader, wanted) if skipped == first - 1 else ([], False)
    if not lines and first_line is not None:
        raise ToolError(f"{shown} has no line {first}: it has {skipped}.")
    rest = reader.skip_lines(_MAX_SCANNED_BYTES, reader.bytes_read + _MAX_SCANNED_BYTES)
    last = first - 1 + len(lines)
    name = _name(shown, first, last, last + rest, is_cut=is_cut)
    return Attached(name, "\n".join(lines) or "[the file is empty]")


def _collect(reader: LineReader, count: int) -> tuple[list[str], bool]:
    """Return the next lines, as many as there is room for, and whether the last one was cut."""
    lines: list[str] = []
    room = MAX_CHARACTERS
    while len(lines) < count and room > 0:
        line = reader.next_line()
        if line is None:
            break
        text = line.start.decode("utf-8", "replace").removesuffix("\r").removeprefix("\ufeff")
        is_cut = line.size > len(line.start) or len(text) > room
        lines.append(without_nul(text[:room]))
        if is_cut:
            return lines, True
        room -= len(text) + 1
    return lines, False


def _name(shown: str, first: int, last: int, total: int, *, is_cut: bool) -> str:
    if total == 0:
        return f"{shown} (empty)"
    lines = f"line {first}" if first == last else f"lines {first}-{last}"
    cut = ", the last one cut" if is_cut else ""
    if first == 1 and last == total:
        return f"{shown} ({total} {'line' if total == 1 else 'lines'}{cut})"
    return f"{shown} ({lines} of {total}{cut})"
