"""Reads a tool surface that is plain data: a registry, policies and prompts of a host program."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from harn_tui.errors import ToolDefinitionError
from harn_tui.kinds import SideEffectLevel
from harn_tui.tools.annotations import choice_of
from harn_tui.tools.surface_diagnostics import ToolSurface, with_native
from harn_tui.tools.surface_tool import SurfacePolicy, surface_entry
from harn_tui.tools.tool_entry import REGISTRY_TYPE


def surface_of(
    data: Mapping[str, Any],
    matches: Callable[[str, str], bool],
    options: Mapping[str, Any] | None = None,
) -> ToolSurface:
    """Return the surface that ``data`` describes, or else ``options``.

    Keys are ``tools`` (a registry or a list), ``native_tools``, ``policy``, ``approval_policy``,
    ``system``, ``prompt``, ``prompts`` and ``tool_search``; a registry stands for itself.
    ``matches`` compares a glob with a name. Raises ToolDefinitionError for a malformed policy.
    """
    said = {"tools": data} if data.get("_type") == REGISTRY_TYPE else {**data}
    said = {**(options or {}), **said}
    policy = surface_policy(_table(said, "policy"), _table(said, "approval_policy"), matches)
    tools = said.get("tools")
    entries = tools.get("tools") if isinstance(tools, Mapping) else tools
    known = [
        tool
        for entry in _list(entries, "tools")
        if (tool := surface_entry(entry, policy, is_native=False)) is not None
    ]
    prompts = [said.get("system"), said.get("prompt"), *_list(said.get("prompts"), "prompts")]
    return ToolSurface(
        tools=with_native(known, _list(said.get("native_tools"), "native_tools"), policy),
        matches=matches,
        policy=policy,
        prompts=tuple(prompt for prompt in prompts if isinstance(prompt, str)),
        has_tool_search=bool(said.get("tool_search")),
    )


def surface_policy(
    policy: Mapping[str, Any], approval: Mapping[str, Any], matches: Callable[[str, str], bool]
) -> SurfacePolicy:
    """Return policies that are plain data. Raises ToolDefinitionError for a malformed one."""
    globs, level = policy.get("tools"), policy.get("side_effect_level")
    limits = None if globs is None else _texts(globs, "policy.tools")
    constraints = [
        (str(entry.get("tool", "*")), entry.get("arg_key"))
        for entry in _list(policy.get("tool_arg_constraints"), "policy.tool_arg_constraints")
    ]
    return SurfacePolicy(
        is_active=lambda name: limits is None or any(matches(glob, name) for glob in limits),
        ceiling=None
        if level is None
        else choice_of(SideEffectLevel, "policy.side_effect_level", level),
        annotations=_table(policy, "tool_annotations"),
        constraints=constraints,
        auto_approve=_texts(approval.get("auto_approve"), "approval_policy.auto_approve"),
        auto_deny=_texts(approval.get("auto_deny"), "approval_policy.auto_deny"),
        require_approval=_texts(
            approval.get("require_approval"), "approval_policy.require_approval"
        ),
    )


def _table(said: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = said.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ToolDefinitionError(f"{key} must be a table, not {value!r:.80}.")
    return value


def _list(value: Any, where: str) -> Sequence[Any]:
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise ToolDefinitionError(f"{where} must be a list, not {value!r:.80}.")
    return value


def _texts(value: Any, where: str) -> tuple[str, ...]:
    texts = _list(value, where)
    for text in texts:
        if not isinstance(text, str):
            raise ToolDefinitionError(f"{where} must be a list of texts, not {text!r:.80}.")
    return tuple(texts)
