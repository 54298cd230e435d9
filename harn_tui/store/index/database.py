"""The file of the index: opened, made anew when it cannot be used, and shared by processes.

Everything in it comes from the logs. So a file that is damaged, or of another version of this
program, is removed and filled again.
"""

import contextlib
import json
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from harn_tui.errors import StoreError

log = logging.getLogger(__name__)

INDEX_VERSION = 3
"""Version of the tables below and of what a summary holds; the file of any other is made anew."""
_WAIT_S = 5.0
_UNUSABLE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_SCHEMA})

T = TypeVar("T")

_TABLES = """
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    folder TEXT NOT NULL UNIQUE,
    stamp TEXT NOT NULL,
    summary TEXT NOT NULL,
    log_file TEXT,
    cwd TEXT,
    text_stamp TEXT NOT NULL DEFAULT '',
    file_number INTEGER NOT NULL DEFAULT 0,
    file_inode INTEGER NOT NULL DEFAULT 0,
    offset INTEGER NOT NULL DEFAULT 0,
    last_index INTEGER NOT NULL DEFAULT -1,
    last_time_ms INTEGER NOT NULL DEFAULT 0,
    turns INTEGER NOT NULL DEFAULT 0,
    cost_usd REAL
);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY,
    session INTEGER NOT NULL,
    event_index INTEGER NOT NULL,
    turn INTEGER NOT NULL,
    time_ms INTEGER NOT NULL,
    file_number INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    length INTEGER NOT NULL
);
CREATE INDEX passages_of_a_session ON passages (session, file_number, offset);
CREATE TABLE counters (next_passage INTEGER NOT NULL);
INSERT INTO counters VALUES (1);
CREATE VIRTUAL TABLE words USING fts5(
    text, tags, files, content='', columnsize=0, tokenize='unicode61 remove_diacritics 2'
);
"""
# The words have no texts of their own: an excerpt is read from the log. A number of a passage is
# never used twice, so words whose passage is gone find nothing.


class IndexUnusableError(StoreError):
    """The index cannot be used at the moment; the logs can."""


def with_index(path: Path, work: Callable[[sqlite3.Connection], T]) -> T:
    """Return what ``work`` returns on the index at ``path``; made anew first when it is unusable.

    ``work`` may be called twice. Waits for other processes up to five seconds at each step: call
    it in a thread. Raises IndexUnusableError when the index is locked for longer, cannot be
    written, or SQLite cannot do it.
    """
    try:
        return _attempt(path, work)
    except sqlite3.DatabaseError as error:
        if not _is_unusable(error):
            raise _unusable(path, error) from error
        log.warning("index made anew path=%s reason=%s", path, error)
    except OSError as error:
        raise _unusable(path, error) from error
    try:
        remove_index(path)
        return _attempt(path, work)
    except (sqlite3.DatabaseError, OSError) as error:
        raise _unusable(path, error) from error


def with_memory(work: Callable[[sqlite3.Connection], T]) -> T:
    """Return what ``work`` returns on an index that is in memory alone and starts empty.

    Raises IndexUnusableError when SQLite cannot do it.
    """
    try:
        with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
            _make_tables(connection)
            return work(connection)
    except sqlite3.DatabaseError as error:
        raise _unusable(Path("in memory"), error) from error


def remove_index(path: Path) -> None:
    """Remove the index, if there is one. Raises OSError."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold the one place of a writer for a block, all of which counts or none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):  # the first error is the one to tell
            connection.execute("ROLLBACK")
        raise


def _attempt(path: Path, work: Callable[[sqlite3.Connection], T]) -> T:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # SQLite gives its other files the permissions of this one.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        _make_tables(connection)
        return work(connection)
    finally:
        connection.close()


def _make_tables(connection: sqlite3.Connection) -> None:
    if _version(connection) == INDEX_VERSION:
        return
    with writing(connection):
        if (version := _version(connection)) == INDEX_VERSION:  # another process was faster
            return
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if version or tables:
            raise _OtherVersionError(f"its version is {version}, not {INDEX_VERSION}")
        for statement in _TABLES.split(";\n"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={INDEX_VERSION}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


class _OtherVersionError(sqlite3.DatabaseError):
    pass


def _is_unusable(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    is_damaged = code is not None and (code & 0xFF) in _UNUSABLE
    return is_damaged or isinstance(error, _OtherVersionError) or _is_missing_a_table(error)


def _is_missing_a_table(error: sqlite3.DatabaseError) -> bool:
    return str(error).startswith(("no such table", "no such column"))


def _unusable(path: Path, error: Exception) -> IndexUnusableError:
    reason = json.dumps(str(error), ensure_ascii=False)[1:-1]
    return IndexUnusableError(
        f"The index {path} cannot be used: {reason}.",
        hint="Nothing is lost: `harn-tui sessions reindex` makes it anew from the logs.",
    )
