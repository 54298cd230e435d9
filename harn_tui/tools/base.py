"""What a tool is: a schema, annotations, and one coroutine.

Tools know nothing of events or permissions: they return values, raise ToolError, and call a
plain callback with live output.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from harn_tui.json_types import JsonObject
from harn_tui.kinds import OutputStream, ToolErrorCategory, ToolKind


@dataclass(frozen=True, slots=True)
class ToolAnnotations:
    """What policy and people need to know of a tool before it runs.

    ``side_effect_level`` is one of none, read_only, workspace_write, process_exec, network.
    ``path_params`` names the parameters that hold file paths. ``runs_beside_others`` tells that
    calls of the tool may run at the same time although it is not of a read-only kind.
    """

    kind: ToolKind = ToolKind.OTHER
    side_effect_level: str = "none"
    path_params: tuple[str, ...] = ()
    runs_beside_others: bool = False

    @property
    def is_concurrent(self) -> bool:
        """Whether an approved call may run beside its neighbours."""
        return self.kind.is_read_only or self.runs_beside_others


@dataclass(frozen=True, slots=True)
class ToolContext:
    """What a running tool may use.

    ``workspace_roots`` are resolved folders; a path outside all of them is refused.
    ``on_output`` takes live output and may be called from the tool's own task only.
    ``tool_call_id`` names the call as people and programs are told of it.
    """

    session_id: str
    cwd: Path
    workspace_roots: tuple[Path, ...]
    on_output: Callable[[str, OutputStream], None]
    tool_call_id: str = ""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool call produced.

    ``text`` is what the model reads. ``details`` is JSON for people and programs, such as
    ``{"exit_code": 0}``, ``{"diff": str, "added": int, "removed": int, "path": str}`` or
    ``{"plan": {…}}``; the model does not see it. ``ok`` false means the tool ran but failed
    (a non-zero exit); the call is then shown as failed, with ``category``, and the model reads
    the text all the same.
    """

    text: str
    ok: bool = True
    category: ToolErrorCategory = ToolErrorCategory.TOOL_ERROR
    details: JsonObject = field(default_factory=dict)


ToolFunction: TypeAlias = Callable[[JsonObject, ToolContext], Awaitable[ToolResult]]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that can be offered to a model.

    ``parameters`` is a JSON Schema of type ``object``. ``run`` gets arguments that passed it,
    raises ToolError with a message that the model can act on, and leaves no process, file
    handle or task behind when it is cancelled. ``summarize`` returns one line in words for an
    approval or a tool row, such as the command or ``write src/app.py (48 lines)``.
    ``defer_loading`` keeps the tool out of requests until a search has found it
    (docs/tool_search.md). ``namespace`` groups tools, ``None`` for none.
    ``mcp_server`` names the MCP server that runs it, ``None`` for a tool of this program.
    """

    name: str
    description: str
    parameters: JsonObject
    annotations: ToolAnnotations
    run: ToolFunction
    summarize: Callable[[JsonObject], str]
    defer_loading: bool = False
    namespace: str | None = None
    mcp_server: str | None = None
