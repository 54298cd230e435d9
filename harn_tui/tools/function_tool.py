"""Makes a tool of a Python function: its type hints and its docstring say all that is needed."""

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, ParamSpec, TypeVar, overload

from harn_tui.errors import ToolDefinitionError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import SideEffectLevel, ToolKind
from harn_tui.tools.annotations import choice_of
from harn_tui.tools.argument_words import shown
from harn_tui.tools.base import Tool, ToolAnnotations, ToolContext, ToolFunction, ToolResult
from harn_tui.tools.functions.docstring import DocstringParts, read_docstring
from harn_tui.tools.functions.hints import HintReader, object_schema
from harn_tui.tools.functions.invocation import invoke
from harn_tui.tools.functions.json_type import JsonType, converted
from harn_tui.tools.functions.record_fields import NO_DEFAULT, RecordField, json_default
from harn_tui.tools.functions.signature import FunctionParameter, bound_call, read_parameters
from harn_tui.tools.json_schema import has_more_items
from harn_tui.tools.readable import one_line
from harn_tui.tools.tool_check import check_tool

P = ParamSpec("P")
R = TypeVar("R")

_LONGEST_SUMMARY: Final = 200
_LEVELS: Final[Mapping[ToolKind, SideEffectLevel]] = {
    ToolKind.READ: SideEffectLevel.READ_ONLY,
    ToolKind.SEARCH: SideEffectLevel.READ_ONLY,
    ToolKind.THINK: SideEffectLevel.READ_ONLY,
    ToolKind.FETCH: SideEffectLevel.NETWORK,
    ToolKind.EDIT: SideEffectLevel.WORKSPACE_WRITE,
    ToolKind.DELETE: SideEffectLevel.WORKSPACE_WRITE,
    ToolKind.MOVE: SideEffectLevel.WORKSPACE_WRITE,
    ToolKind.EXECUTE: SideEffectLevel.PROCESS_EXEC,
}


