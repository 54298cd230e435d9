"""Tools made of what an MCP server offers."""

import asyncio
from pathlib import Path

import pytest

from harn_tui.json_types import JsonObject
from harn_tui.kinds import OutputStream, ToolErrorCategory, ToolKind
from harn_tui.tools.base import Tool, ToolContext, ToolResult
from harn_tui.tools.mcp.offers import OfferedTool
from harn_tui.tools.mcp.server_error import McpServerError
from harn_tui.tools.mcp.server_tools import CallServer, OnProgress, server_tools

SCHEMA: JsonObject = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {"unit": {"enum": ["C", "F"], "description": "of the answer"}},
    "required": ["unit"],
    "oneOf": [{"required": ["city"]}, {"required": ["place"]}],
    "$defs": {"place": {"type": "string"}},
}


async def echo(tool: str, arguments: JsonObject, on_progress: OnProgress) -> JsonObject:
    on_progress("1/2")
    on_progress("2/2")
    await asyncio.sleep(0)
    return {"text": f"{tool} {arguments}", "is_error": tool == "fails", "details": {"a": 1}}


def made(offer: OfferedTool, call: CallServer = echo) -> Tool:
    (tool,) = server_tools("web", (offer,), call, frozenset())
    return tool


@pytest.mark.parametrize(
    ("hints", "kind", "level"),
    [
        ({}, ToolKind.OTHER, "network"),
        ({"is_destructive": True}, ToolKind.DELETE, "network"),
        ({"is_open_world": False}, ToolKind.OTHER, "network"),
        ({"is_read_only": True}, ToolKind.FETCH, "network"),
        ({"is_read_only": True, "is_open_world": False}, ToolKind.READ, "read_only"),
        ({"is_read_only": True, "is_destructive": True}, ToolKind.FETCH, "network"),
    ],
)
def test_hints_become_annotations_and_without_any_a_tool_may_do_anything(
    hints: dict[str, bool], kind: ToolKind, level: str
) -> None:
    annotations = made(OfferedTool("x", "", {}, **hints)).annotations
    assert (annotations.kind, annotations.side_effect_level) == (kind, level)
    assert kind.is_read_only == hints.get("is_read_only", False)


def test_tools_odd_6_the_whole_schema_is_kept() -> None:
    assert made(OfferedTool("x", "", SCHEMA)).parameters == SCHEMA


def test_a_schema_gets_what_model_servers_insist_on() -> None:
    assert made(OfferedTool("x", "", {})).parameters == {"type": "object", "properties": {}}


def test_a_tool_is_named_and_described_for_a_model() -> None:
    tool = made(OfferedTool("get weather", "Tells the weather.", {}))
    assert (tool.name, tool.description) == ("web__get_weather", "Tells the weather.")
    assert made(OfferedTool("x", "", {})).description == "x of the MCP server web"


def test_a_summary_says_server_tool_and_arguments_on_one_line() -> None:
    tool = made(OfferedTool("get weather", "", {}))
    summary = tool.summarize({"city": "Oslo\nNorway", "days": [1, 2], "deep": {"é": None}})
    assert summary == 'web: get weather city=Oslo ⏎ Norway days=[1, 2] deep={"é": null}'
    assert len(tool.summarize({"city": "x" * 10_000})) < 600


async def test_a_call_uses_the_servers_own_name_and_shows_progress_from_its_own_task() -> None:
    shown: list[tuple[str, object]] = []

    def show(text: str, stream: OutputStream) -> None:
        assert stream is OutputStream.STDOUT
        shown.append((text, asyncio.current_task()))

    context = ToolContext("s", Path.cwd(), (), show)
    result = await made(OfferedTool("get weather", "", {})).run({"city": "Oslo"}, context)
    assert result == ToolResult("get weather {'city': 'Oslo'}", details={"a": 1})
    task = asyncio.current_task()
    assert shown == [("1/2\n", task), ("2/2\n", task)]
    failed = await made(OfferedTool("fails", "", {})).run({}, context)
    assert (failed.ok, failed.category) == (False, ToolErrorCategory.TOOL_ERROR)


async def test_an_error_of_the_server_is_raised_as_it_is() -> None:
    async def call(tool: str, arguments: JsonObject, on_progress: OnProgress) -> JsonObject:
        raise McpServerError("it is gone")

    context = ToolContext("s", Path.cwd(), (), lambda _text, _stream: None)
    with pytest.raises(McpServerError, match="it is gone"):
        await made(OfferedTool("x", "", {}), call).run({}, context)


async def test_a_cancelled_call_is_over_when_the_cancellation_comes_out() -> None:
    over: list[str] = []

    async def call(tool: str, arguments: JsonObject, on_progress: OnProgress) -> JsonObject:
        try:
            await asyncio.Event().wait()
        finally:
            over.append(tool)
        return {}

    context = ToolContext("s", Path.cwd(), (), lambda _text, _stream: None)
    running = asyncio.ensure_future(made(OfferedTool("x", "", {}), call).run({}, context))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert over == ["x"]
