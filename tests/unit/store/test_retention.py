import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.store.listing import SessionSummary, list_sessions
from harn_tui.store.lock import SessionLock
from harn_tui.store.retention import RetentionRules, apply_retention, sessions_to_remove
from harn_tui.store.session_folder import SessionFolder
from harn_tui.store.trash import trashed_sessions
from tests.unit.store.test_trash import add

DAY_MS = 86_400_000
NOW_MS = 100 * DAY_MS


def summary(
    session_id: str,
    days_ago: int,
    size: int = 10,
    *,
    pid: int | None = None,
    parent: str | None = None,
) -> SessionSummary:
    return SessionSummary(
        SessionFolder(session_id, Path(session_id)),
        session_id,
        NOW_MS - days_ago * DAY_MS,
        parent_session_id=parent,
        worker_name=None if parent is None else "worker",
        size_bytes=size,
        owner_pid=pid,
    )


ALL = [
    summary("now", 0),
    summary("agent", 1, parent="week"),
    summary("week", 7),
    summary("open", 20, pid=1),
    summary("month", 30),
    summary("old-agent", 31, parent="month"),
    summary("orphan", 40, parent="nobody"),
]


@pytest.mark.parametrize(
    ("rules", "removed"),
    [
        (RetentionRules(), []),
        (RetentionRules(keep_days=10), ["month", "old-agent", "orphan"]),
        (RetentionRules(keep_days=6), ["month", "old-agent", "orphan"]),
        (RetentionRules(keep_days=1_000), []),
        (RetentionRules(keep_count=1), ["week", "agent", "month", "old-agent", "orphan"]),
        (RetentionRules(keep_count=3), ["month", "old-agent", "orphan"]),
        (RetentionRules(keep_bytes=40), ["month", "old-agent", "orphan"]),
        (RetentionRules(keep_bytes=1), ["now", "week", "agent", "month", "old-agent", "orphan"]),
        (RetentionRules(keep_days=35, keep_count=4), ["orphan"]),
    ],
)
def test_what_is_older_more_or_larger_goes_with_its_agents(
    rules: RetentionRules, removed: list[str]
) -> None:
    assert sessions_to_remove(rules, ALL, now_ms=NOW_MS) == removed


_LIMIT = st.one_of(st.none(), st.integers(1, 50))


@given(st.builds(RetentionRules, _LIMIT, _LIMIT, _LIMIT))
def test_no_rules_remove_an_open_session_or_half_of_one(rules: RetentionRules) -> None:
    removed = set(sessions_to_remove(rules, ALL, now_ms=NOW_MS))

    assert "open" not in removed
    assert ("week" in removed) == ("agent" in removed)
    assert ("month" in removed) == ("old-agent" in removed)


def test_what_is_not_kept_is_in_the_trash_and_one_line_of_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sessions, trash, index = (tmp_path / name for name in ("sessions", "trash", "index.sqlite"))
    for name in ("one", "two", "three"):
        add(sessions, name)
    held = list_sessions(sessions)[-1]
    with SessionLock(held.folder.lock_file), caplog.at_level(logging.INFO):
        rules = RetentionRules(keep_count=1)

        moved = apply_retention(rules, sessions, trash, index, now_ms=NOW_MS)

    assert len(moved) == 1
    assert [summary.session_id for summary in trashed_sessions(trash)] == moved
    assert held.session_id in {summary.session_id for summary in list_sessions(sessions)}
    lines = [record.getMessage() for record in caplog.records if moved[0] in record.getMessage()]
    assert len(lines) == 1
    assert "retention moved 1 sessions" in lines[0]


def test_a_session_that_cannot_be_moved_stays_and_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sessions, trash, index = (tmp_path / name for name in ("sessions", "trash", "index.sqlite"))
    for name in ("one", "two"):
        add(sessions, name)
    trash.write_text("in the way")

    rules = RetentionRules(keep_count=1)
    assert apply_retention(rules, sessions, trash, index, now_ms=NOW_MS) == []

    assert len(list_sessions(sessions)) == 2
    assert "not moved to the trash" in caplog.text
