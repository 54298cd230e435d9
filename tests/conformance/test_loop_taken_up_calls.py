"""A run that begins with calls which an earlier process left before they began (docs/loop.md)."""

from harn_tui.config.loop_options import LoopOptions
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LoopStatus, ToolCallStatus, ToolErrorCategory
from harn_tui.loop.config import LoopRequest
from harn_tui.loop.messages import unanswered_calls
from tests.conformance.loop_driver import Reply, make_tool, run_loop

LOOK = make_tool("look")
ENTRIES: list[JsonObject] = [
    {"id": "a", "name": "look", "arguments": {"n": "1"}},
    {"id": "b", "name": "look", "arguments": {}, "raw_arguments": '{"n": '},
    {"id": "c", "name": "gone", "arguments": {}},
    {"id": "d", "name": "look", "arguments": {"n": "2"}},
]
LEFT: tuple[JsonObject, ...] = (
    {"role": "user", "content": "go"},
    {"role": "assistant", "content": "looking", "tool_calls": [*ENTRIES]},
    {"role": "tool", "tool_call_id": "d", "tool_name": "look", "content": "done before"},
)


async def test_only_the_calls_without_a_result_run_and_then_the_model_is_asked() -> None:
    request = LoopRequest(history=LEFT, takes_up_calls=True)
    run = await run_loop(Reply("fine"), request=request, tools=(LOOK,))
    assert run.result.status is LoopStatus.DONE
    ends = {u.tool_call_id: u for u in run.of("tool_call_update") if u.status.is_terminal}
    assert {call: end.status for call, end in ends.items()} == {
        "tool-a": ToolCallStatus.COMPLETED,
        "tool-b": ToolCallStatus.FAILED,
        "tool-c": ToolCallStatus.FAILED,
    }
    assert ends["tool-b"].error_category is ToolErrorCategory.SCHEMA_VALIDATION
    assert run.of("tool_call") == [], "each was announced before"
    assert unanswered_calls(run.result.messages) == []
    (asked,) = run.provider.requests
    assert [m["role"] for m in asked.messages] == ["user", "assistant", *["tool"] * 4]
    assert "look [('n', '1')]" in str(asked.messages)


async def test_its_turn_is_a_turn_of_the_run_and_has_no_model_call() -> None:
    request = LoopRequest(history=LEFT, takes_up_calls=True)
    run = await run_loop(Reply("fine"), request=request, tools=(LOOK,))
    kinds = [t for t in run.types() if t in {"turn_start", "llm_call_start", "turn_end"}]
    assert kinds == ["turn_start", "turn_end", "turn_start", "llm_call_start", "turn_end"]
    assert [start.iteration for start in run.of("turn_start")] == [0, 1]
    assert run.of("turn_end")[0].turn_info["tool_names"] == ["look", "look", "gone"]


async def test_a_tool_that_stops_the_run_stops_it_here_too() -> None:
    options = LoopOptions(stop_after_successful_tools=("look",))
    request = LoopRequest(history=LEFT, takes_up_calls=True)
    run = await run_loop(request=request, tools=(LOOK,), options=options)
    assert run.result.status is LoopStatus.DONE
    assert run.provider.requests == []
