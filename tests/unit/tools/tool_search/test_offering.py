import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import ConfigError
from harn_tui.json_types import JsonValue
from harn_tui.skills.scope import tool_scope
from harn_tui.skills.skill import Skill
from harn_tui.tools.base import Tool, ToolResult
from harn_tui.tools.tool_search.mode import ToolSearchMode
from harn_tui.tools.tool_search.offering import OfferedTools, ToolOffering
from harn_tui.tools.tool_search.options import tool_search_options
from tests.unit.tools.tool_search.builders import CONTEXT, tool

EAGER = tool("read_file", "Read a file")
WEATHER = tool("get_weather", "Current weather", deferred=True, namespace="outside")
DEPLOY = tool("deploy", "Ship the service", deferred=True)
TOOLS = (EAGER, WEATHER, DEPLOY)


def client(tools: tuple[Tool, ...] = TOOLS, **table: JsonValue) -> ToolOffering:
    return ToolOffering(tools, tool_search_options(table), ToolSearchMode.CLIENT)


def order(offered: OfferedTools) -> list[str]:
    return [tool.name for tool in offered.tools]


async def search(offered: OfferedTools, query: str) -> ToolResult:
    """Call the search tool as a model does."""
    found = offered.get(offered.search_name or "")
    assert found is not None
    return await found.run({"query": query}, CONTEXT)


def test_without_tool_search_every_tool_is_offered() -> None:
    offered = ToolOffering(TOOLS).offer()
    assert offered == OfferedTools(TOOLS)
    assert offered.hint("deploy") is None


async def test_a_search_loads_what_it_finds_for_the_next_turn() -> None:
    offering = client()
    first = offering.offer()
    assert order(first) == ["__harn_tool_search", "read_file"]
    result = await search(first, "weather")
    assert json.loads(result.text) == {"tool_names": ["get_weather"]}
    assert result.details == {
        "promoted": ["get_weather"],
        "tool_references": ["get_weather"],
        "evicted": [],
        "strategy": "bm25",
        "mode": "client",
    }
    assert order(first) == ["__harn_tool_search", "read_file"]
    assert order(offering.offer()) == ["__harn_tool_search", "read_file", "get_weather"]


async def test_tools_odd_2_promotions_stay_through_all_later_turns() -> None:
    offering = client()
    await search(offering.offer(), "weather")
    await search(offering.offer(), "ship")
    for _ in range(3):
        assert order(offering.offer())[2:] == ["get_weather", "deploy"]
    assert offering.promoted == ("get_weather", "deploy")


async def test_a_match_that_is_loaded_already_is_referred_to_and_not_promoted_again() -> None:
    offering = client()
    await search(offering.offer(), "weather")
    again = await search(offering.offer(), "weather")
    assert (again.details["promoted"], again.details["tool_references"]) == ([], ["get_weather"])


async def test_tools_odd_3_all_that_can_be_called_is_one_set() -> None:
    offered = client(name="find_tools").offer()
    assert offered.names == {"find_tools", "read_file"} == set(offered.schemas())
    assert offered.search_name == "find_tools"
    assert offered.get("deploy") is None
    assert "find_tools" in (offered.hint("deploy") or "")
    assert offered.hint("read_file") is None


async def test_tools_odd_3_a_tool_that_is_always_loaded_is_never_promoted() -> None:
    offering = client(always_loaded=["get_weather"])
    offered = offering.offer()
    assert order(offered) == ["__harn_tool_search", "read_file", "get_weather"]
    result = await search(offered, "weather")
    assert result.details["promoted"] == []
    assert order(offering.offer()) == order(offered)


async def test_tools_odd_3_a_custom_search_tool_survives_the_scope_of_a_skill() -> None:
    skill = Skill("s1", allowed_tools=("namespace:outside",))
    scope = tool_scope([skill], system_tools=["find_tools"])
    offering = client(name="find_tools")
    offered = offering.offer(scope.allows)
    assert order(offered) == ["find_tools"]
    assert scope.allows("find_tools")
    result = await search(offered, "weather service")
    assert result.details["promoted"] == ["get_weather"]
    assert order(offering.offer(scope.allows)) == ["find_tools", "get_weather"]
    assert order(offering.offer()) == ["find_tools", "read_file", "get_weather"]


