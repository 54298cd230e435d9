"""Which stored sessions are kept: what is older, more or larger than wanted goes to the trash.

A session and those of its agents are kept or go together. One that is open anywhere stays.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harn_tui.errors import SessionLockedError, StoreError
from harn_tui.late_import import late_module
from harn_tui.store.listing import SessionSummary
from harn_tui.store.trash import move_to_trash, with_agents

if TYPE_CHECKING:
    from harn_tui.store.index import session_rows
else:
    session_rows = late_module("harn_tui.store.index.session_rows")

log = logging.getLogger(__name__)

_MS_A_DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class RetentionRules:
    """What is kept; ``None`` sets no limit. ``keep_bytes`` counts the bytes of event logs."""

    keep_days: int | None = None
    keep_count: int | None = None
    keep_bytes: int | None = None

    @property
    def limits_anything(self) -> bool:
        """Whether any session could ever go."""
        return (self.keep_days, self.keep_count, self.keep_bytes) != (None, None, None)


def apply_retention(
    rules: RetentionRules, sessions_directory: Path, trash: Path, index: Path, *, now_ms: int
) -> list[str]:
    """Move what ``rules`` do not keep to the trash, and return the ids.

    What cannot be moved stays, and is told in the program log. Reads and moves files: call it in
    a thread. Raises StoreError when the sessions cannot be listed.
    """
    summaries = session_rows.list_with_index(sessions_directory, index).summaries
    by_id = {summary.session_id: summary for summary in summaries}
    moved: list[str] = []
    for session_id in sessions_to_remove(rules, summaries, now_ms=now_ms):
        try:
            move_to_trash(by_id[session_id].folder, trash)
        except SessionLockedError:
            continue  # opened since it was listed
        except StoreError as error:
            log.warning("session not moved to the trash id=%s reason=%s", session_id, error)
        else:
            moved.append(session_id)
    if moved:
        log.info("retention moved %d sessions to %s: %s", len(moved), trash, ", ".join(moved))
    return moved


def sessions_to_remove(
    rules: RetentionRules, newest_first: Sequence[SessionSummary], *, now_ms: int
) -> list[str]:
    """Return the ids of the sessions that ``rules`` do not keep.

    Open ones count as kept, with what they take of the numbers.
    """
    if not rules.limits_anything:
        return []
    by_id = {summary.session_id: summary for summary in newest_first}
    removed: list[str] = []
    count = size = 0
    for root in newest_first:
        if root.worker_name is not None and root.parent_session_id in by_id:
            continue  # counted with its parent
        ids = with_agents(root, newest_first)
        group = [by_id[session_id] for session_id in ids]
        count += 1
        size += sum(member.size_bytes for member in group)
        last_ms = max(member.updated_at_ms for member in group)
        is_kept = (
            (rules.keep_days is None or last_ms >= now_ms - rules.keep_days * _MS_A_DAY)
            and (rules.keep_count is None or count <= rules.keep_count)
            and (rules.keep_bytes is None or size <= rules.keep_bytes)
        )
        if not is_kept and all(member.owner_pid is None for member in group):
            removed += ids
    return removed
