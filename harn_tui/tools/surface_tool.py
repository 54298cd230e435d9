"""What the diagnostics of a tool surface must know of one tool, however it is defined."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from harn_tui.errors import ToolDefinitionError
from harn_tui.json_types import JsonValue
from harn_tui.kinds import SideEffectLevel
from harn_tui.tools.annotations import lay_over, read_annotations
from harn_tui.tools.base import UNANNOTATED, Tool, ToolAnnotations
from harn_tui.tools.tool_check import parameter_names

_SCHEMA_KEYS: Final = ("parameters", "input_schema", "inputSchema", "schema")


@dataclass(frozen=True, slots=True)
class SurfaceTool:
    """One tool. ``annotations`` is ``None`` when neither it nor a policy says anything of it."""

    name: str
    parameters: tuple[str, ...] = ()
    annotations: ToolAnnotations | None = None
    has_schema: bool = True
    has_executor: bool = True
    is_deferred: bool = False

    @property
    def argument_names(self) -> frozenset[str]:
        """All names under which an argument of the tool may be spoken of."""
        said = self.annotations or UNANNOTATED
        aliases = said.arg_aliases
        return frozenset(
            (*self.parameters, *said.path_params, *said.required, *aliases, *aliases.values())
        )


@dataclass(frozen=True, slots=True)
class SurfacePolicy:
    """The policies in force, as plain values.

    ``is_active`` says whether a tool may be called at all. ``ceiling`` is the highest level of
    side effects, ``None`` for any. ``annotations`` are plain data by name of a tool.
    ``constraints`` are the tool glob and the argument, or ``None``, of each constraint.
    """

    is_active: Callable[[str], bool] = lambda _name: True
    ceiling: SideEffectLevel | None = None
    annotations: Mapping[str, JsonValue] = field(default_factory=dict)
    constraints: Sequence[tuple[str, str | None]] = ()
    auto_approve: Sequence[str] = ()
    auto_deny: Sequence[str] = ()
    require_approval: Sequence[str] = ()


def surface_tool(tool: Tool, policy: SurfacePolicy) -> SurfaceTool:
    """Return what there is to know of ``tool``, with what ``policy`` says of it."""
    own = None if tool.annotations == UNANNOTATED else tool.annotations
    return SurfaceTool(
        name=tool.name,
        parameters=tuple(parameter_names(tool.parameters)),
        annotations=_annotations(tool.name, own, policy),
        has_schema=bool(tool.parameters),
        is_deferred=tool.defer_loading,
    )


def surface_entry(
    entry: Mapping[str, Any], policy: SurfacePolicy, *, is_native: bool
) -> SurfaceTool | None:
    """Return what there is to know of an entry, ``None`` when it has no name.

    ``is_native`` entries are in the form of a provider, and have no executor of their own.
    Annotations that cannot be read count as none.
    """
    inner = entry.get("function")
    keys = {**entry, **inner} if isinstance(inner, Mapping) else entry
    name = keys.get("name")
    if not isinstance(name, str) or not name:
        return None
    schema = next((keys[key] for key in _SCHEMA_KEYS if keys.get(key) is not None), None)
    try:
        said = keys.get("annotations")
        own = None if said is None else read_annotations(name, said)
    except ToolDefinitionError:
        own = None
    has_executor = is_native or any(
        keys.get(key) is not None for key in ("executor", "handler", "_mcp_server")
    )
    return SurfaceTool(
        name=name,
        parameters=_parameters(schema),
        annotations=_annotations(name, own, policy),
        has_schema=schema is not None,
        has_executor=has_executor,
        is_deferred=keys.get("defer_loading") is True,
    )


def _parameters(schema: object) -> tuple[str, ...]:
    if not isinstance(schema, dict):
        return ()
    is_whole = schema.get("type") == "object" and isinstance(schema.get("properties"), dict)
    return tuple(parameter_names(schema) if is_whole else schema)


def _annotations(
    name: str, own: ToolAnnotations | None, policy: SurfacePolicy
) -> ToolAnnotations | None:
    said = policy.annotations.get(name)
    return own if said is None else lay_over(own or UNANNOTATED, name, said)
