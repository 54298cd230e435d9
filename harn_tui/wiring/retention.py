"""From the configuration to the work that keeps the folder of sessions small."""

import time
from functools import partial

from harn_tui.config.schema import SessionsTable
from harn_tui.paths import session_index_file, sessions_directory, trash_directory
from harn_tui.session.housekeeping import Housekeeping
from harn_tui.store.retention import RetentionRules, apply_retention


def wire_retention(table: SessionsTable) -> Housekeeping | None:
    """Return what applies the configured rules once; ``None`` when everything is kept."""
    rules = RetentionRules(table.keep_days, table.keep_count, table.keep_bytes)
    if not rules.limits_anything:
        return None
    places = (sessions_directory(), trash_directory(), session_index_file())
    now_ms = time.time_ns() // 1_000_000
    return Housekeeping(partial(apply_retention, rules, *places, now_ms=now_ms))
