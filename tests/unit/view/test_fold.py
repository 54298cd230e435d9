import copy
import json
from pathlib import Path
from typing import Any

import pytest

from harn_tui.events.agent import (
    AgentMessageChunk,
    AgentThoughtChunk,
    FeedbackInjected,
    Plan,
    ToolCall,
    ToolCallUpdate,
    TurnStart,
)
from harn_tui.events.codec import decode_record
from harn_tui.events.host import (
    FeedbackStateChanged,
    LlmCallEnd,
    LlmCallStart,
    LlmRetry,
    LoopEnd,
    LoopStart,
    MessageRecorded,
    Notice,
    PermissionDecision,
    PermissionRequest,
    SessionStart,
    ToolOutput,
    UserMessage,
)
from harn_tui.events.record import EVENT_CLASSES, Event, Record, UnknownEvent
from harn_tui.kinds import (
    Boundary,
    Decision,
    DecisionScope,
    FeedbackState,
    HostMessageMode,
    LoopStatus,
    NoticeLevel,
    OutputStream,
    ProviderErrorCategory,
    ToolCallStatus,
    ToolErrorCategory,
    ToolKind,
)
from harn_tui.view.fold import _STEPS, apply
from harn_tui.view.model import (
    OUTPUT_TAIL_CHARS,
    AssistantBlock,
    FeedbackBlock,
    GenericBlock,
    LiveOutput,
    NoticeBlock,
    SessionView,
    ThoughtBlock,
    ToolBlock,
    UserBlock,
)
from tests.unit.view.recording import fold, records

S = "s"
START = SessionStart(S, "/w", "m", "p", "native")
CALL = LlmCallStart(S, 1, 0, "m", 1, 10)


def text(content: str) -> AgentMessageChunk:
    return AgentMessageChunk(S, content)


def thought(content: str) -> AgentThoughtChunk:
    return AgentThoughtChunk(S, content)


def tool(call_id: str = "t1", raw_input: Any = None, name: str = "read_file") -> ToolCall:
    return ToolCall(S, call_id, name, ToolKind.READ, ToolCallStatus.PENDING, raw_input or {})


def update(status: ToolCallStatus, call_id: str = "t1", **fields: Any) -> ToolCallUpdate:
    return ToolCallUpdate(S, call_id, "read_file", status, **fields)


def line(
    state: FeedbackState, content: str | None = None, call: int | None = None, line_id: str = "f1"
) -> FeedbackStateChanged:
    return FeedbackStateChanged(S, line_id, state, Boundary.NEXT_PREFLIGHT, content, call)


def ended(status: LoopStatus, reason: str = "why") -> LoopEnd:
    return LoopEnd(S, "l", status, reason, 1, {})


def test_every_known_event_type_has_a_step() -> None:
    assert set(EVENT_CLASSES.values()) | {UnknownEvent} == set(_STEPS)


def test_every_reference_line_folds_without_error() -> None:
    lines = Path(__file__).parents[2] / "data" / "reference_event_lines.jsonl"
    view = SessionView()
    for raw in lines.read_text(encoding="utf-8").splitlines():
        apply(view, decode_record(raw))
    assert view.event_count == 28


def test_chunks_of_one_reply_grow_one_block() -> None:
    view = fold(CALL, text("Hel"), text("lo"))
    (block,) = view.blocks
    assert isinstance(block, AssistantBlock)
    assert (block.text, block.is_open, block.started_at_ms) == ("Hello", True, 1010)


def test_blocks_are_equal_however_their_text_was_cut() -> None:
    assert fold(CALL, text("Hello")).blocks[0] != fold(CALL, text("Hullo")).blocks[0]
    one, two = AssistantBlock(1, 1, ["ab", "c"]), AssistantBlock(1, 1, ["a", "bc"])
    assert one == two


def test_thought_and_text_are_blocks_of_their_own() -> None:
    view = fold(CALL, thought("hm"), text("a"), thought("wait"), text("b"))
    assert [type(b) for b in view.blocks] == [
        ThoughtBlock,
        AssistantBlock,
        ThoughtBlock,
        AssistantBlock,
    ]


def test_a_closed_thought_knows_when_it_ended() -> None:
    block = fold(CALL, thought("hm"), text("a")).blocks[0]
    assert isinstance(block, ThoughtBlock)
    assert block.ended_at_ms == 1020


