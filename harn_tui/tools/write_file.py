"""The ``write_file`` tool: creates a file or replaces its whole content."""

import os
from pathlib import Path

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolErrorCategory, ToolKind
from harn_tui.tools.arguments import text_argument
from harn_tui.tools.atomic_write import replace_file
from harn_tui.tools.base import Tool, ToolAnnotations, ToolContext, ToolResult
from harn_tui.tools.completion import run_in_thread
from harn_tui.tools.file_access import file_error, is_folder, open_regular_file
from harn_tui.tools.line_diff import diff_lines
from harn_tui.tools.readable import line_count, one_line, without_nul
from harn_tui.tools.workspace import resolve_path, shown_path
from harn_tui.tools.write_foresight import foresee_write

_MAX_DIFFED_BYTES = 8 * 1024 * 1024


def encode_text(text: str, parameter: str) -> bytes:
    """Return ``text`` as UTF-8; raises ToolError when it holds half of a surrogate pair."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ToolError(
            f"parameter `{parameter}` holds an incomplete character at position {error.start}.",
            category=ToolErrorCategory.SCHEMA_VALIDATION,
            hint="Send it as complete Unicode text.",
        ) from error


def change_details(old: bytes | None, new: bytes, shown: str) -> JsonObject:
    """Return ``path``, ``diff``, ``added``, ``removed`` and ``created`` of one changed file.

    ``old`` is ``None`` for a new file. A binary or very large file has an empty ``diff``.
    """
    details: JsonObject = {"path": shown, "created": old is None}
    before = old or b""
    if b"\x00" in before or max(len(before), len(new)) > _MAX_DIFFED_BYTES:
        return {**details, "diff": "", "added": 0, "removed": 0, "diff_cut": True}
    old_text, new_text = (without_nul(data.decode("utf-8", "replace")) for data in (before, new))
    diff = diff_lines(old_text, new_text, shown, created=old is None)
    details |= {"diff": diff.text, "added": diff.added, "removed": diff.removed}
    return {**details, "diff_cut": True} if diff.cut else details


async def _run(arguments: JsonObject, context: ToolContext) -> ToolResult:
    path = text_argument(arguments, "path")
    content = text_argument(arguments, "content")
    data = encode_text(content, "content")
    return await run_in_thread(lambda: _write(context, path, content, data))


def _write(context: ToolContext, path: str, content: str, data: bytes) -> ToolResult:
    resolved = resolve_path(context, path)
    shown = shown_path(context, resolved)
    if path.endswith("/") or is_folder(resolved):
        raise ToolError(f"{shown} is a folder; give the path of a file in it.")
    old, state = _previous(resolved, shown)
    try:
        resolved.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise file_error(error, resolved, shown) from error
    replace_file(resolved, data, shown, unchanged=state)
    details = change_details(old, data, shown)
    return ToolResult(_done_text(shown, content, details), details=details)


def _previous(path: Path, shown: str) -> tuple[bytes | None, os.stat_result | None]:
    if not os.path.lexists(path):
        return None, None
    with open_regular_file(path, shown) as file:
        state = os.fstat(file.fileno())
        return file.read(_MAX_DIFFED_BYTES + 1), state


def _done_text(shown: str, content: str, details: JsonObject) -> str:
    lines = _lines(content)
    if details["created"]:
        return f"Created {shown} ({lines})."
    if not details["diff"] and not details.get("diff_cut"):
        return f"{shown} already had exactly this content ({lines})."
    return f"Wrote {shown} ({lines}, +{details['added']} -{details['removed']})."


def _summarize(arguments: JsonObject) -> str:
    lines = _lines(str(arguments.get("content") or ""))
    return f"write {one_line(str(arguments.get('path', '')))} ({lines})"


def _lines(content: str) -> str:
    count = line_count(content)
    return "1 line" if count == 1 else f"{count} lines"


WRITE_FILE = Tool(
    name="write_file",
    description=(
        "Create a file, or replace the whole content of one. Missing folders are created. To"
        " change a part of a file use edit_file instead."
    ),
    parameters={
        "type": "object",
        "properties": {
            "path": {
                "type": "string",
                "description": "File to write, absolute or relative to the working folder.",
            },
            "content": {"type": "string", "description": "The complete new content."},
        },
        "required": ["path", "content"],
        "additionalProperties": False,
    },
    annotations=ToolAnnotations(ToolKind.EDIT, "workspace_write", ("path",)),
    run=_run,
    summarize=_summarize,
    foresee=foresee_write,
)
