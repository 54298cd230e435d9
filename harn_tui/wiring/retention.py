"""From the configuration to the work that keeps the data folder small."""

import time

from harn_tui.config.schema import SessionsTable, SnapshotsTable
from harn_tui.paths import (
    session_index_file,
    sessions_directory,
    snapshots_directory,
    trash_directory,
)
from harn_tui.session.housekeeping import Housekeeping
from harn_tui.snapshots.snapshot_retention import SnapshotsKept, keep_small
from harn_tui.store.retention import RetentionRules, apply_retention


def wire_retention(sessions: SessionsTable, snapshots: SnapshotsTable) -> Housekeeping:
    """Return what applies the configured rules once."""
    kept = SnapshotsKept(snapshots.keep_days, snapshots.keep_bytes)
    rules = RetentionRules(sessions.keep_days, sessions.keep_count, sessions.keep_bytes)
    places = (sessions_directory(), trash_directory(), session_index_file())
    now_ms = time.time_ns() // 1_000_000

    def work() -> None:
        keep_small(snapshots_directory(), kept)
        if rules.limits_anything:
            apply_retention(rules, *places, now_ms=now_ms)

    return Housekeeping(work)
