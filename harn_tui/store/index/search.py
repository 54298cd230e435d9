"""Finds what a query asks for in the index, and shows it from the logs."""

import os
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harn_tui.sinks.log_files import rotated_path
from harn_tui.store.index.passages import text_at
from harn_tui.store.index.query import SearchQuery
from harn_tui.store.index.session_rows import StoredRow
from harn_tui.store.listing import SessionSummary

MOST_HITS = 50
MOST_HITS_A_SESSION = 5
EXCERPT_CHARACTERS = 160
_BEFORE_WORD = 50
_MOST_TIME_S = 2.0
_STEPS_BETWEEN_LOOKS = 100_000
_LONGEST_READ = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One place where a query was found.

    ``event_index`` and ``turn`` say where in the session, as ``Passage`` has them; ``None`` when
    it is the session's title. ``excerpt`` is raw text of the log, cut to a few words around what
    was looked for; never print it as it is.
    """

    session: SessionSummary
    event_index: int | None
    turn: int | None
    time_ms: int
    excerpt: str


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits, those of one session together, what was said last first.

    ``problems`` are sentences on what of the query, or of the sessions, was left out.
    """

    hits: list[SearchHit]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    session: int
    event_index: int
    turn: int
    time_ms: int
    file_number: int
    offset: int
    length: int


def search(
    connection: sqlite3.Connection,
    rows: list[StoredRow],
    query: SearchQuery,
    *,
    limit: int = MOST_HITS,
    per_session: int = MOST_HITS_A_SESSION,
) -> SearchResult:
    """Return where ``query`` is found in the sessions of ``rows``.

    Reads a few lines of the logs for the excerpts. Raises sqlite3.DatabaseError.
    """
    problems = list(query.problems)
    if query.is_empty:
        return SearchResult([], tuple(problems))
    sessions = {row.number: row.summary for row in rows}
    hits: dict[int, list[SearchHit]] = {}
    count = 0
    for number, summary in sessions.items():
        if count < limit and _is_titled(summary, query):
            title = summary.title or ""
            hits[number] = [SearchHit(summary, None, None, summary.updated_at_ms, title)]
            count += 1
    words = [phrase.rstrip("*") for phrase in query.phrases] or query.files
    deadline = time.monotonic() + _MOST_TIME_S
    connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS_BETWEEN_LOOKS)
    try:
        for found in _places(connection, query):
            summary_or_none = sessions.get(found.session)
            of_session = hits.setdefault(found.session, [])
            if summary_or_none is None or len(of_session) >= per_session:
                continue
            excerpt = _excerpt(_text(summary_or_none, found), words)
            of_session.append(
                SearchHit(summary_or_none, found.event_index, found.turn, found.time_ms, excerpt)
            )
            count += 1
            if count >= limit:
                problems.append(f"Only the newest {limit} places are shown.")
                break
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        problems.append("Not everything was searched in time; ask for something rarer.")
    finally:
        connection.set_progress_handler(None, 0)
    groups = [group for group in hits.values() if group]
    return SearchResult([hit for group in groups for hit in group], tuple(problems))


def _places(connection: sqlite3.Connection, query: SearchQuery) -> Iterator[_Found]:
    conditions, values = [], list[object]()
    if query.match:
        tables, order = "words CROSS JOIN passages p ON p.id = words.rowid", "words.rowid"
        conditions.append("words MATCH ?")
        values.append(query.match)
    else:
        tables, order = "passages p", "p.id"
    tables += " CROSS JOIN sessions s ON s.id = p.session"
    if query.after_ms is not None:
        conditions.append("p.time_ms >= ?")
        values.append(query.after_ms)
    if query.before_ms is not None:
        conditions.append("p.time_ms < ?")
        values.append(query.before_ms)
    if query.folder is not None:
        conditions.append(r"instr(s.cwd || '/', ?) = 1" if _is_path(query) else
                          r"instr(s.cwd || '/', ?) > 0")  # fmt: skip
        values.append(_folder_part(query.folder))
    columns = "p.session, p.event_index, p.turn, p.time_ms, p.file_number, p.offset, p.length"
    found = connection.execute(
        f"SELECT {columns} FROM {tables} WHERE {' AND '.join(conditions)} ORDER BY {order} DESC",
        values,
    )
    return (_Found(*row) for row in found)


def _is_path(query: SearchQuery) -> bool:
    return query.folder is not None and query.folder.startswith("/")


def _folder_part(folder: str) -> str:
    return folder.rstrip("/") + "/" if folder.startswith("/") else f"/{folder}/"


def _is_titled(summary: SessionSummary, query: SearchQuery) -> bool:
    """Whether the session's title has all the words, and nothing else was asked for."""
    if summary.title is None or not query.phrases or query.tags or query.files:
        return False
    if query.folder is not None:
        place, part = f"{summary.cwd}/", _folder_part(query.folder)
        if not (place.startswith(part) if _is_path(query) else part in place):
            return False
    is_early = query.after_ms is not None and summary.updated_at_ms < query.after_ms
    is_late = query.before_ms is not None and summary.updated_at_ms >= query.before_ms
    title = summary.title.casefold()
    has_words = all(phrase.rstrip("*").casefold() in title for phrase in query.phrases)
    return has_words and not is_early and not is_late


def _text(summary: SessionSummary, found: _Found) -> str:
    """Return the passage's text as it stands in the log; empty when it cannot be read."""
    base = summary.folder.event_log
    path = rotated_path(base, found.file_number) if found.file_number else base
    return text_at(_slice(path, found.offset, found.length).split(b"\n"))


def _slice(path: Path, offset: int, length: int) -> bytes:
    try:
        with path.open("rb") as file:
            return os.pread(file.fileno(), min(length, _LONGEST_READ), offset)
    except OSError:
        return b""


def _excerpt(text: str, words: list[str]) -> str:
    """Return the text around the first of ``words``, on one line."""
    folded = text.casefold()
    places = [place for word in words if (place := folded.find(word.casefold())) >= 0]
    start = max(0, min(places, default=0) - _BEFORE_WORD)
    part = text[start : start + 4 * EXCERPT_CHARACTERS]
    line = " ".join(part.split())[:EXCERPT_CHARACTERS]
    is_cut = start + len(part) < len(text) or len(" ".join(part.split())) > EXCERPT_CHARACTERS
    return f"{'…' if start else ''}{line}{'…' if is_cut else ''}"
