"""Checking any JSON against any JSON Schema."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.tools.json_schema import (
    DEEPEST_VALUE,
    CompiledSchema,
    check_schema,
    has_more_items,
    is_nested_deeper,
    schema_fault,
)


@pytest.mark.parametrize(
    ("value", "schema", "words"),
    [
        ({"a": 1}, {"type": "object", "required": ["a"]}, None),
        ({}, {"type": "object", "required": ["a"]}, "a"),
        ({"a": [1, "x"]}, {"properties": {"a": {"items": {"type": "integer"}}}}, "a[1]: "),
        ([{"b": 1}], {"items": {"properties": {"b": {"const": 2}}}}, "[0].b: "),
        (list("abcdefg"), {"items": {"type": "null"}}, "and 2 more"),
        ("x" * 1_000, {"type": "integer"}, "…"),
    ],
)
def test_a_fault_is_told_with_its_place(
    value: JsonValue, schema: JsonObject, words: str | None
) -> None:
    fault = schema_fault(value, schema)
    if words is None:
        assert fault is None
    else:
        assert fault is not None
        assert words in fault


@pytest.mark.parametrize(
    "schema",
    [
        {"type": 3},
        {"type": "strin"},
        {"minimum": "x"},
        {"properties": 3},
        {"pattern": "("},
        {"$ref": "#/$defs/gone"},
        {"$ref": "http://127.0.0.1:9/schema"},
        {"$schema": "urn:of-our-own"},
    ],
)
def test_what_is_no_schema_is_refused_in_words_and_nothing_is_fetched(schema: JsonObject) -> None:
    with pytest.raises(ValueError, match=r"\w{3}"):
        check_schema(schema)


def test_what_is_nested_too_deeply_is_refused() -> None:
    value: JsonValue = []
    schema: JsonObject = {}
    for _ in range(DEEPEST_VALUE + 1):
        value, schema = [value], {"items": schema}
    assert "levels deep" in str(schema_fault(value, {}))
    with pytest.raises(ValueError, match="levels deep"):
        check_schema(schema)


def test_of_a_very_large_value_the_first_fault_is_told() -> None:
    schema = CompiledSchema({"items": {"type": "integer"}})
    (fault,) = schema.faults(["x"] * 10_000)
    assert (fault.path, fault.keyword, fault.wanted) == ((0,), "type", ["integer"])
    assert len(schema.faults(["x"] * 10)) == 10
    assert schema.faults([1] * 10_000) == []


def test_alternatives_say_why_they_are_none() -> None:
    schema = CompiledSchema({"anyOf": [{"type": "integer"}, {"required": ["a"]}]})
    (fault,) = schema.faults({})
    assert [[each.keyword for each in branch] for branch in fault.alternatives] == [
        ["type"],
        ["required"],
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)


def depth(value: JsonValue) -> int:
    if not isinstance(value, list | dict):
        return -1
    parts = value if isinstance(value, list) else list(value.values())
    return 1 + max(map(depth, parts), default=-1) if parts else 0


def size(value: JsonValue) -> int:
    if not isinstance(value, list | dict):
        return 0
    parts = value if isinstance(value, list) else list(value.values())
    return len(parts) + sum(map(size, parts))


@given(value=JSON, levels=st.integers(0, 5), count=st.integers(0, 12))
def test_depth_and_size_are_measured(value: JsonValue, levels: int, count: int) -> None:
    assert is_nested_deeper(value, levels) == (depth(value) > levels)
    assert has_more_items(value, count) == (size(value) > count)


@given(schema=st.dictionaries(st.sampled_from(
    ["type", "items", "properties", "enum", "const", "anyOf", "not", "minimum", "pattern", "$ref",
     "required", "additionalProperties", "if", "then", "allOf", "$id", "$defs", "format"]), JSON),
       value=JSON)  # fmt: skip
def test_no_schema_and_no_value_breaks_the_check(schema: JsonObject, value: JsonValue) -> None:
    try:
        fault = schema_fault(value, schema)
    except ValueError:
        return
    assert fault is None or fault
