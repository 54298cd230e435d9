"""The ``read_file`` tool: numbered lines of a text file, page by page."""

import codecs
import os
from dataclasses import dataclass, field
from pathlib import Path

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolKind
from harn_tui.tools.arguments import integer_argument, text_argument
from harn_tui.tools.base import Tool, ToolAnnotations, ToolContext, ToolResult
from harn_tui.tools.completion import run_in_thread
from harn_tui.tools.file_access import (
    BINARY_SNIFF_BYTES,
    is_folder,
    open_regular_file,
    refuse_binary,
)
from harn_tui.tools.line_reader import Line, LineReader
from harn_tui.tools.list_directory import list_folder
from harn_tui.tools.readable import one_line, without_nul
from harn_tui.tools.workspace import resolve_path, shown_path

MAX_LINES = 2000
MAX_LINE_CHARACTERS = 2000
MAX_PAGE_CHARACTERS = 100_000
_MAX_SCANNED_BYTES = 64 * 1024 * 1024
_KEEP_BYTES = 4 * MAX_LINE_CHARACTERS + 4  # UTF-8 needs at most four bytes a character


@dataclass(slots=True)
class _Page:
    """Lines collected for one answer."""

    lines: list[str] = field(default_factory=list)
    has_bad_bytes: bool = False


async def _run(arguments: JsonObject, context: ToolContext) -> ToolResult:
    path = text_argument(arguments, "path")
    offset = max(1, integer_argument(arguments, "offset", 1))
    limit = min(MAX_LINES, max(1, integer_argument(arguments, "limit", MAX_LINES)))
    return await run_in_thread(lambda: _read(context, path, offset, limit))


def _read(context: ToolContext, path: str, offset: int, limit: int) -> ToolResult:
    resolved = resolve_path(context, path)
    if is_folder(resolved):
        return list_folder(context, resolved)
    return _read_lines(resolved, shown_path(context, resolved), offset, limit)


def _read_lines(path: Path, shown: str, offset: int, limit: int) -> ToolResult:
    with open_regular_file(path, shown) as file:
        size = os.fstat(file.fileno()).st_size
        start = file.read(BINARY_SNIFF_BYTES)
        refuse_binary(start, size, shown)
        file.seek(len(codecs.BOM_UTF8) if start.startswith(codecs.BOM_UTF8) else 0)
        reader = LineReader(file, _KEEP_BYTES)
        skipped = reader.skip_lines(offset - 1, _MAX_SCANNED_BYTES)
        page = _collect(reader, offset, limit) if skipped == offset - 1 else _Page()
        if not page.lines and offset > 1:
            raise _past_end(shown, skipped, reader.bytes_read, size)
        scan_end = reader.bytes_read + _MAX_SCANNED_BYTES
        left = reader.skip_lines(size + 1, scan_end)
        note = _more_note(left, offset + len(page.lines), whole=reader.bytes_read < scan_end)
    return ToolResult(
        _page_text(page, note),
        details={"path": shown, "first_line": offset, "lines": len(page.lines)},
    )


def _collect(reader: LineReader, offset: int, limit: int) -> _Page:
    page = _Page()
    characters = 0
    while len(page.lines) < limit and characters < MAX_PAGE_CHARACTERS:
        line = reader.next_line()
        if line is None:
            break
        text = _line_text(line, page)
        page.lines.append(f"{offset + len(page.lines)}\t{text}")
        characters += len(text)
    return page


def _line_text(line: Line, page: _Page) -> str:
    whole = line.size <= len(line.start)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    # A line that was cut may end inside a character; that is no bad byte.
    text = decoder.decode(line.start, final=whole)
    if "\N{REPLACEMENT CHARACTER}" in text and not page.has_bad_bytes:
        page.has_bad_bytes = "\N{REPLACEMENT CHARACTER}".encode() not in line.start
    text = without_nul(text.removesuffix("\r") if whole else text)
    if whole and len(text) <= MAX_LINE_CHARACTERS:
        return text
    return f"{text[:MAX_LINE_CHARACTERS]} [line cut here; it has {line.size:,} bytes]"


def _more_note(left: int, next_offset: int, *, whole: bool) -> str:
    if not left:
        return ""
    number = f"{left:,}" if whole else f"at least {left:,}"
    return f"[{number} more lines not shown; continue with offset={next_offset}]"


def _page_text(page: _Page, note: str) -> str:
    if not page.lines:
        return "[the file is empty]"
    notes = [note] if note else []
    if page.has_bad_bytes:
        notes.append("[bytes that are not UTF-8 are shown as \N{REPLACEMENT CHARACTER}]")
    return "\n".join([*page.lines, *notes])


def _past_end(shown: str, lines: int, scanned: int, size: int) -> ToolError:
    if scanned < size and scanned >= _MAX_SCANNED_BYTES:
        return ToolError(
            f"{shown} is too large ({size:,} bytes) to reach that offset.",
            hint="Use search_files to find the place, or run_command with sed -n.",
        )
    return ToolError(
        f"{shown} has only {lines} lines.", hint=f"Use an offset from 1 to {max(1, lines)}."
    )


def _summarize(arguments: JsonObject) -> str:
    return f"read {one_line(str(arguments.get('path', '')))}"


READ_FILE = Tool(
    name="read_file",
    description=(
        "Read a text file. Returns up to `limit` lines from line `offset` on, each as its number,"
        " a tab and the line. A note at the end names the offset to continue with. A folder"
        " returns its entries."
    ),
    parameters={
        "type": "object",
        "properties": {
            "path": {
                "type": "string",
                "description": "File to read, absolute or relative to the working folder.",
            },
            "offset": {
                "type": "integer",
                "default": 1,
                "description": "Number of the first line to return; 1 is the first of the file.",
            },
            "limit": {
                "type": "integer",
                "default": MAX_LINES,
                "description": f"How many lines to return, at most {MAX_LINES}.",
            },
        },
        "required": ["path"],
        "additionalProperties": False,
    },
    annotations=ToolAnnotations(ToolKind.READ, "read_only", ("path",)),
    run=_run,
    summarize=_summarize,
    is_output_bounded=True,
)