def test_tool_call_closes_the_text_before_it() -> None:
    block = fold(CALL, text("look"), tool()).blocks[0]
    assert isinstance(block, AssistantBlock)
    assert block.is_open is False


def test_loop_10_57_repeated_tool_call_updates_the_same_row() -> None:
    view = fold(tool(), tool(raw_input={"path": "a"}))
    (block,) = view.blocks
    assert isinstance(block, ToolBlock)
    assert block.arguments == {"path": "a"}


def test_update_of_an_unknown_call_makes_a_row() -> None:
    view = fold(update(ToolCallStatus.IN_PROGRESS))
    assert isinstance(view.blocks[0], ToolBlock)


def test_streamed_arguments_replace_each_other() -> None:
    view = fold(
        tool(),
        update(ToolCallStatus.PENDING, raw_input_partial='{"pa'),
        update(ToolCallStatus.PENDING, raw_input={"path": "x"}),
    )
    block = view.blocks[0]
    assert isinstance(block, ToolBlock)
    assert (block.arguments, block.arguments_partial) == ({"path": "x"}, None)


def test_terminal_update_fills_the_row() -> None:
    view = fold(
        tool(),
        update(ToolCallStatus.IN_PROGRESS),
        update(
            ToolCallStatus.COMPLETED,
            raw_output={"text": "out", "tool_use_id": "1", "details": {"exit_code": 0}},
            duration_ms=5,
            execution_duration_ms=4,
            executor={"kind": "harn_builtin"},
        ),
    )
    block = view.blocks[0]
    assert isinstance(block, ToolBlock)
    assert (block.result_text, block.details, block.duration_ms) == ("out", {"exit_code": 0}, 5)
    assert (block.executor, view.totals.tool_calls) == ("harn_builtin", 1)
    assert view.unfinished_tools == {}


def test_failed_update_keeps_error_and_category() -> None:
    view = fold(
        tool(),
        update(
            ToolCallStatus.FAILED, error="no", error_category=ToolErrorCategory.PERMISSION_DENIED
        ),
    )
    block = view.blocks[0]
    assert isinstance(block, ToolBlock)
    assert (block.error, block.error_category) == ("no", ToolErrorCategory.PERMISSION_DENIED)


def test_live_output_keeps_its_tail_and_counts_the_rest() -> None:
    output = LiveOutput()
    for _ in range(50):
        output.append("x" * 4_000)
    output.append("end")
    assert len(output.tail) == OUTPUT_TAIL_CHARS
    assert output.tail.endswith("xend")
    assert output.total_chars == 200_003
    assert output.kept_chars <= 2 * OUTPUT_TAIL_CHARS


def test_live_output_is_equal_however_it_was_cut() -> None:
    one, two = LiveOutput(), LiveOutput()
    for _ in range(40):
        one.append("abcd" * 2_000)
    two.append("abcd" * 80_000)
    assert one == two


def test_output_chunks_reach_the_row() -> None:
    view = fold(tool(), ToolOutput(S, "t1", "a", OutputStream.STDOUT))
    block = view.blocks[0]
    assert isinstance(block, ToolBlock)
    assert block.output == "a"


def test_permission_request_is_pending_until_it_is_answered() -> None:
    asked = PermissionRequest(S, "r", "t1", "write_file", "writes", "write a")
    view = fold(tool(), asked)
    block = view.blocks[0]
    assert isinstance(block, ToolBlock)
    assert block.waiting_since_ms == 1010
    assert [r.request_id for r in view.permissions] == ["r"]
    answer = PermissionDecision(S, "r", Decision.DENY, DecisionScope.ONCE, note="not now")
    apply(view, Record(2, 2_000, None, answer))
    assert view.permissions == []
    assert view.answered["t1"].note == "not now"
    assert block.waiting_since_ms is None


def test_decision_on_an_unknown_request_changes_nothing() -> None:
    view = fold(PermissionDecision(S, "r", Decision.ALLOW, DecisionScope.ONCE))
    assert view.blocks == []


def test_queued_line_shows_in_the_queue_with_its_words() -> None:
    view = fold(line(FeedbackState.QUEUED, "use tabs"))
    assert [(q.text, q.state) for q in view.queue] == [("use tabs", FeedbackState.QUEUED)]


