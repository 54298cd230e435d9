"""A Python function as a tool."""

import asyncio
import enum
import functools
import json
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import (
    Annotated,
    Any,
    Literal,
    NewType,
    NotRequired,
    Optional,
    Required,
    TypedDict,
    TypeVar,
    Union,
)

import pytest

from harn_tui.errors import ToolDefinitionError, ToolError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import OutputStream, SideEffectLevel, ToolErrorCategory, ToolKind
from harn_tui.tools.arguments import validate_arguments
from harn_tui.tools.authoring import FunctionTool, ToolContext, ToolResult, tool
from harn_tui.tools.registry import ToolRegistry
from tests.unit.tools.conftest import Workspace

T = TypeVar("T")
UserId = NewType("UserId", int)


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Point:
    """A place on the map.

    Attributes:
        x: How far to the right.
    """

    x: float
    y: float = 0.0


@dataclass
class Node:
    name: str
    children: "list[Node]" = field(default_factory=list)
    colour: Colour = Colour.RED


class Options(TypedDict, total=False):
    """How to search."""

    pattern: Required[str]
    depth: int
    where: NotRequired[Point]


def property_of(made: FunctionTool[..., Any], name: str) -> JsonObject:
    properties = made.parameters["properties"]
    assert isinstance(properties, dict)
    schema = properties[name]
    assert isinstance(schema, dict)
    return schema


async def run(made: FunctionTool[..., Any], workspace: Workspace, **arguments: Any) -> ToolResult:
    """Validate the arguments as the loop does, then run the tool."""
    return await made.run(validate_arguments(made, arguments), workspace.context)


async def seen(made: FunctionTool[..., Any], workspace: Workspace, **arguments: Any) -> Any:
    return json.loads((await run(made, workspace, **arguments)).text)


def refusal(function: Callable[..., Any], **options: Any) -> str:
    with pytest.raises(ToolDefinitionError) as caught:
        tool(**options)(function)
    return str(caught.value)


@tool
def greet(who: str, times: int = 1) -> str:
    """Greets somebody.

    Use it at the beginning.

    Args:
        who: Whom to greet,
            by name.
        times: How often.

    Returns:
        The greeting.
    """
    return " ".join([f"Hello, {who}!"] * times)


async def test_hints_and_docstring_say_all_that_a_tool_needs(workspace: Workspace) -> None:
    assert greet.name == "greet"
    assert greet.description == "Greets somebody.\n\nUse it at the beginning."
    assert greet.parameters == {
        "type": "object",
        "properties": {
            "who": {"type": "string", "description": "Whom to greet, by name."},
            "times": {"type": "integer", "description": "How often.", "default": 1},
        },
        "required": ["who"],
        "additionalProperties": False,
    }
    assert (await run(greet, workspace, who="Ann", times="2")).text == "Hello, Ann! Hello, Ann!"
    assert ToolRegistry([greet]).require("greet") is greet


def test_a_tool_can_be_called_as_the_function_that_it_is() -> None:
    assert greet("Ann") == "Hello, Ann!"
    assert greet.function("Bob", times=1) == "Hello, Bob!"


def test_the_decorator_takes_what_the_function_does_not_say() -> None:
    @tool(
        name="look",
        description="Looks.",
        kind="read",
        path_params=("where",),
        arg_aliases={"dir": "where"},
        namespace="files",
        defer_loading=True,
        summarize=lambda arguments: f"look at {arguments['where']}",
    )
    def anything(where: str) -> None: ...

    assert (anything.name, anything.description) == ("look", "Looks.")
    assert anything.annotations.kind is ToolKind.READ
    assert anything.annotations.path_params == ("where",)
    assert (anything.namespace, anything.defer_loading) == ("files", True)
    assert anything.summarize({"where": "a"}) == "look at a"
    assert validate_arguments(anything, {"dir": "a"}) == {"where": "a"}


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        (None, SideEffectLevel.NONE),
        ("read", SideEffectLevel.READ_ONLY),
        ("edit", SideEffectLevel.WORKSPACE_WRITE),
        ("execute", SideEffectLevel.PROCESS_EXEC),
        ("fetch", SideEffectLevel.NETWORK),
    ],
)
def test_the_level_of_side_effects_follows_from_the_kind(
    kind: str | None, level: SideEffectLevel
) -> None:
    options = {} if kind is None else {"kind": kind}

    def anything() -> None:
        """Does it."""

    assert tool(**options)(anything).annotations.level is level  # type: ignore[call-overload]
    assert tool(kind="read", side_effect_level="network")(anything).annotations.level == "network"


