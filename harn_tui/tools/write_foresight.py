"""What ``write_file`` would replace, for the person who decides on the call."""

import os
from pathlib import Path
from typing import BinaryIO

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonObject
from harn_tui.tools.arguments import text_argument
from harn_tui.tools.base import ToolContext
from harn_tui.tools.file_access import file_error, open_regular_file
from harn_tui.tools.foreseen_change import ForeseenChange
from harn_tui.tools.line_diff import diff_lines
from harn_tui.tools.readable import line_count
from harn_tui.tools.workspace import resolve_path, shown_path

MOST_COMPARED_BYTES = 1024 * 1024
"""Of the old and of the new content; what is larger is counted instead."""

MOST_COUNTED_BYTES = 64 * 1024 * 1024
"""Of a larger file the lines are not counted either."""

_CHUNK_BYTES = 1024 * 1024


def foresee_write(arguments: JsonObject, context: ToolContext) -> ForeseenChange:
    """Return what the call would change. Reads the file, so call it in a thread.

    Raises ToolError where the file cannot be read or the call cannot succeed.
    """
    path = text_argument(arguments, "path")
    content = text_argument(arguments, "content")
    resolved = resolve_path(context, path)
    shown = shown_path(context, resolved)
    if path.endswith("/"):
        raise ToolError(f"{shown} is a folder; give the path of a file in it.")
    if not _exists(resolved, shown):
        return ForeseenChange(shown)
    with open_regular_file(resolved, shown) as file:
        size = os.fstat(file.fileno()).st_size
        start = file.read(MOST_COMPARED_BYTES + 1)
        is_binary = b"\x00" in start
        if is_binary or max(len(start), len(content)) > MOST_COMPARED_BYTES or "\x00" in content:
            lines = None if is_binary else _counted_lines(file, start, size)
            return ForeseenChange(shown, old_bytes=size, old_lines=lines, is_binary=is_binary)
    old = start.decode("utf-8", "replace")
    diff = diff_lines(old, content, shown)
    return ForeseenChange(
        shown,
        diff.text,
        is_cut=diff.cut,
        added=diff.added,
        removed=diff.removed,
        old_bytes=len(start),
        old_lines=line_count(old),
    )


def _exists(path: Path, shown: str) -> bool:
    try:
        os.lstat(path)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise file_error(error, path, shown) from error
    return True


def _counted_lines(file: BinaryIO, start: bytes, size: int) -> int | None:
    """Return the lines of a file whose beginning was read, ``None`` for too large a file."""
    if size > MOST_COUNTED_BYTES:
        return None
    count, last = start.count(b"\n"), start[-1:]
    for _ in range(MOST_COUNTED_BYTES // _CHUNK_BYTES):
        chunk = file.read(_CHUNK_BYTES)
        if not chunk:
            break
        count, last = count + chunk.count(b"\n"), chunk[-1:]
    return count + (last not in {b"", b"\n"})
