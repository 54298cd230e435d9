"""What was said last in a stored session, from the end of its log alone."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from harn_tui.errors import StoreError
from harn_tui.store.index.passages import BY_ME_TAG, ERROR_TAG, LogPlace, PassageReader
from harn_tui.store.log_reader import log_files
from harn_tui.store.session_folder import SessionFolder

_WINDOW_BYTES = 131_072
_LONGEST_TEXT = 2_000
_CALL = re.compile(
    rb'"type":"tool_call(?:_update)?",[^{]*"tool_call_id":"([^"]*)"[^{]*"raw_input":\{'
)
"""A line that says what a call is asked to do, as far as its arguments have come."""


class LastWords(NamedTuple):
    """One text near the end of a session, as raw as the log has it.

    ``is_mine`` tells that a person typed it, ``is_tool`` that a tool was called or answered.
    """

    text: str
    is_mine: bool
    is_tool: bool
    is_error: bool


def last_words(folder: SessionFolder, count: int) -> list[LastWords]:
    """Return the last ``count`` texts, oldest first; fewer when they are far apart.

    Reads the last 128 kB: call it in a thread. Raises StoreError when the log cannot be read.
    """
    path = log_files(folder.event_log)[-1]
    try:
        lines = _last_lines(path)
    except OSError as error:
        raise StoreError(
            f"The log {path} cannot be read: {error.strerror}.", hint="Check that you may read it."
        ) from error
    reader = PassageReader(LogPlace())
    passages = []
    for line in _asked_once(lines):
        passages += reader.feed(line, 0, 0, len(line) + 1)
    passages += reader.rest(b"", 0, 0)
    return [
        LastWords(
            passage.text[:_LONGEST_TEXT],
            is_mine=BY_ME_TAG in passage.tags.split(),
            is_tool="tool" in passage.tags,
            is_error=ERROR_TAG in passage.tags.split(),
        )
        for passage in passages[-count:]
    ]


def _asked_once(lines: list[bytes]) -> Iterable[bytes]:
    """Leave out the lines of calls whose arguments were still coming: the last one has them."""
    asked = {found[1]: line for line in lines if (found := _CALL.search(line))}
    return [line for line in lines if not (found := _CALL.search(line)) or asked[found[1]] is line]


def _last_lines(path: Path) -> list[bytes]:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        start = max(0, size - _WINDOW_BYTES)
        file.seek(start)
        lines = file.read(_WINDOW_BYTES).split(b"\n")
    return lines[1:] if start else lines
