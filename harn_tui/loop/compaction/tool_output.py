"""Shortens a tool's result before it enters the history: beginning, end, and what went wrong.

Sizes are bytes of UTF-8; cuts fall between characters, at a line end where one is near.
"""

import asyncio
import codecs
import logging
import re
from collections.abc import Callable

from harn_tui.errors import HarnError
from harn_tui.json_types import JsonObject
from harn_tui.loop.compaction.estimate import text_bytes
from harn_tui.loop.compaction.policy import CompactionPolicy
from harn_tui.loop.hook_call import call_hook

log = logging.getLogger(__name__)

MAX_DIAGNOSTIC_LINES = 32
DIAGNOSTICS_MARKER = "[diagnostic lines preserved]"
COMPACTED_MARKER = "[... output compacted ...]"

_MARKER_BYTES = 64
"""Room for the two markers and the line feeds around them."""
_LEAST_PART_BYTES = 80
_STRONG = re.compile(r"FAIL|[Pp]anic")
_PLACE = re.compile(r"[^:]*:\d")
_WEAK_WORDS = (
    "error",
    "undefined",
    "expected",
    "got",
    "cannot find",
    "not found",
    "no such",
    "unresolved",
    "missing",
    "declared but not used",
    "unused",
    "mismatch",
)
_STARTS = ("error:", "warning:", "note:")


async def compact_tool_output(
    text: str,
    *,
    tool_name: str,
    policy: CompactionPolicy,
    on_failure: Callable[[HarnError], None] | None = None,
) -> str:
    """Return what the history keeps of a result: ``text`` itself when it is short enough.

    A compress callback comes first; when it fails or returns no text, ``shorten_output`` does it.
    ``on_failure`` is told of the former.
    """
    limit = policy.tool_output_max_chars
    if not policy.is_enabled or text_bytes(text) <= limit:
        return text
    if policy.compress is not None:
        call: JsonObject = {"tool_name": tool_name, "output": text, "max_chars": limit}
        try:
            shorter = await call_hook(policy.compress, call, "the compress callback")
        except HarnError as error:
            log.warning("output shortened without the callback tool=%s: %s", tool_name, error)
            if on_failure is not None:
                on_failure(error)
        else:
            if isinstance(shorter, str) and shorter:
                return shorter
    return await asyncio.to_thread(shorten_output, text, limit)


def shorten_output(text: str, limit: int) -> str:
    """Return ``text`` in at most ``limit`` bytes, with its diagnostic lines when they fit.

    Never longer than ``limit``, however small that is.
    """
    if text_bytes(text) <= limit:
        return text
    return _with_diagnostics(text, limit) or _head_and_tail(text, limit)


def diagnostic_lines(text: str) -> list[str]:
    """Return the first lines that tell of a failure or point at a place in a file."""
    found: list[str] = []
    for line in text.split("\n"):
        if is_diagnostic(line):
            found.append(line.rstrip("\r"))
            if len(found) == MAX_DIAGNOSTIC_LINES:
                break
    return found


def is_diagnostic(line: str) -> bool:
    """Whether ``line`` tells of a failure or points at a place in a file."""
    if _STRONG.search(line):
        return True
    lowered = line.lower()
    if _PLACE.match(line) and any(word in lowered for word in _WEAK_WORDS):
        return True
    return " error " in lowered or "panic:" in lowered or lowered.lstrip().startswith(_STARTS)


def _with_diagnostics(text: str, limit: int) -> str | None:
    """Return head, diagnostic lines and tail; ``None`` without such lines or room for them."""
    lines = diagnostic_lines(text)
    if not lines:
        return None
    diagnostics = "\n".join(lines)
    half = (limit - text_bytes(diagnostics) - _MARKER_BYTES) // 2
    if half < _LEAST_PART_BYTES or text_bytes(text) <= 2 * half:
        return None
    head, tail = _head(text, half), _tail(text, half)
    middle = f"{DIAGNOSTICS_MARKER}\n{diagnostics}\n{COMPACTED_MARKER}"
    return f"{head}\n{middle}\n{tail}"


def _head_and_tail(text: str, limit: int) -> str:
    """Return both ends around a note of what lies between; without room for that, the head."""
    half = (limit - text_bytes(_snipped(len(text))) - 2) // 2
    if half <= 0:
        return _up_to(text, limit)
    head, tail = _head(text, half), _tail(text, half)
    return f"{head}\n{_snipped(len(text) - len(head) - len(tail))}\n{tail}"


def _snipped(characters: int) -> str:
    return f"[... {characters} characters snipped ...]"


def _head(text: str, size: int) -> str:
    """Return the beginning in at most ``size`` bytes, up to a line end in its second half."""
    head = _up_to(text, size)
    end = head.rfind("\n", len(head) // 2)
    return head if end < 0 else head[:end]


def _tail(text: str, size: int) -> str:
    """Return the end in at most ``size`` bytes, from a line's beginning in its first half."""
    tail = _last(text, size)
    start = tail.find("\n", 0, len(tail) // 2)
    return tail[start + 1 :]


def _up_to(text: str, size: int) -> str:
    data = text[:size].encode("utf-8", "surrogatepass")[:size]
    # Not told that this is the end, the decoder leaves out a character that was cut in two.
    return codecs.getincrementaldecoder("utf-8")("surrogatepass").decode(data)


def _last(text: str, size: int) -> str:
    data = text[-size:].encode("utf-8", "surrogatepass")[-size:]
    start = 0
    while start < len(data) and 0x80 <= data[start] < 0xC0:
        start += 1
    return data[start:].decode("utf-8", "surrogatepass")