def test_claimed_and_injected_line_stands_at_its_true_place() -> None:
    view = fold(
        line(FeedbackState.QUEUED, "use tabs"),
        text("before"),
        line(FeedbackState.CLAIMED),
        FeedbackInjected(S, "user", "use tabs"),
        line(FeedbackState.DELIVERED, call=14),
        text("after"),
    )
    assert view.queue == []
    block = view.blocks[1]
    assert isinstance(block, UserBlock)
    assert (block.text, block.feedback_id, block.delivered_before_call) == ("use tabs", "f1", 14)


def test_line_that_starts_a_run_has_no_steering_receipt() -> None:
    view = fold(
        line(FeedbackState.QUEUED, "go"),
        line(FeedbackState.CLAIMED),
        UserMessage(S, "go", HostMessageMode.WAIT_FOR_COMPLETION),
        line(FeedbackState.DELIVERED, call=1),
    )
    (block,) = view.blocks
    assert isinstance(block, UserBlock)
    assert (block.starts_run, block.delivered_before_call) == (True, None)


def test_line_of_a_failed_call_is_in_the_queue_again_and_gone_from_the_text() -> None:
    view = fold(
        line(FeedbackState.QUEUED, "x"),
        line(FeedbackState.CLAIMED),
        FeedbackInjected(S, "user", "x"),
        line(FeedbackState.QUEUED),
    )
    block = view.blocks[0]
    assert isinstance(block, UserBlock)
    assert block.discarded
    assert [q.state for q in view.queue] == [FeedbackState.QUEUED]


@pytest.mark.parametrize("state", [FeedbackState.WITHDRAWN, FeedbackState.UNDELIVERED])
def test_line_past_its_end_leaves_the_queue(state: FeedbackState) -> None:
    assert fold(line(FeedbackState.QUEUED, "x"), line(state)).queue == []


def test_edited_line_shows_its_new_words() -> None:
    view = fold(
        line(FeedbackState.QUEUED, "old"),
        line(FeedbackState.HELD),
        line(FeedbackState.QUEUED, "new"),
    )
    assert [q.text for q in view.queue] == ["new"]


def test_runtime_feedback_is_a_row_of_its_own_and_prefill_is_none() -> None:
    view = fold(
        FeedbackInjected(S, "nudge", "go on"), FeedbackInjected(S, "prefill_assistant", "S")
    )
    assert [type(b) for b in view.blocks] == [FeedbackBlock]


def test_retry_voids_what_the_failed_attempt_streamed() -> None:
    view = fold(
        CALL,
        text("half"),
        tool(),
        LlmRetry(S, 1, 1, 4_000, ProviderErrorCategory.SERVER_ERROR, "boom"),
        text("whole"),
    )
    half, row, notice, whole = view.blocks
    assert isinstance(half, AssistantBlock)
    assert isinstance(row, ToolBlock)
    assert isinstance(whole, AssistantBlock)
    assert (half.discarded, row.discarded, whole.discarded) == (True, True, False)
    assert isinstance(notice, NoticeBlock)
    assert notice.text == "Retry 1 in 4.0 s: boom"
    assert view.retry_until_ms is None


def test_retry_leaves_earlier_calls_alone() -> None:
    view = fold(
        CALL,
        text("kept"),
        LlmCallEnd(S, 1, {}),
        LlmCallStart(S, 2, 1, "m", 1, 1),
        LlmRetry(S, 2, 1, 0, ProviderErrorCategory.TIMEOUT, "slow"),
    )
    block = view.blocks[0]
    assert isinstance(block, AssistantBlock)
    assert block.discarded is False
    assert isinstance(view.blocks[1], NoticeBlock)
    assert "at once" in view.blocks[1].text


def test_call_end_adds_up_usage_and_cost() -> None:
    usage: Any = {"input_tokens": 100, "output_tokens": 20, "cache_read_tokens": 5}
    view = fold(CALL, LlmCallEnd(S, 1, usage, 0.5), CALL, LlmCallEnd(S, 2, usage, 0.25))
    assert (view.totals.input_tokens, view.totals.output_tokens) == (200, 40)
    assert (view.totals.cost_usd, view.totals.calls) == (0.75, 2)
    assert view.last_input_tokens == 120


