from dataclasses import replace

import pytest

from harn_tui.events.agent import TurnEnd
from harn_tui.events.record import Event
from harn_tui.json_types import JsonObject
from harn_tui.kinds import Decision, LoopStatus, ToolErrorCategory
from harn_tui.view.model import AssistantBlock, SessionView, ToolBlock
from tests.unit.view.build import (
    COMPLETED,
    FAILED,
    PENDING,
    RUNNING,
    S,
    asked,
    call_end,
    call_start,
    decided,
    loop_end,
    loop_start,
    output,
    retry,
    text,
    tool,
    update,
)
from tests.unit.view.recording import fold


def rows(view: SessionView) -> list[ToolBlock]:
    return [block for block in view.blocks if isinstance(block, ToolBlock)]


def only_row(*events: Event) -> ToolBlock:
    (row,) = rows(fold(*events))
    return row


def test_unparseable_arguments_replace_parsed_ones_as_the_log_keeps_the_last_only() -> None:
    row = only_row(
        tool(),
        update(PENDING, raw_input={"path": "a"}),
        update(PENDING, raw_input_partial='{"path": "a", "te'),
    )
    assert (row.arguments, row.arguments_partial) == (None, '{"path": "a", "te')


def test_malformed_arguments_of_an_announced_call_are_shown_raw() -> None:
    row = only_row(tool(), tool(raw_input='{"path": '))
    assert (row.arguments, row.arguments_partial) == (None, '{"path": ')


def test_call_announced_while_streaming_ends_the_wait_for_the_first_token() -> None:
    assert fold(call_start(), tool()).first_token_at_ms == 1_010


def test_call_dispatched_after_the_reply_does_not_count_as_its_first_token() -> None:
    assert fold(call_start(), call_end(), tool()).first_token_at_ms is None


def test_running_since_is_the_first_time_the_call_ran() -> None:
    row = only_row(tool(), update(RUNNING), update(RUNNING))
    assert (row.started_at_ms, row.running_since_ms) == (1_000, 1_010)


def test_call_that_is_announced_as_running_counts_as_run() -> None:
    view = fold(tool("provider-1", status=RUNNING), update(COMPLETED, "provider-1"))
    assert view.totals.tool_calls == 1
    assert rows(view)[0].running_since_ms == 1_000


def test_refused_call_does_not_count_as_run() -> None:
    view = fold(tool(), update(FAILED, error_category=ToolErrorCategory.PERMISSION_DENIED))
    assert view.totals.tool_calls == 0


def test_id_of_an_ended_call_names_a_new_call_when_it_is_announced_again() -> None:
    view = fold(
        tool("tool-iter-0-0", {"path": "a"}),
        update(COMPLETED, "tool-iter-0-0", raw_output={"text": "old"}),
        tool("tool-iter-0-0", {"path": "b"}),
        update(COMPLETED, "tool-iter-0-0", raw_output={"text": "new"}),
    )
    assert [(row.arguments, row.result_text) for row in rows(view)] == [
        ({"path": "a"}, "old"),
        ({"path": "b"}, "new"),
    ]
    assert view.tools_by_id == {"tool-iter-0-0": 1}


def test_id_of_a_voided_call_names_a_new_call_in_the_next_attempt() -> None:
    view = fold(call_start(), tool(), retry(), tool(raw_input={"path": "b"}))
    assert [row.discarded for row in rows(view)] == [True, False]
    assert view.unfinished_tools == {"t1": 2}


def test_late_pending_update_does_not_reopen_an_ended_call() -> None:
    row = only_row(tool(), update(COMPLETED), update(PENDING, raw_input={"path": "x"}))
    assert row.status is COMPLETED


def test_output_of_an_unknown_call_makes_a_row() -> None:
    assert only_row(output("hi")).output == "hi"


def test_tool_name_that_comes_later_is_taken_and_an_empty_one_is_not() -> None:
    row = only_row(
        tool(name=""), update(PENDING, name="run_command", raw_input={}), update(RUNNING, name="")
    )
    assert row.tool_name == "run_command"


def test_skipped_call_has_its_error_and_no_text() -> None:
    skipped = update(
        FAILED,
        raw_output={"loop_skipped": True, "repeat_count": 4},
        error="tool loop detected",
        error_category=ToolErrorCategory.REJECTED_LOOP,
    )
    row = only_row(tool(), update(RUNNING), skipped)
    assert (row.result_text, row.error) == (None, "tool loop detected")


