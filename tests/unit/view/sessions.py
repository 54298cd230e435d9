"""Random sessions as a loop would emit them, and the ways in which their records may come."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from harn_tui.events.agent import AgentMessageChunk, AgentThoughtChunk, TurnEnd, TurnStart
from harn_tui.events.host import ToolOutput
from harn_tui.events.record import Event, Record
from harn_tui.kinds import Decision, FeedbackState, LoopStatus, ToolErrorCategory
from harn_tui.sinks.coalesce import OpenRecord, merge_key
from tests.unit.view.build import (
    COMPLETED,
    FAILED,
    PENDING,
    RUNNING,
    S,
    accepted,
    answered,
    asked,
    call_end,
    call_start,
    decided,
    injected,
    line,
    loop_end,
    loop_start,
    output,
    prompt,
    question,
    recorded,
    retry,
    session_start,
    text,
    thought,
    tool,
    update,
)

_words = st.text(st.sampled_from("ab \n*`é\x1b"), max_size=6)
_streams = st.lists(
    st.one_of(
        st.builds(text, _words),
        st.builds(thought, _words),
        st.builds(lambda w: update(PENDING, "A", raw_input={"path": w}), _words),
        st.builds(lambda w: update(PENDING, "A", raw_input_partial=w), _words),
        st.just(tool("A")),
    ),
    max_size=8,
)
_endings = st.sampled_from(["completed", "failed", "refused", "interrupted"])


@st.composite
def _tool_runs(draw: st.DrawFn, call_id: str) -> list[Event]:
    """Return one dispatched call from its announcement to its end, which may be missing."""
    events: list[Event] = [tool(call_id, {"path": draw(_words)})]
    ending = draw(_endings)
    if draw(st.booleans()):
        request_id = f"r-{call_id}"
        events.append(asked(request_id, call_id))
        if ending == "refused":
            events.append(decided(request_id, Decision.DENY, "no"))
            category = ToolErrorCategory.PERMISSION_DENIED
            return [*events, update(FAILED, call_id, error="no", error_category=category)]
        events.append(decided(request_id))
    events.append(update(RUNNING, call_id))
    events += [output(chunk, call_id) for chunk in draw(st.lists(_words, max_size=4))]
    if draw(st.booleans()):
        events.append(question(f"q-{call_id}", call_id, *draw(st.lists(_words, max_size=2))))
        if draw(st.booleans()):
            events.append(answered(f"q-{call_id}", draw(_words)))
    if ending == "interrupted":
        return events
    status = COMPLETED if ending == "completed" else FAILED
    return [*events, update(status, call_id, raw_output={"text": "out"}, duration_ms=4)]


@st.composite
def _turns(draw: st.DrawFn, number: int) -> list[Event]:
    """Return one turn: perhaps a steered line, a call that may be retried or fail, tools."""
    events: list[Event] = [TurnStart(S, number)]
    line_id = f"f{number}"
    is_steered = draw(st.booleans())
    if is_steered:
        events += [
            line(FeedbackState.QUEUED, "steer", line_id=line_id),
            line(FeedbackState.CLAIMED, line_id=line_id),
            injected("steer"),
        ]
    events.append(call_start(number + 1))
    fails = draw(st.sampled_from([False, False, True]))
    if is_steered and not fails:
        events += [
            recorded(role="user", content="steer", feedback_id=line_id),
            line(FeedbackState.DELIVERED, call=number + 1, line_id=line_id),
        ]
    for attempt in range(draw(st.integers(0, 2))):
        events += [*draw(_streams), retry(attempt + 1)]
    events += [accepted(number + 1), *draw(_streams)]
    if fails:
        if is_steered:
            events.append(line(FeedbackState.QUEUED, line_id=line_id))
        return [*events, call_end(number + 1, stop_reason="error")]
    events.append(call_end(number + 1, {"input_tokens": 7, "output_tokens": 2}, cost_usd=0.25))
    events.append(recorded(role="assistant", content="…"))
    for index in range(draw(st.integers(0, 2))):
        events += draw(_tool_runs(f"tool-{number}-{index}"))
    return [*events, TurnEnd(S, number, {})]


@st.composite
def sessions(draw: st.DrawFn) -> list[Event]:
    """Return the events of a session of one or two runs; a process may die in between."""
    events: list[Event] = [session_start()]
    number = 0
    for run in range(draw(st.integers(1, 2))):
        events += [prompt("go"), loop_start(f"l{run}")]
        for _ in range(draw(st.integers(1, 3))):
            events += draw(_turns(number))
            number += 1
        if draw(st.booleans()):
            events.append(loop_end(draw(st.sampled_from(LoopStatus)), loop_id=f"l{run}"))
        else:
            events.append(session_start())
    return events


def stamped(events: Iterable[Event]) -> list[Record]:
    """Return records as the recorder gives them to listeners, a long merge window assumed.

    Consecutive events that the log merges have the index and the time of the first of them.
    """
    found: list[Record] = []
    open_key: Any = None
    for count, event in enumerate(events):
        key = merge_key(event)
        if key is not None and key == open_key:
            first = found[-1]
            found.append(Record(first.index, first.emitted_at_ms, None, event))
        else:
            index = found[-1].index + 1 if found else 0
            found.append(Record(index, 1_000 + 10 * count, None, event))
        open_key = key
    return found


def merged(live: Sequence[Record]) -> list[Record]:
    """Return the records that the log holds for those that listeners got."""
    found: list[Record] = []
    opened: OpenRecord | None = None
    for record in live:
        key = merge_key(record.event)
        if opened is not None and key == opened.key:
            opened.add(record.event)
            continue
        if opened is not None:
            found.append(opened.merged())
        opened = None
        if key is None:
            found.append(record)
        else:
            opened = OpenRecord(key, record)
    return [*found, opened.merged()] if opened is not None else found


def split(record: Record, size: int) -> list[Record]:
    """Return the record's delta in pieces of ``size`` characters; others as they are."""
    event = record.event
    match event:
        case AgentMessageChunk(content=whole) | AgentThoughtChunk(content=whole):
            pieces = [replace(event, content=part) for part in _cut(whole, size)]
        case ToolOutput(chunk=whole):
            return [replace(record, event=replace(event, chunk=p)) for p in _cut(whole, size)]
        case _:
            return [record]
    return [replace(record, event=piece) for piece in pieces]


def _cut(whole: str, size: int) -> list[str]:
    return [whole[at : at + size] for at in range(0, len(whole), size)] or [whole]
