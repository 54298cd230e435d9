"""What a tool is: a schema, annotations, and one coroutine.

Tools know nothing of events or permissions: they return values, raise ToolError, and call a
plain callback with live output.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from harn_tui.errors import ToolDefinitionError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import ExecutorKind, OutputStream, SideEffectLevel, ToolErrorCategory, ToolKind
from harn_tui.tools.foreseen_change import ForeseenChange


@dataclass(frozen=True, slots=True)
class ToolAnnotations:
    """What policy and people need to know of a tool before it runs.

    ``side_effect_level`` is a word of ``SideEffectLevel``; any other is refused.
    ``path_params`` names the parameters that hold file paths. ``runs_beside_others`` tells that
    calls of the tool may run at the same time although it is not of a read-only kind.
    ``arg_aliases`` are other names that models use for parameters, ``required`` further names
    that belong to the surface of the tool. ``capabilities`` are the operations that it performs,
    by capability. ``emits_artifacts`` means that a result is a handle to something that the tools
    in ``result_readers`` read, ``inline_result`` that it needs no reader. ``reaches_any_address``
    means that a call goes to whatever address of the network the model writes: such a tool asks,
    whatever its kind, because an address can carry away what the model has read.
    """

    kind: ToolKind = ToolKind.OTHER
    side_effect_level: str = SideEffectLevel.NONE
    path_params: tuple[str, ...] = ()
    runs_beside_others: bool = False
    arg_aliases: Mapping[str, str] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    capabilities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    emits_artifacts: bool = False
    result_readers: tuple[str, ...] = ()
    inline_result: bool = False
    reaches_any_address: bool = False

    def __post_init__(self) -> None:
        accepted = [level.value for level in SideEffectLevel]
        if self.side_effect_level not in accepted:
            raise ToolDefinitionError(
                f"There is no side_effect_level {self.side_effect_level!r}.",
                hint=f"Accepted: {', '.join(accepted)}.",
            )

    @property
    def level(self) -> SideEffectLevel:
        """The level of side effects."""
        return SideEffectLevel(self.side_effect_level)

    @property
    def is_concurrent(self) -> bool:
        """Whether an approved call may run beside its neighbours."""
        return self.kind.is_read_only or self.runs_beside_others


class TimeKeeping(StrEnum):
    """Which of a loop's time limits count for the calls of a tool."""

    LOOP = "loop"
    """All of them."""
    OWN = "own"
    """The tool ends in time by itself: only a limit that is given for it by name."""
    PEOPLE = "people"
    """None: people may be waited for while the tool runs, and they take as long as they take."""


UNANNOTATED = ToolAnnotations()
"""What a tool has that says nothing of itself."""


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
    ``executor`` says who runs it, ``mcp_server`` and ``host_capability`` name that one more
    closely. ``defer_loading`` keeps the tool out of requests until a search has found it
    (docs/tool_search.md). ``paths_of`` returns the paths that stand within an argument, for
    permissions; it is called in a thread, ``None`` when parameters hold all paths.
    ``namespace`` groups tools, ``None`` for none. ``output_schema`` is the JSON Schema of its
    result where that is JSON, ``None`` where nothing is known. ``is_compact`` asks for one line
    in the prompt of the text format. ``extra`` is what else its definition said, for hosts.
    ``timeout_s`` is the longest that one attempt may take, ``None`` for the loop's default;
    ``time_keeping`` says which limits count at all. ``is_output_bounded`` tells that results are
    short or paged by the tool itself: they are never cut. ``is_of_runtime`` marks what the loop
    itself adds and answers from memory: the list of an execution policy's tools does not hold
    for it. ``foresee`` tells what a call would change, for the person who decides on it; it is
    called in a thread, changes nothing, and raises ToolError when it cannot tell. ``confinement``
    says in a few words whether a sandbox will hold a call that somebody is asked about, ``None``
    for a tool that has none to do with it.
    """

    name: str
    description: str
    parameters: JsonObject
    annotations: ToolAnnotations
    run: ToolFunction
    summarize: Callable[[JsonObject], str]
    mcp_server: str | None = None
    defer_loading: bool = False
    paths_of: Callable[[JsonObject], tuple[str, ...]] | None = None
    namespace: str | None = None
    executor: ExecutorKind = ExecutorKind.HARN_BUILTIN
    host_capability: str | None = None
    output_schema: JsonObject | None = None
    is_compact: bool = False
    is_of_runtime: bool = False
    extra: Mapping[str, JsonValue] = field(default_factory=dict)
    timeout_s: float | None = None
    time_keeping: TimeKeeping = TimeKeeping.LOOP
    is_output_bounded: bool = False
    foresee: Callable[[JsonObject, ToolContext], ForeseenChange] | None = None
    confinement: Callable[[], Awaitable[str]] | None = None

    @property
    def executor_record(self) -> JsonObject:
        """Who runs the tool, as events tell it."""
        if self.mcp_server is not None:
            return {"kind": ExecutorKind.MCP_SERVER.value, "server_name": self.mcp_server}
        return {"kind": self.executor.value}