@dataclass(frozen=True, slots=True)
class FunctionTool(Tool, Generic[P, R]):
    """A tool that is a Python function; called, it is that function."""

    function: Callable[P, R] = field(kw_only=True)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function itself, past schema and permissions: for its own tests."""
        return self.function(*args, **kwargs)


@dataclass(frozen=True, slots=True)
class ToolOptions:
    """What the decorator was told beside the function; ``None`` leaves it to the function."""

    name: str | None = None
    description: str | None = None
    kind: str = ToolKind.OTHER
    side_effect_level: str | None = None
    path_params: tuple[str, ...] | None = None
    arg_aliases: Mapping[str, str] = field(default_factory=dict)
    runs_beside_others: bool = False
    summarize: Callable[[JsonObject], str] | None = None
    namespace: str | None = None
    defer_loading: bool = False
    timeout_s: float | None = None


@overload
def tool(function: Callable[P, R], /) -> FunctionTool[P, R]: ...


@overload
def tool(
    *,
    name: str | None = None,
    description: str | None = None,
    kind: ToolKind | str = ToolKind.OTHER,
    side_effect_level: SideEffectLevel | str | None = None,
    path_params: tuple[str, ...] | None = None,
    arg_aliases: Mapping[str, str] | None = None,
    runs_beside_others: bool = False,
    summarize: Callable[[JsonObject], str] | None = None,
    namespace: str | None = None,
    defer_loading: bool = False,
    timeout_s: float | None = None,
) -> Callable[[Callable[P, R]], FunctionTool[P, R]]: ...


def tool(function: Callable[..., Any] | None = None, /, **options: Any) -> Any:
    """Make a tool of the function below, with ``@tool`` or ``@tool(kind="read", …)``.

    The name of the function and the text of its docstring are the tool's, unless ``name`` or
    ``description`` are given. ``kind`` decides whether a call needs approval: only ``read``,
    ``search``, ``think`` and ``fetch`` run without. ``side_effect_level`` follows from it unless
    given. Parameters of type Path are the tool's ``path_params`` unless given. ``summarize``
    writes the line that a person reads before approving a call. ``timeout_s`` is the longest that a
    call may take; a function that is not asynchronous goes on in its thread when that is over,
    and its result is dropped. Raises ToolDefinitionError for a function that cannot be a tool,
    with what is accepted.
    """
    chosen = ToolOptions(**{key: value for key, value in options.items() if value is not None})
    if function is None:
        return lambda decorated: function_tool(decorated, chosen)
    return function_tool(function, chosen)


def function_tool(function: Callable[P, R], options: ToolOptions) -> FunctionTool[P, R]:
    """Return the tool that ``function`` is with ``options``; raises ToolDefinitionError."""
    name = options.name or str(getattr(function, "__name__", type(function).__name__))
    where = f"The tool {name}"
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise ToolDefinitionError(f"{where} yields its result.", hint="Return it instead.")
    parts = read_docstring(inspect.getdoc(function))
    parameters = read_parameters(function, where)
    reader = HintReader()
    types = {
        parameter.name: reader.read(f"{where}: {parameter.name}", parameter.hint)
        for parameter in parameters
        if not parameter.is_context
    }
    made = FunctionTool(
        name=name,
        description=options.description or parts.description,
        parameters=_schema(parameters, types, reader.definitions, parts),
        annotations=_annotations(where, options, parameters, types),
        run=_runner(function, name, parameters, types),
        summarize=options.summarize or _summary(name),
        namespace=options.namespace,
        defer_loading=options.defer_loading,
        timeout_s=options.timeout_s,
        function=function,
    )
    if not made.description.strip():
        raise ToolDefinitionError(
            f"{where} has no description.", hint="Say in its docstring what it does."
        )
    check_tool(made)
    return made


def _schema(
    parameters: list[FunctionParameter],
    types: Mapping[str, JsonType],
    definitions: JsonObject,
    parts: DocstringParts,
) -> JsonObject:
    named = [each for each in parameters if each.name in types and not each.is_rest]
    schema = object_schema(
        (
            (
                RecordField(
                    name=each.name,
                    hint=each.hint,
                    is_required=each.is_required,
                    default=NO_DEFAULT if each.is_required else json_default(each.default),
                    description=parts.parameters.get(each.name, ""),
                ),
                types[each.name],
            )
            for each in named
        ),
        description="",
    )
    rest = next((each for each in parameters if each.is_rest), None)
    if rest is not None:
        schema["additionalProperties"] = types[rest.name].schema or True
    if definitions:
        schema["$defs"] = definitions
    return schema


def _annotations(
    where: str,
    options: ToolOptions,
    parameters: list[FunctionParameter],
    types: Mapping[str, JsonType],
) -> ToolAnnotations:
    kind = choice_of(ToolKind, f"{where}: kind", options.kind)
    level = options.side_effect_level
    if level is None:
        level = _LEVELS.get(kind, SideEffectLevel.NONE)
    paths = options.path_params
    if paths is None:
        named = [each.name for each in parameters if each.name in types and not each.is_rest]
        paths = tuple(name for name in named if types[name].is_path)
    return ToolAnnotations(
        kind=kind,
        side_effect_level=choice_of(SideEffectLevel, f"{where}: side_effect_level", level),
        path_params=paths,
        runs_beside_others=options.runs_beside_others,
        arg_aliases=options.arg_aliases,
    )


def _runner(
    function: Callable[..., Any],
    name: str,
    parameters: list[FunctionParameter],
    types: Mapping[str, JsonType],
) -> ToolFunction:
    rest = next((types[each.name] for each in parameters if each.is_rest), None)
    must_convert = any(json_type.convert is not None for json_type in types.values())

    async def run(arguments: JsonObject, context: ToolContext) -> ToolResult:
        def bind(context: ToolContext) -> Callable[[], Any]:
            values = {
                key: converted(json_type, value, context)
                for key, value in arguments.items()
                if (json_type := types.get(key, rest)) is not None
            }
            return bound_call(function, parameters, values, context)

        return await invoke(function, bind, context, name=name, must_convert=must_convert)

    return run


def _summary(name: str) -> Callable[[JsonObject], str]:
    def summarize(arguments: JsonObject) -> str:
        given = ", ".join(f"{key}={_told(value)}" for key, value in arguments.items())
        return one_line(f"{name}({given})", _LONGEST_SUMMARY)

    return summarize


def _told(value: JsonValue) -> str:
    if not isinstance(value, list | dict) or has_more_items(value, _LONGEST_SUMMARY):
        return shown(value)
    return json.dumps(value, ensure_ascii=False)
