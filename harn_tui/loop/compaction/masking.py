"""The strategy ``observation_mask``: what was said stays, long results shrink to a line."""

from collections.abc import Sequence

from harn_tui.feedback.wrapping import escape_wrappers
from harn_tui.json_types import JsonObject
from harn_tui.loop.compaction.rendering import Entry, entries_of

MASKED_FROM_CHARS = 500
MAX_WHOLE_LINES = 3
MAX_FIRST_LINE_CHARS = 120


def masked_record(
    archived: Sequence[JsonObject], count: int, overrides: Sequence[object] = ()
) -> str:
    """Return a record of ``count`` messages.

    ``overrides`` has what the mask callback said of each archived message; only text counts,
    and only where a message would be masked.
    """
    lines = [f"[auto-compacted {count} older messages via observation masking]"]
    lines += [f"[{entry.role}] {_masked(entry, overrides)}" for entry in entries_of(archived)]
    return "\n".join(lines)


def _masked(entry: Entry, overrides: Sequence[object]) -> str:
    text = entry.text
    if entry.role == "assistant" or len(text) < MASKED_FROM_CHARS:
        return text
    override = overrides[entry.position] if entry.position < len(overrides) else None
    if isinstance(override, str):
        return escape_wrappers(override)
    lines = text.rstrip("\n").split("\n")
    # An earlier summary is all that is left of what it stands for: masked, it would be lost.
    if entry.is_summary or len(lines) <= MAX_WHOLE_LINES:
        return text
    first = lines[0][:MAX_FIRST_LINE_CHARS]
    return f"{first} [{len(lines)} lines, {len(text)} chars masked]"
