"""Checking arguments against a schema."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools.arguments import (
    flag_argument,
    integer_argument,
    number_argument,
    text_argument,
    validate_arguments,
)
from harn_tui.tools.base import Tool, ToolAnnotations, ToolContext, ToolResult

PARAMETERS: JsonObject = {
    "type": "object",
    "properties": {
        "path": {"type": "string", "minLength": 1},
        "limit": {"type": "integer", "default": 10, "minimum": 1, "maximum": 99},
        "wait_s": {"type": "number"},
        "force": {"type": "boolean", "default": False},
        "mode": {"type": "string", "enum": ["fast", "slow"]},
        "fixed": {"const": 7},
        "maybe": {"type": ["string", "null"]},
        "steps": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {"n": {"type": "integer"}, "s": {"type": "string", "default": "x"}},
                "required": ["n"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["path"],
    "additionalProperties": False,
}


async def _never(_arguments: JsonObject, _context: ToolContext) -> ToolResult:
    raise AssertionError


def tool(parameters: JsonObject = PARAMETERS) -> Tool:
    return Tool("probe", "", parameters, ToolAnnotations(), _never, lambda _: "")


def problem_of(arguments: JsonValue) -> str:
    with pytest.raises(ToolError) as caught:
        validate_arguments(tool(), arguments)
    assert caught.value.category is ToolErrorCategory.SCHEMA_VALIDATION
    return caught.value.message


def test_defaults_are_filled_in() -> None:
    assert validate_arguments(tool(), {"path": "a"}) == {"path": "a", "limit": 10, "force": False}


def test_defaults_are_not_shared_between_calls() -> None:
    probe = tool({"type": "object", "properties": {"list": {"type": "array", "default": []}}})
    first = validate_arguments(probe, {})["list"]
    assert isinstance(first, list)
    first.append(1)
    assert validate_arguments(probe, {}) == {"list": []}


@pytest.mark.parametrize("arguments", [{}, {"path": None}])
def test_tools_4_3_null_counts_as_missing(arguments: JsonObject) -> None:
    assert "missing required parameter `path`" in problem_of(arguments)


def test_null_for_an_optional_parameter_gives_its_default() -> None:
    checked = validate_arguments(tool(), {"path": "a", "limit": None, "mode": None, "maybe": None})
    assert checked == {"path": "a", "limit": 10, "force": False, "maybe": None}


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("limit", "12", 12),
        ("limit", " 12 ", 12),
        ("limit", 12.0, 12),
        ("wait_s", "1.5", 1.5),
        ("wait_s", "-2e3", -2000.0),
        ("wait_s", "3", 3),
        ("force", "true", True),
        ("force", "False", False),
        ("path", "12", "12"),
        ("maybe", "12", "12"),
    ],
)
def test_tools_10_33_text_is_turned_into_what_the_schema_wants(
    name: str, given: JsonValue, expected: JsonValue
) -> None:
    checked = validate_arguments(tool(), {"path": "a", name: given})[name]
    assert checked == expected
    assert type(checked) is type(expected)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"path": 3}, "`path` must be a string, not 3"),
        ({"path": ""}, "`path` must be a string that is not empty"),
        ({"path": "a", "limit": "many"}, "`limit` must be an integer"),
        ({"path": "a", "limit": True}, "`limit` must be an integer"),
        ({"path": "a", "limit": 1.5}, "`limit` must be an integer"),
        ({"path": "a", "limit": 0}, "`limit` must be at least 1"),
        ({"path": "a", "limit": 100}, "`limit` must be at most 99"),
        ({"path": "a", "mode": "fas"}, '`mode` must be one of "fast", "slow"'),
        ({"path": "a", "fixed": 8}, "`fixed` must be 7"),
        ({"path": "a", "force": "perhaps"}, "`force` must be a boolean"),
        ({"path": "a", "steps": []}, "`steps` must be a list of at least 1"),
        ({"path": "a", "steps": [{}]}, "missing required parameter `steps[0].n`"),
        ({"path": "a", "steps": [{"n": "x"}]}, "`steps[0].n` must be an integer"),
        ({"path": "a", "steps": [{"n": 1, "q": 1}]}, "unknown parameter `steps[0].q`"),
        ({"path": "a", "limt": 3}, "did you mean `limit`?"),
        ({"path": "a", "zzz": 3}, "known: path, limit"),
        ([], "must be an object, not array"),
        (None, "must be an object, not null"),
    ],
)
def test_a_wrong_argument_is_named_with_what_is_wanted(arguments: JsonValue, words: str) -> None:
    assert words in problem_of(arguments)


def test_all_problems_are_told_at_once() -> None:
    message = problem_of({"limit": 0, "mode": "x"})
    assert "`path`" in message
    assert "`limit`" in message
    assert "`mode`" in message


def test_nested_defaults_are_filled_in() -> None:
    checked = validate_arguments(tool(), {"path": "a", "steps": [{"n": "1"}]})
    assert checked["steps"] == [{"n": 1, "s": "x"}]


def test_extra_parameters_pass_where_the_schema_allows_them() -> None:
    probe = tool({"type": "object", "properties": {}})
    assert validate_arguments(probe, {"any": [1]}) == {"any": [1]}


def test_a_long_wrong_value_is_not_repeated_whole() -> None:
    assert len(problem_of({"path": ["x" * 10_000]})) < 300


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*PARAMETERS["properties"], "x"]), JSON))  # type: ignore[misc]
def test_any_arguments_are_either_accepted_or_refused_and_accepted_ones_stay_accepted(
    arguments: JsonObject,
) -> None:
    try:
        checked = validate_arguments(tool(), arguments)
    except ToolError:
        return
    assert validate_arguments(tool(), checked) == checked


def test_typed_readers_name_a_wrong_parameter() -> None:
    arguments: JsonObject = {"a": "x", "n": 3, "f": 1.5, "b": True}
    assert text_argument(arguments, "a") == "x"
    assert integer_argument(arguments, "n", 1) == 3
    assert integer_argument(arguments, "gone", 1) == 1
    assert number_argument(arguments, "f", 1) == 1.5
    assert flag_argument(arguments, "b")
    assert not flag_argument(arguments, "gone")
    with pytest.raises(ToolError, match="missing required parameter `gone`"):
        text_argument(arguments, "gone")
    with pytest.raises(ToolError, match="`b` must be an integer"):
        integer_argument(arguments, "b", 1)
    with pytest.raises(ToolError, match="`a` must be a number"):
        number_argument(arguments, "a", 1)
    with pytest.raises(ToolError, match="`a` must be true or false"):
        flag_argument(arguments, "a")
