"""Tools that are plain data: tools 1.1, 1.2, 1.6, 1.7 and 9.1, with ODD-6, 12, 13, 34, 35."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harn_tui.errors import ToolDefinitionError, ToolError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ExecutorKind, ToolErrorCategory
from harn_tui.tagged_text.contract import ContractTool, tool_contract
from harn_tui.tools.arguments import validate_arguments
from harn_tui.tools.base import Tool, ToolContext, ToolResult
from harn_tui.tools.builtin import builtin_tools
from harn_tui.tools.registry import ToolRegistry
from harn_tui.tools.tool_entry import define_tool, registry_of


def handler(arguments: JsonObject) -> object:
    return arguments


def one(entry: dict[str, Any], **registry: Any) -> Tool:
    """Return the one tool of a registry."""
    (tool,) = registry_of({"_type": "tool_registry", "tools": [entry], **registry})
    return tool


def refusal(work: Callable[[], object]) -> str:
    with pytest.raises(ToolDefinitionError) as caught:
        work()
    return str(caught.value)


async def call(tool: Tool, arguments: JsonObject, cwd: Path | None = None) -> ToolResult:
    here = Path.cwd() if cwd is None else cwd
    context = ToolContext("session", here, (here.resolve(),), lambda _text, _stream: None)
    return await tool.run(validate_arguments(tool, arguments), context)


async def test_tools_1_2_a_handler_alone_makes_a_tool_of_this_process() -> None:
    tool = define_tool("echo", "Says it again.", {"handler": handler, "parameters": {"a": "int"}})
    assert tool.executor_record == {"kind": "harn_builtin"}
    assert (await call(tool, {"a": "3"})).text == '{"a": 3}'


def test_tools_1_2_without_anything_the_four_ways_are_named() -> None:
    message = refusal(lambda: define_tool("lost", "", {}))
    assert "lost" in message
    assert "no executable backend" in message
    for way in ("harn", "host_bridge", "mcp_server", "provider_native"):
        assert way in message


@pytest.mark.parametrize("word", ["harn", "harn_builtin"])
def test_tools_1_2_the_harn_executor_wants_a_handler(word: str) -> None:
    assert "needs a `handler`" in refusal(lambda: define_tool("x", "", {"executor": word}))
    tool = define_tool("x", "", {"executor": word, "handler": handler})
    assert tool.executor is ExecutorKind.HARN_BUILTIN


@pytest.mark.parametrize("name", ["read_file", "list_directory", "emit_plan", "update_plan"])
def test_tools_1_2_a_built_in_tool_stands_in_for_a_handler(name: str) -> None:
    tool = define_tool(name, "My words.", {"executor": "harn"})
    builtin = ToolRegistry(builtin_tools()).require(name)
    assert (tool.run, tool.description) == (builtin.run, "My words.")


@pytest.mark.parametrize("key", ["host_capability", "mcp_server"])
def test_tools_1_2_a_tool_of_this_process_belongs_to_nobody_else(key: str) -> None:
    config = {"handler": handler, key: "x"}
    assert f"has no `{key}`" in refusal(lambda: define_tool("x", "", config))
    assert define_tool("x", "", {"handler": handler, key: None})


@pytest.mark.parametrize(
    ("config", "record"),
    [
        (
            {"executor": "host_bridge", "host_capability": "git"},
            {"kind": "host_bridge"},
        ),
        (
            {"executor": "mcp_server", "mcp_server": "linear"},
            {"kind": "mcp_server", "server_name": "linear"},
        ),
        ({"executor": "provider_native"}, {"kind": "provider_native"}),
    ],
)
def test_tools_1_2_what_runs_outside_has_no_handler_and_a_name(
    config: dict[str, Any], record: JsonObject
) -> None:
    assert define_tool("x", "", config).executor_record == record
    assert "has no `handler`" in refusal(
        lambda: define_tool("x", "", config | {"handler": handler})
    )


@pytest.mark.parametrize(
    ("executor", "key"), [("host_bridge", "host_capability"), ("mcp_server", "mcp_server")]
)
@pytest.mark.parametrize("value", [None, "", " ", 3])
def test_tools_1_2_a_host_or_server_must_be_named(executor: str, key: str, value: object) -> None:
    message = refusal(lambda: define_tool("x", "", {"executor": executor, key: value}))
    assert f"`{key}` must be text that is not empty" in message


@pytest.mark.parametrize(
    ("executor", "words"),
    [
        ("vm", "only harn, host_bridge, mcp_server, provider_native"),
        (3, "must be a string"),
        (["harn"], "must be a string"),
    ],
)
def test_tools_1_2_an_unknown_executor_is_refused(executor: object, words: str) -> None:
    assert words in refusal(lambda: define_tool("x", "", {"executor": executor}))


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"params": {"a": "string"}}, "`parameters`"),
        ({"defer_loading": "yes"}, "`defer_loading` must be true or false"),
        ({"namespace": ""}, "`namespace` must be text that is not empty"),
        ({"namespace": 3}, "`namespace` must be text that is not empty"),
        ({"parameters": ["a"]}, "must be a table"),
        ({"parameters": {"a": {"type": "strin"}}}, "no JSON Schema"),
        ({"parameters": {"a": {"pattern": "("}}}, "no JSON Schema"),
        ({"parameters": {"a": {"$ref": "http://elsewhere/x"}}}, "no JSON Schema"),
        ({"annotations": {"kind": "reed"}}, "one of read, edit"),
        ({"handler": "nothing"}, "must be callable"),
    ],
)
def test_tools_1_1_a_malformed_key_is_named_with_the_tool(
    config: dict[str, Any], words: str
) -> None:
    message = refusal(lambda: define_tool("odd", "", {"handler": handler, **config}))
    assert words in message
    assert "odd" in message


@pytest.mark.parametrize("name", ["has space", "a.b", "x" * 65, "ünicode"])
def test_a_name_that_no_provider_takes_is_refused(name: str) -> None:
    message = refusal(lambda: define_tool(name, "", {"handler": handler}))
    assert name[:10] in message
    assert "1 to 64 letters" in message


def test_tools_1_1_an_entry_keeps_all_that_it_says() -> None:
    tool = define_tool(
        "x",
        "Does it.",
        {
            "handler": handler,
            "returns": {"type": "object"},
            "annotations": {"kind": "read"},
            "defer_loading": True,
            "namespace": "ops",
            "compact": True,
            "owner": "us",
        },
    )
    assert tool.output_schema == {"type": "object"}
    assert tool.annotations.kind == "read"
    assert (tool.defer_loading, tool.namespace, tool.is_compact) == (True, "ops", True)
    assert tool.extra == {"owner": "us"}


def test_tools_1_7_a_tool_without_a_backend_is_refused_by_name() -> None:
    message = refusal(lambda: one({"name": "ghost"}))
    assert "ghost" in message
    assert "no executable backend" in message


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "x", "executor": "host_bridge"},
        {"name": "read_file", "executor": "harn"},
        {"name": "x", "_mcp_server": "linear"},
        {"name": "x", "executor": "provider_native"},
        {"name": "x", "handler": handler},
    ],
)
def test_tools_1_7_what_has_a_backend_is_accepted(entry: dict[str, Any]) -> None:
    assert one(entry).name == entry["name"]


@pytest.mark.parametrize(
    ("entry", "server"),
    [
        ({"name": "create_issue", "_mcp_server": "linear"}, "linear"),
        ({"function": {"name": "create_issue", "_mcp_server": "linear"}}, "linear"),
        ({"name": "plain", "handler": handler}, None),
    ],
)
def test_tools_9_1_the_server_of_a_tool_is_found(entry: dict[str, Any], server: str | None) -> None:
    assert one(entry).mcp_server == server


def test_tools_9_1_a_handler_of_a_server_counts_as_the_servers() -> None:
    tool = one({"name": "x", "handler": handler, "_mcp_server": "linear"})
    assert tool.executor_record == {"kind": "mcp_server", "server_name": "linear"}


@pytest.mark.parametrize("form", ["registry", "list"])
def test_tools_odd_12_a_bare_list_is_checked_like_a_registry_and_its_handlers_run(
    form: str,
) -> None:
    def source(entry: dict[str, Any]) -> Any:
        return [entry] if form == "list" else {"_type": "tool_registry", "tools": [entry]}

    assert registry_of(source({"name": "x", "handler": handler})).names == ("x",)
    assert "ghost" in refusal(lambda: registry_of(source({"name": "ghost"})))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({"tools": []}, '"_type": "tool_registry"'),
        ({"_type": "tool_registry"}, '"tools": […]'),
        (["text"], "must be a table, not 'text'"),
        ([{}], "has no name"),
        ([{"name": ""}], "has no name"),
    ],
)
def test_what_is_no_registry_is_refused_with_what_is_accepted(source: Any, words: str) -> None:
    assert words in refusal(lambda: registry_of(source))


@pytest.mark.parametrize("executor", ["host_bridge", "mcp_server", "provider_native"])
async def test_tools_2_5_row_12_a_declared_backend_that_is_missing_denies_the_call(
    executor: str,
) -> None:
    tool = one({"name": "x", "executor": executor})
    with pytest.raises(ToolError, match="cannot be run") as caught:
        await call(tool, {})
    assert caught.value.category is ToolErrorCategory.PERMISSION_DENIED


async def test_an_embedding_program_runs_what_it_declared() -> None:
    async def bridge(tool: Tool, arguments: JsonObject, _context: ToolContext) -> ToolResult:
        return ToolResult(f"{tool.host_capability}: {arguments}")

    tool = define_tool(
        "status",
        "",
        {"executor": "host_bridge", "host_capability": "git", "parameters": {"a": "bool"}},
        backends={ExecutorKind.HOST_BRIDGE: bridge},
    )
    assert (await call(tool, {"a": "true"})).text == "git: {'a': True}"


def test_tools_odd_13_a_tool_of_the_persons_own_wins_over_a_built_in_one() -> None:
    own = registry_of([{"name": "read_file", "handler": handler, "description": "Mine."}])
    registry = ToolRegistry(builtin_tools()).with_tools(own)
    assert registry.require("read_file").description == "Mine."
    assert registry.names[-1] == "read_file"
    assert len(registry) == len(builtin_tools())


def by_names(path: str, limit: int = 3) -> str:
    return f"{path}/{limit}"


def with_context(path: str, context: ToolContext) -> str:
    return f"{path} of {context.session_id}"


def with_rest(path: str, **rest: int) -> str:
    return f"{path} {rest}"


async def in_time(path: str) -> list[str]:
    return [path]


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (by_names, "a/2"),
        (handler, '{"path": "a", "limit": 2}'),
        (with_context, "a of session"),
        (with_rest, "a {'limit': 2}"),
        (lambda limit, path: f"{path}-{limit}", "a-2"),
        (lambda table: table["path"], "a"),
        (len, "2"),
        (lambda: "nothing", "nothing"),
    ],
)
async def test_tools_odd_35_a_handler_gets_its_arguments_by_their_names(
    function: Callable[..., object], text: str
) -> None:
    parameters = {"path": "string", "limit": "int"}
    tool = define_tool("x", "", {"handler": function, "parameters": parameters})
    assert (await call(tool, {"path": "a", "limit": 2})).text == text


async def test_tools_odd_35_an_asynchronous_handler_is_awaited() -> None:
    tool = define_tool("x", "", {"handler": in_time, "parameters": {"path": "string"}})
    assert (await call(tool, {"path": "a"})).text == '["a"]'


def test_tools_odd_35_a_handler_that_wants_other_names_is_refused() -> None:
    def strange(path: str, colour: str) -> None: ...

    config = {"handler": strange, "parameters": {"path": "string"}}
    message = refusal(lambda: define_tool("x", "", config))
    assert "colour" in message
    assert "path" in message


def test_tools_odd_6_the_parameters_of_an_entry_keep_all_that_they_say() -> None:
    tool = define_tool(
        "x",
        "",
        {
            "handler": handler,
            "parameters": {
                "late": {"type": "int", "required": False, "default": 3, "example": 4},
                "mode": {"type": "string", "enum": ["a", "b"], "description": "How."},
                "rows": {
                    "type": "list",
                    "items": {"type": "dict", "properties": {"n": "float"}},
                },
                "maybe": {"type": "string", "nullable": True},
                "either": {"oneOf": [{"type": "int"}, {"type": "bool"}], "nullable": True},
                "word": "what is looked for",
            },
        },
    )
    assert tool.parameters == {
        "type": "object",
        "properties": {
            "mode": {"type": "string", "enum": ["a", "b"], "description": "How."},
            "rows": {
                "type": "array",
                "items": {"type": "object", "properties": {"n": {"type": "number"}}},
            },
            "maybe": {"type": ["string", "null"]},
            "either": {
                "anyOf": [
                    {"oneOf": [{"type": "integer"}, {"type": "boolean"}]},
                    {"type": "null"},
                ]
            },
            "word": {"type": "string", "description": "what is looked for"},
            "late": {"type": "integer", "default": 3, "examples": [4]},
        },
        "required": ["mode", "rows", "maybe", "either", "word"],
        "additionalProperties": False,
    }


NODE: JsonObject = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "next": {"$ref": "#/components/schemas/Node"}},
}


def test_tools_9_12_references_into_the_registry_are_kept_and_circles_end() -> None:
    tool = one(
        {
            "name": "walk",
            "description": "Walks.",
            "handler": handler,
            "parameters": {
                "path": {"$ref": "#/components/schemas/FilePath"},
                "node": {"$ref": "#/components/schemas/Node"},
            },
        },
        components={
            "schemas": {
                "FilePath": {"type": "string", "description": "A path."},
                "Node": NODE,
                "Unused": {"type": "null"},
            }
        },
    )
    definitions = tool.parameters["$defs"]
    assert isinstance(definitions, dict)
    assert set(definitions) == {"FilePath", "Node"}
    json.dumps(tool.parameters)
    deep = validate_arguments(tool, {"path": "a", "node": {"name": "x", "next": {"name": "y"}}})
    assert deep["path"] == "a"
    with pytest.raises(ToolError, match=r"`node\.next\.name` must be a string"):
        validate_arguments(tool, {"path": "a", "node": {"next": {"name": 3}}})
    prompt = tool_contract(
        [ContractTool(tool.name, tool.description, tool.parameters)],
        tool_format="text",
        done_sentinel=None,
    )
    assert "type FilePath = string" in prompt
    assert "path: FilePath" in prompt
    assert prompt.count("type Node =") == 1
