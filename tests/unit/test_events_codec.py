import json
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.events.agent import AgentMessageChunk, ToolCall, TranscriptCompacted
from harn_tui.events.codec import RecordDecodeError, decode_record, encode_event, encode_record
from harn_tui.events.host import LlmCallEnd, PermissionRequest, SessionStart
from harn_tui.events.record import EVENT_CLASSES, AgentEvent, Record, UnknownEvent
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolCallStatus, ToolKind

REFERENCE_LINES = (
    (Path(__file__).parent.parent / "data" / "reference_event_lines.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
)
ENVELOPE = '"index":0,"emitted_at_ms":1,"frame_depth":null'

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("line", REFERENCE_LINES, ids=lambda line: json.loads(line)["index"])
def test_events_1_9_reference_line_round_trips_byte_for_byte(line: str) -> None:
    assert encode_record(decode_record(line)) == line


def test_events_1_4_reference_has_twenty_event_types() -> None:
    assert len(get_args(AgentEvent)) == 20
    assert {json.loads(line)["type"] for line in REFERENCE_LINES} == {
        cls.type for cls in get_args(AgentEvent)
    }


def test_every_type_of_the_design_is_known() -> None:
    added = (
        "session_start user_message loop_start loop_end llm_call_start llm_call_accepted "
        "llm_call_end llm_retry tool_output feedback_state permission_request "
        "permission_decision question_asked question_answered notice files_snapshot "
        "files_restored message_recorded model_switch"
    )
    assert set(added.split()) <= set(EVENT_CLASSES)
    assert len(EVENT_CLASSES) == 39


def test_optional_fields_are_omitted_and_nullable_ones_are_null() -> None:
    call = ToolCall("s", "t", "read", None, ToolCallStatus.PENDING, {})
    assert '"kind":null' in encode_event(call)
    assert "parsing" not in encode_event(call)
    end = LlmCallEnd("s", 1, {})
    assert '"time_to_first_token_ms":null' in encode_event(end)
    assert "cost_usd" not in encode_event(end)


def test_a_compaction_says_what_it_kept_only_when_that_is_known() -> None:
    plain = TranscriptCompacted("s", "auto", "truncate", 12, 90, 9)
    line = encode_record(Record(0, 1, None, plain))
    assert line.endswith('"estimated_tokens_after":9,"snapshot_asset_id":null}')
    kept = replace(plain, engine_strategy="truncate", keep_first=0, keep_last=10)
    line = encode_record(Record(0, 1, None, kept))
    assert line.endswith('null,"engine_strategy":"truncate","keep_first":0,"keep_last":10}')
    assert decode_record(line).event == kept


def test_what_a_request_tells_of_its_rules_is_left_out_when_there_is_none() -> None:
    plain = PermissionRequest("s", "r", "t", "write", "why", "what")
    line = encode_record(Record(0, 1, None, plain))
    assert line.endswith('"reason":"why","summary":"what"}')
    assert decode_record(line).event == plain
    rule: JsonObject = {"tool": "write", "pattern": "a", "argument": "path"}
    full = replace(plain, risks=["destructive"], origin="configuration", proposed_rule=rule)
    full = replace(full, confinement="sandboxed")
    assert decode_record(encode_record(Record(0, 1, None, full))).event == full


def test_free_form_values_have_sorted_keys() -> None:
    call = ToolCall("s", "t", "read", ToolKind.READ, ToolCallStatus.PENDING, {"b": 1, "a": 2})
    assert '"raw_input":{"a":2,"b":1}' in encode_event(call)


def test_events_1_4_missing_optional_and_unknown_extra_keys_are_read() -> None:
    line = f'{{{ENVELOPE},"type":"llm_call_end","session_id":"s","call":1,"usage":{{}},"new":1}}'
    assert decode_record(line).event == LlmCallEnd("s", 1, {})


def test_unknown_type_is_kept_and_written_as_it_was() -> None:
    line = f'{{{ENVELOPE},"type":"from_the_future","session_id":"s","z":1,"a":[true]}}'
    record = decode_record(line)
    assert isinstance(record.event, UnknownEvent)
    assert encode_record(record) == line


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "not JSON"),
        ("\x00", "not JSON"),
        ("[" * 200_000, "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"type":"x"}', "no usable `index`"),
        ('{"index":-1,"emitted_at_ms":1}', "no usable `index`"),
        ('{"index":true,"emitted_at_ms":1}', "no usable `index`"),
        ('{"index":0,"emitted_at_ms":"1"}', "no usable `emitted_at_ms`"),
        ('{"index":0,"emitted_at_ms":1,"frame_depth":"x"}', "`frame_depth`"),
        (f"{{{ENVELOPE}}}", "no `type`"),
        (f'{{{ENVELOPE},"type":"notice"}}', "no `session_id`"),
        (f'{{{ENVELOPE},"type":"turn_start","session_id":"s"}}', "`iteration` of turn_start"),
        (
            f'{{{ENVELOPE},"type":"turn_start","session_id":"s","iteration":"1"}}',
            "`iteration` of turn_start",
        ),
        (
            f'{{{ENVELOPE},"type":"notice","session_id":"s","level":"loud","text":"x"}}',
            "`level` of notice",
        ),
    ],
)
def test_what_is_no_record_says_why(line: str, says: str) -> None:
    with pytest.raises(RecordDecodeError) as caught:
        decode_record(line)
    assert says in str(caught.value)


def test_lone_surrogates_become_replacement_characters() -> None:
    line = encode_record(Record(0, 1, None, AgentMessageChunk("s", "a\ud800b 😀")))
    assert "a\ufffdb 😀" in line
    line.encode("utf-8")


@given(st.text(), _json)
def test_any_values_round_trip(content: str, value: Any) -> None:
    for event in (
        AgentMessageChunk("s", content),
        ToolCall("s", "t", "x", None, ToolCallStatus.PENDING, value),
    ):
        line = encode_record(Record(7, 8, None, event))
        assert "\n" not in line
        assert decode_record(line).event == event


def test_envelope_comes_first_then_type_and_session() -> None:
    line = encode_record(Record(3, 4, None, SessionStart("s", "/w", "m", "p", "native")))
    assert line.startswith(
        '{"index":3,"emitted_at_ms":4,"frame_depth":null,"type":"session_start","session_id":"s"'
    )
