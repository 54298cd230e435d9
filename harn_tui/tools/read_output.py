"""The ``read_output`` tool: any part of an output that was too long to be given whole."""

import json
import sys
from pathlib import Path

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolErrorCategory, ToolKind
from harn_tui.tools import output_search_worker
from harn_tui.tools.arguments import integer_argument, text_argument
from harn_tui.tools.base import TimeKeeping, Tool, ToolAnnotations, ToolContext, ToolResult
from harn_tui.tools.completion import run_in_thread
from harn_tui.tools.file_access import open_regular_file
from harn_tui.tools.output_blobs import OutputBlobs
from harn_tui.tools.readable import one_line, without_nul
from harn_tui.tools.search_process import SearchOutcome, run_search
from harn_tui.tools.write_file import encode_text

DEFAULT_LIMIT = 16_000
MIN_LIMIT = 16
MAX_LIMIT = 64_000
MAX_MATCHES = 100
SEARCH_TIMEOUT_S = 30.0
_MAX_PATTERN_CHARACTERS = 5000
_LONGEST_CHARACTER = 4

_PARAMETERS: JsonObject = {
    "type": "object",
    "properties": {
        "handle": {
            "type": "string",
            "minLength": 1,
            "description": "The handle that a cut result named.",
        },
        "offset": {
            "type": "integer",
            "default": 0,
            "minimum": 0,
            "description": "The byte to begin with; 0 is the first.",
        },
        "limit": {
            "type": "integer",
            "default": DEFAULT_LIMIT,
            "minimum": MIN_LIMIT,
            "maximum": MAX_LIMIT,
            "description": "How many bytes to return at most. Has no meaning with a pattern.",
        },
        "pattern": {
            "type": "string",
            "description": (
                f"Return the first {MAX_MATCHES} lines from `offset` on that match this regular"
                " expression, each with its offset, instead of all text."
            ),
        },
    },
    "required": ["handle"],
    "additionalProperties": False,
}


def _read(path: Path, handle: str, offset: int, limit: int) -> ToolResult:
    with open_regular_file(path, f"output {handle}") as file:
        size = path.stat().st_size
        _refuse_past_end(offset, size)
        file.seek(offset)
        data = file.read(limit)
    start = 0
    while offset and start < min(_LONGEST_CHARACTER - 1, len(data)) and 0x80 <= data[start] < 0xC0:
        start += 1
    data = data[start:]
    end = offset + start + len(data)
    if end < size:
        data = _whole_characters(data)
        end = offset + start + len(data)
    more = f"; continue with offset={end}" if end < size else "; this is the end"
    text = without_nul(data.decode("utf-8", "replace"))
    line_end = "" if not text or text.endswith("\n") else "\n"
    note = f"[bytes {offset + start:,} to {end:,} of {size:,}{more}]"
    details: JsonObject = {"output_handle": handle, "first_byte": offset + start, "end_byte": end}
    return ToolResult(f"{text}{line_end}{note}", details={**details, "output_kept_bytes": size})


def _whole_characters(data: bytes) -> bytes:
    """Leave a character that was cut in two at the end to the next page."""
    for length in range(1, _LONGEST_CHARACTER):
        last = data[-length:]
        if len(last) == length and last[0] >= 0xC0:
            needed = 2 if last[0] < 0xE0 else 3 if last[0] < 0xF0 else 4
            return data[:-length] if length < needed < len(data) else data
    return data


def _refuse_past_end(offset: int, size: int) -> None:
    if offset and offset >= size:
        raise ToolError(f"The output has only {size:,} bytes.", hint=f"Use an offset below {size}.")


async def _search(path: Path, pattern: str, offset: int, cwd: Path) -> ToolResult:
    encode_text(pattern, "pattern")
    if "\x00" in pattern or len(pattern) > _MAX_PATTERN_CHARACTERS:
        raise ToolError(
            f"parameter `pattern` may have {_MAX_PATTERN_CHARACTERS} characters and no NUL.",
            category=ToolErrorCategory.SCHEMA_VALIDATION,
        )
    request = json.dumps({"path": str(path), "pattern": pattern, "offset": offset})
    command = [sys.executable, "-I", output_search_worker.__file__, request]
    return _matches(pattern, await run_search(command, cwd, MAX_MATCHES, SEARCH_TIMEOUT_S))


def _matches(pattern: str, outcome: SearchOutcome) -> ToolResult:
    if outcome.exit_code == output_search_worker.BAD_PATTERN_EXIT:
        raise ToolError(
            f"parameter `pattern` is not a valid regular expression: {outcome.error}.",
            category=ToolErrorCategory.SCHEMA_VALIDATION,
            hint="Put a backslash before ( ) [ ] { } . * + ? ^ $ | to search for them as text.",
        )
    if outcome.exit_code and not outcome.matches:
        raise ToolError(f"The search failed: {outcome.error or outcome.exit_code}.")
    count = len(outcome.matches)
    details: JsonObject = {"matches": count}
    if outcome.timed_out and not count:
        raise ToolError(
            f"The search was stopped after {SEARCH_TIMEOUT_S:g} s without a match.",
            category=ToolErrorCategory.TIMEOUT,
            hint="Use a simpler pattern, or an offset nearer to what you look for.",
        )
    if not count:
        return ToolResult(f"No line matches {pattern!r}.", details=details)
    lines = list(outcome.matches)
    if outcome.has_more:
        lines.append(f"[more matches not shown after the first {count}; raise offset]")
    elif outcome.timed_out:
        lines.append(f"[incomplete: the search was stopped after {SEARCH_TIMEOUT_S:g} s]")
    return ToolResult("\n".join(lines), details=details)


def _summarize(arguments: JsonObject) -> str:
    handle = one_line(str(arguments.get("handle", "")))
    pattern = arguments.get("pattern")
    if pattern:
        return f"search {one_line(str(pattern))} in output {handle}"
    return f"read output {handle} from byte {arguments.get('offset') or 0}"


def read_output_tool(blobs: OutputBlobs) -> Tool:
    """Return the tool that reads the outputs in ``blobs``."""

    async def run(arguments: JsonObject, context: ToolContext) -> ToolResult:
        handle = text_argument(arguments, "handle").strip().lower()
        offset = max(0, integer_argument(arguments, "offset", 0))
        limit = min(MAX_LIMIT, max(MIN_LIMIT, integer_argument(arguments, "limit", DEFAULT_LIMIT)))
        pattern = text_argument(arguments, "pattern", "")
        path = await run_in_thread(lambda: blobs.find(handle))
        if pattern:
            return await _search(path, pattern, offset, context.cwd)
        return await run_in_thread(lambda: _read(path, handle, offset, limit))

    return Tool(
        name="read_output",
        description=(
            "Read on in an output that was cut because it is long. Returns `limit` bytes from"
            " byte `offset` on, or with `pattern` the lines that match it. The result that was"
            " cut names the handle."
        ),
        parameters=_PARAMETERS,
        annotations=ToolAnnotations(ToolKind.READ, "read_only"),
        run=run,
        summarize=_summarize,
        time_keeping=TimeKeeping.OWN,
        is_output_bounded=True,
    )
