"""What is shown of the chosen session: the facts, then what was said last or found."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from harn_tui.console.amounts import format_cost, format_count
from harn_tui.console.picker.rows import day_words, state_words, title_of
from harn_tui.console.plain_text import one_line, plain
from harn_tui.store.index.search import SearchHit
from harn_tui.store.last_words import LastWords
from harn_tui.store.listing import SessionSummary

_SHOWN_CHARACTERS = 600
_SHOWN_OF_A_CALL = 72
"""Enough to know a call by; its result is for the replay."""


def preview_content(
    session: SessionSummary, hit: SearchHit | None, words: Sequence[LastWords], rows: int
) -> Content:
    """Return what fits about ``rows`` rows; the end of what was said is what counts."""
    lines = [Content.styled(title_of(session), "bold"), *_facts(session)]
    if session.waits_for is not None:
        lines.append(Content.styled(f"? {one_line(session.waits_for)}", "$warning"))
    lines += [Content.styled(one_line(problem), "$warning") for problem in session.problems]
    if hit is not None and hit.event_index is not None:
        where = f"event {hit.event_index} · turn {hit.turn} · {day_words(hit.time_ms)}"
        lines += [Content(""), Content.styled(where, "$accent"), Content(plain(hit.excerpt))]
        return Content("\n").join(lines)
    room = max(1, rows - len(lines) - 1)
    told = _without_echoes([item for item in words if item.text.strip()])
    said = [_said(item) for item in told[-room:]]
    return Content("\n").join([*lines, Content(""), *said])


def _facts(session: SessionSummary) -> list[Content]:
    about = [day_words(session.updated_at_ms), state_words(session)]
    if session.record_count is not None:
        about.append(f"{format_count(session.record_count)} events")
    if session.turns is not None:
        about.append("1 turn" if session.turns == 1 else f"{session.turns} turns")
    if session.cost_usd is not None:
        about.append(format_cost(session.cost_usd))
    place = " · ".join(one_line(text) for text in (session.cwd, session.model) if text)
    agent = [] if session.worker_name is None else [f"agent {one_line(session.worker_name)}"]
    return [
        Content.styled(" · ".join([*about, *agent]), "$muted"),
        Content.styled(place or "nothing is known of where it worked", "$muted"),
    ]


def _without_echoes(words: Sequence[LastWords]) -> list[LastWords]:
    """Return one text a call: its name comes first alone, then with what it was given and gave."""
    told: list[LastWords] = []
    for item in words:
        last = told[-1] if told else None
        if last is None or not (item.is_tool and last.is_tool) or _call(item) != _call(last):
            told.append(item)
        elif last.text.strip() == _call(last):
            told[-1] = item
    return told


def _call(words: LastWords) -> str:
    return words.text.split(maxsplit=1)[0]


def _said(words: LastWords) -> Content:
    text = one_line(words.text[: _SHOWN_OF_A_CALL if words.is_tool else _SHOWN_CHARACTERS])
    if words.is_mine:
        return Content.assemble(("› ", "$accent"), (text, "bold"))
    if words.is_error:
        return Content.assemble(("✗ ", "$error"), (text, "$muted"))
    return Content.assemble(("⚙ " if words.is_tool else "  ", "$muted"), (text, "$muted"))