def test_server_of_a_foreign_tool_is_named() -> None:
    executor = {"kind": "mcp_server", "server_name": "linear"}
    assert only_row(tool(), update(COMPLETED, executor=executor)).executor == "mcp_server linear"


def test_calls_of_one_turn_keep_their_rows_apart() -> None:
    view = fold(tool("t1"), tool("t2"), output("b", "t2"), output("a", "t1"))
    assert [row.output for row in rows(view)] == ["a", "b"]


def test_call_that_ends_while_it_waits_takes_its_request_along() -> None:
    view = fold(tool(), asked(), update(FAILED, error="interrupted"))
    assert view.permissions == []
    assert rows(view)[0].waiting_since_ms is None


@pytest.mark.parametrize("odd", [None, {}, {"pattern": 7}])
def test_what_a_request_tells_of_risks_and_rules_is_shown(odd: JsonObject | None) -> None:
    rule: JsonObject = {"tool": "write_file", "pattern": "a", "argument": "path"}
    told = replace(asked(), risks=["destructive"], origin="configuration", proposed_rule=rule)
    (pending,) = fold(tool(), told).permissions
    assert pending.risks == ("destructive",)
    assert (pending.origin, pending.proposed_rule) == ("configuration", "a")
    (bare,) = fold(tool(), replace(asked(), proposed_rule=odd)).permissions
    assert (bare.risks, bare.origin, bare.proposed_rule) == ((), None, None)


def test_request_of_another_call_stays_open() -> None:
    view = fold(tool("t1"), tool("t2"), asked("r1", "t1"), asked("r2", "t2"), update(COMPLETED))
    assert [request.request_id for request in view.permissions] == ["r2"]


def test_second_decision_on_a_request_is_ignored() -> None:
    view = fold(tool(), asked(), decided(decision=Decision.ALLOW), decided(decision=Decision.DENY))
    assert view.answered["t1"].decision is Decision.ALLOW


def test_run_that_ends_closes_calls_and_requests_that_are_open() -> None:
    view = fold(loop_start(), tool(), update(RUNNING), asked(), loop_end(LoopStatus.CANCELLED))
    (row,) = rows(view)
    assert (row.status, row.interrupted, row.waiting_since_ms) == (FAILED, True, None)
    assert (view.permissions, view.unfinished_tools) == ([], {})


def test_end_that_comes_after_all_clears_the_interruption() -> None:
    row = only_row(tool(), loop_end(), update(COMPLETED, raw_output={"text": "late"}))
    assert (row.interrupted, row.status, row.result_text) == (False, COMPLETED, "late")


def test_promoted_candidate_has_its_arguments_until_its_call_is_dispatched() -> None:
    announced: list[Event] = [
        tool("text-cand-1", parsing=True),
        update(PENDING, "text-cand-1", parsing=False, raw_output={"path": "a.md"}),
    ]
    row = only_row(*announced)
    assert (row.arguments, row.discarded) == ({"path": "a.md"}, False)
    candidate, call = rows(fold(*announced, tool("tool-1", {"path": "a.md"})))
    assert (candidate.discarded, call.discarded) == (True, False)


def test_aborted_candidate_stays_as_a_failed_row() -> None:
    view = fold(
        tool("text-cand-1", parsing=True),
        update(
            FAILED, "text-cand-1", parsing=False, error_category=ToolErrorCategory.PARSE_ABORTED
        ),
        tool("tool-1"),
    )
    assert [row.discarded for row in rows(view)] == [False, False]


def test_candidate_ids_count_from_one_again_in_the_next_reply() -> None:
    view = fold(
        tool("text-cand-1", parsing=True),
        TurnEnd(S, 0, {}),
        tool("text-cand-1", parsing=True),
    )
    assert [row.discarded for row in rows(view)] == [True, False]


@pytest.mark.parametrize("raw_output", [None, "text", 3, ["a"], {"text": 5, "details": []}])
def test_result_of_an_unexpected_shape_is_taken_for_none(raw_output: object) -> None:
    row = only_row(tool(), update(COMPLETED, raw_output=raw_output))
    assert (row.status, row.result_text, row.details) == (COMPLETED, None, {})


def test_text_after_a_call_is_a_block_of_its_own() -> None:
    view = fold(call_start(), text("a"), tool(), text("b"))
    assert [b.text for b in view.blocks if isinstance(b, AssistantBlock)] == ["a", "b"]
