"""Types of a function's parameters: whatever they hold goes through JSON and comes back."""

import asyncio
import enum
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal, Optional

from hypothesis import given
from hypothesis import strategies as st

from harn_tui.tools.arguments import validate_arguments
from harn_tui.tools.authoring import FunctionTool, ToolContext, ToolResult, tool
from harn_tui.tools.functions.result_text import tool_result
from harn_tui.tools.json_schema import check_schema


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Point:
    x: float
    y: float = 0.0


@dataclass
class Node:
    name: str
    children: "list[Node]" = field(default_factory=list)


@dataclass(frozen=True)
class Typed:
    """A type and a strategy for values of it."""

    hint: Any
    values: st.SearchStrategy[Any]


# Subscripted while the tests run, which a type checker does not follow.
LIST: Any = list
TUPLE: Any = tuple
TABLE: Any = dict
MAYBE: Any = Optional

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
PLAIN = [
    Typed(str, WORDS),
    Typed(int, st.integers(-(2**60), 2**60)),
    Typed(float, st.floats(allow_nan=False, allow_infinity=False)),
    Typed(bool, st.booleans()),
    Typed(None, st.none()),
    Typed(Colour, st.sampled_from(Colour)),
    Typed(Literal["a", 1], st.sampled_from(["a", 1])),
    Typed(date, st.dates()),
    Typed(Point, st.builds(Point, st.floats(-9, 9), st.floats(-9, 9))),
    Typed(Node, st.builds(Node, WORDS, st.lists(st.builds(Node, WORDS), max_size=2))),
]


def list_of(item: Typed) -> Typed:
    return Typed(LIST[item.hint], st.lists(item.values, max_size=3))


def tuple_of(item: Typed) -> Typed:
    return Typed(TUPLE[item.hint, ...], st.lists(item.values, max_size=3).map(tuple))


def pair_of(first: Typed, second: Typed) -> Typed:
    return Typed(TUPLE[first.hint, second.hint], st.tuples(first.values, second.values))


def table_of(item: Typed) -> Typed:
    return Typed(TABLE[str, item.hint], st.dictionaries(WORDS, item.values, max_size=3))


def maybe(item: Typed) -> Typed:
    return Typed(MAYBE[item.hint], st.none() | item.values)


TYPES = st.recursive(
    st.sampled_from(PLAIN),
    lambda inner: (
        inner.map(list_of)
        | inner.map(tuple_of)
        | inner.map(table_of)
        | inner.map(maybe)
        | st.builds(pair_of, inner, inner)
    ),
    max_leaves=4,
)


def taking(hint: Any, take: Callable[[Any], object]) -> FunctionTool[Any, Any]:
    """Return a tool with one parameter of the type ``hint``."""

    def anything(value) -> None:  # type: ignore[no-untyped-def]
        """Takes it."""
        take(value)

    anything.__annotations__["value"] = hint
    return tool(anything)


@given(data=st.data(), typed=TYPES)
def test_a_value_of_any_type_goes_through_json_and_schema_and_comes_back(
    data: st.DataObject, typed: Typed
) -> None:
    value = data.draw(typed.values)
    got: list[object] = []
    made = taking(typed.hint, got.append)
    written = json.loads(tool_result([value]).text)[0]
    arguments = validate_arguments(made, {"value": written})
    context = ToolContext("session", Path("/"), (Path("/"),), lambda _text, _stream: None)

    async def run() -> ToolResult:
        return await made.run(arguments, context)

    asyncio.run(run())
    assert got == [value]
    assert type(got[0]) is type(value)


@given(typed=TYPES)
def test_the_schema_of_any_type_can_be_applied(typed: Typed) -> None:
    check_schema(taking(typed.hint, id).parameters)