def test_a_tool_of_unknown_kind_is_never_read_only() -> None:
    assert greet.annotations.kind is ToolKind.OTHER
    assert not greet.annotations.is_concurrent


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
        (str, {"type": "string"}),
        (int, {"type": "integer"}),
        (float, {"type": "number"}),
        (bool, {"type": "boolean"}),
        (None, {"type": "null"}),
        (Any, {}),
        (object, {}),
        (JsonValue, {}),
        (JsonObject, {"type": "object", "additionalProperties": True}),
        (list, {"type": "array", "items": {}}),
        (list[int], {"type": "array", "items": {"type": "integer"}}),
        (Sequence[str], {"type": "array", "items": {"type": "string"}}),
        (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
        (
            tuple[int, str],
            {
                "type": "array",
                "prefixItems": [{"type": "integer"}, {"type": "string"}],
                "minItems": 2,
                "maxItems": 2,
            },
        ),
        (set[int], {"type": "array", "items": {"type": "integer"}, "uniqueItems": True}),
        (dict, {"type": "object"}),
        (dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (Mapping[str, Any], {"type": "object", "additionalProperties": True}),
        (Optional[int], {"type": ["integer", "null"]}),  # noqa: UP045 - the older form counts too
        (int | str, {"type": ["integer", "string"]}),
        (Union[int, list[int]], {"anyOf": [{"type": "integer"},  # noqa: UP007 - the older form
                                           {"type": "array", "items": {"type": "integer"}}]}),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Literal[1, "b", None], {"enum": [1, "b", None]}),
        (Colour, {"type": "string", "enum": ["red", "blue"]}),
        (UserId, {"type": "integer"}),
        (Path, {"type": "string"}),
        (datetime, {"type": "string", "format": "date-time"}),
        (date, {"type": "string", "format": "date"}),
        (time, {"type": "string", "format": "time"}),
        (Annotated[int, "A number."], {"type": "integer", "description": "A number."}),
        (Annotated[int, {"minimum": 3}], {"type": "integer", "minimum": 3}),
        (list[Annotated[str, "A word."]],
         {"type": "array", "items": {"type": "string", "description": "A word."}}),
        (Point, {"$ref": "#/$defs/Point"}),
        (list[Node], {"type": "array", "items": {"$ref": "#/$defs/Node"}}),
    ],
)  # fmt: skip
def test_hints_become_json_schema(hint: Any, schema: JsonObject) -> None:
    def anything(value) -> None:  # type: ignore[no-untyped-def]
        """Does it."""

    anything.__annotations__["value"] = hint
    assert property_of(tool(anything), "value") == schema


def test_named_types_are_defined_once_and_may_contain_themselves() -> None:
    @tool
    def draw(start: Point, end: Point, tree: Node, options: Options) -> None:
        """Draws."""

    assert draw.parameters["$defs"] == {
        "Point": {
            "type": "object",
            "description": "A place on the map.",
            "properties": {
                "x": {"type": "number", "description": "How far to the right."},
                "y": {"type": "number", "default": 0.0},
            },
            "required": ["x"],
            "additionalProperties": False,
        },
        "Node": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
                "colour": {"type": "string", "enum": ["red", "blue"], "default": "red"},
            },
            "required": ["name"],
            "additionalProperties": False,
        },
        "Options": {
            "type": "object",
            "description": "How to search.",
            "properties": {
                "pattern": {"type": "string"},
                "depth": {"type": "integer"},
                "where": {"$ref": "#/$defs/Point"},
            },
            "required": ["pattern"],
            "additionalProperties": False,
        },
    }


async def test_arguments_arrive_as_the_types_that_were_asked_for(workspace: Workspace) -> None:
    got: dict[str, object] = {}

    @tool
    def take(
        point: Point,
        tree: Node,
        options: Options,
        colours: set[Colour],
        pair: tuple[int, Point],
        when: datetime,
        path: Path,
        table: dict[str, Point],
        maybe: Point | None,
        either: Path | int,
        ratio: float,
    ) -> None:
        """Takes."""
        got.update(locals())

    await run(
        take,
        workspace,
        point={"x": "1"},
        tree={"name": "root", "children": [{"name": "leaf", "colour": "blue"}]},
        options={"pattern": "x", "where": {"x": 3}},
        colours=["red", "blue"],
        pair=[1, {"x": 2}],
        when="2026-01-02T03:04:05",
        path="sub/a.py",
        table={"k": {"x": 4, "y": 5}},
        maybe=None,
        either=3,
        ratio=2,
    )
    assert got["point"] == Point(1.0)
    assert got["tree"] == Node("root", [Node("leaf", [], Colour.BLUE)])
    assert got["options"] == {"pattern": "x", "where": Point(3.0)}
    assert got["colours"] == {Colour.RED, Colour.BLUE}
    assert got["pair"] == (1, Point(2.0))
    assert got["when"] == datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - as the model wrote it
    assert got["path"] == workspace.root / "sub" / "a.py"
    assert got["table"] == {"k": Point(4.0, 5.0)}
    assert (got["maybe"], got["either"]) == (None, 3)
    assert isinstance(got["ratio"], float)
    assert take.annotations.path_params == ("path", "either")


