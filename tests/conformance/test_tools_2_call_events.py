"""The tables of tools 2: which events a call has on each of its paths, with which fields."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import ToolError
from harn_tui.events.codec import encode_event
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ExecutorKind, SearchedBy, ToolErrorCategory, ToolKind
from harn_tui.loop.cancellation import RunControl
from harn_tui.permissions.dynamic_permissions import DynamicPermissions, DynamicPermissionStack
from harn_tui.permissions.grants import SessionGrants
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
from harn_tui.skills.skill import Skill
from harn_tui.skills.skill_set import SkillSet
from harn_tui.tools.base import Tool, ToolContext, ToolResult
from tests.conformance.loop_driver import Reply, Run, Script, Setup, make_tool, run_loop
from tests.conformance.text_replies import tagged

END = Reply("end")
DURATIONS = ("duration_ms", "execution_duration_ms")


def _of_call(run: Run, tool_call_id: str) -> list[JsonObject]:
    """Return the events of one call as they go on the wire."""
    events = [*run.of("tool_call"), *run.of("tool_call_update")]
    of_it = [event for event in events if event.tool_call_id == tool_call_id]
    in_order = [event for event in run.events if any(event is found for found in of_it)]
    return [json.loads(encode_event(event)) for event in in_order]


def _steps(run: Run, tool_call_id: str = "tool-call_1") -> list[str]:
    """Return the path of a call: ``P`` for its announcement, then the status of each update."""
    return [
        "P" if event["type"] == "tool_call" else str(event["status"])
        for event in _of_call(run, tool_call_id)
    ]


def _last(run: Run, tool_call_id: str = "tool-call_1") -> JsonObject:
    return _of_call(run, tool_call_id)[-1]


async def _fail(arguments: JsonObject, context: ToolContext) -> ToolResult:
    raise ToolError("there is no such file")


def _policies(**policies: Any) -> dict[str, Any]:
    return {"policies": PolicySet.parse(**policies, cwd=Path.cwd())}


def _dynamic(**rules: Any) -> dict[str, Any]:
    layer = DynamicPermissions.parse(rules)
    stack = DynamicPermissionStack().within(layer, SessionGrants())
    return {"dynamic_permissions": stack}


@dataclass(frozen=True)
class Refused:
    """A path on which a call is stopped before it runs, by the number of its row."""

    row: int
    category: ToolErrorCategory
    words: str
    setup: dict[str, Any]
    reply: Reply = Reply(calls=(("read", {}),))


DENIED, SCHEMA = ToolErrorCategory.PERMISSION_DENIED, ToolErrorCategory.SCHEMA_VALIDATION
REFUSED = [
    Refused(4, SCHEMA, "not a JSON object", {}, Reply(calls=(("read", {}),), malformed='{"a')),
    Refused(5, DENIED, "tool ceiling", {"extra": _policies(policy={"tools": ["look"]})}),
    Refused(
        5,
        DENIED,
        "path",
        {
            "extra": _policies(
                policy={
                    "tool_arg_constraints": [
                        {"tool": "read", "arg_patterns": ["src/*"], "arg_key": "path"}
                    ]
                }
            )
        },
        Reply(calls=(("read", {"path": "etc"}),)),
    ),
    Refused(6, DENIED, "denied", {"extra": _dynamic(deny=["read"])}),
    Refused(7, DENIED, "auto_deny", {"extra": _policies(approval={"auto_deny": ["read"]})}),
    Refused(7, DENIED, "refused", {"permissions": PermissionRules.parse({"ask": ["read"]})}),
    Refused(
        9, SCHEMA, "missing required parameter", {"tools": (make_tool("read", required=("path",)),)}
    ),
]


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: f"row_{path.row}_{path.words}")
async def test_tools_2_5_rows_4_to_9_a_call_that_is_stopped_has_one_end_and_never_began(
    path: Refused,
) -> None:
    setup = {"tools": (make_tool("read"),), **path.setup}
    run = await run_loop(path.reply, END, **setup)
    end = _last(run)
    assert [step for step in _steps(run) if step != "pending"] == ["P", "failed"]
    assert end["error_category"] == path.category.value
    assert path.words in str(end["error"])
    assert end["raw_output"] is None
    assert not {*DURATIONS, "executor"} & set(end)


async def test_tools_2_5_row_2_a_call_that_fails_ends_with_its_whole_text_as_error() -> None:
    run = await run_loop(Reply(calls=(("read", {}),)), END, tools=(make_tool("read", run=_fail),))
    end = _last(run)
    assert [step for step in _steps(run) if step != "pending"] == ["P", "in_progress", "failed"]
    assert (end["error"], end["error_category"]) == ("there is no such file", "tool_error")
    assert end["raw_output"] == {"text": "there is no such file", "tool_use_id": "call_1"}
    assert {*DURATIONS, "executor"} <= set(end)


async def test_tools_2_5_row_10_a_call_that_only_repeats_itself_begins_and_is_not_run() -> None:
    again = Reply(calls=(("read", {}),))
    run = await run_loop(*[again] * 4, END, tools=(make_tool("read"),))
    end = _last(run, "tool-call_4")
    steps = [step for step in _steps(run, "tool-call_4") if step != "pending"]
    assert steps == ["P", "in_progress", "failed"]
    assert end["error_category"] == "rejected_loop"
    assert end["raw_output"] == {"loop_skipped": True, "repeat_count": 4}
    assert "duration_ms" in end
    assert not {"execution_duration_ms", "executor"} & set(end)


async def test_tools_2_5_row_11_an_unknown_tool_is_denied_by_nobody() -> None:
    run = await run_loop(Reply(calls=(("nope", {}),)), END, tools=(make_tool("read"),))
    end = _last(run)
    assert [step for step in _steps(run) if step != "pending"] == ["P", "failed"]
    assert end["error_category"] == "permission_denied"
    assert "executor" not in end


def _text_setup(*replies: Reply) -> Setup:
    return Setup(
        [*replies, Reply("<done>##DONE##</done>")],
        tools=(make_tool("read"),),
        options=LoopOptions(tool_format="text", max_iterations=3),
    )


async def test_tools_2_5_row_13_a_candidate_is_promoted_and_runs_under_its_id() -> None:
    run = await _text_setup(Reply(tagged('read({ path: "a" })'))).run()
    first, promoted, *rest = _of_call(run, run.of("tool_call")[0].tool_call_id)
    assert (first["type"], first["status"], first["parsing"]) == ("tool_call", "pending", True)
    assert (first["tool_name"], first["raw_input"], first["kind"]) == ("", {}, None)
    assert (promoted["status"], promoted["parsing"]) == ("pending", False)
    assert (promoted["tool_name"], promoted["raw_output"]) == ("read", {"path": "a"})
    assert [event["status"] for event in rest] == ["pending", "in_progress", "completed"]


async def test_tools_2_5_row_14_a_candidate_that_is_given_up_ends_as_aborted() -> None:
    run = await _text_setup(Reply(tagged("read(x)"))).run()
    first, end = _of_call(run, run.of("tool_call")[0].tool_call_id)
    assert (first["type"], first["parsing"]) == ("tool_call", True)
    assert (end["status"], end["parsing"]) == ("failed", False)
    assert end["error_category"] == "parse_aborted"
    assert end["error"]


class SearchingScript(Script):
    """A server that searches tools itself in its first reply."""

    def __init__(self, *searches: ServerSearch) -> None:
        super().__init__([Reply("one"), Reply("two")])
        self._searches = searches

    async def complete(self, request: CompletionRequest, on_delta: OnDelta) -> Completion:
        completion = await super().complete(request, on_delta)
        searches, self._searches = self._searches, ()
        return replace(completion, searches=searches)


async def _search_run(*searches: ServerSearch) -> Run:
    setup = Setup([], tools=(make_tool("read"),))
    setup.provider = SearchingScript(*searches)
    return await setup.run()


QUERY = ServerSearchQuery("s1", SearchedBy.ANTHROPIC, "tool_search_tool_bm25", {"query": "x"})


async def test_tools_2_5_row_15_a_search_of_the_server_is_a_call_of_its_own() -> None:
    run = await _search_run(QUERY, ServerSearchResult("s1", SearchedBy.ANTHROPIC, ("read",)))
    about = {"tool_search_query", "tool_call", "tool_search_result", "tool_call_update"}
    assert [t for t in run.types() if t in about] == [
        "tool_search_query",
        "tool_call",
        "tool_search_result",
        "tool_call_update",
    ]
    begun, end = _of_call(run, "provider-s1")
    assert (begun["status"], begun["kind"]) == ("in_progress", "search")
    assert (begun["tool_name"], begun["raw_input"]) == ("tool_search_tool_bm25", {"query": "x"})
    assert (end["status"], end["tool_name"]) == ("completed", "tool_search")
    assert end["executor"] == {"kind": "provider_native"}
    assert end["raw_output"] == {
        "tool_references": ["read"],
        "promoted": ["read"],
        "mode": "anthropic",
    }
    assert not set(DURATIONS) & set(end)
    (query,), (result,) = run.of("tool_search_query"), run.of("tool_search_result")
    assert (query.mode, query.strategy, result.strategy) == ("anthropic", "", "")
    assert query.tool_use_id == result.tool_use_id == "s1"


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ((), "no result of the search"),
        ((ServerSearchResult("s1", SearchedBy.ANTHROPIC, (), "unavailable"),), "unavailable"),
    ],
)
async def test_tools_2_5_row_15_a_search_of_the_server_that_comes_to_nothing_ends_too(
    result: tuple[ServerSearch, ...], words: str
) -> None:
    run = await _search_run(QUERY, *result)
    begun, end = _of_call(run, "provider-s1")
    assert begun["status"] == "in_progress"
    assert end["status"] == "failed"
    assert words in str(end["error"])


async def test_tools_2_5_row_16_a_tool_of_a_server_ends_with_the_servers_name() -> None:
    tool = replace(make_tool("git__read"), mcp_server="git")
    run = await run_loop(Reply(calls=(("git__read", {}),)), END, tools=(tool,))
    assert [step for step in _steps(run) if step != "pending"] == ["P", "in_progress", "completed"]
    assert _last(run)["executor"] == {"kind": "mcp_server", "server_name": "git"}


SKILLS = SkillSet([Skill("paint", description="Colours and brushes", prompt="Paint body.")])
LEDGER: JsonObject = {"deliverables": [{"id": "a", "text": "it"}]}
HIDDEN = replace(make_tool("hidden"), defer_loading=True)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("load_skill", {"name": "paint"}),
        ("__harn_tool_search", {"query": "hidden"}),
        ("ledger", {"action": "add", "text": "more"}),
    ],
)
async def test_tools_odd_22_calls_that_the_loop_answers_are_announced_once_and_end(
    name: str, arguments: JsonObject
) -> None:
    run = await Setup(
        [Reply(calls=((name, arguments),)), END],
        tools=(make_tool("read"), HIDDEN),
        options=LoopOptions(tool_search=True, task_ledger=LEDGER),
        extra={"skills": SKILLS},
    ).run()
    steps = _steps(run)
    assert steps.count("P") == 1
    assert steps[-1] == "completed"
    assert sum(step in {"completed", "failed"} for step in steps) == 1


@pytest.mark.parametrize("tool_format", ["native", "text"])
async def test_tools_odd_22_streamed_calls_are_announced_once_and_end_once(
    tool_format: str,
) -> None:
    written = Reply(tagged("read({})") + "\n" + tagged('read({ path: "b" })'))
    native = Reply(calls=(("read", {}), ("read", {"path": "b"})))
    run = await Setup(
        [native if tool_format == "native" else written, Reply("<done>##DONE##</done>")],
        tools=(make_tool("read"),),
        options=LoopOptions(tool_format=tool_format, max_iterations=2),
    ).run()
    ids = {event.tool_call_id for event in run.of("tool_call")}
    assert len(ids) == 2
    for tool_call_id in ids:
        steps = _steps(run, tool_call_id)
        assert [step for step in steps if step in {"completed", "failed"}] == ["completed"]
        announced = [e for e in _of_call(run, tool_call_id) if e["type"] == "tool_call"]
        # A tagged call has no name and kind when it begins; it is told once more with them.
        assert len(announced) == (1 if tool_format == "native" else 2)


EXECUTORS = [
    (make_tool("one"), {"kind": "harn_builtin"}),
    (replace(make_tool("one"), mcp_server="git"), {"kind": "mcp_server", "server_name": "git"}),
    (replace(make_tool("one"), executor=ExecutorKind.HOST_BRIDGE), {"kind": "host_bridge"}),
    (replace(make_tool("one"), executor=ExecutorKind.PROVIDER_NATIVE), {"kind": "provider_native"}),
]


@pytest.mark.parametrize(("tool", "executor"), EXECUTORS)
@pytest.mark.parametrize("is_failing", [False, True])
async def test_tools_2_3_the_end_of_a_call_that_ran_says_who_ran_it(
    tool: Tool, executor: JsonObject, is_failing: bool
) -> None:
    ran = replace(tool, run=_fail) if is_failing else tool
    run = await run_loop(Reply(calls=(("one", {}),)), END, tools=(ran,))
    assert _last(run)["executor"] == executor
    assert all("executor" not in event for event in _of_call(run, "tool-call_1")[:-1])


@pytest.mark.parametrize(
    "category",
    [category for category in ToolErrorCategory if category is not ToolErrorCategory.CANCELLED],
)
async def test_tools_2_2_every_category_that_a_tool_gives_is_told_as_it_is(
    category: ToolErrorCategory,
) -> None:
    async def fail(arguments: JsonObject, context: ToolContext) -> ToolResult:
        raise ToolError("it went wrong", category=category)

    run = await run_loop(Reply(calls=(("read", {}),)), END, tools=(make_tool("read", run=fail),))
    assert _last(run)["error_category"] == category.value


async def test_tools_2_2_a_call_that_a_cancellation_stops_is_cancelled() -> None:
    control = RunControl()

    async def hang(arguments: JsonObject, context: ToolContext) -> ToolResult:
        control.cancel("enough")
        await asyncio.Event().wait()
        return ToolResult("never")

    run = await Setup(
        [Reply(calls=(("read", {}),))], tools=(make_tool("read", run=hang),), control=control
    ).run()
    end = _last(run)
    assert (end["status"], end["error_category"]) == ("failed", "cancelled")


@pytest.mark.parametrize(
    ("given", "ids"),
    [
        (("a", "b"), ["tool-a", "tool-b"]),
        (("a", "a"), ["tool-a", "tool-a-2"]),
        (("", ""), ["tool-iter-0-0", "tool-iter-0-1"]),
    ],
)
async def test_tools_2_4_ids_are_the_providers_made_unique(
    given: Sequence[str], ids: list[str]
) -> None:
    paths: tuple[JsonObject, ...] = ({"path": "1"}, {"path": "2"})
    calls = tuple(("read", path) for path in paths)
    run = await run_loop(Reply(calls=calls, call_ids=tuple(given)), END, tools=(make_tool("read"),))
    assert [event.tool_call_id for event in run.of("tool_call")] == ids
    ended = [e.tool_call_id for e in run.of("tool_call_update") if e.status.is_terminal]
    assert ended == ids


async def test_tools_2_4_the_kind_of_a_call_is_that_of_its_tool() -> None:
    tools = (make_tool("read"), make_tool("edit", kind=ToolKind.EDIT))
    run = await run_loop(Reply(calls=(("read", {}), ("edit", {}), ("nope", {}))), END, tools=tools)
    assert [event.kind for event in run.of("tool_call")] == [ToolKind.READ, ToolKind.EDIT, None]
