"""The ``stop_command`` tool: ends a long-running command and all that it started."""

from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolKind
from harn_tui.tools.arguments import text_argument
from harn_tui.tools.base import Tool, ToolAnnotations, ToolContext, ToolResult
from harn_tui.tools.command_jobs import CommandJobs
from harn_tui.tools.poll_command import HANDLE_PARAMETER, described
from harn_tui.tools.readable import one_line

_PARAMETERS: JsonObject = {
    "type": "object",
    "properties": {"handle_id": HANDLE_PARAMETER},
    "required": ["handle_id"],
    "additionalProperties": False,
}


def _summarize(arguments: JsonObject) -> str:
    return f"stop {one_line(str(arguments.get('handle_id', '')))}"


def stop_command_tool(jobs: CommandJobs) -> Tool:
    """Return the tool that stops commands of ``jobs``."""

    async def run(arguments: JsonObject, context: ToolContext) -> ToolResult:
        job = jobs.find(context.session_id, text_argument(arguments, "handle_id"))
        was_running = await job.stop()
        details = {**job.as_json(), "cancelled": was_running}
        return ToolResult(described(job), details=details)

    return Tool(
        name="stop_command",
        description=(
            "Stop a command that start_command started, with everything that it started itself."
            " No result is told later."
        ),
        parameters=_PARAMETERS,
        annotations=ToolAnnotations(ToolKind.EXECUTE, "process_exec"),
        run=run,
        summarize=_summarize,
    )
