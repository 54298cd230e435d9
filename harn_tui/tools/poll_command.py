"""The ``poll_command`` tool: how a long-running command stands, and what it printed since."""

from harn_tui.json_types import JsonObject
from harn_tui.kinds import CommandStatus, ToolKind
from harn_tui.tools.arguments import number_argument, text_argument
from harn_tui.tools.base import Tool, ToolAnnotations, ToolContext, ToolResult
from harn_tui.tools.command_job import CommandJob
from harn_tui.tools.command_jobs import CommandJobs
from harn_tui.tools.readable import one_line

MAX_WAIT_S = 120.0
HANDLE_PARAMETER: JsonObject = {
    "type": "string",
    "minLength": 1,
    "description": "The handle that start_command returned.",
}

_DESCRIPTION = (
    "Look at a command that start_command started: whether it still runs, and what it printed"
    " since the last look. With `wait_s` it waits that long for the command to end."
)
_PARAMETERS: JsonObject = {
    "type": "object",
    "properties": {
        "handle_id": HANDLE_PARAMETER,
        "wait_s": {
            "type": "number",
            "default": 0,
            "minimum": 0,
            "maximum": MAX_WAIT_S,
            "description": "Seconds to wait for the end of the command.",
        },
    },
    "required": ["handle_id"],
    "additionalProperties": False,
}


def described(job: CommandJob) -> str:
    """Return what a model reads of ``job``: its new output, then one line on how it stands."""
    lines = [job.take_unread().removesuffix("\n") or "(no new output)"]
    outcome = job.outcome
    if outcome is not None and outcome.output.note:
        lines.append(outcome.output.note)
    lines.append(f"[{job.ids.handle_id} {_standing(job)}]")
    return "\n".join(lines)


def _standing(job: CommandJob) -> str:
    spent = f"{job.duration_s:.1f} s"
    if job.status is CommandStatus.RUNNING:
        return f"has been running for {spent}"
    if job.status is CommandStatus.STOPPED:
        return f"was stopped after {spent}"
    if job.outcome is None:
        return f"ended after {spent} with an error of this program"
    timed_out = ", its time limit" if job.outcome.timed_out else ""
    return f"ended after {spent}{timed_out}; exit_code={job.outcome.exit_code}"


def _summarize(arguments: JsonObject) -> str:
    return f"look at {one_line(str(arguments.get('handle_id', '')))}"


def poll_command_tool(jobs: CommandJobs) -> Tool:
    """Return the tool that looks at commands of ``jobs``."""

    async def run(arguments: JsonObject, context: ToolContext) -> ToolResult:
        job = jobs.find(context.session_id, text_argument(arguments, "handle_id"))
        await job.wait_ended(min(MAX_WAIT_S, number_argument(arguments, "wait_s", 0)))
        return ToolResult(described(job), details=job.as_json())

    return Tool(
        name="poll_command",
        description=_DESCRIPTION,
        parameters=_PARAMETERS,
        annotations=ToolAnnotations(ToolKind.READ, "read_only"),
        run=run,
        summarize=_summarize,
        is_output_bounded=True,
    )
