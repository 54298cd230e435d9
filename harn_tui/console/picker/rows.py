"""Rows of the picker: a session on each, or a hit of a search on two."""

from __future__ import annotations

import time
from collections.abc import Sequence

from harn_tui.console.amounts import format_cost
from harn_tui.console.panels.rows import Look, Row, RowList, Run, spread
from harn_tui.console.plain_text import one_line
from harn_tui.kinds import LoopStatus
from harn_tui.store.index.search import SearchHit
from harn_tui.store.listing import SessionSummary

_SHOWN_CHARACTERS = 500
_COLUMNS_FOR_FACTS = 60
_UNITS = ((86_400 * 7, "w"), (86_400, "d"), (3_600, "h"), (60, "m"))
_MOST_WEEKS_S = 86_400 * 70

NO_TITLE = "(no request yet)"


class SessionRows(RowList):
    """One row a session: its state, its title, where it worked when that is elsewhere, its age."""

    empty_text = "No session fits; Esc clears."

    def __init__(self, sessions: Sequence[SessionSummary], here: str, now_ms: int) -> None:
        self.sessions = sessions
        self._here = here
        self._now_ms = now_ms

    def count(self) -> int:
        """Return a row a session."""
        return len(self.sessions)

    def row(self, number: int, width: int) -> Row:
        """Return the session's row."""
        session = self.sessions[number]
        glyph, look = state_glyph(session)
        left = [Run(f" {glyph} ", look), Run(title_of(session))]
        right = [Run(f" {age_words(self._now_ms - session.updated_at_ms):>4} ", Look.MUTED)]
        if width >= _COLUMNS_FOR_FACTS:
            if session.cwd is not None and session.cwd != self._here:
                left.append(Run(f"  {one_line(session.cwd.rsplit('/', 1)[-1])[:24]}", Look.MUTED))
            right.insert(0, Run(f" {_facts(session)}", Look.MUTED))
        return spread(left, right, width)

    def target(self, number: int) -> int | None:
        """A session is no block."""
        return None


class HitRows(RowList):
    """Two rows a hit: the session with the place in it, and the words around."""

    empty_text = "Nothing was found."
    rows_per_entry = 2

    def __init__(self, hits: Sequence[SearchHit], now_ms: int) -> None:
        self.hits = hits
        self._now_ms = now_ms

    def count(self) -> int:
        """Return two rows a hit."""
        return 2 * len(self.hits)

    def row(self, number: int, width: int) -> Row:
        """Return one of the two rows."""
        place, part = divmod(number, 2)
        hit = self.hits[place]
        if part:
            return [Run(f"   {one_line(hit.excerpt[:_SHOWN_CHARACTERS])}", Look.MUTED)]
        glyph, look = state_glyph(hit.session)
        where = "title" if hit.event_index is None else f"event {hit.event_index}"
        age = age_words(self._now_ms - hit.time_ms)
        left = [Run(f" {glyph} ", look), Run(title_of(hit.session))]
        return spread(left, [Run(f" {where} {age:>4} ", Look.MUTED)], width)

    def target(self, number: int) -> int | None:
        """A hit is no block."""
        return None


def title_of(session: SessionSummary) -> str:
    """Return the title on one line, fit for the terminal."""
    return one_line((session.title or NO_TITLE)[:_SHOWN_CHARACTERS])


def state_glyph(session: SessionSummary) -> tuple[str, Look]:
    """Return a sign for how the session stands, and its look."""
    if session.waits_for is not None:
        return "?", Look.ASKING
    if session.owner_pid is not None:
        return "●", Look.BUSY
    if session.problems:
        return "!", Look.ASKING
    if session.last_status in (LoopStatus.DONE, LoopStatus.IDLE):
        return "✓", Look.GOOD
    if session.last_status is None:
        return "·", Look.MUTED
    return "✗", Look.BAD


def state_words(session: SessionSummary) -> str:
    """Return how the session stands, in words."""
    if session.owner_pid is not None:
        asks = "" if session.waits_for is None else ", waits for an approval"
        return f"open in process {session.owner_pid}{asks}"
    if session.waits_for is not None:
        return "waits for your approval"
    if session.last_status is None:
        return "no run has ended"
    return f"last run: {session.last_status.value.replace('_', ' ')}"


def age_words(age_ms: int) -> str:
    """Return an age in at most four characters: ``now``, ``5m``, ``3h``, ``6d``, ``9w``, ``2y``."""
    seconds = age_ms // 1_000
    if seconds < 60:
        return "now"
    if seconds >= _MOST_WEEKS_S:
        years = seconds // (86_400 * 365)
        return f"{years}y" if 1 <= years < 100 else f"{min(seconds // (86_400 * 30), 999)}mo"
    size, unit = next(item for item in _UNITS if seconds >= item[0])
    return f"{seconds // size}{unit}"


def day_words(time_ms: int) -> str:
    """Return local day and time, ``—`` for a time that no clock shows."""
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(time_ms / 1_000))
    except (OverflowError, ValueError, OSError):
        return "—"


def _facts(session: SessionSummary) -> str:
    parts = []
    if session.cost_usd is not None:
        parts.append(format_cost(session.cost_usd))
    if session.turns:
        parts.append(f"{session.turns} turns" if session.turns > 1 else "1 turn")
    return " · ".join(parts)
