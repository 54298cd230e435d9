import json

import pytest

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.tools.tool_search.search import SearchOutcome, search_tools
from tests.unit.tools.tool_search.builders import corpus

TOOLS = corpus(get_weather="Current weather", deploy="Ship it")


def test_an_outcome_is_told_as_json_with_the_diagnostic_only_when_there_is_one() -> None:
    assert json.loads(SearchOutcome(("a1",)).text) == {"tool_names": ["a1"]}
    told = json.loads(SearchOutcome((), "no match").text)
    assert told == {"tool_names": [], "diagnostic": "no match"}


async def test_words_and_expressions_search() -> None:
    assert (await search_tools("weather", TOOLS, "bm25")).tool_names == ("get_weather",)
    assert (await search_tools("dep.*y", TOOLS, "regex")).tool_names == ("deploy",)


@pytest.mark.parametrize(
    ("query", "strategy", "part"),
    [
        ("  ", "bm25", "empty query"),
        ("zebra", "bm25", "no match"),
        ("zebra", "regex", "no match"),
        ("(", "regex", "regex compile error"),
        ("x", "semantic", "no host"),
        ("x", "host", "no host"),
    ],
)
async def test_a_search_that_finds_nothing_says_why(query: str, strategy: str, part: str) -> None:
    outcome = await search_tools(query, TOOLS, strategy)  # type: ignore[arg-type]  # all are known
    assert outcome.tool_names == ()
    assert part in (outcome.diagnostic or "")


async def test_without_tools_there_is_nothing_to_search() -> None:
    assert "empty corpus" in ((await search_tools("x", [], "bm25")).diagnostic or "")


async def host(reply: JsonValue) -> SearchOutcome:
    async def ask(question: JsonObject) -> JsonValue:
        assert question == {
            "strategy": "semantic",
            "query": "x",
            "candidates": ["get_weather", "deploy"],
        }
        return reply

    return await search_tools("x", TOOLS, "semantic", ask)


async def test_a_hosts_order_is_kept_and_unknown_names_are_ignored() -> None:
    names: list[JsonValue] = ["deploy", "nobody", "get_weather", "deploy", 3]
    for reply in ({"tool_names": names}, {"result": {"tool_names": names}}):
        outcome = await host(reply)  # type: ignore[arg-type]  # both are JSON
        assert outcome == SearchOutcome(("deploy", "get_weather"))


async def test_what_a_host_says_beside_it_is_passed_on() -> None:
    outcome = await host({"tool_names": [], "diagnostic": "index is stale"})
    assert outcome.diagnostic == "index is stale"


@pytest.mark.parametrize("reply", [None, [], {"tool_names": "deploy"}, {"result": 3}])
async def test_an_answer_that_cannot_be_read_is_told(reply: JsonValue) -> None:
    assert "cannot be read" in ((await host(reply)).diagnostic or "")


async def test_a_host_that_fails_is_told() -> None:
    async def ask(question: JsonObject) -> JsonValue:
        raise ConnectionError("gone")

    outcome = await search_tools("x", TOOLS, "host", ask)
    assert "host error" in (outcome.diagnostic or "")
