"""Tool search, and tools that come and go, in a run (docs/tool_search.md)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import LoopConfigError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LoopStatus, ToolErrorCategory
from harn_tui.loop.config import LoopRequest
from harn_tui.skills.skill import Skill
from harn_tui.skills.skill_set import SkillSet
from harn_tui.tools.base import Tool
from harn_tui.transcripts.session_store import SessionStore
from tests.conformance.agent_driver import ROOT, Family, start
from tests.conformance.loop_driver import Reply, Run, Setup, make_tool
from tests.conformance.text_replies import tagged

SEARCH = "__harn_tool_search"
DONE = Reply("<done>##DONE##</done>")
END = Reply("end")


def _deferred(name: str, description: str) -> Tool:
    return replace(make_tool(name), description=description, defer_loading=True)


WEATHER = _deferred("forecast", "Tell the weather of a city tomorrow.")
TICKET = _deferred("ticket", "Open an issue in the tracker.")
TOOLS = (make_tool("look"), WEATHER, TICKET)


def _setup(*replies: Reply, tools: tuple[Tool, ...] = TOOLS, **changes: Any) -> Setup:
    changes.setdefault("options", LoopOptions(tool_search=True))
    return Setup(replies, tools=tools, **changes)


def _call(name: str, **arguments: Any) -> Reply:
    return Reply(calls=((name, arguments),))


def _offered(run: Run, request: int) -> set[str]:
    return {tool.name for tool in run.provider.requests[request].tools}


def _results(run: Run) -> list[str]:
    return [str(m["content"]) for m in run.result.messages if m["role"] == "tool"]


def _ended(run: Run, name: str) -> Any:
    (event,) = (
        e for e in run.of("tool_call_update") if e.tool_name == name and e.status.is_terminal
    )
    return event


async def test_tools_odd_2_found_tool_is_callable_in_every_later_turn() -> None:
    run = await _setup(
        _call(SEARCH, query="weather"),
        _call("forecast", path="a"),
        _call("forecast", path="b"),
        END,
    ).run()
    assert [_offered(run, i) - {"look", SEARCH} for i in range(4)] == [
        set(),
        {"forecast"},
        {"forecast"},
        {"forecast"},
    ]
    assert _results(run)[1:] == ["forecast [('path', 'a')]", "forecast [('path', 'b')]"]
    assert run.result.loaded_tools == ("forecast",)


async def test_tools_odd_3_text_format_prompt_parser_and_dispatch_agree() -> None:
    run = await _setup(
        Reply(tagged(f'{SEARCH}({{ query: "weather" }})')),
        Reply(tagged('forecast({ path: "a" })')),
        Reply(tagged('forecast({ path: "b" })')),
        DONE,
        options=LoopOptions(tool_search=True, tool_format="text"),
    ).run()
    systems = [request.system or "" for request in run.provider.requests]
    assert all(not request.tools for request in run.provider.requests)
    assert all(SEARCH in system for system in systems)
    assert ["forecast" in system for system in systems] == [False, True, True, True]
    assert all("ticket" not in system for system in systems)
    assert "forecast [('path', 'a')]" in run.contents(2)[-1]
    assert "forecast [('path', 'b')]" in run.contents(3)[-1]
    assert run.result.tools_rejected == ()


async def test_tools_6_search_is_announced_and_says_what_it_loaded() -> None:
    run = await _setup(_call(SEARCH, query="weather"), END).run()
    (query,), (found,) = run.of("tool_search_query"), run.of("tool_search_result")
    assert (query.name, query.query) == ("tool_search_tool_bm25", {"query": "weather"})
    assert (query.strategy, query.mode) == ("bm25", "client")
    assert (found.promoted, found.strategy, found.mode) == (["forecast"], "bm25", "client")
    assert query.tool_use_id == found.tool_use_id == "call_1"
    types = run.types()
    assert types.index("tool_search_query") < types.index("tool_search_result")


async def test_tools_6_tool_of_the_same_turn_as_its_search_waits_for_the_next() -> None:
    run = await _setup(
        Reply(calls=((SEARCH, {"query": "weather"}), ("forecast", {}))), _call("forecast"), END
    ).run()
    assert "not loaded yet" in _results(run)[1]
    assert _results(run)[2] == "forecast []"


async def test_tools_6_deferred_tool_is_refused_with_the_way_to_find_it() -> None:
    run = await _setup(_call("forecast"), END).run()
    assert _offered(run, 0) == {"look", SEARCH}
    assert (
        f"The tool 'forecast' is not loaded yet. Find it with '{SEARCH}' first."
        in (_results(run)[0])
    )
    ended = _ended(run, "forecast")
    assert (ended.error_category, ended.executor) == (ToolErrorCategory.PERMISSION_DENIED, None)


_REFUSAL = f"The tool 'forecast' is not loaded yet. Find it with '{SEARCH}' first."
_AS_JSON = '{"id": "call_1", "function": {"name": "forecast", "arguments": {}}}'


@pytest.mark.parametrize("written", [tagged("forecast({})"), "forecast({})", _AS_JSON])
async def test_tools_odd_3_text_format_says_of_a_deferred_tool_what_the_native_one_says(
    written: str,
) -> None:
    text = LoopOptions(tool_search=True, tool_format="text")
    run = await _setup(Reply(written), DONE, options=text).run()
    assert _REFUSAL in str(run.contents(1)[-1])
    assert "Unknown tool" not in str(run.contents(1))
    failed = [e.error for e in run.of("tool_call_update") if e.status.is_terminal]
    assert failed == ([_REFUSAL] if "<tool_call>" in written else [])


@pytest.mark.parametrize("name", ["forecast", "wipe"])
async def test_tools_6_in_the_text_format_a_tool_that_is_not_offered_never_runs(name: str) -> None:
    ran: list[str] = []

    async def canary(arguments: JsonObject, context: object) -> Any:
        ran.append(name)

    tools = (make_tool("look"), replace(WEATHER, run=canary))
    run = await _setup(
        Reply(tagged(f'{name}({{ path: "a" }})')),
        DONE,
        tools=tools,
        options=LoopOptions(tool_search=True, tool_format="text", max_iterations=2),
    ).run()
    assert ran == []
    assert run.result.tools_successful == ()


async def test_tools_6_search_with_a_name_of_its_own_works_in_any_scope() -> None:
    run = await _setup(
        _call("find", query="weather"),
        _call("forecast"),
        END,
        options=LoopOptions(tool_search={"name": "find"}),
        extra={"skills": SkillSet([Skill("sky", allowed_tools=("forecast",), prompt="p")])},
    ).run("sky please")
    assert [_offered(run, i) for i in range(2)] == [
        {"find", "load_skill"},
        {"find", "load_skill", "forecast"},
    ]
    assert _results(run)[1] == "forecast []"


async def test_tools_6_tool_out_of_scope_is_not_found() -> None:
    run = await _setup(
        _call(SEARCH, query="issue tracker"),
        _call("ticket"),
        END,
        extra={"skills": SkillSet([Skill("sky", allowed_tools=("forecast",), prompt="p")])},
    ).run("sky please")
    assert run.of("tool_search_result")[0].promoted == []
    assert "The active skills do not allow 'ticket'" in _results(run)[1]


async def test_tools_6_loaded_tools_come_back_with_the_next_request() -> None:
    run = await _setup(_call("forecast"), END).run(
        LoopRequest(prompt="go on", loaded_tools=("forecast", "gone"))
    )
    assert _offered(run, 0) == {"look", SEARCH, "forecast"}
    assert _results(run) == ["forecast []"]
    assert run.result.loaded_tools == ("forecast",)


async def test_tools_6_loaded_tools_of_a_stored_session_come_back_in_its_next_run() -> None:
    extra = {"sessions": SessionStore()}
    await _setup(_call(SEARCH, query="weather"), END, extra=extra).run("first")
    again = await _setup(_call("forecast"), END, extra=extra).run("second")
    assert _offered(again, 0) == {"look", SEARCH, "forecast"}
    assert "forecast []" in _results(again)
    without = _setup(END, tools=TOOLS[:1], extra=extra, options=LoopOptions())
    await without.run("third")
    back = await _setup(END, extra=extra).run("fourth")
    assert _offered(back, 0) == {"look", SEARCH, "forecast"}


async def test_tools_6_loaded_tools_come_back_when_they_are_those_of_a_server() -> None:
    server_tools = (replace(WEATHER, mcp_server="sky"),)
    extra = {"more_tools": lambda: server_tools}
    run = await _setup(_call("forecast"), END, tools=(make_tool("look"),), extra=extra).run(
        LoopRequest(prompt="go on", loaded_tools=("forecast",))
    )
    assert _results(run) == ["forecast []"]


async def test_tools_6_server_search_gets_marked_tools_and_does_the_search() -> None:
    run = await _setup(_call("forecast"), END, extra={"has_native_tool_search": True}).run()
    request = run.provider.requests[0]
    assert request.tool_search is not None
    assert request.tool_search.variant == "bm25"
    marks = {tool.name: tool.defer_loading for tool in request.tools}
    assert marks == {"look": False, "forecast": True, "ticket": True}
    assert _results(run) == ["forecast []"]


async def test_tools_6_without_search_deferred_tools_are_like_any_others() -> None:
    run = await _setup(_call("forecast"), END, options=LoopOptions()).run()
    request = run.provider.requests[0]
    assert request.tool_search is None
    assert [tool.defer_loading for tool in request.tools] == [False, False, False]
    assert _results(run) == ["forecast []"]


@pytest.mark.parametrize(
    ("option", "tools"),
    [
        ({"mode": "native"}, TOOLS),
        ({"strategy": "nonsense"}, TOOLS),
        ({"name": "look"}, TOOLS),
        (True, (WEATHER, TICKET)),
    ],
)
async def test_tools_6_search_that_cannot_work_is_refused_before_the_first_event(
    option: Any, tools: tuple[Tool, ...]
) -> None:
    setup = _setup(END, tools=tools, options=LoopOptions(tool_search=option))
    with pytest.raises(LoopConfigError):
        await setup.run()
    assert setup.sink.events == []


class _Server:
    """A server whose tools tests change while a loop runs."""

    def __init__(self, *tools: Tool) -> None:
        self.tools = tools

    def __call__(self) -> tuple[Tool, ...]:
        return self.tools

    def become(self, *tools: Tool) -> Callable[[], None]:
        def change() -> None:
            self.tools = tools

        return change


MAP = replace(make_tool("sky__map"), mcp_server="sky")


async def test_tools_7_tool_that_comes_is_offered_from_the_next_turn_and_refused_when_gone() -> (
    None
):
    server = _Server()
    run = await _setup(
        Reply(calls=(("sky__map", {}),), before=server.become(MAP)),
        Reply(calls=(("sky__map", {}),)),
        Reply(calls=(("look", {}),), before=server.become()),
        _call("sky__map"),
        END,
        options=LoopOptions(),
        tools=(make_tool("look"),),
        extra={"more_tools": server},
    ).run()
    assert ["sky__map" in _offered(run, i) for i in range(5)] == [False, True, True, False, False]
    refused, answered, _, gone = _results(run)
    assert answered == "sky__map []"
    for text in (refused, gone):
        assert "There is no tool called 'sky__map'" in text


async def test_tools_7_server_that_ran_a_call_is_named_as_its_executor() -> None:
    run = await _setup(
        Reply(calls=(("sky__map", {}), ("look", {}))),
        END,
        options=LoopOptions(),
        tools=(make_tool("look"),),
        extra={"more_tools": _Server(MAP)},
    ).run()
    assert _ended(run, "sky__map").executor == {"kind": "mcp_server", "server_name": "sky"}
    assert _ended(run, "look").executor == {"kind": "harn_builtin"}


async def test_tools_7_servers_tool_never_takes_the_place_of_one_of_the_loop() -> None:
    impostor = replace(make_tool("look"), description="impostor", mcp_server="sky")
    run = await _setup(
        _call("look"),
        END,
        options=LoopOptions(),
        tools=(make_tool("look"),),
        extra={"more_tools": _Server(impostor)},
    ).run()
    assert [t.description for t in run.provider.requests[0].tools] == ["The look tool."]
    assert _ended(run, "look").executor == {"kind": "harn_builtin"}


async def test_tools_7_loaded_tool_of_a_server_that_comes_back_is_loaded_still() -> None:
    deep = replace(WEATHER, mcp_server="sky")
    server = _Server(deep)
    run = await _setup(
        _call(SEARCH, query="weather"),
        Reply(calls=(("look", {}),), before=server.become()),
        Reply(calls=(("look", {"n": "2"}),), before=server.become(deep)),
        _call("forecast"),
        END,
        tools=(make_tool("look"), TICKET),
        extra={"more_tools": server},
    ).run()
    assert ["forecast" in _offered(run, i) for i in range(4)] == [False, True, False, True]
    assert _results(run)[3] == "forecast []"


async def test_tools_7_servers_tool_never_takes_a_name_of_the_loop_itself() -> None:
    names = ("load_skill", "ledger", SEARCH, "map", "map")
    server = _Server(*(replace(make_tool(name), mcp_server="sky") for name in names))
    run = await _setup(
        Reply(calls=(("ledger", {"action": "note", "text": "seen"}),)),
        END,
        options=LoopOptions(
            tool_search=True,
            task_ledger={"deliverables": [{"id": "a", "text": "do"}]},
            max_iterations=1,
        ),
        extra={"more_tools": server, "skills": SkillSet([Skill("sky", description="d")])},
    ).run("hello")
    offered = [tool.name for tool in run.provider.requests[0].tools]
    assert sorted(offered) == sorted([SEARCH, "load_skill", "look", "map", "ledger"])
    assert "sky" not in str(_ended(run, "ledger").executor)
    assert run.result.task_ledger["observations"]


async def test_tools_7_what_searches_loaded_stays_when_other_tools_come() -> None:
    server = _Server()
    run = await _setup(
        _call(SEARCH, query="weather"),
        Reply(calls=(("look", {}),), before=server.become(MAP)),
        _call("forecast"),
        END,
        extra={"more_tools": server},
    ).run()
    assert _offered(run, 2) == {"look", SEARCH, "forecast", "sky__map"}
    assert _results(run)[2] == "forecast []"


@pytest.mark.parametrize("is_own", [True, False])
async def test_tools_7_tools_of_a_server_are_found_by_its_name(is_own: bool) -> None:
    deep = replace(_deferred("map", "Draws things."), mcp_server="sky")
    run = await _setup(
        _call(SEARCH, query="mcp:sky"),
        END,
        options=LoopOptions(tool_search="regex"),
        tools=(*TOOLS, deep) if is_own else TOOLS,
        extra={} if is_own else {"more_tools": _Server(deep)},
    ).run()
    assert run.of("tool_search_result")[0].promoted == ["map"]


async def test_tools_7_nested_loop_has_the_tools_that_were_there_when_it_began() -> None:
    server = _Server(MAP)
    family = Family(
        {
            ROOT: [Reply(calls=(start("draw"),)), _call("sky__map"), END],
            "draw": [
                Reply(calls=(("sky__map", {}),), before=server.become()),
                _call("sky__map", path="a"),
                END,
            ],
        },
        tools=(make_tool("look"),),
        extra={"more_tools": server},
    )
    await family.run()
    assert family.result_texts("draw") == ["sky__map []", "sky__map [('path', 'a')]"]
    ended = [e for e in family.child_of("draw", "tool_call_update") if e.status.is_terminal]
    assert ended[0].executor == {"kind": "mcp_server", "server_name": "sky"}
    assert "There is no tool called 'sky__map'" in family.result_texts()[1]


async def test_tools_6_nested_loop_searches_for_the_deferred_tools_itself() -> None:
    family = Family(
        {
            ROOT: [Reply(calls=(start("sun"),)), _call("forecast"), END],
            "sun": [_call(SEARCH, query="weather"), _call("forecast"), END],
        },
        tools=TOOLS,
        options=LoopOptions(tool_search=True),
    )
    await family.run()
    assert family.result_texts("sun")[1] == "forecast []"
    assert "not loaded yet" in family.result_texts()[1]


async def test_tools_6_nested_loop_may_be_given_deferred_tools_alone() -> None:
    family = Family(
        {
            ROOT: [Reply(calls=(start("sun", tools=["forecast"]),)), END],
            "sun": [_call("forecast"), END],
        },
        tools=TOOLS,
        options=LoopOptions(tool_search=True),
    )
    result = await family.run()
    assert result.status is LoopStatus.DONE
    assert family.result_texts() == ["end"]
