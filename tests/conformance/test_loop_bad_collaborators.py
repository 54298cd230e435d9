"""What a host gives a loop may raise anything, at any time, or never return."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import HarnError, LoopConfigError, ProviderError
from harn_tui.events.record import Event
from harn_tui.json_types import JsonObject
from harn_tui.kinds import (
    Decision,
    LifecycleEvent,
    LoopStatus,
    NoticeLevel,
    PermissionVerdict,
    ProviderErrorCategory,
    ToolErrorCategory,
    ToolKind,
)
from harn_tui.loop.callbacks import LoopCallbacks
from harn_tui.loop.cancellation import RunControl
from harn_tui.loop.config import PermissionQuestion
from harn_tui.loop.lifecycle_hooks import LifecycleHooks
from harn_tui.loop.messages import unanswered_calls
from harn_tui.permissions.broker import Answer
from harn_tui.permissions.rules import PermissionRules
from harn_tui.providers.base import ModelFacts
from harn_tui.sinks.registry import SinkRegistry, use_registry
from harn_tui.tools.base import Tool, ToolContext, ToolResult
from tests.conformance.loop_driver import SESSION_ID, Reply, Run, Script, Setup, make_tool, until
from tests.conformance.observed import TURN_EVENTS
from tests.support.instant_loop import InstantLoop


class Abort(BaseException):
    """No Exception, and yet neither a cancellation nor the end of the program."""


FAILURES = [
    pytest.param(RuntimeError("out of order"), id="Exception"),
    pytest.param(HarnError("out of order"), id="HarnError"),
    pytest.param(StopIteration("out of order"), id="StopIteration"),
    pytest.param(Abort("out of order"), id="BaseException"),
    pytest.param(asyncio.CancelledError("out of order"), id="a cancellation that nobody asked for"),
]
fails_in_any_way = pytest.mark.parametrize("failure", FAILURES)

READ = make_tool("read")
LOOK_THEN_ANSWER = (Reply("", calls=(("read", {}),)), Reply("done"))


def broken(failure: BaseException) -> Callable[..., Any]:
    """Return a function that raises ``failure`` when it is called."""

    def fail(*arguments: object, **options: object) -> object:
        raise failure

    return fail


def broken_later(failure: BaseException) -> Callable[..., Any]:
    """Return a coroutine function that raises ``failure`` when it is awaited."""

    async def fail(*arguments: object, **options: object) -> object:
        await asyncio.sleep(0)
        if isinstance(failure, StopIteration):
            raise RuntimeError("out of order") from failure  # what Python makes of it, too
        raise failure

    return fail


class Never:
    """A coroutine function that never returns; ``is_waiting`` once it was called."""

    def __init__(self) -> None:
        self.is_waiting = False

    async def __call__(self, *arguments: object) -> Any:
        self.is_waiting = True
        await asyncio.Event().wait()


def notices(run: Run) -> list[tuple[NoticeLevel, str]]:
    return [(event.level, event.text) for event in run.of("notice")]


def assert_clean_end(setup: Setup, status: LoopStatus) -> None:
    """One end, all turns and calls closed, nothing of the run alive."""
    events: list[Any] = setup.sink.events
    types = [event.type for event in events]
    assert [event.status for event in events if event.type == "loop_end"] == [status]
    for opening, closing in (("turn_start", "turn_end"), ("llm_call_start", "llm_call_end")):
        assert types.count(opening) == types.count(closing)
    announced = {event.tool_call_id for event in events if event.type == "tool_call"}
    ended = [
        e.tool_call_id for e in events if e.type == "tool_call_update" and e.status.is_terminal
    ]
    assert sorted(ended) == sorted(announced)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def run_and_check(setup: Setup, status: LoopStatus) -> Run:
    ended: list[str] = []
    setup.session_end.add(ended.append)
    run = await setup.run()
    assert run.result.status is status
    assert ended == [SESSION_ID]
    assert unanswered_calls(run.result.messages) == []
    assert_clean_end(setup, status)
    return run


def _hooked(event: LifecycleEvent, hook: Callable[[JsonObject], object]) -> dict[str, Any]:
    hooks = LifecycleHooks()
    hooks.add(event, "*", hook)
    return {"hooks": hooks}


@fails_in_any_way
@pytest.mark.parametrize("event", TURN_EVENTS)
@pytest.mark.parametrize("make", [broken, broken_later])
async def test_loop_10_39_a_hook_that_fails_ends_the_run_as_an_error_that_names_it(
    failure: BaseException, event: LifecycleEvent, make: Callable[[BaseException], Any]
) -> None:
    setup = Setup(LOOK_THEN_ANSWER, tools=(READ,), extra=_hooked(event, make(failure)))
    setup.push("keep this line")
    run = await run_and_check(setup, LoopStatus.ERROR)
    ((level, text),) = notices(run)
    assert level is NoticeLevel.ERROR
    assert f"{event.value} hook" in text
    assert "out of order" in text
    assert run.result.error == text
    delivered = sum("keep this line" in str(message) for message in run.result.messages)
    assert delivered + len(setup.feedback.pending(SESSION_ID)) == 1


@fails_in_any_way
@pytest.mark.parametrize("make", [broken, broken_later])
async def test_a_post_turn_callback_that_fails_ends_the_run_as_an_error_that_names_it(
    failure: BaseException, make: Callable[[BaseException], Any]
) -> None:
    callbacks = LoopCallbacks(post_turn=make(failure))
    setup = Setup(LOOK_THEN_ANSWER, tools=(READ,), extra={"callbacks": callbacks})
    run = await run_and_check(setup, LoopStatus.ERROR)
    ((level, text),) = notices(run)
    assert level is NoticeLevel.ERROR
    assert "post-turn callback" in text
    assert len(run.provider.requests) == 1


class BrokenSink:
    def __init__(self, failure: BaseException, event_type: str | None = None) -> None:
        self._failure = failure
        self._event_type = event_type
        self.heard = 0

    def handle_event(self, event: Event) -> None:
        self.heard += 1
        if self._event_type in {None, event.type}:
            raise self._failure


@fails_in_any_way
async def test_loop_1_9_a_sink_that_fails_is_told_of_once_and_the_run_goes_on(
    failure: BaseException,
) -> None:
    with use_registry(SinkRegistry()) as registry:
        sink = BrokenSink(failure)
        registry.register_sink(SESSION_ID, sink)
        run = await run_and_check(Setup(LOOK_THEN_ANSWER, tools=(READ,)), LoopStatus.DONE)
    ((level, text),) = notices(run)
    assert level is NoticeLevel.WARNING
    assert "BrokenSink" in text
    assert sink.heard == len(run.events)


@fails_in_any_way
@pytest.mark.parametrize("make", [broken, broken_later])
async def test_loop_1_9_a_subscriber_that_fails_is_told_of_once_and_the_run_goes_on(
    failure: BaseException, make: Callable[[BaseException], Any]
) -> None:
    heard: list[str] = []

    async def listen(event: Event) -> None:
        heard.append(event.type)

    with use_registry(SinkRegistry()) as registry:
        registry.subscribe(SESSION_ID, make(failure))
        registry.subscribe(SESSION_ID, listen)
        run = await run_and_check(Setup(LOOK_THEN_ANSWER, tools=(READ,)), LoopStatus.DONE)
    ((level, text),) = notices(run)
    assert (level, "subscriber" in text) == (NoticeLevel.WARNING, True)
    assert heard.count("turn_end") == 2


def _long_history(**extra: Any) -> dict[str, Any]:
    """Return what makes a loop compact before its second call."""
    reply = Reply("", calls=(("read", {"path": "word " * 800}),))
    return {"replies": [reply, Reply("done")], "tools": (READ,), "extra": extra}


def _compacting(**options: Any) -> LoopOptions:
    return LoopOptions(compact_threshold=500, compact_keep_last=0, **options)


@fails_in_any_way
@pytest.mark.parametrize("make", [broken, broken_later])
@pytest.mark.parametrize("name", ["compact", "mask"])
async def test_loop_10_51_a_compaction_callback_that_fails_is_done_without(
    failure: BaseException, make: Callable[[BaseException], Any], name: str
) -> None:
    callbacks = LoopCallbacks(**{name: make(failure)})
    options = _compacting(auto_compact=True)
    run = await run_and_check(
        Setup(**_long_history(callbacks=callbacks), options=options), LoopStatus.DONE
    )
    ((level, text),) = notices(run)
    assert (level, f"{name} callback" in text) == (NoticeLevel.WARNING, True)
    (compacted,) = run.of("transcript_compacted")
    assert compacted.engine_strategy == "truncate"
    assert "via truncate strategy" in run.contents(1)[0]


@fails_in_any_way
async def test_loop_10_51_a_summary_that_the_model_fails_to_write_is_done_without(
    failure: BaseException,
) -> None:
    class FailingSummaries(Script):
        async def complete(self, request: Any, on_delta: Any) -> Any:
            if request.is_exempt_from_rate_limit:
                await broken_later(failure)()
            return await super().complete(request, on_delta)

    setup = Setup(**_long_history(), options=_compacting(compaction="summarize_all"))
    setup.provider = FailingSummaries(setup.replies)
    run = await run_and_check(setup, LoopStatus.DONE)
    ((level, text),) = notices(run)
    assert (level, "summary of older messages" in text) == (NoticeLevel.WARNING, True)
    assert "the summarizer failed" in run.contents(1)[0]


@fails_in_any_way
@pytest.mark.parametrize("make", [broken, broken_later])
async def test_loop_6_7_a_compress_callback_that_fails_is_done_without(
    failure: BaseException, make: Callable[[BaseException], Any]
) -> None:
    callbacks = LoopCallbacks(compress=make(failure))
    options = LoopOptions(tool_output_max_chars=1000)
    setup = Setup(**_long_history(callbacks=callbacks), options=options)
    run = await run_and_check(setup, LoopStatus.DONE)
    ((level, text),) = notices(run)
    assert (level, "compress callback" in text) == (NoticeLevel.WARNING, True)
    assert "characters snipped" in run.contents(1)[-1]


@fails_in_any_way
async def test_a_log_of_model_calls_that_fails_is_told_of_once_and_left_alone(
    failure: BaseException,
) -> None:
    lines: list[str] = []

    def write(line: str) -> None:
        lines.append(line)
        raise failure

    setup = Setup(LOOK_THEN_ANSWER, tools=(READ,), extra={"llm_log": write})
    run = await run_and_check(setup, LoopStatus.DONE)
    assert len(lines) == 1
    ((level, text),) = notices(run)
    assert (level, "log of model calls" in text) == (NoticeLevel.WARNING, True)


class PacedScript(Script):
    is_paced = True


@pytest.mark.parametrize(
    "jitter",
    [broken(RuntimeError("out of order")), broken(Abort("out of order"))]
    + [lambda factor=factor: factor for factor in (float("nan"), float("inf"), -1.0, "x", None)],
)
def test_loop_10_43_a_jitter_function_that_fails_leaves_the_delay_as_it_is(
    jitter: Callable[[], Any],
) -> None:
    async def scenario() -> None:
        cut = ProviderError("cut", category=ProviderErrorCategory.TRANSIENT_NETWORK)
        setup = Setup([Reply(error=cut), Reply("done")], jitter=jitter)
        setup.provider = PacedScript(setup.replies)
        run = await run_and_check(setup, LoopStatus.DONE)
        assert [event.delay_ms for event in run.of("llm_retry")] == [2000]
        ((level, text),) = notices(run)
        assert (level, "jitter" in text) == (NoticeLevel.WARNING, True)

    with asyncio.Runner(loop_factory=InstantLoop) as runner:
        runner.run(scenario())


class BrokenFacts(ModelFacts):
    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        if name == "input_price":
            raise RuntimeError("out of order")
        return super().__getattribute__(name)


@pytest.mark.parametrize(
    "facts",
    [
        BrokenFacts(),
        ModelFacts(input_price=dict[str, Any](a="3")["a"]),
        ModelFacts(input_price=-1.0),
        ModelFacts(input_price=float("nan")),
        ModelFacts(input_price=float("inf")),
    ],
)
async def test_model_facts_that_cannot_be_used_are_refused_before_the_first_event(
    facts: ModelFacts,
) -> None:
    setup = Setup([], extra={"model_facts": facts})
    with pytest.raises(LoopConfigError, match="input_price"):
        await setup.run()
    assert setup.sink.events == []


def _changing_tool(summarize: Callable[[JsonObject], Any]) -> Tool:
    made = make_tool("write", kind=ToolKind.EDIT)
    return Tool(made.name, made.description, made.parameters, made.annotations, made.run, summarize)


def _write_then_answer(*tools: Tool, **extra: Any) -> Setup:
    replies = [Reply("", calls=(("write", {"path": "a"}),)), Reply("done")]
    return Setup(replies, tools=tools, extra=extra)


async def _allow(question: PermissionQuestion) -> Answer:
    return Answer(Decision.ALLOW)


@fails_in_any_way
async def test_a_summary_that_a_tool_fails_to_write_is_replaced_by_the_arguments(
    failure: BaseException,
) -> None:
    setup = _write_then_answer(_changing_tool(broken(failure)), ask_permission=_allow)
    run = await run_and_check(setup, LoopStatus.DONE)
    assert run.of("permission_request")[0].summary == 'write {"path": "a"}'
    ((level, text),) = notices(run)
    assert (level, "summary of write" in text) == (NoticeLevel.WARNING, True)
    assert run.result.tools_successful == ("write",)


async def test_a_summary_that_is_no_text_is_replaced_by_the_arguments() -> None:
    setup = _write_then_answer(_changing_tool(lambda arguments: None), ask_permission=_allow)
    run = await run_and_check(setup, LoopStatus.DONE)
    assert run.of("permission_request")[0].summary == 'write {"path": "a"}'


class BrokenRules(PermissionRules):
    def __init__(self, failure: BaseException) -> None:
        super().__init__()
        self._failure = failure

    def decide_call(self, *arguments: Any, **options: Any) -> Any:
        raise self._failure


@fails_in_any_way
async def test_loop_10_33_permission_rules_that_fail_let_nothing_through(
    failure: BaseException,
) -> None:
    setup = Setup(LOOK_THEN_ANSWER, tools=(READ,), permissions=BrokenRules(failure))
    run = await run_and_check(setup, LoopStatus.DONE)
    assert run.result.tools_rejected == ("read",)
    update = run.of("tool_call_update")[-1]
    assert update.error_category is ToolErrorCategory.PERMISSION_DENIED
    ((level, text),) = notices(run)
    assert (level, "permission rule" in text) == (NoticeLevel.WARNING, True)


async def _no_answer(question: PermissionQuestion) -> Any:
    return PermissionVerdict.ALLOW


async def _assert_denied(ask: Callable[[PermissionQuestion], Any]) -> None:
    setup = _write_then_answer(make_tool("write", kind=ToolKind.EDIT), ask_permission=ask)
    run = await run_and_check(setup, LoopStatus.DONE)
    assert [event.decision for event in run.of("permission_decision")] == [Decision.DENY]
    assert run.result.tool_calls == ()
    ((level, text),) = notices(run)
    assert (level, "Asking for permission" in text) == (NoticeLevel.WARNING, True)


@fails_in_any_way
@pytest.mark.parametrize("make", [broken, broken_later])
async def test_loop_10_33_a_question_that_cannot_be_asked_is_answered_with_no(
    failure: BaseException, make: Callable[[BaseException], Any]
) -> None:
    await _assert_denied(make(failure))


@pytest.mark.parametrize("ask", [_no_answer, lambda question: Answer(Decision.ALLOW)])
async def test_loop_10_33_an_answer_that_is_none_counts_as_no(
    ask: Callable[[PermissionQuestion], Any],
) -> None:
    await _assert_denied(ask)


@fails_in_any_way
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("make", [broken, broken_later])
async def test_a_tool_that_fails_is_the_models_problem_and_not_the_runs(
    failure: BaseException, count: int, make: Callable[[BaseException], Any]
) -> None:
    calls: Any = tuple(("read", {"n": str(number)}) for number in range(count))
    setup = Setup(
        [Reply("", calls=(*calls, ("other", {}))), Reply("done")],
        tools=(make_tool("read", run=make(failure)), make_tool("other")),
    )
    run = await run_and_check(setup, LoopStatus.DONE)
    texts = [str(m["content"]) for m in run.result.messages if m["role"] == "tool"]
    assert all(text.startswith("Error: read failed") for text in texts[:-1])
    assert texts[-1] == "other []"


@pytest.mark.parametrize("returned", [None, "text", ToolResult(dict[str, Any](a=None)["a"])])
async def test_a_tool_that_returns_no_result_has_failed(returned: Any) -> None:
    async def run_tool(arguments: JsonObject, context: ToolContext) -> ToolResult:
        result: ToolResult = returned
        return result

    setup = Setup(LOOK_THEN_ANSWER, tools=(make_tool("read", run=run_tool),))
    run = await run_and_check(setup, LoopStatus.DONE)
    assert run.of("tool_call_update")[-1].error_category is ToolErrorCategory.TOOL_ERROR


@fails_in_any_way
@pytest.mark.parametrize("make", [broken, broken_later])
async def test_loop_10_53_a_session_end_hook_that_fails_is_told_of_and_keeps_nobody_from_running(
    failure: BaseException, make: Callable[[BaseException], Any]
) -> None:
    setup = Setup([Reply("done")])
    setup.session_end.add(make(failure))
    run = await run_and_check(setup, LoopStatus.DONE)
    ((level, text),) = notices(run)
    assert (level, "session-end hook" in text) == (NoticeLevel.WARNING, True)


def test_a_session_end_hook_that_never_returns_holds_up_the_end_for_a_limited_time() -> None:
    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        setup = Setup([Reply("done")])
        setup.session_end.add(Never())
        run = await run_and_check(setup, LoopStatus.DONE)
        assert 9.9 < loop.time() - begun < 11
        ((_, text),) = notices(run)
        assert "TimeoutError" in text

    with asyncio.Runner(loop_factory=InstantLoop) as runner:
        runner.run(scenario())


def _waiting_for(never: Never, name: str) -> Setup:
    """Return a run in which what ``name`` says never returns."""
    write = make_tool("write", kind=ToolKind.EDIT)
    match name:
        case "PreAgentTurn" | "PostAgentTurn":
            return Setup([Reply("hi")], extra=_hooked(LifecycleEvent(name), never))
        case "post-turn callback":
            callbacks = LoopCallbacks(post_turn=never)
            return Setup(LOOK_THEN_ANSWER, tools=(READ,), extra={"callbacks": callbacks})
        case "compact callback":
            long = _long_history(callbacks=LoopCallbacks(compact=never))
            return Setup(**long, options=_compacting(auto_compact=True))
        case "compress callback":
            long = _long_history(callbacks=LoopCallbacks(compress=never))
            return Setup(**long, options=LoopOptions(tool_output_max_chars=100))
        case _:
            asking = [Reply("", calls=(("write", {}),))]
            return Setup(asking, tools=(write,), extra={"ask_permission": never})


@pytest.mark.parametrize(
    "name",
    [
        "PreAgentTurn",
        "PostAgentTurn",
        "post-turn callback",
        "compact callback",
        "compress callback",
        "question",
    ],
)
async def test_what_never_returns_ends_when_the_run_is_cancelled(name: str) -> None:
    never, control = Never(), RunControl()
    setup = _waiting_for(never, name)
    setup.control = control
    task = asyncio.create_task(setup.run())
    await until(lambda: never.is_waiting)
    control.cancel("enough")
    run = await task
    assert_clean_end(setup, LoopStatus.CANCELLED)
    assert unanswered_calls(run.result.messages) == []


async def test_a_subscriber_that_never_returns_ends_when_the_run_is_cancelled() -> None:
    never, control = Never(), RunControl()
    with use_registry(SinkRegistry()) as registry:
        registry.subscribe(SESSION_ID, never)
        setup = Setup([], control=control)
        task = asyncio.create_task(setup.run())
        await until(lambda: never.is_waiting)
        control.cancel("enough")
        await task
    assert_clean_end(setup, LoopStatus.CANCELLED)


async def test_a_cancellation_that_nobody_asked_for_in_a_provider_is_an_error_of_the_run() -> None:
    stray: Any = asyncio.CancelledError()
    setup = Setup([Reply("half", error=stray)])
    setup.push("a line")
    run = await run_and_check(setup, LoopStatus.ERROR)
    assert "was cancelled" in str(run.result.error)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()], ids=["exit", "interrupt"])
@pytest.mark.parametrize("place", ["hook", "callback", "tool", "sink", "subscriber", "question"])
def test_the_end_of_the_program_passes_through_a_run_that_is_closed_first(
    error: BaseException, place: str
) -> None:
    setup = _ending_the_program(broken_later(error), place)
    ended: list[str] = []
    setup.session_end.add(ended.append)

    async def scenario() -> None:
        try:
            await setup.run()
        finally:
            assert_clean_end(setup, LoopStatus.ERROR)

    async def subscriber(event: Event) -> None:
        if event.type == "turn_end" and place == "subscriber":
            raise error

    with use_registry(SinkRegistry()) as registry, asyncio.Runner() as runner:
        if place == "sink":
            registry.register_sink(SESSION_ID, BrokenSink(error, "message_recorded"))
        registry.subscribe(SESSION_ID, subscriber)
        with pytest.raises(type(error)):
            runner.run(scenario())
    assert ended == [SESSION_ID]


def _ending_the_program(fails: Callable[..., Any], place: str) -> Setup:
    extra: dict[str, Any] = {"ask_permission": fails if place == "question" else _allow}
    if place == "hook":
        extra |= _hooked(LifecycleEvent.POST_AGENT_TURN, fails)
    if place == "callback":
        extra["callbacks"] = LoopCallbacks(post_turn=fails)
    tool = make_tool("read", run=fails) if place == "tool" else READ
    return Setup(
        [Reply("", calls=(("read", {}), ("write", {}))), Reply("done")],
        tools=(tool, make_tool("write", kind=ToolKind.EDIT)),
        extra=extra,
    )