async def test_the_budget_evicts_the_oldest_and_the_model_is_told_what_found_no_room() -> None:
    large = tool("large", "weather " * 500, deferred=True)
    offering = client((*TOOLS, large), budget_tokens=40)
    await search(offering.offer(), "ship")
    result = await search(offering.offer(), "weather")
    assert result.details["promoted"] == ["get_weather"]
    assert result.details["evicted"] == ["deploy"]
    assert "no room for them: large" in json.loads(result.text)["diagnostic"]


async def test_a_search_that_finds_nothing_is_no_failure() -> None:
    result = await search(client().offer(), "zebra")
    assert result.ok
    assert "no match" in json.loads(result.text)["diagnostic"]


async def test_servers_can_be_searched_for() -> None:
    offering = ToolOffering(
        TOOLS,
        tool_search_options(True),
        ToolSearchMode.CLIENT,
        servers={"deploy": "kubernetes"},
    )
    result = await search(offering.offer(), "kubernetes")
    assert result.details["promoted"] == ["deploy"]


def test_names_of_what_can_be_found_are_listed_on_demand_and_within_bounds() -> None:
    plain, listing = client().offer().tools[0], client(include_stub_listing=True).offer().tools[0]
    assert "deploy" not in plain.description
    assert listing.description.endswith("get_weather, deploy")
    many = tuple(tool(f"tool_{n:05}", deferred=True) for n in range(2000))
    long = client((EAGER, *many), include_stub_listing=True).offer().tools[0]
    assert len(long.description) < 5000
    assert long.description.endswith(" more")


def test_without_deferred_tools_there_is_nothing_to_search_for() -> None:
    assert order(client((EAGER,)).offer()) == ["read_file"]


def test_when_everything_is_deferred_the_loop_is_refused() -> None:
    with pytest.raises(ConfigError, match="Every tool is deferred"):
        client((WEATHER, DEPLOY))
    assert order(client((WEATHER, DEPLOY), always_loaded=["deploy"]).offer())[1:] == ["deploy"]


def test_a_search_tool_cannot_have_the_name_of_another_tool() -> None:
    with pytest.raises(ConfigError, match="name of another tool"):
        client(name="deploy")


def test_native_search_offers_every_tool_and_marks_those_that_wait() -> None:
    offering = ToolOffering(
        TOOLS, tool_search_options({"variant": "regex", "always_loaded": ["deploy"]}),
        ToolSearchMode.NATIVE,
    )  # fmt: skip
    offered = offering.offer()
    assert order(offered) == ["read_file", "get_weather", "deploy"]
    assert offered.deferred_names == {"get_weather"}
    assert (offered.native_variant, offered.search_name) == ("regex", None)
    assert ToolOffering((EAGER,), tool_search_options(True), ToolSearchMode.NATIVE).offer() == (
        OfferedTools((EAGER,))
    )


async def test_a_later_run_takes_up_what_an_earlier_one_had_loaded() -> None:
    offering = client()
    offering.restore(["deploy", "vanished", "read_file"])
    assert order(offering.offer()) == ["__harn_tool_search", "read_file", "deploy"]


@given(st.lists(st.sampled_from(["weather", "ship", "zebra", "file"]), max_size=5))
async def test_what_is_offered_and_what_is_hidden_never_overlap(queries: list[str]) -> None:
    offering = client()
    for query in queries:
        offered = offering.offer()
        assert not offered.names & offered.hidden_names
        assert offered.names | offered.hidden_names == {t.name for t in TOOLS} | {
            "__harn_tool_search"
        }
        await search(offered, query)
        assert set(offering.promoted) >= offered.names & {"deploy", "get_weather"}
