"""The events of one call on every way that it can go: the rows of docs/events.md, tool calls.

Rows 1, 3, 12 and 18 of tools 2.5 are in the files about calls, streams, executors and plans.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import ToolError
from harn_tui.events.agent import ToolCall, ToolCallUpdate
from harn_tui.json_types import JsonObject
from harn_tui.kinds import Decision, LifecycleEvent, SearchedBy, ToolErrorCategory, ToolKind
from harn_tui.loop.config import PermissionQuestion
from harn_tui.loop.lifecycle_hooks import LifecycleHooks
from harn_tui.permissions.broker import Answer
from harn_tui.permissions.dynamic_permissions import DynamicPermissions, DynamicPermissionStack
from harn_tui.permissions.policy_set import PolicySet
from harn_tui.permissions.rules import PermissionRules
from harn_tui.providers.base import (
    Completion,
    CompletionRequest,
    OnDelta,
    ServerSearch,
    ServerSearchQuery,
    ServerSearchResult,
)
from harn_tui.tools.base import Tool, ToolContext, ToolResult
from tests.conformance.loop_driver import Reply, Run, Script, Setup, make_tool, run_loop
from tests.conformance.observed import text_call

DENIED = ToolErrorCategory.PERMISSION_DENIED
SCHEMA = ToolErrorCategory.SCHEMA_VALIDATION


async def call(tool: Tool | None = None, *, name: str = "read", **setup: Any) -> Run:
    arguments = setup.pop("arguments", {"path": "a"})
    replies = setup.pop("replies", (Reply(calls=((name, arguments),)),))
    setup.setdefault("tools", (tool or make_tool("read"),))
    return await run_loop(*replies, Reply("end"), **setup)


def sequence(run: Run, name: str = "read") -> list[tuple[str, str]]:
    """Return (type, status) of the events about the calls of ``name``, streamed input left out."""
    return [
        (event.type, event.status.value)
        for event in run.events
        if isinstance(event, ToolCall | ToolCallUpdate)
        and event.tool_name == name
        and not (isinstance(event, ToolCallUpdate) and _is_streamed_input(event))
    ]


def _is_streamed_input(update: ToolCallUpdate) -> bool:
    return update.raw_input is not None or update.raw_input_partial is not None


def last(run: Run) -> Any:
    return run.of("tool_call_update")[-1]


ANNOUNCED = ("tool_call", "pending")
BEGUN = ("tool_call_update", "in_progress")
COMPLETED = ("tool_call_update", "completed")
FAILED = ("tool_call_update", "failed")


def assert_stopped_early(run: Run, category: ToolErrorCategory, *, name: str = "read") -> None:
    """An early failure has no output, no durations and no executor."""
    assert sequence(run, name) == [ANNOUNCED, FAILED]
    end = last(run)
    assert end.error_category is category
    assert end.error
    assert (end.raw_output, end.executor) == (None, None)
    assert (end.duration_ms, end.execution_duration_ms) == (None, None)


@pytest.mark.parametrize(
    ("outcome", "category"),
    [
        (ToolResult("exit 1", ok=False), ToolErrorCategory.TOOL_ERROR),
        (ToolError("Error: none"), ToolErrorCategory.TOOL_ERROR),
        (ToolError("no backend", category=DENIED), DENIED),
        (RuntimeError("kaboom"), ToolErrorCategory.TOOL_ERROR),
    ],
)
async def test_tools_2_5_row_2_a_call_that_ran_and_failed_ends_with_its_whole_text(
    outcome: ToolResult | Exception, category: ToolErrorCategory
) -> None:
    async def work(arguments: JsonObject, context: ToolContext) -> ToolResult:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    run = await call(make_tool("read", run=work))
    assert sequence(run) == [ANNOUNCED, BEGUN, FAILED]
    end = last(run)
    assert end.error_category is category
    assert end.raw_output == {"text": end.error, "tool_use_id": "call_1"}
    assert end.executor == {"kind": "harn_builtin"}
    assert end.duration_ms + 1 >= end.execution_duration_ms


async def test_tools_2_5_row_4_arguments_that_are_no_json_stop_the_call() -> None:
    broken = Reply(calls=(("read", {}),), malformed='{"path": ')
    assert_stopped_early(await call(replies=(broken,)), SCHEMA)


@pytest.mark.parametrize(
    "policy",
    [
        {"tools": ["other"]},
        {"tool_arg_constraints": [{"tool": "read", "arg_patterns": ["x*"], "arg_key": "path"}]},
    ],
)
async def test_tools_2_5_row_5_a_policy_or_its_constraint_stops_the_call(
    policy: JsonObject,
) -> None:
    from_here = Setup([]).config().cwd
    policies = PolicySet.parse(policy=policy, cwd=from_here)
    assert_stopped_early(await call(extra={"policies": policies}), DENIED)


async def test_tools_2_5_row_6_a_dynamic_permission_stops_the_call() -> None:
    stack = DynamicPermissionStack().within(DynamicPermissions.parse({"deny": ["read"]}))
    assert_stopped_early(await call(extra={"dynamic_permissions": stack}), DENIED)


async def test_tools_2_5_row_7_a_denial_of_the_approval_policy_stops_the_call() -> None:
    policies = PolicySet.parse(approval={"auto_deny": ["read"]}, cwd=Setup([]).config().cwd)
    assert_stopped_early(await call(extra={"policies": policies}), DENIED)


async def test_tools_2_5_row_7_a_denial_of_the_host_stops_the_call() -> None:
    async def refuse(question: PermissionQuestion) -> Answer:
        return Answer(Decision.DENY)

    run = await call(make_tool("read", kind=ToolKind.EDIT), extra={"ask_permission": refuse})
    assert_stopped_early(run, DENIED)


async def test_tools_2_5_row_8_a_denial_of_a_hook_stops_the_call() -> None:
    hooks = LifecycleHooks()
    hooks.add(LifecycleEvent.PRE_TOOL_USE, "*", lambda payload: {"deny": "no"})
    assert_stopped_early(await call(extra={"hooks": hooks}), DENIED)


async def test_tools_2_5_row_9_a_missing_argument_stops_the_call() -> None:
    run = await call(make_tool("read", required=("path",)), arguments={})
    assert_stopped_early(run, SCHEMA)
    assert "missing required parameter" in last(run).error


async def test_tools_2_5_row_10_a_skipped_repeat_has_begun_and_has_not_run() -> None:
    async def same(arguments: JsonObject, context: ToolContext) -> ToolResult:
        return ToolResult("same")

    once = Reply(calls=(("read", {"path": "a"}),))
    run = await call(make_tool("read", run=same), replies=(once,) * 4)
    assert sequence(run)[-3:] == [ANNOUNCED, BEGUN, FAILED]
    end = last(run)
    assert end.error_category is ToolErrorCategory.REJECTED_LOOP
    assert end.raw_output == {"loop_skipped": True, "repeat_count": 4}
    assert end.duration_ms is not None
    assert (end.execution_duration_ms, end.executor) == (None, None)
    assert "3" in end.error


async def test_tools_2_5_row_11_an_unknown_tool_is_denied_before_anything_begins() -> None:
    # The reference shows it as begun; here it is stopped with the other calls that cannot run.
    assert_stopped_early(await call(name="nope"), DENIED, name="nope")


async def text_mode(text: str) -> list[Any]:
    run = await run_loop(
        Reply(text),
        Reply("end"),
        Reply("end"),
        tools=(make_tool("read"),),
        options=LoopOptions(tool_format="text"),
    )
    return [event for event in run.events if event.type.startswith("tool_call")]


async def test_tools_2_5_row_13_a_promoted_candidate_shows_its_arguments_and_then_runs() -> None:
    candidate, promoted, *dispatched = await text_mode(text_call("read", path="a"))
    assert (candidate.tool_name, candidate.kind, candidate.raw_input) == ("", None, {})
    assert candidate.parsing is True
    assert (promoted.tool_name, promoted.parsing) == ("read", False)
    assert (promoted.status.value, promoted.raw_output) == ("pending", {"path": "a"})
    assert [event.status.value for event in dispatched] == ["pending", "in_progress", "completed"]
    # One id from the candidate to the end (tools oddity 22).
    assert len({event.tool_call_id for event in (candidate, promoted, *dispatched)}) == 1


async def test_tools_2_5_row_14_an_aborted_candidate_has_failed() -> None:
    candidate, aborted = await text_mode('<tool_call>\nread({ path: "a"')
    assert candidate.parsing is True
    assert (aborted.status.value, aborted.parsing) == ("failed", False)
    assert aborted.error_category is ToolErrorCategory.PARSE_ABORTED
    assert "did not close" in aborted.error
    assert aborted.tool_call_id == candidate.tool_call_id


class Searching(Script):
    """A provider whose server searched for tools while it replied."""

    def __init__(self, searches: Sequence[ServerSearch]) -> None:
        super().__init__([Reply("found it")])
        self._searches = tuple(searches)

    async def complete(self, request: CompletionRequest, on_delta: OnDelta) -> Completion:
        return replace(await super().complete(request, on_delta), searches=self._searches)


async def searched(*searches: ServerSearch) -> list[Any]:
    setup = Setup([])
    setup.provider = Searching(searches)
    wanted = {"tool_call", "tool_call_update", "tool_search_query", "tool_search_result"}
    return [event for event in (await setup.run()).events if event.type in wanted]


@pytest.mark.parametrize("server", list(SearchedBy))
async def test_tools_2_5_row_15_a_search_of_the_server_is_a_call_of_its_own(
    server: SearchedBy,
) -> None:
    query, begun, result, ended = await searched(
        ServerSearchQuery("tsq-1", server, "tool_search_tool_bm25", {"query": "weather"}),
        ServerSearchResult("tsq-1", server, ("forecast",)),
    )
    assert (query.type, query.tool_use_id, query.strategy) == ("tool_search_query", "tsq-1", "")
    assert (begun.type, begun.tool_call_id) == ("tool_call", "provider-tsq-1")
    assert (begun.tool_name, begun.kind) == ("tool_search_tool_bm25", ToolKind.SEARCH)
    assert (begun.status.value, begun.raw_input) == ("in_progress", {"query": "weather"})
    assert (result.type, result.promoted, result.mode) == (
        "tool_search_result",
        ["forecast"],
        server.value,
    )
    assert (ended.tool_call_id, ended.tool_name) == ("provider-tsq-1", "tool_search")
    assert (ended.status.value, ended.executor) == ("completed", {"kind": "provider_native"})
    assert ended.raw_output == {
        "tool_references": ["forecast"],
        "promoted": ["forecast"],
        "mode": server.value,
    }
    assert (ended.duration_ms, ended.execution_duration_ms) == (None, None)


async def test_tools_odd_22_a_search_of_the_server_without_a_result_has_failed() -> None:
    server = SearchedBy.ANTHROPIC
    events = await searched(
        ServerSearchQuery("a", server, "tool_search", "{broken"),
        ServerSearchQuery("b", server, "tool_search", {}),
        ServerSearchResult("b", server, (), "unavailable"),
        ServerSearchResult("never asked", server, ("x",)),
    )
    ended = [(e.tool_call_id, e.error) for e in events if e.type == "tool_call_update"]
    assert ended == [
        ("provider-b", "unavailable"),
        ("provider-a", "no result of the search came"),
    ]
    assert all(e.status.value == "failed" for e in events if e.type == "tool_call_update")


async def test_tools_2_5_row_16_a_servers_tool_names_its_server_as_executor() -> None:
    run = await call(replace(make_tool("read"), mcp_server="github"))
    assert sequence(run) == [ANNOUNCED, BEGUN, COMPLETED]
    assert last(run).executor == {"kind": "mcp_server", "server_name": "github"}


async def test_tools_2_5_row_17_a_search_of_this_program_ends_like_any_call() -> None:
    # The reference has no events of dispatch for it, and leaves its row open (tools oddity 22).
    name = "__harn_tool_search"
    run = await call(
        name=name,
        arguments={"query": "weather"},
        tools=(make_tool("look"), replace(make_tool("weather"), defer_loading=True)),
        options=LoopOptions(tool_search=True),
    )
    assert sequence(run, name) == [ANNOUNCED, BEGUN, COMPLETED]
    types = run.types()
    assert types.index("tool_search_query") < types.index("tool_search_result")


async def test_tools_2_4_durations_stand_on_the_end_of_a_call_that_ran_alone() -> None:
    run = await call()
    *others, end = run.of("tool_call_update")
    assert all((u.duration_ms, u.execution_duration_ms) == (None, None) for u in others)
    assert end.duration_ms + 1 >= end.execution_duration_ms


async def test_tools_2_4_streamed_and_dispatched_events_share_one_id() -> None:
    run = await call()
    calls = [*run.of("tool_call"), *run.of("tool_call_update")]
    ids = {event.tool_call_id for event in calls}
    assert ids == {"tool-call_1"}


async def test_tools_2_7_a_failed_stage_ends_one_call_and_the_next_ones_still_run() -> None:
    run = await run_loop(
        Reply(calls=(("read", {}), ("nope", {}), ("look", {}))),
        Reply("end"),
        tools=(make_tool("read"), make_tool("look")),
        permissions=PermissionRules.parse({"deny": ["read"]}),
    )
    ended = [
        (u.tool_name, u.status.value) for u in run.of("tool_call_update") if u.status.is_terminal
    ]
    assert ended == [("read", "failed"), ("nope", "failed"), ("look", "completed")]


@pytest.mark.parametrize("category", list(ToolErrorCategory))
async def test_tools_2_2_every_category_that_a_tool_gives_is_the_one_that_is_told(
    category: ToolErrorCategory,
) -> None:
    async def fail(arguments: JsonObject, context: ToolContext) -> ToolResult:
        raise ToolError("no", category=category)

    assert last(await call(make_tool("read", run=fail))).error_category is category
