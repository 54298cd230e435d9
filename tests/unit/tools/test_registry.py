"""The registry and the built-in tools as a set."""

import json

import pytest

from harn_tui.errors import ToolError, UsageError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import ToolErrorCategory, ToolKind
from harn_tui.tools.base import Tool
from harn_tui.tools.builtin import builtin_tools
from harn_tui.tools.registry import ToolRegistry

BUILTIN = ToolRegistry(builtin_tools())


def test_the_builtin_tools_come_in_a_fixed_order() -> None:
    assert BUILTIN.names == (
        "read_file",
        "list_directory",
        "search_files",
        "write_file",
        "edit_file",
        "apply_patch",
        "run_command",
        "update_plan",
        "emit_plan",
    )
    assert len(BUILTIN) == 9
    assert "read_file" in BUILTIN


def test_a_later_tool_of_the_same_name_takes_a_later_place() -> None:
    first, second = builtin_tools()[:2]
    registry = ToolRegistry([first, second, first])
    assert registry.names == (second.name, first.name)
    assert ToolRegistry([first]).with_tools([second]).names == (first.name, second.name)


def test_a_registry_is_narrowed_in_its_own_order() -> None:
    assert BUILTIN.narrowed(["run_command", "read_file"]).names == ("read_file", "run_command")


def test_narrowing_to_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        BUILTIN.narrowed(["read_file", "reed_file"])
    assert "'reed_file'" in str(caught.value)
    assert "Did you mean read_file?" in str(caught.value)
    assert "run_command" in str(caught.value)


def test_an_unknown_tool_is_refused_with_the_known_names() -> None:
    assert BUILTIN.get("nothing") is None
    with pytest.raises(ToolError, match="Known tools: read_file") as caught:
        BUILTIN.require("nothing")
    assert caught.value.category is ToolErrorCategory.PERMISSION_DENIED


@pytest.mark.parametrize("tool", builtin_tools(), ids=lambda tool: tool.name)
def test_tools_10_6_every_parameter_is_typed_and_described(tool: Tool) -> None:
    properties = tool.parameters["properties"]
    required = tool.parameters["required"]
    assert isinstance(properties, dict)
    assert isinstance(required, list)
    assert tool.parameters["type"] == "object"
    assert tool.parameters["additionalProperties"] is False
    assert set(map(str, required)) <= set(properties)
    for schema in properties.values():
        assert isinstance(schema, dict)
        assert schema["type"]
        assert schema["description"]
    assert (tool.name, tool.description, tool.parameters) in BUILTIN.schemas()
    json.dumps(BUILTIN.schemas())


def test_only_tools_that_change_nothing_are_read_only() -> None:
    read_only = {tool.name for tool in BUILTIN if tool.annotations.kind.is_read_only}
    assert read_only == {
        "read_file",
        "list_directory",
        "search_files",
        "update_plan",
        "emit_plan",
    }
    assert BUILTIN.require("run_command").annotations.kind is ToolKind.EXECUTE
    assert BUILTIN.require("run_command").annotations.side_effect_level == "process_exec"


@pytest.mark.parametrize(
    ("name", "arguments", "summary"),
    [
        ("read_file", {"path": "a\nb"}, "read a ⏎ b"),
        ("list_directory", {}, "list ."),
        ("search_files", {"pattern": "x", "glob": "*.py"}, "search x in . (*.py)"),
        ("write_file", {"path": "a", "content": "1\n2"}, "write a (2 lines)"),
        ("write_file", {"path": "a", "content": "1\n"}, "write a (1 line)"),
        (
            "edit_file",
            {"path": "a", "old_text": "1", "new_text": "1\n2"},
            "edit a (1 lines become 2)",
        ),
        ("run_command", {"command": "a\nb\n"}, "a ⏎ b"),
        (
            "update_plan",
            {"steps": [{"content": "x", "status": "done"}]},
            "plan of 1 step, 1 completed",
        ),
    ],
)
def test_a_summary_is_one_line_in_words(name: str, arguments: JsonObject, summary: str) -> None:
    assert BUILTIN.require(name).summarize(arguments) == summary


@pytest.mark.parametrize("tool", builtin_tools(), ids=lambda tool: tool.name)
@pytest.mark.parametrize("value", [None, 3, ["x"], {"a": 1}, "y" * 5000])
def test_a_summary_survives_any_arguments(tool: Tool, value: JsonValue) -> None:
    properties = tool.parameters["properties"]
    assert isinstance(properties, dict)
    summary = tool.summarize(dict.fromkeys(properties, value))
    assert "\n" not in summary
    assert len(summary) < 2000
