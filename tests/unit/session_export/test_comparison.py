import json
from dataclasses import replace
from pathlib import Path

from harn_tui.events.agent import AgentMessageChunk, ToolCall, ToolCallUpdate
from harn_tui.events.host import UserMessage
from harn_tui.events.record import Record
from harn_tui.session_export.comparison import compare, comparison_object
from harn_tui.session_export.comparison_text import comparison_text
from harn_tui.store.log_reader import read_records
from tests.unit.session_export.sessions import DEMO, RECORDED


def _demo() -> list[Record]:
    return list(read_records(DEMO))


def test_session_is_the_same_as_itself_at_another_time_and_cut_into_other_deltas() -> None:
    later: list[Record] = []
    for record in _demo():
        event, at_ms = record.event, record.emitted_at_ms + 5_000
        if isinstance(event, AgentMessageChunk):
            half = len(event.content) // 2
            for part in (event.content[:half], event.content[half:]):
                later.append(Record(len(later), at_ms, None, replace(event, content=part)))
        else:
            later.append(Record(len(later), at_ms, None, event))
    comparison = compare(_demo(), later)
    assert comparison.divergence is None
    assert comparison.left.active_ms == comparison.right.active_ms
    assert "All turns are the same." in comparison_text(comparison)


def _changed(change: object) -> list[Record]:
    return [replace(r, event=change(r.event)) for r in _demo()]  # type: ignore[operator]


def test_first_divergence_names_turn_and_part() -> None:
    def other_request(event: object) -> object:
        return replace(event, content="Other") if isinstance(event, UserMessage) else event

    def other_call(event: object) -> object:
        is_it = isinstance(event, ToolCall) and event.tool_name == "write_file"
        return replace(event, raw_input={"path": "other"}) if is_it else event  # type: ignore[type-var]

    def other_result(event: object) -> object:
        is_it = isinstance(event, ToolCallUpdate) and event.tool_name == "read_file"
        return replace(event, raw_output={"text": "other"}) if is_it else event  # type: ignore[type-var]

    found = [compare(_demo(), _changed(c)) for c in (other_request, other_call, other_result)]
    parts = [(c.divergence.turn, c.divergence.part) for c in found if c.divergence]
    assert parts == [(1, "request"), (3, "calls"), (2, "results")]
    assert [c.differing_turns for c in found] == [[1], [3], [2]]


def test_sums_are_those_of_the_sessions() -> None:
    comparison = compare(_demo(), read_records(RECORDED / "real-model-turn.jsonl"))
    told = comparison_object(comparison)
    assert json.loads(json.dumps(told)) == told
    left, right = told["left"], told["right"]
    assert isinstance(left, dict)
    assert isinstance(right, dict)
    assert (left["turns"], right["turns"]) == (6, 1)
    assert (left["input_tokens"], left["output_tokens"]) == (14_176, 946)
    assert left["files"] == {"harn-demo-notes.md": {"added": 8, "removed": 0}}
    assert left["tools"] == {
        "update_plan": 5,
        "list_directory": 1,
        "read_file": 1,
        "search_files": 1,
        "write_file": 1,
        "run_command": 1,
    }
    assert left["active_ms"] == 7_643


def test_shorter_session_ends_where_the_other_goes_on() -> None:
    records = _demo()
    cut = records[: next(i for i, r in enumerate(records) if r.index == 100)]
    found = compare(records, cut).divergence
    assert found is not None
    assert (found.turn, found.part) == (4, "results")


def test_empty_sessions_compare() -> None:
    assert compare([], []).divergence is None


def test_text_names_both_sessions_and_no_control_character(tmp_path: Path) -> None:
    def hostile(event: object) -> object:
        return replace(event, content="\x1b[2J") if isinstance(event, UserMessage) else event

    text = comparison_text(compare(_demo(), _changed(hostile)))
    assert "\x1b" not in text
    assert "01a20b92-b87f-7384-a9f7-496b7f9ea356" in text
