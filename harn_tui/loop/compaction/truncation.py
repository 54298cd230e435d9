"""The strategy ``truncate``: the beginnings of the newest archived messages. Calls no model."""

from collections.abc import Sequence

from harn_tui.json_types import JsonObject
from harn_tui.loop.compaction.rendering import Entry, entries_of, shortened

MAX_ENTRIES = 15
MAX_ENTRY_CHARS = 500


def truncate_header(count: int) -> str:
    """Return the first line of a record of ``count`` messages."""
    return f"[auto-compacted {count} older messages via truncate strategy]"


def fallback_header(count: int, reason: str) -> str:
    """Return the first line of a record that stands in for a summary; ``reason`` is a clause."""
    return f"[auto-compacted {count} older messages; {reason}]"


def truncated_record(archived: Sequence[JsonObject], count: int, header: str) -> str:
    """Return ``header`` and the newest messages, oldest of them first.

    The summary of an earlier compaction counts as new: nothing else tells of what it stands for.
    ``count`` is the number of messages that the record replaces.
    """
    shown = _newest(entries_of(archived))
    left_out = len(archived) - len(shown)
    lines = [header]
    if count > MAX_ENTRIES and left_out:
        lines.append(f"[{left_out} of them left out]")
    lines += [f"[{entry.role}] {shortened(entry.text, MAX_ENTRY_CHARS)}" for entry in shown]
    return "\n".join(lines)


def _newest(entries: Sequence[Entry]) -> list[Entry]:
    summaries = [entry for entry in entries if entry.is_summary][-MAX_ENTRIES:]
    others = [entry for entry in entries if not entry.is_summary]
    room = MAX_ENTRIES - len(summaries)
    return sorted(summaries + (others[-room:] if room else []))
