"""Reads execution policies from plain data and merges them: a loop's own under its ceiling."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from harn_tui.errors import ConfigError
from harn_tui.json_types import JsonValue
from harn_tui.kinds import ToolKind
from harn_tui.permissions import policy_values
from harn_tui.permissions.annotations import AnnotationOverrides, SideEffectLevel
from harn_tui.permissions.argument_constraint import ArgumentConstraint
from harn_tui.permissions.execution_policy import ExecutionPolicy
from harn_tui.permissions.glob_scope import EVERYTHING, GlobScope
from harn_tui.permissions.workspace_roots import common_roots, parse_roots

_KEYS = (
    "tools",
    "capabilities",
    "workspace_roots",
    "side_effect_level",
    "recursion_limit",
    "tool_arg_constraints",
    "tool_annotations",
)
_CONSTRAINT_KEYS = ("tool", "arg_patterns", "arg_key")
_ANNOTATION_KEYS = ("kind", "side_effect_level", "path_params", "capabilities")
_WILDCARDS = frozenset("*?[")


def parse_execution_policy(data: JsonValue, *, cwd: Path, where: str = "policy") -> ExecutionPolicy:
    """Return the policy that plain data describes; a missing key is a limit that is not set.

    ``cwd`` is the folder that relative roots start from; roots are resolved on the disk. Raises
    ConfigError that names the key and what it accepts.
    """
    table = policy_values.table(where, data, _KEYS)
    level, limit = table.get("side_effect_level"), table.get("recursion_limit")
    return ExecutionPolicy(
        tools=_scope(f"{where}.tools", table.get("tools")),
        capabilities=_capabilities(f"{where}.capabilities", table.get("capabilities")),
        workspace_roots=parse_roots(f"{where}.workspace_roots", table.get("workspace_roots"), cwd),
        side_effect_level=None
        if level is None
        else policy_values.choice(f"{where}.side_effect_level", level, SideEffectLevel),
        recursion_limit=None
        if limit is None
        else policy_values.count(f"{where}.recursion_limit", limit),
        argument_constraints=_constraints(
            f"{where}.tool_arg_constraints", table.get("tool_arg_constraints")
        ),
        annotations=_annotations(f"{where}.tool_annotations", table.get("tool_annotations")),
    )


def intersect(ceiling: ExecutionPolicy, requested: ExecutionPolicy) -> ExecutionPolicy:
    """Return ``requested`` under ``ceiling``.

    Raises ConfigError when it names a tool, a capability or an operation that the ceiling does
    not allow: that is a mistake to tell. Everything else is narrowed: globs, roots, levels.
    """
    for name in _named(requested.tools.globs):
        if not ceiling.tools.has(name):
            raise _exceeds(f"the tool {name}", ceiling.tools.globs)
    for capability, scope in (requested.capabilities or {}).items():
        known = ceiling.capabilities
        if known is not None and capability not in known:
            raise _exceeds(f"the capability {capability}", known)
        for operation in _named(scope.globs):
            if not ceiling.allows_operation(capability, operation):
                globs = known[capability].globs if known else ()
                raise _exceeds(f"the operation {capability}.{operation}", globs)
    return narrowed(ceiling, requested)


def narrowed(ceiling: ExecutionPolicy, other: ExecutionPolicy) -> ExecutionPolicy:
    """Return the policy that allows only what both allow.

    Where both say what a tool is, the ceiling is believed: nothing below it can call a tool
    harmless.
    """
    return ExecutionPolicy(
        tools=ceiling.tools.narrowed(other.tools),
        capabilities=_common_capabilities(ceiling.capabilities, other.capabilities),
        workspace_roots=common_roots(ceiling.workspace_roots, other.workspace_roots),
        side_effect_level=_lower(ceiling.side_effect_level, other.side_effect_level),
        recursion_limit=min(
            (n for n in (ceiling.recursion_limit, other.recursion_limit) if n is not None),
            default=None,
        ),
        argument_constraints=tuple(
            dict.fromkeys((*ceiling.argument_constraints, *other.argument_constraints))
        ),
        annotations={**other.annotations, **ceiling.annotations},
    )


def _common_capabilities(
    first: Mapping[str, GlobScope] | None, second: Mapping[str, GlobScope] | None
) -> Mapping[str, GlobScope] | None:
    if first is None or second is None:
        return second if first is None else first
    return {name: first[name].narrowed(second[name]) for name in first if name in second}


def _lower(first: SideEffectLevel | None, second: SideEffectLevel | None) -> SideEffectLevel | None:
    levels = [level for level in (first, second) if level is not None]
    return min(levels, key=lambda level: level.rank, default=None)


def _named(globs: Iterable[str]) -> list[str]:
    return [glob for glob in globs if not _WILDCARDS & set(glob)]


def _exceeds(what: str, accepted: Iterable[str]) -> ConfigError:
    return ConfigError(
        f"The policy asks for {what}, which the host ceiling does not allow.",
        hint=f"Accepted: {', '.join(accepted) or 'none'}.",
    )


def _scope(where: str, value: JsonValue) -> GlobScope:
    return EVERYTHING if value is None else GlobScope.of(policy_values.globs(where, value))


def _capabilities(where: str, value: JsonValue) -> Mapping[str, GlobScope] | None:
    if value is None:
        return None
    table = policy_values.table(where, value)
    return {name: _scope(f"{where}.{name}", table[name] or []) for name in table}


def _constraints(where: str, value: JsonValue) -> tuple[ArgumentConstraint, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        policy_values.refuse(where, f"a list of tables of {', '.join(_CONSTRAINT_KEYS)}")
    return tuple(_constraint(f"{where}[{index}]", item) for index, item in enumerate(value))


def _constraint(where: str, value: JsonValue) -> ArgumentConstraint:
    table = policy_values.table(where, value, _CONSTRAINT_KEYS)
    argument = table.get("arg_key")
    if argument is not None and (not isinstance(argument, str) or not argument):
        policy_values.refuse(f"{where}.arg_key", "the name of a parameter")
    return ArgumentConstraint(
        policy_values.glob(f"{where}.tool", table.get("tool")),
        policy_values.globs(f"{where}.arg_patterns", table.get("arg_patterns")),
        argument,
    )


def _annotations(where: str, value: JsonValue) -> Mapping[str, AnnotationOverrides]:
    if value is None:
        return {}
    table = policy_values.table(where, value)
    return {name: _overrides(f"{where}.{name}", table[name]) for name in table}


def _overrides(where: str, value: JsonValue) -> AnnotationOverrides:
    table = policy_values.table(where, value, _ANNOTATION_KEYS)
    kind, level = table.get("kind"), table.get("side_effect_level")
    paths, capabilities = table.get("path_params"), table.get("capabilities")
    operations = (
        None if capabilities is None else policy_values.table(f"{where}.capabilities", capabilities)
    )
    return AnnotationOverrides(
        kind=None if kind is None else policy_values.choice(f"{where}.kind", kind, ToolKind),
        side_effect_level=None
        if level is None
        else policy_values.choice(f"{where}.side_effect_level", level, SideEffectLevel),
        path_params=None if paths is None else policy_values.texts(f"{where}.path_params", paths),
        capabilities=None
        if operations is None
        else {
            name: policy_values.texts(f"{where}.capabilities.{name}", operations[name])
            for name in operations
        },
    )
