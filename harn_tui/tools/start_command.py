"""The ``start_command`` tool: a shell command that goes on while the model does something else."""

from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolKind
from harn_tui.tools.arguments import number_argument, text_argument
from harn_tui.tools.base import Tool, ToolAnnotations, ToolContext, ToolResult
from harn_tui.tools.command_jobs import MAX_RUNNING, CommandJobs
from harn_tui.tools.readable import one_line
from harn_tui.tools.run_command import COMMAND_PARAMETER, MIN_TIMEOUT_S, shell_command

MAX_TIMEOUT_S = 24 * 3600
_NO_LIMIT = 0.0

_DESCRIPTION = (
    "Start a shell command that takes long, such as a server or a long test run, and return at"
    " once with a handle. Go on with other work: when it ends, what it printed and its exit code"
    " come to you by themselves. poll_command looks at it before, stop_command ends it. At most"
    f" {MAX_RUNNING} run at a time; all of them end when you give your final answer."
)
_PARAMETERS: JsonObject = {
    "type": "object",
    "properties": {
        "command": COMMAND_PARAMETER,
        "timeout_s": {
            "type": "number",
            "minimum": MIN_TIMEOUT_S,
            "maximum": MAX_TIMEOUT_S,
            "description": "Seconds after which it is ended; without it there is no limit.",
        },
    },
    "required": ["command"],
    "additionalProperties": False,
}


def _summarize(arguments: JsonObject) -> str:
    return f"start {one_line(str(arguments.get('command', '')))}"


def start_command_tool(jobs: CommandJobs) -> Tool:
    """Return the tool that starts commands of ``jobs``."""

    async def run(arguments: JsonObject, context: ToolContext) -> ToolResult:
        asked_s = number_argument(arguments, "timeout_s", _NO_LIMIT)
        timeout_s = min(asked_s, MAX_TIMEOUT_S) if asked_s > 0 else None
        command = shell_command(arguments, context)
        job = await jobs.start(context.session_id, command, timeout_s)
        text = (
            f"Started as {job.ids.handle_id}: {one_line(text_argument(arguments, 'command'))}\n"
            "Its result will be told to you when it has ended."
        )
        return ToolResult(text, details=job.as_json())

    return Tool(
        name="start_command",
        description=_DESCRIPTION,
        parameters=_PARAMETERS,
        annotations=ToolAnnotations(ToolKind.EXECUTE, "process_exec"),
        run=run,
        summarize=_summarize,
        confinement=jobs.confinement,
    )
