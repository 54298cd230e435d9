"""What a run returns, whatever ended it (loop 8.1 to 8.3)."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import ProviderError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import HostMessageMode, LoopStatus, ProviderErrorCategory, ToolKind
from harn_tui.loop.cancellation import RunControl
from harn_tui.loop.config import LoopRequest
from harn_tui.loop.daemon.wake import WakeSignal
from harn_tui.permissions.rules import PermissionRules
from harn_tui.providers.base import ModelFacts, Usage
from harn_tui.tools.base import ToolContext, ToolResult
from tests.conformance.loop_driver import SESSION_ID, Reply, Run, Setup, make_tool, run_loop
from tests.support.instant_loop import InstantLoop

READ = make_tool("read")
LOOK = Reply("I look.", calls=(("read", {"path": "a"}),))

TEXT, COUNT, LIST, TABLE = str, int, list, dict
NOTHING = type(None)

RESULT_KEYS: dict[str, tuple[type, ...]] = {
    "status": (TEXT,),
    "reason": (TEXT,),
    "error": (TEXT, NOTHING),
    "session_id": (TEXT,),
    "loop_id": (TEXT,),
    "daemon_state": (TEXT, NOTHING),
    "daemon_snapshot_path": (TEXT, NOTHING),
    "text": (TEXT,),
    "visible_text": (TEXT,),
    "llm": (TABLE,),
    "tools": (TABLE,),
    "deferred_user_messages": (LIST,),
    "task_ledger": (TABLE,),
    "ledger_done_rejections": (COUNT,),
    "data": (NOTHING, TABLE, LIST, TEXT, COUNT),
    "active_skills": (LIST,),
    "loaded_tools": (LIST,),
    "trace": (TABLE,),
    "transcript": (TABLE,),
}
LLM_KEYS: dict[str, tuple[type, ...]] = {
    "iterations": (COUNT,),
    "duration_ms": (COUNT,),
    "input_tokens": (COUNT,),
    "output_tokens": (COUNT,),
    "cost_usd": (float, NOTHING),
}
TOOL_KEYS: dict[str, tuple[type, ...]] = {
    "calls": (LIST,),
    "successful": (LIST,),
    "rejected": (LIST,),
    "mode": (TEXT,),
}
TRACE_KEYS: dict[str, tuple[type, ...]] = {
    "status": (TEXT,),
    "iterations": (COUNT,),
    "total_duration_ms": (COUNT,),
    "llm_calls": (COUNT,),
    "tool_executions": (COUNT,),
    "tool_rejections": (COUNT,),
    "interventions": (COUNT,),
    "compactions": (COUNT,),
    "native_text_tool_fallbacks": (COUNT,),
    "native_text_tool_fallback_rejections": (COUNT,),
    "phase_changes": (COUNT,),
    "schema_retries": (COUNT,),
    "empty_completion_retries": (COUNT,),
    "total_input_tokens": (COUNT,),
    "total_output_tokens": (COUNT,),
    "total_llm_duration_ms": (COUNT,),
    "total_tool_duration_ms": (COUNT,),
    "tools_used": (LIST,),
}
LEDGER_KEYS: dict[str, tuple[type, ...]] = {
    "root_task": (TEXT,),
    "deliverables": (LIST,),
    "rationale": (TEXT,),
    "observations": (LIST,),
}


def assert_shape(value: Any, keys: dict[str, tuple[type, ...]]) -> None:
    assert set(value) == set(keys)
    for key, types in keys.items():
        assert type(value[key]) in types, (key, value[key])


def _failing() -> Setup:
    error = ProviderError("no key", category=ProviderErrorCategory.AUTH)
    return Setup([LOOK, Reply(error=error, accepts=False)], tools=(READ,))


def _cancelled() -> Setup:
    control = RunControl()

    async def stop() -> None:
        control.cancel("by the test")
        await asyncio.sleep(0)

    return Setup([LOOK, Reply("half", midway=stop)], tools=(READ,), control=control)


def _watched() -> Setup:
    options = LoopOptions(daemon=True, idle_watchdog_attempts=1)
    setup = Setup([LOOK, Reply("waiting")], tools=(READ,), options=options)
    setup.extra["wake"] = WakeSignal()
    return setup


def _with_options(*replies: Reply, **options: Any) -> Callable[[], Setup]:
    return lambda: Setup(replies, tools=(READ,), options=LoopOptions(**options))


ENDS: dict[LoopStatus, Callable[[], Setup]] = {
    LoopStatus.DONE: _with_options(LOOK, Reply("answer")),
    LoopStatus.STUCK: _with_options(LOOK, Reply("hm"), persistent=True, max_nudges=0),
    LoopStatus.BUDGET_EXHAUSTED: _with_options(LOOK, max_iterations=1),
    LoopStatus.IDLE: _with_options(LOOK, Reply("waiting"), daemon=True),
    LoopStatus.WATCHDOG: _watched,
    LoopStatus.FAILED: _with_options(Reply("talk"), require_successful_tools=("read",)),
    LoopStatus.CANCELLED: _cancelled,
    LoopStatus.ERROR: _failing,
}


def _ended(status: LoopStatus) -> Run:
    """Return a run that ended so; its clock runs ahead of any wait."""
    with asyncio.Runner(loop_factory=InstantLoop) as runner:
        return runner.run(ENDS[status]().run())


@pytest.fixture(params=LoopStatus)
def ended(request: pytest.FixtureRequest) -> Run:
    """A run for each way to end."""
    return _ended(request.param)


def test_there_is_a_run_for_each_status() -> None:
    assert set(ENDS) == set(LoopStatus)
    assert [_ended(status).result.status for status in ENDS] == list(ENDS)


def test_loop_8_2_every_key_is_there_with_its_type_in_every_status(ended: Run) -> None:
    result: Any = ended.result.as_json()
    assert_shape(result, RESULT_KEYS)
    assert_shape(result["llm"], LLM_KEYS)
    assert_shape(result["tools"], TOOL_KEYS)
    assert_shape(result["trace"], TRACE_KEYS)
    assert_shape(result["task_ledger"], LEDGER_KEYS)


def test_loop_8_2_the_result_is_json_and_comes_back_the_same(ended: Run) -> None:
    result = ended.result.as_json()
    assert json.loads(json.dumps(result, allow_nan=False)) == result


def test_loop_8_2_result_trace_and_last_event_agree(ended: Run) -> None:
    result: Any = ended.result.as_json()
    (end,) = ended.of("loop_end")
    assert result["status"] == result["trace"]["status"] == end.status
    assert result["reason"] == end.reason
    assert result["loop_id"] == end.loop_id == ended.of("loop_start")[0].loop_id
    assert result["session_id"] == SESSION_ID
    assert result["llm"]["iterations"] == result["trace"]["iterations"] == end.iterations
    assert result["llm"]["input_tokens"] == end.usage["input_tokens"]
    assert result["trace"]["total_output_tokens"] == end.usage["output_tokens"]


def test_loop_8_2_an_error_is_told_exactly_when_there_was_one(ended: Run) -> None:
    is_error = ended.result.status is LoopStatus.ERROR
    assert (ended.result.error is not None) is is_error
    assert ended.result.reason


def test_loop_10_44_only_a_daemon_has_a_daemon_state(ended: Run) -> None:
    status = ended.result.status
    expected = status.value if status in {LoopStatus.IDLE, LoopStatus.WATCHDOG} else None
    assert ended.result.as_json()["daemon_state"] == expected


def test_loop_8_2_the_transcript_is_active_exactly_when_the_run_is_done(ended: Run) -> None:
    transcript: Any = ended.result.as_json()["transcript"]
    assert (transcript["_type"], transcript["version"]) == ("transcript", 2)
    assert transcript["id"] == SESSION_ID
    assert transcript["assets"] == []
    is_done = ended.result.status is LoopStatus.DONE
    assert transcript["state"] == ("active" if is_done else "paused")


def test_loop_8_2_the_transcript_has_the_messages_and_an_event_for_each(ended: Run) -> None:
    transcript: Any = ended.result.as_json()["transcript"]
    assert transcript["messages"] == list(ended.result.messages)
    events = transcript["events"]
    told = [event for event in events if event["kind"] in {"message", "tool_result"}]
    assert [event["role"] for event in told] == [m["role"] for m in transcript["messages"]]
    assert len({event["id"] for event in events}) == len(events)
    for event in events:
        assert {"id", "kind", "role", "visibility", "text", "blocks"} <= set(event)


def test_loop_8_2_what_happened_stands_in_the_transcript_where_it_happened() -> None:
    transcript: Any = _ended(LoopStatus.DONE).result.transcript
    assert [event["kind"] for event in transcript["events"]] == [
        "message",
        "provider_payload",
        "message",
        "tool_intent",
        "message",
        "tool_execution",
        "provider_payload",
        "message",
    ]


async def test_loop_8_2_text_is_all_replies_and_visible_text_the_last_one() -> None:
    run = await run_loop(LOOK, Reply("The end.\n##DONE##"), tools=(READ,))
    assert run.result.text == "I look.\n\nThe end.\n##DONE##"
    assert run.result.visible_text == "The end."


@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        ("DONE is near\n##DONE##", "DONE is near"),
        ("so ##DONE## is the word", "so ##DONE## is the word"),
        ("<think>secret</think>plain", "plain"),
        ("<assistant_prose>talk</assistant_prose>", "talk"),
        ("<assistant_prose>talk</assistant_prose><user_response>answer</user_response>", "answer"),
        ("<tool_result>made up</tool_result>real", "real"),
        ("<done>##DONE##</done>", ""),
        ("one\n\n\n\n\ntwo", "one\n\ntwo"),
    ],
)
async def test_loop_8_3_visible_text_is_what_a_person_should_read(reply: str, shown: str) -> None:
    run = await run_loop(Reply(reply))
    assert run.result.visible_text == shown


async def _fail(arguments: JsonObject, context: ToolContext) -> ToolResult:
    return ToolResult("no", ok=False)


async def test_loop_8_2_tool_lists_have_calls_with_repeats_and_the_others_once() -> None:
    calls: Any = (
        ("read", {"n": "1"}),
        ("bad", {}),
        ("read", {"n": "2"}),
        ("denied", {}),
        ("denied", {}),
    )
    run = await run_loop(
        Reply("", calls=calls),
        Reply("done"),
        tools=(READ, make_tool("bad", run=_fail), make_tool("denied", kind=ToolKind.EDIT)),
        permissions=PermissionRules.parse({"deny": ["denied"]}),
    )
    tools: Any = run.result.as_json()["tools"]
    assert tools["calls"] == ["read", "bad", "read"]
    assert tools["successful"] == ["read"]
    assert tools["rejected"] == ["denied"]
    assert tools["mode"] == "native"
    trace = run.result.trace
    assert trace["tools_used"] == ["read", "bad"]
    assert (trace["tool_executions"], trace["tool_rejections"]) == (3, 2)


async def test_loop_8_2_deferred_messages_are_told_in_order() -> None:
    setup = Setup([LOOK], tools=(READ,), options=LoopOptions(max_iterations=1))
    for text in ("first", "second"):
        setup.host_messages.push(text, HostMessageMode.WAIT_FOR_COMPLETION)
    run = await setup.run()
    assert run.result.as_json()["deferred_user_messages"] == ["first", "second"]
    assert len(setup.host_messages) == 0


async def test_loop_8_2_the_ledger_is_told_as_it_stands_at_the_end() -> None:
    replies = [
        Reply("", calls=(("ledger", {"action": "mark", "id": "deliverable-1", "status": "done"}),)),
        Reply("##DONE##"),
    ]
    options = LoopOptions(persistent=True, root_task="Ship it", deliverables=("a",))
    run = await run_loop(*replies, options=options)
    ledger: Any = run.result.as_json()["task_ledger"]
    assert ledger["root_task"] == "Ship it"
    assert [item["status"] for item in ledger["deliverables"]] == ["done"]
    assert run.result.ledger_done_rejections == 0


async def test_loop_8_2_refusals_by_the_ledger_are_counted() -> None:
    options = LoopOptions(persistent=True, deliverables=("a",), max_nudges=1)
    run = await run_loop(Reply("##DONE##"), Reply("##DONE##"), options=options)
    assert run.result.status is LoopStatus.STUCK
    assert run.result.as_json()["ledger_done_rejections"] == 2


async def test_loop_8_2_figures_of_trace_count_what_happened() -> None:
    repeat = Reply("", calls=(("read", {"path": "a"}),))
    empty = ProviderError("nothing came", category=ProviderErrorCategory.EMPTY_COMPLETION)
    run = await run_loop(
        *(repeat, repeat, repeat, repeat),
        Reply(error=empty),
        Reply("next_phase: verify"),
        tools=(READ,),
        options=LoopOptions(persistent=True, break_unless_phase="build"),
    )
    trace = run.result.trace
    assert run.result.status is LoopStatus.DONE
    assert (trace["llm_calls"], trace["iterations"]) == (5, 5)
    assert (trace["tool_executions"], trace["tool_rejections"]) == (3, 1)
    assert trace["interventions"] == 3
    assert (trace["phase_changes"], trace["empty_completion_retries"]) == (1, 1)


async def test_loop_10_8_a_nested_loop_does_not_count_for_the_one_around_it() -> None:
    inner: list[Run] = []

    async def nest(arguments: JsonObject, context: ToolContext) -> ToolResult:
        inner.append(await run_loop(Reply("", calls=(("read", {}),)), Reply("in"), tools=(READ,)))
        return ToolResult("nested")

    run = await run_loop(
        Reply("", calls=(("nest", {}),)), Reply("out"), tools=(make_tool("nest", run=nest),)
    )
    assert (run.result.trace["llm_calls"], run.result.usage.input_tokens) == (2, 20)
    assert (inner[0].result.trace["llm_calls"], inner[0].result.usage.input_tokens) == (2, 20)
    assert run.result.trace["tools_used"] == ["nest"]
    assert "in" not in run.result.text.split()


async def test_loop_10_8_runs_at_the_same_time_count_apart() -> None:
    async def counted(calls: int) -> Run:
        replies = [
            Reply("", calls=(("read", {"n": str(n)}),), usage=Usage(1, 1)) for n in range(calls)
        ]
        return await run_loop(*replies, Reply("end", usage=Usage(1, 1)), tools=(READ,))

    runs = await asyncio.gather(*(counted(calls) for calls in range(4)))
    assert [run.result.trace["llm_calls"] for run in runs] == [1, 2, 3, 4]
    assert [run.result.usage.input_tokens for run in runs] == [1, 2, 3, 4]
    assert [run.result.trace["tool_executions"] for run in runs] == [0, 1, 2, 3]


async def test_loop_8_2_a_compaction_is_counted_and_its_summary_is_in_the_transcript() -> None:
    run = await run_loop(
        Reply("", calls=(("read", {"path": "word " * 800}),)),
        Reply("They read a file."),
        Reply("done"),
        tools=(READ,),
        options=LoopOptions(compaction="summarize_all", compact_threshold=900),
    )
    assert run.result.trace["compactions"] == 1
    transcript: Any = run.result.transcript
    assert "They read a file." in transcript["summary"]
    assert transcript["messages"] == list(run.result.messages)
    assert [e["metadata"]["mode"] for e in transcript["events"] if e["kind"] == "compaction"] == [
        "auto"
    ]
    assert run.result.usage.input_tokens == 30  # the summary is paid for, too


async def test_loop_8_2_iterations_of_a_cancelled_run_count_the_turn_that_was_cut() -> None:
    with_turns = _cancelled()
    run = await with_turns.run()
    assert run.result.iterations == 2
    assert run.result.text == "I look.\n\nhalf"


async def test_loop_10_61_the_last_answer_is_there_when_the_money_is_spent() -> None:
    setup = Setup(
        [Reply("An answer.", calls=(("read", {}),), usage=Usage(1_000_000, 0))],
        tools=(READ,),
        options=LoopOptions(total_budget_usd=2.0),
        extra={"model_facts": ModelFacts(input_price=3.0, output_price=3.0)},
    )
    run = await setup.run()
    assert run.result.status is LoopStatus.BUDGET_EXHAUSTED
    assert run.result.text == "An answer."
    assert run.of("budget_exhausted")[0].reason == "cost"


async def test_loop_10_61_a_call_that_would_cross_the_budget_is_not_made() -> None:
    setup = Setup(
        [Reply("An answer.", calls=(("read", {"path": "x" * 40_000}),), usage=Usage(1, 0))],
        tools=(READ,),
        options=LoopOptions(total_budget_usd=0.005, compaction=False),
        extra={"model_facts": ModelFacts(input_price=1.0, output_price=0.0)},
    )
    run = await setup.run()
    assert run.result.status is LoopStatus.BUDGET_EXHAUSTED
    assert len(run.provider.requests) == 1
    assert run.result.text == "An answer."


async def test_loop_8_3_a_call_without_usage_makes_the_cost_unknown_and_leaves_the_budget() -> None:
    look: tuple[tuple[str, JsonObject], ...] = (("read", {}),)
    setup = Setup(
        [
            Reply("One.", calls=look, usage=None),
            Reply("Two.", calls=look, usage=Usage(1_000_000, 0)),
        ],
        tools=(READ,),
        options=LoopOptions(total_budget_usd=2.0),
        extra={"model_facts": ModelFacts(input_price=3.0, output_price=3.0)},
    )
    run = await setup.run()
    assert run.result.cost_usd is None
    assert "cost_usd" not in run.of("loop_end")[0].usage
    assert run.result.status is LoopStatus.BUDGET_EXHAUSTED


async def test_loop_6_tokens_of_a_summary_do_not_count_for_the_token_budget() -> None:
    run = await run_loop(
        Reply("", calls=(("read", {"path": "word " * 800}),), usage=Usage(10, 5)),
        Reply("They read a file.", usage=Usage(1_000, 100)),
        Reply("done", usage=Usage(10, 5)),
        tools=(READ,),
        options=LoopOptions(compaction="summarize_all", compact_threshold=900, token_budget=200),
    )
    assert run.result.trace["compactions"] == 1
    assert run.result.usage.input_tokens == 1_020
    assert run.result.status is LoopStatus.DONE


async def test_loop_10_30_all_messages_of_a_run_are_announced() -> None:
    setup = Setup([LOOK, Reply("done"), Reply("done again")], tools=(READ,))
    setup.host_messages.push("now", HostMessageMode.INTERRUPT_IMMEDIATE)
    setup.host_messages.push("then", HostMessageMode.FINISH_STEP)
    setup.host_messages.push("later", HostMessageMode.WAIT_FOR_COMPLETION)
    setup.push("typed")
    run = await setup.run(LoopRequest("do it"))
    announced = [event.message for event in run.of("message_recorded")]
    assert announced == list(run.result.messages)
    for text in ("now", "then", "later", "typed"):
        assert any(text in str(message["content"]) for message in announced)
