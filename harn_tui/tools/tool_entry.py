"""Makes tools of entries, the plain data in which embedding programs define them.

An entry says who runs it: ``executor`` is ``harn``, a ``handler`` in this process or a built-in
tool; or ``host_bridge``, ``mcp_server`` or ``provider_native``, which the embedding program runs.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from harn_tui.errors import ToolDefinitionError, ToolError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ExecutorKind, ToolErrorCategory
from harn_tui.tools.annotations import read_annotations
from harn_tui.tools.base import Tool, ToolContext, ToolFunction, ToolResult
from harn_tui.tools.builtin import builtin_tools
from harn_tui.tools.entry_executor import executor_of
from harn_tui.tools.entry_parameters import parameters_schema
from harn_tui.tools.functions.handler import handler_runner
from harn_tui.tools.readable import one_line
from harn_tui.tools.registry import ToolRegistry
from harn_tui.tools.tool_check import check_tool, parameter_names

Entry: TypeAlias = Mapping[str, Any]
"""One tool, or a registry of them, as plain data; docs/tools.md has the keys."""

Backends: TypeAlias = Mapping[
    ExecutorKind, Callable[[Tool, JsonObject, ToolContext], Awaitable[ToolResult]]
]
"""What runs the calls of tools that are not run in this process."""

REGISTRY_TYPE: Final = "tool_registry"
NOTHING_OUTSIDE: Final[Backends] = MappingProxyType({})

_LONGEST_SUMMARY: Final = 200
_KNOWN_KEYS: Final = frozenset(
    {
        *("name", "description", "parameters", "handler", "executor", "host_capability"),
        *("mcp_server", "outputSchema", "annotations", "defer_loading", "namespace", "compact"),
        *("_mcp_server", "function", "type", "timeout_ms", "timeout_s"),
    }
)


def define_tool(
    name: str, description: str, config: Entry, *, backends: Backends = NOTHING_OUTSIDE
) -> Tool:
    """Return the tool that ``config``, an entry without name and description, defines.

    ``returns`` in it is the schema of the result. Raises ToolDefinitionError that names the tool
    and what is accepted.
    """
    if "params" in config and "parameters" not in config:
        raise ToolDefinitionError(
            f"The tool {name} cannot be used: it has `params`.", hint="Call it `parameters`."
        )
    entry = {key: value for key, value in config.items() if key != "returns"}
    if "returns" in config:
        entry["outputSchema"] = config["returns"]
    entry |= {"name": name, "description": description}
    tool = _tool(entry, {}, backends, is_complete=True)
    check_tool(tool)
    return tool


def registry_of(
    source: Entry | Iterable[Tool | Entry], *, backends: Backends = NOTHING_OUTSIDE
) -> ToolRegistry:
    """Return the registry of ``source``: its plain data, or a bare list of its tools.

    Both are checked alike (tools oddity 12). Raises ToolDefinitionError that names the tool and
    what is accepted.
    """
    document: Entry = {}
    entries: Any = source
    if isinstance(source, Mapping):
        document, entries = source, source.get("tools")
        if source.get("_type") != REGISTRY_TYPE or not isinstance(entries, list | tuple):
            raise ToolDefinitionError(
                "This is no registry of tools.",
                hint=f'Accepted: {{"_type": "{REGISTRY_TYPE}", "tools": […]}}, or a list of tools.',
            )
    tools = [
        entry if isinstance(entry, Tool) else _tool(entry, document, backends, is_complete=False)
        for entry in entries
    ]
    for tool in tools:
        check_tool(tool)
    return ToolRegistry(tools)


def _tool(entry: object, document: Entry, backends: Backends, *, is_complete: bool) -> Tool:
    if not isinstance(entry, Mapping):
        raise ToolDefinitionError(
            f"A tool must be a table, not {entry!r:.80}.", hint='Accepted: {"name": "…", …}.'
        )
    inner = entry.get("function")
    keys: dict[str, Any] = {**entry, **inner} if isinstance(inner, Mapping) else {**entry}
    name = keys.get("name")
    if not isinstance(name, str) or not name:
        raise ToolDefinitionError(
            f"A tool has no name: {one_line(repr(keys), 80)}.", hint="Give it a `name`."
        )
    builtin = ToolRegistry(builtin_tools()).get(name)
    executor = executor_of(name, keys, has_builtin=builtin is not None, is_complete=is_complete)
    if executor is ExecutorKind.HARN_BUILTIN and keys.get("handler") is None and builtin:
        described = str(keys.get("description") or builtin.description)
        return replace(builtin, description=described, timeout_s=_timeout_s(name, keys))
    parameters = parameters_schema(name, keys.get("parameters"), dict(document))
    tool = Tool(
        name=name,
        description=str(keys.get("description") or ""),
        parameters=parameters,
        annotations=read_annotations(f"The tool {name}: annotations", keys.get("annotations")),
        run=_nobody(name, executor),
        summarize=lambda arguments: one_line(f"{name} {arguments}", _LONGEST_SUMMARY),
        mcp_server=keys.get("_mcp_server") or keys.get("mcp_server"),
        defer_loading=_flag(name, keys, "defer_loading"),
        namespace=_namespace(name, keys.get("namespace")),
        executor=executor,
        host_capability=keys.get("host_capability"),
        output_schema=keys.get("outputSchema"),
        is_compact=_flag(name, keys, "compact"),
        timeout_s=_timeout_s(name, keys),
        extra={key: value for key, value in keys.items() if key not in _KNOWN_KEYS},
    )
    if executor is ExecutorKind.HARN_BUILTIN:
        run = handler_runner(name, keys["handler"], parameter_names(parameters))
        return replace(tool, run=run)
    return replace(tool, run=_outside(tool, backends)) if executor in backends else tool


def _outside(tool: Tool, backends: Backends) -> ToolFunction:
    backend = backends[tool.executor]

    async def run(arguments: JsonObject, context: ToolContext) -> ToolResult:
        return await backend(tool, arguments, context)

    return run


def _nobody(name: str, executor: ExecutorKind) -> ToolFunction:
    """Return what answers calls of a tool whose executor is not there."""

    async def run(_arguments: JsonObject, _context: ToolContext) -> ToolResult:
        raise ToolError(
            f"{name} cannot be run: it belongs to a {executor.value}, and there is none here.",
            category=ToolErrorCategory.PERMISSION_DENIED,
            hint="Do without it.",
        )

    return run


def _flag(name: str, keys: Entry, key: str) -> bool:
    value = keys.get(key)
    if value is not None and not isinstance(value, bool):
        raise ToolDefinitionError(
            f"The tool {name}: `{key}` must be true or false, not {value!r:.80}."
        )
    return bool(value)


def _timeout_s(name: str, keys: Entry) -> float | None:
    """Return the time limit of an entry, which says it in seconds or in milliseconds."""
    seconds, milliseconds = keys.get("timeout_s"), keys.get("timeout_ms")
    if seconds is not None and milliseconds is not None:
        raise ToolDefinitionError(
            f"The tool {name} has both `timeout_s` and `timeout_ms`.", hint="Keep one of them."
        )
    given = seconds if milliseconds is None else milliseconds
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise ToolDefinitionError(f"The tool {name}: a time limit cannot be {given!r:.80}.")
    return given if milliseconds is None else given / 1000


def _namespace(name: str, value: object) -> str | None:
    if value is not None and (not isinstance(value, str) or not value):
        raise ToolDefinitionError(
            f"The tool {name}: `namespace` must be text that is not empty, not {value!r:.80}."
        )
    return value
