"""Encoding and decoding of the record envelope."""

import json
from pathlib import Path

import pytest

from harn_tui.events.codec import RecordDecodeError, decode_record, encode_record
from harn_tui.events.host import LlmCallEnd
from harn_tui.events.record import EVENT_CLASSES, AgentEvent, Record, UnknownEvent
from typing import get_args

REFERENCE_LINES = (
    (Path(__file__).parent.parent / "data" / "reference_event_lines.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
)


@pytest.mark.parametrize("line", REFERENCE_LINES, ids=lambda line: json.loads(line)["index"])
def test_events_1_9_reference_line_round_trips_byte_for_byte(line: str) -> None:
    assert encode_record(decode_record(line)) == line


def test_events_1_4_reference_has_twenty_event_types() -> None:
    assert len(get_args(AgentEvent)) == 20
    assert {json.loads(line)["type"] for line in REFERENCE_LINES} == {
        cls.type for cls in get_args(AgentEvent)
    }
