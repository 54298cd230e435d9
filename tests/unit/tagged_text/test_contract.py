"""Details of the prompt: types, comments, and what a schema may do to it."""

import pytest

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.tagged_text.contract import ContractTool, tool_contract
from harn_tui.tagged_text.typescript import UNKNOWN, TypeWriter


def written(schema: JsonValue, document: JsonObject | None = None) -> str:
    return TypeWriter().write(schema, document or {})


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "integer"}, "number"),
        ({"type": "float"}, "number"),
        ({"type": "string", "enum": ["a", 'b"', 1]}, '"a" | "b\\"" | 1'),
        ({"const": None}, "null"),
        (
            {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "number"}]},
            "string | number",
        ),
        ({"oneOf": [{"type": "string"}, {"type": "null"}]}, "string | null"),
        (
            {
                "allOf": [
                    {"type": "object", "properties": {"a": {"type": "string"}}},
                    {"enum": [1, 2]},
                ]
            },
            "{ a?: string } & (1 | 2)",
        ),
        ({"type": "array", "items": {"type": ["string", "null"]}}, "(string | null)[]"),
        ({"type": "array"}, "unknown[]"),
        ({"type": "object"}, "Record<string, unknown>"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "Record<string, string>"),
        (
            {"properties": {"b": {}, "a-b": {"type": "boolean"}}, "required": ["a-b"]},
            '{ "a-b": boolean; b?: unknown }',
        ),
        ({"type": "string", "nullable": True}, "string | null"),
        ({"type": "odd"}, UNKNOWN),
        ({}, UNKNOWN),
        (True, UNKNOWN),
    ],
)
def test_schemas_are_written_as_types(schema: JsonValue, expected: str) -> None:
    assert written(schema) == expected


def test_references_become_shared_types_and_may_contain_themselves() -> None:
    document: JsonObject = {
        "$defs": {
            "Node": {"properties": {"next": {"$ref": "#/$defs/Node"}}},
            "a/b": {"type": "string"},
        }
    }
    types = TypeWriter()
    assert types.write({"$ref": "#/$defs/Node"}, document) == "Node"
    assert types.write({"$ref": "#/$defs/a~1b"}, document) == "a_1b"
    assert types.write({"$ref": "#/$defs/none"}, document) == UNKNOWN
    assert types.write({"$ref": "other.json#/x"}, document) == UNKNOWN
    assert types.aliases == [("Node", "{ next?: Node }"), ("a_1b", "string")]


def test_types_of_one_name_in_two_tools_are_kept_apart() -> None:
    types = TypeWriter()
    reference: JsonObject = {"$ref": "#/$defs/T"}
    assert types.write(reference, {"$defs": {"T": {"type": "string"}}}) == "T"
    assert types.write(reference, {"$defs": {"T": {"type": "number"}}}) == "T2"
    assert types.write(reference, {"$defs": {"T": {"type": "string"}}}) == "T"


def test_schemas_without_a_bottom_end() -> None:
    schema: JsonObject = {"type": "string"}
    for _ in range(100):
        schema = {"type": "array", "items": schema}
    assert UNKNOWN in written(schema)


def test_a_description_cannot_leave_its_comment() -> None:
    parameters: JsonObject = {"properties": {"a": {"description": "one\ntwo"}}}
    tool = ContractTool("x", "ends */ here\n\nsecond", parameters)
    text = tool_contract([tool], tool_format="text", done_sentinel=None)
    assert "ends *\\/ here" in text
    assert "// optional. one two\n" in text


def test_without_tools_there_is_no_contract() -> None:
    assert tool_contract([], tool_format="text", done_sentinel="##DONE##") == ""


def test_a_compact_tool_is_one_line_with_its_first_sentence() -> None:
    tools = [
        ContractTool("a", "Does one thing. And more.", {}, is_compact=True),
        ContractTool("b", "long " * 100, {}, is_compact=True),
        ContractTool("c", "", {}, is_compact=True),
    ]
    lines = tool_contract(tools, tool_format="text", done_sentinel=None).splitlines()
    assert "- `a`: Does one thing." in lines
    assert "- `c`" in lines
    assert all(len(line) < 220 for line in lines if line.startswith("- `b`"))
