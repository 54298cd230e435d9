"""Arguments against their schema: tools 4.3 and 9.12, with ODD-6 and ODD-33."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools.annotations import read_annotations
from harn_tui.tools.arguments import validate_arguments, validated_arguments
from harn_tui.tools.base import UNANNOTATED, Tool, ToolAnnotations, ToolContext, ToolResult
from harn_tui.tools.json_schema import CompiledSchema

MEGABYTES_S = 5.0
"""CPU that arguments of 10 MB may take on a slow machine; a validator in Python takes minutes."""


async def _never(_arguments: JsonObject, _context: ToolContext) -> ToolResult:
    raise AssertionError


def tool(parameters: JsonObject, annotations: ToolAnnotations = UNANNOTATED) -> Tool:
    return Tool("probe", "", parameters, annotations, _never, lambda _: "")


def of(**properties: Any) -> JsonObject:
    return {"type": "object", "properties": properties}


def problem_of(parameters: JsonObject, arguments: JsonValue) -> str:
    with pytest.raises(ToolError) as caught:
        validate_arguments(tool(parameters), arguments)
    assert caught.value.category is ToolErrorCategory.SCHEMA_VALIDATION
    return caught.value.message


RENAMED = read_annotations("x", {"arg_schema": {"arg_aliases": {"file": "path", "mode": "action"}}})
PATH_AND_LINE: JsonObject = {
    **of(path={"type": "string"}, action={"type": "string"}, line={"type": "integer"}),
    "required": ["path"],
    "additionalProperties": False,
}


def test_tools_9_12_other_names_are_replaced_and_text_becomes_a_number() -> None:
    given_names: JsonObject = {"file": "a.py", "mode": "edit", "line": "3"}
    assert validate_arguments(tool(PATH_AND_LINE, RENAMED), given_names) == {
        "path": "a.py",
        "action": "edit",
        "line": 3,
    }


def test_tools_9_12_a_tool_without_other_names_keeps_what_it_gets() -> None:
    assert "unknown parameter `file`" in problem_of(PATH_AND_LINE, {"path": "a", "file": "b"})


def test_tools_4_3_the_own_name_wins_over_another() -> None:
    with pytest.raises(ToolError, match="unknown parameter `file`"):
        validate_arguments(tool(PATH_AND_LINE, RENAMED), {"path": "a", "file": "b"})


def test_tools_4_3_a_default_makes_up_for_what_is_missing() -> None:
    schema: JsonObject = {**of(a={"type": "integer", "default": 3}), "required": ["a"]}
    assert validate_arguments(tool(schema), {}) == {"a": 3}
    assert validate_arguments(tool(schema), {"a": None}) == {"a": 3}


def test_a_default_that_its_own_schema_refuses_is_left_out() -> None:
    schema = of(a={"type": "string", "default": None}, b={"enum": ["x"], "default": "y"})
    assert validate_arguments(tool(schema), {}) == {}


@pytest.mark.parametrize("key", ["count", "limit", "line", "offset", "timeout", "range_start"])
def test_tools_odd_33_text_stays_text_where_the_schema_wants_text(key: str) -> None:
    assert validate_arguments(tool(of(**{key: {"type": "string"}})), {key: "3"}) == {key: "3"}


@pytest.mark.parametrize(
    ("schema", "value", "read"),
    [
        ({"type": "integer"}, "3", 3),
        ({"type": ["integer", "null"]}, "3", 3),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "3", 3),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, "3", "3"),
        ({"oneOf": [{"type": "boolean"}, {"type": "null"}]}, "true", True),
        ({"allOf": [{"type": "number"}]}, "1.5", 1.5),
        ({"$ref": "#/$defs/count"}, "3", 3),
        ({"$ref": "#/$defs/count", "minimum": 2}, "3", 3),
        ({"$ref": "#/$defs/chain"}, "3", 3),
        ({"type": "array", "items": {"type": "integer"}}, ["1", 2], [1, 2]),
        ({"type": "array", "prefixItems": [{"type": "integer"}]}, ["1", "2"], [1, "2"]),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"x": "1"}, {"x": 1}),
        ({"$ref": "#/$defs/tree"}, {"n": "1", "kids": [{"n": "2"}]},
         {"n": 1, "kids": [{"n": 2}]}),
        (
            {"anyOf": [{"properties": {"k": {"const": "a"}, "v": {"type": "integer"}}},
                       {"properties": {"k": {"const": "b"}, "v": {"type": "boolean"}}}]},
            {"k": "b", "v": "true"},
            {"k": "b", "v": True},
        ),
    ],
)  # fmt: skip
def test_tools_odd_33_text_becomes_what_the_schema_wants_wherever_it_stands(
    schema: JsonObject, value: JsonValue, read: JsonValue
) -> None:
    definitions: JsonObject = {
        "count": {"type": "integer"},
        "chain": {"$ref": "#/$defs/count"},
        "tree": of(
            n={"type": "integer"}, kids={"type": "array", "items": {"$ref": "#/$defs/tree"}}
        ),
    }
    parameters = {**of(a=schema), "$defs": definitions}
    got = validate_arguments(tool(parameters), {"a": value})["a"]
    assert got == read
    assert type(got) is type(read)


@pytest.mark.parametrize(
    ("schema", "value", "words"),
    [
        ({"pattern": "^a"}, "b", "`a` must be a string that matches ^a"),
        ({"type": "integer", "exclusiveMinimum": 3}, 3, "`a` must be more than 3"),
        ({"type": "string", "maxLength": 2}, "abc", "`a` must be a string of at most 2 characters"),
        ({"type": "array", "maxItems": 1}, [1, 2], "`a` must be a list of at most 1"),
        ({"type": "array", "uniqueItems": True}, [1, 1], "`a` must be a list without repetitions"),
        ({"type": "integer", "multipleOf": 3}, 4, "`a`: 4 is not a multiple of 3"),
        ({"not": {"type": "string"}}, "x", "`a`"),
        ({"type": "object", "dependentRequired": {"x": ["y"]}}, {"x": 1},
         "missing required parameter `a.y`"),
        ({"properties": {"x": {}}, "unevaluatedProperties": False}, {"z": 1},
         "unknown parameter `a.z`"),
        ({"type": ["integer", "null"]}, "x", '`a` must be an integer or null, not "x"'),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "x",
         '`a` must be an integer or null, not "x"'),
        ({"oneOf": [{"type": "integer", "minimum": 3}, {"type": "integer", "maximum": 4}]}, 3,
         "`a`: 3 is valid under more than one"),
        ({"anyOf": [{"type": "string", "pattern": "^a"}, {"type": "string", "pattern": "^b"}]}, "c",
         "`a` is none of 2 alternatives"),
        ({"anyOf": [{"properties": {"k": {"const": "x"}, "n": {"type": "integer"}}},
                    {"properties": {"k": {"const": "y"}}}]}, {"k": "x", "n": "many"},
         "`a.n` must be an integer"),
    ],
)  # fmt: skip
def test_tools_odd_6_every_keyword_is_checked_and_put_into_words(
    schema: JsonObject, value: JsonValue, words: str
) -> None:
    message = problem_of(of(a=schema), {"a": value})
    assert words in message
    assert message.count(words) == 1


def test_all_problems_of_all_keywords_are_told_at_once_and_each_once() -> None:
    schema: JsonObject = {
        **of(
            a={"type": "integer"},
            b={"type": "string", "pattern": "^x", "maxLength": 1},
            c={"type": "array", "items": {"type": "object", "required": ["id"]}},
        ),
        "required": ["d"],
        "additionalProperties": False,
    }
    message = problem_of(schema, {"a": "x", "b": "yy", "c": [{}, {}], "e": 1})
    for words in (
        "`a` must be an",
        "matches ^x",
        "at most 1",
        "`c[0].id`",
        "`c[1].id`",
        "`d`",
        "`e`",
    ):
        assert message.count(words) == 1


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}]},
        {"type": "object", "properties": {"n": {"anyOf": [{"$ref": "#/properties/n"}, {}]}}},
        {"type": "object", "properties": {"n": {"$ref": "#"}}},
    ],
)
def test_references_in_a_circle_hold_nothing_up(schema: JsonObject) -> None:
    assert validate_arguments(tool(schema), {"n": {"n": {}}}) == {"n": {"n": {}}}


def test_one_part_that_is_reached_in_many_ways_is_looked_at_once() -> None:
    steps = 18
    definitions: JsonObject = {
        f"n{n}": {"allOf": [{"$ref": f"#/$defs/n{n + 1}"}, {"$ref": f"#/$defs/n{n + 1}"}]}
        for n in range(steps)
    }
    definitions[f"n{steps}"] = of(a={"type": "integer"})
    schema: JsonObject = {"$ref": "#/$defs/n0", "$defs": definitions}
    assert validate_arguments(tool(schema), {"a": "3"}) == {"a": 3}


def circle() -> JsonObject:
    value: JsonObject = {}
    value["n"] = value
    return value


def nested(levels: int) -> JsonObject:
    value: JsonObject = {}
    for _ in range(levels):
        value = {"n": value}
    return value


@pytest.mark.parametrize("arguments", [circle(), nested(100_000)])
def test_arguments_without_a_bottom_are_refused(arguments: JsonObject) -> None:
    assert "nested more than 500 levels deep" in problem_of({"type": "object"}, arguments)


def test_text_that_is_no_unicode_is_refused() -> None:
    assert "cannot be checked" in problem_of(of(a={"pattern": "x"}), {"a": "\ud800"})


ROWS = of(
    rows={"type": "array", "items": {"$ref": "#/$defs/row"}},
    mode={"enum": ["fast", "slow"]},
)
ROWS["$defs"] = {"row": {**of(n={"type": "integer"}, text={"type": "string"}), "required": ["n"]}}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"rows": "x" * 10_000_000}, ["`rows` must be an array"]),
        (
            {"rows": [{"n": "many", "text": "x" * 70}] * 100_000, "mode": "medium"},
            ["`rows[0].n` must be an integer", "99995 more items of `rows` are wrong", "`mode`"],
        ),
        (
            {"rows": ["text that is no row"] * 400_000},
            ["`rows[0]` must be an object", "399995 more items of `rows` are wrong"],
        ),
    ],
)
def test_ten_megabytes_that_are_wrong_are_told_of_quickly(
    arguments: JsonObject, words: list[str]
) -> None:
    start = time.process_time()
    message = problem_of(ROWS, arguments)
    assert time.process_time() - start < MEGABYTES_S
    assert len(message) < 3_000
    for word in words:
        assert word in message


async def test_ten_megabytes_that_are_right_are_taken_in_a_thread() -> None:
    rows: JsonValue = [{"n": number, "text": "x" * 70} for number in range(100_000)]
    start = time.process_time()
    assert await validated_arguments(tool(ROWS), {"rows": rows}) == {"rows": rows}
    assert time.process_time() - start < MEGABYTES_S
    assert await validated_arguments(tool(ROWS), {"mode": "fast"}) == {"mode": "fast"}


def test_a_hostile_pattern_holds_nothing_up() -> None:
    schema = of(a={"type": "string", "pattern": "^(a+)+$"})
    start = time.process_time()
    assert "matches" in problem_of(schema, {"a": "a" * 5_000 + "!"})
    assert time.process_time() - start < MEGABYTES_S


def test_what_fits_as_it_is_is_not_converted() -> None:
    schema = of(a={"anyOf": [of(x={"type": "integer"}), of(x={"type": "string"})]})
    assert validate_arguments(tool(schema), {"a": {"x": "12"}}) == {"a": {"x": "12"}}


SCALARS: list[JsonObject] = [
    {"type": "string"},
    {"type": "integer"},
    {"type": "number"},
    {"type": "boolean"},
    {"enum": [1, "a"]},
    {"type": ["integer", "null"]},
    {"const": 3},
    {},
    {"$ref": "#/$defs/self"},
]


def object_schema(a: JsonObject, b: JsonObject, is_closed: bool, is_required: bool) -> JsonObject:
    return {
        "type": "object",
        "properties": {"a": a, "b": b},
        "required": ["a"] if is_required else [],
        "additionalProperties": not is_closed,
    }


SCHEMA = st.recursive(
    st.sampled_from(SCALARS),
    lambda inner: (
        st.builds(lambda items: {"type": "array", "items": items}, inner)
        | st.builds(lambda a, b: {"anyOf": [a, b]}, inner, inner)
        | st.builds(lambda a, b: {"allOf": [a, b]}, inner, inner)
        | st.builds(object_schema, inner, inner, st.booleans(), st.booleans())
    ),
    max_leaves=5,
)
VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 12)
    | st.sampled_from(["a", "3", "true", "1.5", 2.0]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=6,
)


@given(schema=SCHEMA, value=VALUE)
def test_whatever_is_accepted_fits_the_schema_and_whatever_fits_is_accepted(
    schema: JsonObject, value: JsonValue
) -> None:
    parameters: JsonObject = {**of(a=schema), "$defs": {"self": schema}}
    check = CompiledSchema(parameters)
    try:
        read = validate_arguments(tool(parameters), {"a": value})
    except ToolError:
        assert not check.fits({"a": value})
        return
    assert check.fits(read)
    assert validate_arguments(tool(parameters), read) == read
    if check.fits({"a": value}):
        assert read == {"a": value}


@pytest.mark.parametrize("other", SCALARS)
@pytest.mark.parametrize("is_closed", [True, False])
@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
def test_tools_4_3_null_that_another_alternative_accepts_stays(
    keyword: str, is_closed: bool, other: JsonObject
) -> None:
    strict = object_schema({"type": "string"}, other, is_closed, is_required=False)
    schema: JsonObject = {keyword: [strict, {}]}
    parameters: JsonObject = {**of(a=schema), "$defs": {"self": schema}}
    given_value: JsonObject = {"a": {"a": None, "b": None}}
    assert CompiledSchema(parameters).fits(given_value)
    assert validate_arguments(tool(parameters), given_value) == given_value


def test_tools_4_3_null_counts_as_missing_where_nothing_accepts_it() -> None:
    strict = object_schema({"type": "string"}, {"type": "integer"}, True, is_required=False)
    read = validate_arguments(tool(of(a=strict)), {"a": {"a": None, "b": 1}})
    assert read == {"a": {"b": 1}}