async def test_a_path_outside_of_the_workspace_never_reaches_the_function(
    workspace: Workspace,
) -> None:
    @tool
    def read(path: Path) -> str:
        """Reads."""
        raise AssertionError

    with pytest.raises(ToolError, match="outside the workspace") as caught:
        await run(read, workspace, path=str(workspace.outside / "a"))
    assert caught.value.category is ToolErrorCategory.PERMISSION_DENIED


async def test_a_date_that_is_none_is_told_to_the_model(workspace: Workspace) -> None:
    @tool
    def remind(when: date, until: date | Literal["ever"] = "ever") -> list[str]:
        """Reminds."""
        return [str(when), str(until)]

    assert await seen(remind, workspace, when="2026-01-02", until="ever") == ["2026-01-02", "ever"]
    with pytest.raises(ToolError, match="is no date") as caught:
        await run(remind, workspace, when="tomorrow")
    assert caught.value.category is ToolErrorCategory.SCHEMA_VALIDATION


async def test_tools_odd_35_every_kind_of_parameter_is_filled_by_name(workspace: Workspace) -> None:
    @tool
    def mixed(first: int, second: int = 2, /, third: int = 3, *, fourth: int, **rest: int) -> Any:
        """Mixes."""
        return [first, second, third, fourth, rest]

    assert mixed.parameters["additionalProperties"] == {"type": "integer"}
    assert await seen(mixed, workspace, fourth=4, first=1, fifth="5") == [1, 2, 3, 4, {"fifth": 5}]


async def test_a_context_is_given_and_no_parameter(workspace: Workspace) -> None:
    @tool
    async def where(context: ToolContext, deep: bool = False) -> str:
        """Says where."""
        return f"{context.session_id} {deep}"

    assert set(where.parameters["properties"]) == {"deep"}  # type: ignore[arg-type]
    assert (await run(where, workspace)).text == "session False"


async def test_a_function_that_blocks_runs_in_a_thread_and_its_output_arrives_in_order(
    workspace: Workspace,
) -> None:
    @tool
    def work(context: ToolContext | None) -> str:
        """Works."""
        assert context is not None
        for number in range(20):
            context.on_output(str(number), OutputStream.STDOUT)
        return threading.current_thread().name

    assert (await run(work, workspace)).text == "tool work"
    assert workspace.live_text == "".join(map(str, range(20)))


async def test_a_coroutine_runs_in_the_event_loop(workspace: Workspace) -> None:
    @tool
    async def work() -> str:
        """Works."""
        await asyncio.sleep(0)
        return threading.current_thread().name

    assert (await run(work, workspace)).text == threading.current_thread().name


async def test_a_cancelled_call_does_not_wait_for_its_thread(workspace: Workspace) -> None:
    started, release = threading.Event(), threading.Event()

    @tool
    def hang() -> None:
        """Hangs."""
        started.set()
        release.wait(60)

    call = asyncio.create_task(run(hang, workspace))
    await asyncio.to_thread(started.wait, 10)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    release.set()


class Worker:
    """An object that can be called."""

    async def __call__(self, number: int) -> int:
        """Doubles."""
        return number * 2

    def triple(self, number: int) -> int:
        """Triples."""
        return number * 3


async def test_methods_partial_functions_and_callable_objects_are_tools_too(
    workspace: Workspace,
) -> None:
    double = tool(name="double", description="Doubles.")(Worker())
    assert (await run(double, workspace, number=2)).text == "4"
    assert (await run(tool(Worker().triple), workspace, number=2)).text == "6"
    part = functools.partial(greet.function, times=2)
    made = tool(name="twice", description="Greets twice.")(part)
    assert (await run(made, workspace, who="A")).text == "Hello, A! Hello, A!"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("text", "text"),
        (None, "Done."),
        (3, "3"),
        (True, "true"),
        (1.5, "1.5"),
        (float("nan"), "null"),
        ([1, "é"], '[1, "é"]'),
        ((1, 2), "[1, 2]"),
        ({"b": 1, "a": {"c": None}}, '{"b": 1, "a": {"c": null}}'),
        ({3, 1, 2}, "[1, 2, 3]"),
        ({1: "one", Colour.RED: 2}, '{"1": "one", "red": 2}'),
        (Point(1, 2), '{"x": 1, "y": 2}'),
        ([Colour.RED], '["red"]'),
        (Path("a/b"), '"a/b"'),
        (date(2026, 1, 2), '"2026-01-02"'),
    ],
)
async def test_tools_odd_34_a_result_is_text_or_json(
    workspace: Workspace, value: object, text: str
) -> None:
    @tool
    def give() -> Any:
        """Gives."""
        return value

    assert (await run(give, workspace)).text == text


