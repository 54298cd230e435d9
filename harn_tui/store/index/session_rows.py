"""The rows of the list of sessions, kept in the index; only what changed is read again."""

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harn_tui.errors import StoreError
from harn_tui.kinds import LoopStatus
from harn_tui.store.index.database import IndexUnusableError, with_index, writing
from harn_tui.store.listing import SessionSummary, list_sessions, summarize_session
from harn_tui.store.lock import live_owner
from harn_tui.store.log_reader import log_files
from harn_tui.store.session_folder import SessionFolder, list_session_folders

_KEPT = (
    "session_id",
    "title",
    "model",
    "provider",
    "cwd",
    "parent_session_id",
    "forked_at_index",
    "worker_name",
    "created_at_ms",
    "updated_at_ms",
    "record_count",
    "size_bytes",
    "last_status",
    "open_request",
    "does_agent_ask",
    "problems",
)
_ROWS_A_WRITE = 100
_BASE_LOG = "event_log.jsonl"


@dataclass(frozen=True, slots=True)
class SessionList:
    """Sessions, the one that was written last first.

    ``notice`` is a sentence on why the index was not used, ``None`` when it was.
    """

    summaries: list[SessionSummary]
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A session as the index has it. ``stamp`` changes with the session's files."""

    number: int
    stamp: str
    summary: SessionSummary


def list_with_index(sessions_directory: Path, index: Path) -> SessionList:
    """Return all stored sessions, from the index where it is up to date.

    Without a usable index the ends of all logs are read. Reads files: call it in a thread.
    Raises StoreError only when the folder itself cannot be listed.
    """
    if not sessions_directory.exists():  # a list alone makes no files
        return SessionList([])
    try:
        rows = with_index(index, lambda connection: fresh_rows(connection, sessions_directory))
    except IndexUnusableError as error:
        notice = f"{error.message} The logs themselves were read instead."
        return SessionList(list_sessions(sessions_directory), notice)
    return SessionList([row.summary for row in rows])


def fresh_rows(connection: sqlite3.Connection, sessions_directory: Path) -> list[StoredRow]:
    """Bring the rows up to date with the folders, and return them, newest session first.

    Raises StoreError when the folder cannot be listed, sqlite3.DatabaseError.
    """
    folders = list_session_folders(sessions_directory)
    stored = dict(_stored_rows(connection, sessions_directory))
    rows: dict[str, StoredRow] = {}
    changed: list[SessionFolder] = []
    for folder in folders:
        name = folder.path.name
        known = stored.get(name)
        if known is not None and known[0].stamp == _stamp(folder.path, known[1]):
            rows[name] = _with_owner(known[0])
        else:
            changed.append(folder)
    for start in range(0, len(changed), _ROWS_A_WRITE):
        rows |= _read_again(connection, changed[start : start + _ROWS_A_WRITE])
    if gone := [row[0].number for name, row in stored.items() if name not in rows]:
        with writing(connection):
            forget_sessions(connection, gone)
    return sorted(rows.values(), key=_newest_first, reverse=True)


def forget_sessions(connection: sqlite3.Connection, numbers: Sequence[int]) -> None:
    """Remove sessions and what can be found of them. Call it within ``writing``."""
    for number in numbers:
        connection.execute("DELETE FROM passages WHERE session = ?", (number,))
        connection.execute("DELETE FROM sessions WHERE id = ?", (number,))


def _newest_first(row: StoredRow) -> tuple[int, str]:
    return row.summary.updated_at_ms, row.summary.session_id


def _stored_rows(
    connection: sqlite3.Connection, sessions_directory: Path
) -> Iterator[tuple[str, tuple[StoredRow, str]]]:
    """Yield folder name, row and name of the last file of the log; damaged rows are left out."""
    rows = connection.execute(
        "SELECT id, folder, stamp, summary, log_file, text_stamp, turns, cost_usd FROM sessions"
    )
    for number, name, stamp, text, log_file, text_stamp, turns, cost_usd in rows:
        try:
            kept = dict(zip(_KEPT, json.loads(text), strict=True))
            kept["last_status"] = kept["last_status"] and LoopStatus(kept["last_status"])
            kept["problems"] = tuple(kept["problems"])
        except (ValueError, TypeError):
            continue
        folder = SessionFolder(name, sessions_directory / name)
        has_texts = bool(text_stamp)
        summary = SessionSummary(
            folder=folder,
            turns=turns if has_texts else None,
            cost_usd=cost_usd if has_texts else None,
            **kept,
        )
        yield name, (StoredRow(number, stamp, summary), log_file or _BASE_LOG)


def _read_again(
    connection: sqlite3.Connection, folders: Sequence[SessionFolder]
) -> dict[str, StoredRow]:
    rows: dict[str, StoredRow] = {}
    with writing(connection):
        for folder in folders:
            log_file = _last_log_file(folder)
            # Taken before the log is read: what is written meanwhile is then seen as a change.
            stamp = _stamp(folder.path, log_file)
            summary = summarize_session(folder)
            rows[folder.path.name] = _store(connection, summary, stamp, log_file)
    return rows


def _store(
    connection: sqlite3.Connection, summary: SessionSummary, stamp: str, log_file: str
) -> StoredRow:
    kept = json.dumps([getattr(summary, name) for name in _KEPT])
    row = (
        summary.folder.path.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
        stamp,
        kept,
        log_file,
        _utf8(summary.cwd),
    )
    connection.execute(
        "INSERT INTO sessions (folder, stamp, summary, log_file, cwd) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (folder) DO UPDATE SET stamp=excluded.stamp, summary=excluded.summary,"
        " log_file=excluded.log_file, cwd=excluded.cwd",
        row,
    )
    found = connection.execute(
        "SELECT id, text_stamp, turns, cost_usd FROM sessions WHERE folder = ?", row[:1]
    )
    number, text_stamp, turns, cost_usd = found.fetchone()
    if text_stamp:
        summary = replace(summary, turns=turns, cost_usd=cost_usd)
    return StoredRow(number, stamp, summary)


def _utf8(text: str | None) -> str | None:
    return None if text is None else text.encode("utf-8", "replace").decode()


def _with_owner(row: StoredRow) -> StoredRow:
    """A lock is taken and given up without a trace in the stamp."""
    lock = row.summary.folder.lock_file
    try:
        is_named = os.stat(lock).st_size > 0  # noqa: PTH116 - as below
    except OSError:
        return row
    owner = live_owner(lock) if is_named else None
    return row if owner is None else replace(row, summary=replace(row.summary, owner_pid=owner.pid))


def _last_log_file(folder: SessionFolder) -> str:
    try:
        return log_files(folder.event_log)[-1].name
    except StoreError:
        return _BASE_LOG


def _stamp(folder: Path, log_file: str) -> str:
    """Return what changes with the folder's files.

    A new file of the log, or a new state.json, changes the time of the folder itself.
    """
    path = str(folder)
    parts = [log_file]
    for name in ("", "/" + log_file, "/state.json"):
        try:
            stat = os.stat(path + name)  # noqa: PTH116 - three thousand paths cost more than it
        except OSError:
            parts.append("-")
        else:
            parts.append(f"{stat.st_mtime_ns} {stat.st_size if name else ''} {stat.st_ino}")
    return "|".join(parts)
