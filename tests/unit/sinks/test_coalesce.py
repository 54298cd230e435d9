import asyncio
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harn_tui.events.agent import AgentMessageChunk, AgentThoughtChunk, ToolCallUpdate, TurnStart
from harn_tui.events.codec import decode_record
from harn_tui.events.host import LlmRetry, ToolOutput
from harn_tui.events.record import Event, Record
from harn_tui.kinds import OutputStream, ProviderErrorCategory, ToolCallStatus
from harn_tui.sinks.line_writer import LineWriter
from harn_tui.sinks.recorder import Recorder

calls = st.sampled_from(["t1", "t2"])
texts = st.text(max_size=5)
events = st.one_of(
    st.builds(AgentMessageChunk, st.just("s"), texts),
    st.builds(AgentThoughtChunk, st.just("s"), texts),
    st.builds(ToolOutput, st.just("s"), calls, texts, st.sampled_from(OutputStream)),
    st.builds(
        ToolCallUpdate,
        session_id=st.just("s"),
        tool_call_id=calls,
        tool_name=st.just("read"),
        status=st.sampled_from([ToolCallStatus.PENDING, ToolCallStatus.IN_PROGRESS]),
        raw_input_partial=texts,
    ),
    st.builds(TurnStart, st.just("s"), st.integers(0, 3)),
    st.just(LlmRetry("s", 1, 1, 0, ProviderErrorCategory.TIMEOUT, "again")),
)
Stream = tuple[str, ...]


def fold(records: list[Record]) -> list[tuple[int, int, Stream, object]]:
    """Return what a reader can see: rows of streamed text, latest arguments, other events.

    A row grows while the events of its stream follow each other; a row of text keeps index and
    time of the record that opened it.
    """
    rows: list[tuple[int, int, Stream, object]] = []
    for record in records:
        stream, value = stream_of(record.event)
        is_same_row = bool(rows) and rows[-1][2] == stream and stream != ("other",)
        if is_same_row and isinstance(value, str):
            index, time_ms, _, before = rows[-1]
            joined = value if stream[0] == "arguments" else f"{before}{value}"
            rows[-1] = (index, time_ms, stream, joined)
        else:
            rows.append((record.index, record.emitted_at_ms, stream, value))
    return rows


def stream_of(event: Event) -> tuple[Stream, object]:
    if isinstance(event, AgentMessageChunk | AgentThoughtChunk):
        return (event.type,), event.content
    if isinstance(event, ToolOutput):
        return (event.type, event.tool_call_id, event.stream), event.chunk
    if isinstance(event, ToolCallUpdate) and event.status is ToolCallStatus.PENDING:
        return ("arguments", event.tool_call_id), event.raw_input_partial
    return ("other",), event


@given(st.lists(st.tuples(events, st.integers(0, 700)), max_size=30))
@settings(deadline=None)
def test_a_fold_of_the_log_is_a_fold_of_the_live_records(
    tmp_path_factory: pytest.TempPathFactory, timed_events: list[tuple[Event, int]]
) -> None:
    log = tmp_path_factory.mktemp("merge") / "event_log.jsonl"
    now_ms = 0
    recorder = Recorder("s", LineWriter(log), clock_ms=lambda: now_ms)
    live: list[Record] = []
    recorder.subscribe(live.append)
    for event, pause_ms in timed_events:
        recorder.handle_event(event)
        now_ms += pause_ms
    asyncio.run(recorder.close())
    logged = read(log)
    assert fold(logged) == fold(live)
    assert [record.index for record in logged] == list(range(len(logged)))
    assert {record.index for record in live} == set(range(len(logged)))


@given(texts_and_pauses=st.lists(st.tuples(texts, st.integers(0, 400)), min_size=1, max_size=30))
@settings(deadline=None)
def test_a_stream_loses_no_text_and_has_at_most_one_line_a_second(
    tmp_path_factory: pytest.TempPathFactory, texts_and_pauses: list[tuple[str, int]]
) -> None:
    log = tmp_path_factory.mktemp("merge") / "event_log.jsonl"
    now_ms = 0
    recorder = Recorder("s", LineWriter(log), clock_ms=lambda: now_ms)
    for text, pause_ms in texts_and_pauses:
        recorder.handle_event(AgentMessageChunk("s", text))
        now_ms += pause_ms
    asyncio.run(recorder.close())
    logged = read(log)
    contents = [r.event.content for r in logged if isinstance(r.event, AgentMessageChunk)]
    assert "".join(contents) == "".join(text for text, _ in texts_and_pauses)
    times = [record.emitted_at_ms for record in logged]
    assert all(later - earlier >= 1_000 for earlier, later in zip(times, times[1:], strict=False))


def read(log: Path) -> list[Record]:
    return [decode_record(line) for line in log.read_bytes().split(b"\n")[:-1]]
