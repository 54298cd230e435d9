"""Who runs a tool that is defined as plain data, and what its entry must say for it."""

from collections.abc import Mapping
from typing import Any, Final, NoReturn

from harn_tui.errors import ToolDefinitionError
from harn_tui.kinds import ExecutorKind

BUILTIN_EXECUTORS: Final = frozenset({"harn", ExecutorKind.HARN_BUILTIN.value})
_NAMED_BY: Final[Mapping[ExecutorKind, str | None]] = {
    ExecutorKind.HOST_BRIDGE: "host_capability",
    ExecutorKind.MCP_SERVER: "mcp_server",
    ExecutorKind.PROVIDER_NATIVE: None,
}
"""What runs outside of this process, and the key that names it more closely."""

_ACCEPTED: Final = (
    'Accepted: a `handler`, which executor "harn" runs; "host_bridge" with a `host_capability`; '
    '"mcp_server" with an `mcp_server`; "provider_native".'
)


def executor_of(
    name: str, entry: Mapping[str, Any], *, has_builtin: bool, is_complete: bool
) -> ExecutorKind:
    """Return who runs the tool ``name``.

    ``has_builtin`` says that a built-in tool has the name, which can stand in for a handler.
    ``is_complete`` demands the key that names a host's or server's part. Raises
    ToolDefinitionError that names the tool and what is accepted.
    """
    declared, has_handler = entry.get("executor"), entry.get("handler") is not None
    if declared is not None and not isinstance(declared, str):
        _refuse(name, f"`executor` must be a string, not {declared!r:.80}")
    if has_handler and not callable(entry["handler"]):
        _refuse(name, f"`handler` must be callable, not {entry['handler']!r:.80}")
    if declared is None and not has_handler:
        if _has_text(entry, "_mcp_server"):
            return ExecutorKind.MCP_SERVER
        _refuse(name, "there is no executable backend for it")
    if declared is None or declared in BUILTIN_EXECUTORS:
        return _builtin(name, entry, declared, has_backend=has_handler or has_builtin)
    if declared not in _NAMED_BY:
        accepted = ", ".join(["harn", *_NAMED_BY])
        _refuse(name, f"there is no executor {declared!r}, only {accepted}")
    executor = ExecutorKind(declared)
    if has_handler:
        _refuse(name, f"a tool that {declared} runs has no `handler`")
    needed = _NAMED_BY[executor]
    if is_complete and needed is not None and not _has_text(entry, needed):
        _refuse(name, f"`{needed}` must be text that is not empty")
    return executor


def _builtin(
    name: str, entry: Mapping[str, Any], declared: str | None, *, has_backend: bool
) -> ExecutorKind:
    if not has_backend:
        _refuse(name, f"executor {declared!r} needs a `handler`")
    for key in ("host_capability", "mcp_server"):
        if entry.get(key) is not None:
            _refuse(name, f"a tool with a handler has no `{key}`")
    return ExecutorKind.HARN_BUILTIN


def _has_text(entry: Mapping[str, Any], key: str) -> bool:
    value = entry.get(key)
    return isinstance(value, str) and bool(value.strip())


def _refuse(name: str, problem: str) -> NoReturn:
    raise ToolDefinitionError(f"The tool {name} cannot be used: {problem}.", hint=_ACCEPTED)