async def test_a_result_may_say_more_than_text(workspace: Workspace) -> None:
    @tool
    def give() -> ToolResult:
        """Gives."""
        return ToolResult("bad", ok=False, details={"exit_code": 3})

    assert await run(give, workspace) == ToolResult("bad", ok=False, details={"exit_code": 3})


def endless() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    ("value", "words"),
    [(b"bytes", "type bytes"), ([object()], "type object"), (endless(), "contains itself")],
)
async def test_a_result_that_cannot_be_told_is_an_error_that_says_why(
    workspace: Workspace, value: object, words: str
) -> None:
    @tool
    def give() -> Any:
        """Gives."""
        return value

    with pytest.raises(ToolError, match=words):
        await run(give, workspace)


@pytest.mark.parametrize("error", [KeyError("k"), ToolError("no"), StopIteration(), SystemExit(3)])
async def test_what_a_function_raises_is_raised_and_ends_no_program(
    workspace: Workspace, error: BaseException
) -> None:
    @tool
    def fail() -> None:
        """Fails."""
        raise error

    with pytest.raises(Exception) as caught:  # noqa: PT011 - which one is looked at below
        await run(fail, workspace)
    is_kept = isinstance(error, Exception) and not isinstance(error, StopIteration)
    assert (caught.value is error) == is_kept


def untyped(value) -> None:  # type: ignore[no-untyped-def]
    """Does it."""


def many(*values: int) -> None:
    """Does it."""


def silent(value: int) -> None: ...


def generic(value: T) -> T:
    """Does it."""
    return value


def strange(value: Callable[[], None]) -> None:
    """Does it."""


def keyed(value: dict[int, str]) -> None:
    """Does it."""


def unresolved(value: "Nowhere") -> None:  # type: ignore[name-defined]  # noqa: F821 - on purpose
    """Does it."""


def binary(value: bytes) -> None:
    """Does it."""


def generator() -> Any:
    """Does it."""
    yield 1


@pytest.mark.parametrize(
    ("function", "options", "words"),
    [
        (untyped, {}, "the parameter value has no type hint"),
        (many, {}, "Accepted: values: list[…]"),
        (silent, {}, "has no description"),
        (generic, {}, "JSON has nothing like"),
        (strange, {}, "JSON has nothing like"),
        (keyed, {}, "the keys of The tool keyed: value: JSON has nothing like int"),
        (unresolved, {}, "'Nowhere' is not defined"),
        (binary, {}, "JSON has nothing like bytes"),
        (generator, {}, "yields its result"),
        (greet.function, {"kind": "reed"}, "one of read, edit"),
        (greet.function, {"side_effect_level": "most"}, "one of none, read_only"),
        (greet.function, {"name": "has space"}, "1 to 64 letters"),
        (greet.function, {"path_params": ("whom",)}, "Did you mean who?"),
        (greet.function, {"arg_aliases": {"a": "whom"}}, "Did you mean who?"),
    ],
)
def test_a_function_that_cannot_be_a_tool_is_refused_with_what_is_accepted(
    function: Callable[..., Any], options: dict[str, Any], words: str
) -> None:
    message = refusal(function, **options)
    assert words in message
    assert "tool" in message


def test_the_summary_tells_what_a_call_does_on_one_short_line() -> None:
    assert greet.summarize({"who": "a\nb", "times": 2}) == 'greet(who="a\\nb", times=2)'
    assert greet.summarize({"who": ["x", {"y": 1}]}) == 'greet(who=["x", {"y": 1}])'
    values: tuple[JsonValue, ...] = ("x" * 10_000, ["x"] * 10_000)
    for value in values:
        assert len(greet.summarize({"who": value})) < 300


@pytest.mark.skipif(sys.version_info < (3, 12), reason="`type X = …` is newer")
def test_an_alias_counts_as_what_it_stands_for() -> None:
    space: dict[str, Any] = {"tool": tool}
    exec("type Words = list[str]\n@tool\ndef say(words: Words) -> None:\n    'Says.'\n", space)
    assert property_of(space["say"], "words") == {"type": "array", "items": {"type": "string"}}
