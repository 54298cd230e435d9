"""What can be asked of a registry: tools 1.4 and 1.5, with ODD-6."""

import json
from typing import Any

import pytest

from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolKind
from harn_tui.providers.anthropic_request import anthropic_body
from harn_tui.providers.base import CompletionRequest, ToolSchema
from harn_tui.providers.openai_chat_request import chat_body
from harn_tui.providers.openai_responses_request import responses_body
from harn_tui.providers.tool_parameters import sendable_parameters
from harn_tui.tools.builtin import builtin_tools
from harn_tui.tools.json_schema import check_schema
from harn_tui.tools.registry import ToolRegistry
from harn_tui.tools.registry_document import registry_document, registry_text
from harn_tui.tools.tool_entry import registry_of
from tests.conformance.loop_driver import make_tool

BUILTIN = ToolRegistry(builtin_tools())


def test_tools_1_4_tools_are_taken_out_and_chosen() -> None:
    left = BUILTIN.without(["run_command", "nothing"])
    assert "run_command" not in left
    assert len(left) == len(BUILTIN) - 1
    assert BUILTIN.narrowed(["read_file"]).names == ("read_file",)


def test_tools_1_4_the_last_of_a_name_replaces_the_others_and_moves_to_the_end() -> None:
    entries = [{"name": name, "handler": len, "description": f"{name}{n}"}
               for n, name in enumerate("aba")]  # fmt: skip
    registry = registry_of(entries)
    assert registry.names == ("b", "a")
    assert registry.require("a").description == "a2"


def test_tools_1_4_a_registry_is_described_by_name() -> None:
    tools = [make_tool("write", kind=ToolKind.EDIT, required=("text",)), make_tool("read")]
    assert registry_text(tools) == (
        "- read(path?, n?): The read tool.\n- write(text, path?, n?): The write tool."
    )
    assert registry_text([]) == "(none)"


def test_tools_odd_6_the_document_of_a_registry_says_what_is_really_required() -> None:
    document = registry_document(
        registry_of(
            [
                {
                    "name": "x",
                    "handler": len,
                    "parameters": {"a": "int", "b": {"type": "int", "required": False}},
                    "outputSchema": {"type": "array"},
                }
            ]
        )
    )
    assert document["schema_version"] == "harn-tools/1.0"
    assert document["tools"] == [
        {
            "name": "x",
            "description": "",
            "inputSchema": {
                "type": "object",
                "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
                "required": ["a"],
                "additionalProperties": False,
            },
            "outputSchema": {"type": "array"},
        }
    ]


RICH: JsonObject = {
    "type": "object",
    "properties": {
        "path": {"type": "string", "description": "A file.", "minLength": 1, "examples": ["a.py"]},
        "mode": {"enum": ["fast", "slow"], "default": "fast"},
        "fixed": {"const": 7},
        "tree": {"$ref": "#/$defs/Node"},
        "either": {"oneOf": [{"type": "integer"}, {"type": "null"}]},
        "rows": {"type": "array", "prefixItems": [{"type": "number"}], "items": {"not": {}}},
    },
    "required": ["path"],
    "dependentRequired": {"mode": ["fixed"]},
    "additionalProperties": False,
    "$defs": {
        "Node": {
            "type": "object",
            "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/Node"}}},
        }
    },
}


def sent(api: str, parameters: JsonObject) -> Any:
    """Return the parameters of a tool as they stand in the body of a request."""
    tools = (ToolSchema("x", "Does it.", parameters),)
    request = CompletionRequest("model", [{"role": "user", "content": "Do it."}], tools=tools)
    body: Any
    if api == "anthropic":
        body = anthropic_body(request)
        return body["tools"][0]["input_schema"]
    if api == "responses":
        body = responses_body(request)
        return body["tools"][0]["parameters"]
    body = chat_body(request, is_official=api == "chat")
    return body["tools"][0]["function"]["parameters"]


APIS = ["anthropic", "responses", "chat", "other chat"]


@pytest.mark.parametrize("api", APIS)
def test_tools_odd_6_a_rich_schema_is_sent_whole(api: str) -> None:
    assert sent(api, RICH) == RICH
    assert json.loads(json.dumps(sent(api, RICH))) == RICH


@pytest.mark.parametrize("api", ["anthropic", "responses", "chat"])
@pytest.mark.parametrize(
    "schema",
    [
        {"anyOf": [{"properties": {"a": {"type": "string"}}, "required": ["a"]},
                   {"properties": {"b": {"type": "integer"}}, "required": ["b"]}]},
        {"type": "object", "properties": {"a": {}}, "oneOf": [{"properties": {"b": {}}}]},
        {"$ref": "#/$defs/T", "$defs": {"T": {"type": "object", "properties": {"a": {}, "b": {}}}}},
        {"allOf": [{"$ref": "#/$defs/T"}, {"properties": {"b": {}}}],
         "$defs": {"T": {"properties": {"a": {}}, "allOf": [{"$ref": "#"}]}}},
    ],
)  # fmt: skip
def test_a_schema_that_is_no_plain_object_is_offered_as_one(api: str, schema: JsonObject) -> None:
    offered = sent(api, schema)
    assert offered["type"] == "object"
    assert set(offered["properties"]) == {"a", "b"}
    assert not {"anyOf", "oneOf", "allOf", "$ref", "enum", "not"} & set(offered)
    assert offered["required"] == []
    check_schema(offered)


def test_what_always_holds_stays_required() -> None:
    schema: JsonObject = {
        "required": ["a"],
        "properties": {"a": {}},
        "allOf": [{"required": ["b"], "properties": {"b": {}}}],
        "anyOf": [{"required": ["c"], "properties": {"c": {}}}],
    }
    assert sendable_parameters(schema)["required"] == ["a", "b"]


def test_an_object_without_parameters_gets_an_empty_list_of_them() -> None:
    assert sendable_parameters({"type": "object"})["properties"] == {}


def test_other_servers_get_combined_schemas_whole() -> None:
    schema: JsonObject = {"type": "object", "anyOf": [{"properties": {"a": {}}}]}
    assert sent("other chat", schema) == schema
