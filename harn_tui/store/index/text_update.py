"""Brings the words of the index up to date with the logs: only new bytes of a log are read."""

import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harn_tui.sinks.log_files import rotated_files
from harn_tui.store.index.database import writing
from harn_tui.store.index.passages import LONGEST_LINE_BYTES, LogPlace, Passage, PassageReader
from harn_tui.store.index.session_rows import StoredRow
from harn_tui.store.session_folder import SessionFolder

log = logging.getLogger(__name__)

_BYTES_A_WRITE = 4 * 1024 * 1024
"""How much of a log is read before other processes may write."""
_PASSAGES_A_WRITE = 2_000
_CHARACTERS_A_WRITE = 4_000_000
_SKIP_BYTES = 1024 * 1024
_MOST_ORPHANS = 50_000

Progress = Callable[[int, int], object]
"""Gets how many sessions are done, and of how many that have to be read."""


@dataclass(frozen=True, slots=True)
class _LogFile:
    number: int
    path: Path
    inode: int
    size: int


def update_texts(
    connection: sqlite3.Connection,
    rows: list[StoredRow],
    *,
    on_progress: Progress = lambda done, total: None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Read what is new in the logs of ``rows``, which are up to date, the oldest session first.

    A log that cannot be read is left as it is; the list of sessions tells what is wrong with it.
    Stops between two pieces of work when ``is_stopped`` says so. Raises sqlite3.DatabaseError.
    """
    _drop_orphans(connection)
    done = dict(connection.execute("SELECT id, text_stamp FROM sessions"))
    waiting = [row for row in reversed(rows) if done.get(row.number) != row.stamp]
    for number, row in enumerate(waiting):
        on_progress(number, len(waiting))
        while not is_stopped() and _read_some(connection, row):
            pass
        if is_stopped():
            return
    on_progress(len(waiting), len(waiting))


def forget_texts(connection: sqlite3.Connection) -> None:
    """Forget all words, to read every log from its start."""
    with writing(connection):
        connection.execute("DELETE FROM passages")
        connection.execute("INSERT INTO words (words) VALUES ('delete-all')")
        connection.execute("UPDATE counters SET next_passage = 1")
        connection.execute(
            "UPDATE sessions SET text_stamp = '', file_number = 0, file_inode = 0, offset = 0,"
            " last_index = -1, last_time_ms = 0, turns = 0, cost_usd = NULL"
        )


def _drop_orphans(connection: sqlite3.Connection) -> None:
    """Begin again when most words belong to passages that are gone."""
    numbered = connection.execute("SELECT next_passage - 1 FROM counters").fetchone()[0]
    if numbered < _MOST_ORPHANS:
        return
    kept = connection.execute("SELECT count(*) FROM passages").fetchone()[0]
    if numbered - kept > max(_MOST_ORPHANS, kept):
        forget_texts(connection)


def _read_some(connection: sqlite3.Connection, row: StoredRow) -> bool:
    """Read the next part of one log; return whether there is more."""
    try:
        with writing(connection):
            files = _log_files(row.summary.folder)
            place = _place(connection, row.number, files)
            if place is None:  # removed by another process
                return False
            _forget_behind(connection, row.number, place)
            return _read_part(connection, row, files, place)
    except OSError as error:
        log.warning("log not searchable path=%s reason=%s", row.summary.folder.path, error)
        return False


def _read_part(
    connection: sqlite3.Connection, row: StoredRow, files: list[_LogFile], place: LogPlace
) -> bool:
    reader = PassageReader(place)
    store = _PassageStore(connection, row.number)
    part = _Part(_BYTES_A_WRITE)
    torn: tuple[bytes, int, int] = (b"", 0, 0)
    for file in files:
        if file.number >= place.file_number and not part.is_full:
            start = place.offset if file.number == place.file_number else 0
            torn = _read_file(file, start, reader, store, part)
            if torn[0] and file is not files[-1]:
                content, number, offset = torn
                store.add(reader.feed(content, number, offset, len(content)))
    final = reader.place
    if not part.is_full:
        store.add(reader.rest(*torn))
    store.flush()
    inode = next((file.inode for file in files if file.number == final.file_number), 0)
    connection.execute(
        "UPDATE sessions SET text_stamp = ?, file_number = ?, file_inode = ?, offset = ?,"
        " last_index = ?, last_time_ms = ?, turns = ?, cost_usd = ? WHERE id = ?",
        (
            "" if part.is_full else row.stamp,
            final.file_number,
            _signed(inode),
            final.offset,
            final.last_index,
            final.last_time_ms,
            final.turns,
            final.cost_usd,
            row.number,
        ),
    )
    return part.is_full


@dataclass(slots=True)
class _Part:
    """What may still be read before others get their turn."""

    bytes_left: int
    is_full: bool = False


class _PassageStore:
    """Writes passages, many at a time."""

    def __init__(self, connection: sqlite3.Connection, session: int) -> None:
        self._connection = connection
        self._session = session
        self._waiting: list[Passage] = []
        self._characters = 0

    def add(self, passages: list[Passage]) -> None:
        """Take passages."""
        self._waiting += passages
        self._characters += sum(len(passage.text) for passage in passages)
        if len(self._waiting) >= _PASSAGES_A_WRITE or self._characters >= _CHARACTERS_A_WRITE:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        passages, self._waiting, self._characters = self._waiting, [], 0
        if not passages:
            return
        connection = self._connection
        first = connection.execute("SELECT next_passage FROM counters").fetchone()[0]
        connection.execute("UPDATE counters SET next_passage = ?", (first + len(passages),))
        connection.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (number, self._session, p.event_index, p.turn, p.time_ms, p.file_number,
                 p.offset, p.length)
                for number, p in enumerate(passages, first)
            ],
        )  # fmt: skip
        connection.executemany(
            "INSERT INTO words (rowid, text, tags, files) VALUES (?, ?, ?, ?)",
            [(number, p.text, p.tags, p.files) for number, p in enumerate(passages, first)],
        )


def _read_file(
    file: _LogFile, start: int, reader: PassageReader, store: _PassageStore, part: _Part
) -> tuple[bytes, int, int]:
    """Feed the lines from ``start`` on; return a last line without its end, and where it is."""
    offset = start
    with file.path.open("rb") as opened:
        opened.seek(start)
        while content := opened.readline(LONGEST_LINE_BYTES + 1):
            length = len(content)
            has_end = content.endswith(b"\n")
            is_whole = has_end or length <= LONGEST_LINE_BYTES
            if not has_end and is_whole:
                return content, file.number, offset
            while not has_end and (rest := opened.readline(_SKIP_BYTES)):
                length += len(rest)
                has_end = rest.endswith(b"\n")
            if not has_end:  # it may go on
                return b"", file.number, offset
            store.add(reader.feed(content if is_whole else None, file.number, offset, length))
            offset += length
            part.bytes_left -= length
            place = reader.place
            if part.bytes_left <= 0 and place.offset == offset:
                part.is_full = True
                break
    return b"", file.number, offset


def _log_files(folder: SessionFolder) -> list[_LogFile]:
    base = folder.event_log
    found: list[_LogFile] = []
    for number, path in [(0, base), *rotated_files(base)]:
        if path.is_file():
            stat = path.stat()
            found.append(_LogFile(number, path, stat.st_ino, stat.st_size))
    return found


def _place(connection: sqlite3.Connection, session: int, files: list[_LogFile]) -> LogPlace | None:
    """Return where to go on; the start for a log that is not what has been read.

    ``None`` when the session is not in the index any more.
    """
    row = connection.execute(
        "SELECT file_inode, file_number, offset, last_index, last_time_ms, turns, cost_usd"
        " FROM sessions WHERE id = ?",
        (session,),
    ).fetchone()
    if row is None:
        return None
    inode, *values = row
    place = LogPlace(*values)
    file = next((file for file in files if file.number == place.file_number), None)
    if file is None or _signed(file.inode) != inode or not _is_line_start(file, place.offset):
        return LogPlace()
    return place


def _is_line_start(file: _LogFile, offset: int) -> bool:
    if offset == 0:
        return True
    with file.path.open("rb") as opened:
        opened.seek(offset - 1)
        return opened.read(1) == b"\n"


def _forget_behind(connection: sqlite3.Connection, session: int, place: LogPlace) -> None:
    """Forget the passages that were not final, or all at the start."""
    connection.execute(
        "DELETE FROM passages WHERE session = ? AND"
        " (file_number > ? OR (file_number = ? AND offset >= ?))",
        (session, place.file_number, place.file_number, place.offset),
    )


def _signed(inode: int) -> int:
    """Return the number as SQLite can hold it: signed, of 64 bits."""
    return inode - 2**64 if inode >= 2**63 else inode
