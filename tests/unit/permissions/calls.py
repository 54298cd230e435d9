"""Calls and annotations as tests of policies need them."""

from pathlib import Path

from harn_tui.json_types import JsonValue
from harn_tui.kinds import ToolKind
from harn_tui.permissions.annotations import CallAnnotations, SideEffectLevel
from harn_tui.permissions.call_texts import PermissionCall

READS = CallAnnotations(ToolKind.READ, SideEffectLevel.READ_ONLY, ("path",))
WRITES = CallAnnotations(ToolKind.EDIT, SideEffectLevel.WORKSPACE_WRITE, ("path",))
RUNS = CallAnnotations(ToolKind.EXECUTE, SideEffectLevel.PROCESS_EXEC)
FETCHES = CallAnnotations(ToolKind.FETCH, SideEffectLevel.NETWORK)
SAYS_NOTHING = CallAnnotations()


def call(tool: str, cwd: Path | None = None, /, **arguments: JsonValue) -> PermissionCall:
    """Return a call of ``tool`` from the folder ``cwd``."""
    return PermissionCall(tool, arguments, cwd=cwd)


def run(command: str, cwd: Path | None = None) -> PermissionCall:
    """Return a call that runs ``command``."""
    return PermissionCall("run_command", {"command": command}, cwd=cwd)