def test_cost_is_unknown_once_a_call_had_no_price() -> None:
    assert fold(CALL, LlmCallEnd(S, 1, {}, 0.5), LlmCallEnd(S, 2, {})).totals.cost_usd is None


def test_run_is_active_between_its_start_and_end() -> None:
    assert fold(LoopStart(S, "l")).is_running is True
    view = fold(LoopStart(S, "l"), ended(LoopStatus.DONE))
    assert (view.is_running, view.last_status) == (False, LoopStatus.DONE)
    assert view.blocks == []


@pytest.mark.parametrize("status", [s for s in LoopStatus if s is not LoopStatus.DONE])
def test_any_end_but_done_is_told_with_its_reason(status: LoopStatus) -> None:
    (block,) = fold(LoopStart(S, "l"), ended(status, "the reason")).blocks
    assert isinstance(block, NoticeBlock)
    assert "the reason" in block.text


def test_cancelled_run_marks_text_and_tools_interrupted() -> None:
    view = fold(CALL, text("half"), LoopEnd(S, "l", LoopStatus.CANCELLED, "x", 1, {}))
    block = view.blocks[0]
    assert isinstance(block, AssistantBlock)
    assert block.interrupted
    view = fold(tool(), ended(LoopStatus.CANCELLED))
    row = view.blocks[0]
    assert isinstance(row, ToolBlock)
    assert row.interrupted


def test_partial_call_and_interrupted_message_mark_the_text() -> None:
    view = fold(CALL, text("half"), LlmCallEnd(S, 1, {}, partial=True))
    block = view.blocks[0]
    assert isinstance(block, AssistantBlock)
    assert block.interrupted
    message: Any = {"role": "assistant", "content": "half", "interrupted": True}
    view = fold(CALL, text("half"), MessageRecorded(S, message))
    block = view.blocks[0]
    assert isinstance(block, AssistantBlock)
    assert block.interrupted


def test_second_session_start_closes_what_a_crash_left_open() -> None:
    view = fold(START, LoopStart(S, "l"), CALL, text("half"), tool(), START)
    half, row, notice = view.blocks
    assert isinstance(half, AssistantBlock)
    assert isinstance(row, ToolBlock)
    assert isinstance(notice, NoticeBlock)
    assert (half.is_open, row.interrupted) == (False, True)
    assert (view.is_running, notice.text) == (False, "Session resumed")


def test_unknown_event_is_kept_as_a_generic_row() -> None:
    (block,) = fold(UnknownEvent("new_thing", S, {"type": "new_thing", "x": 1})).blocks
    assert isinstance(block, GenericBlock)
    assert (block.title, json.loads(block.payload)) == ("event new_thing", {"x": 1})


def test_unreadable_line_says_which_event_it_was() -> None:
    (block,) = fold(UnknownEvent("unreadable", S, {"raw": "?"})).blocks
    assert isinstance(block, GenericBlock)
    assert block.title == "event 0 unreadable"


def test_plan_is_kept_and_flagged() -> None:
    view = SessionView()
    changes = apply(view, Record(0, 1, None, Plan(S, {"title": "P", "steps": []})))
    assert view.plan == {"title": "P", "steps": []}
    assert changes.plan
    assert not changes.blocks


def test_changes_name_just_the_blocks_that_changed() -> None:
    view = fold(CALL, text("a"), tool("t1"), tool("t2"))
    changes = apply(view, Record(9, 9, None, update(ToolCallStatus.IN_PROGRESS, "t1")))
    assert changes.blocks == {1}
    assert changes.status
    assert not changes.queue


def test_turns_count_over_the_session() -> None:
    assert fold(TurnStart(S, 0), TurnStart(S, 1), TurnStart(S, 0)).turn == 3


def test_fold_from_a_copy_equals_fold_from_scratch() -> None:
    events: list[Event] = [START, CALL, text("a"), tool(), Notice(S, NoticeLevel.INFO, "n")]
    rest: list[Event] = [text("b"), update(ToolCallStatus.COMPLETED), ended(LoopStatus.DONE)]
    whole = fold(*events, *rest)
    checkpoint = copy.deepcopy(fold(*events))
    for record in records([*events, *rest])[len(events) :]:
        apply(checkpoint, record)
    assert checkpoint == whole
