"""The picture of a live session is the picture of its log (docs/events.md, recording)."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harn_tui.events.agent import (
    AgentMessageChunk,
    AgentThoughtChunk,
    ToolCall,
    ToolCallUpdate,
    TurnEnd,
    TurnStart,
)
from harn_tui.events.codec import decode_record
from harn_tui.events.host import LlmCallEnd, LlmCallStart, LlmRetry, ToolOutput
from harn_tui.events.record import Event, Record
from harn_tui.kinds import OutputStream, ProviderErrorCategory, ToolCallStatus, ToolKind
from harn_tui.sinks.line_writer import LineWriter
from harn_tui.sinks.recorder import Recorder
from harn_tui.view.fold import apply_all
from harn_tui.view.model import AssistantBlock, SessionView, ToolBlock

calls = st.sampled_from(["t1", "t2"])
texts = st.text("ab\n", max_size=4)
arguments = st.dictionaries(st.sampled_from(["path", "text"]), texts, max_size=2)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(AgentMessageChunk, st.just("s"), texts),
    st.builds(AgentThoughtChunk, st.just("s"), texts),
    st.builds(
        ToolCall,
        session_id=st.just("s"),
        tool_call_id=calls,
        tool_name=st.just("read_file"),
        kind=st.just(ToolKind.READ),
        status=st.just(ToolCallStatus.PENDING),
        raw_input=st.just({}) | arguments,
    ),
    st.builds(
        ToolCallUpdate,
        session_id=st.just("s"),
        tool_call_id=calls,
        tool_name=st.just("read_file"),
        status=st.just(ToolCallStatus.PENDING),
        raw_input=arguments,
    ),
    st.builds(
        ToolCallUpdate,
        session_id=st.just("s"),
        tool_call_id=calls,
        tool_name=st.just("read_file"),
        status=st.just(ToolCallStatus.PENDING),
        raw_input_partial=texts,
    ),
    st.builds(
        ToolCallUpdate,
        session_id=st.just("s"),
        tool_call_id=calls,
        tool_name=st.just("read_file"),
        status=st.sampled_from(ToolCallStatus),
    ),
    st.builds(ToolOutput, st.just("s"), calls, texts, st.sampled_from(OutputStream)),
    st.just(TurnStart("s", 0)),
    st.just(TurnEnd("s", 0, {})),
    st.just(LlmCallStart("s", 1, 0, "m", 1, 10)),
    st.just(LlmCallEnd("s", 1, {})),
    st.just(LlmRetry("s", 1, 1, 0, ProviderErrorCategory.TIMEOUT, "again")),
)


@given(st.lists(st.tuples(events, st.integers(0, 600)), max_size=40))
@settings(max_examples=150, deadline=None)
def test_live_view_equals_replayed_view(
    tmp_path_factory: pytest.TempPathFactory, timed_events: list[tuple[Event, int]]
) -> None:
    log = tmp_path_factory.mktemp("replay") / "event_log.jsonl"
    now_ms = 1_000
    recorder = Recorder("s", LineWriter(log), clock_ms=lambda: now_ms)
    live: list[Record] = []
    recorder.subscribe(live.append)
    for event, pause_ms in timed_events:
        recorder.handle_event(event)
        now_ms += pause_ms
    asyncio.run(recorder.close())
    assert picture(live) == picture(read(log))


def read(log: Path) -> list[Record]:
    return [decode_record(line) for line in log.read_bytes().split(b"\n")[:-1]]


def picture(records: list[Record]) -> dict[str, Any]:
    """Return what the view shows, whatever pieces its texts are kept in."""
    view = SessionView()
    apply_all(view, records)
    shown = asdict(view)
    for block, drawn in zip(view.blocks, shown["blocks"], strict=True):
        if isinstance(block, AssistantBlock):
            drawn["parts"] = block.text
        elif isinstance(block, ToolBlock):
            drawn["live_output"] = (block.output, block.output_truncated_chars)
    return shown
