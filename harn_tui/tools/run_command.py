"""The ``run_command`` tool: a shell command with live output and a time limit."""

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolErrorCategory, ToolKind
from harn_tui.tools.arguments import number_argument, text_argument
from harn_tui.tools.base import TimeKeeping, Tool, ToolAnnotations, ToolContext, ToolResult
from harn_tui.tools.command_run import CommandRun
from harn_tui.tools.command_start import ShellCommand
from harn_tui.tools.readable import one_line
from harn_tui.tools.running_command import (
    CommandOutcome,
    CommandServices,
    ended_words,
    signal_name,
)
from harn_tui.tools.write_file import encode_text

DEFAULT_TIMEOUT_S = 120
MIN_TIMEOUT_S = 0.1
MAX_TIMEOUT_S = 3600

COMMAND_PARAMETER: JsonObject = {
    "type": "string",
    "minLength": 1,
    "description": "The command, as typed into bash.",
}
"""The parameter that ``shell_command`` reads."""


def shell_command(arguments: JsonObject, context: ToolContext) -> ShellCommand:
    """Return the command that the parameter ``command`` holds. Raises ToolError."""
    text = text_argument(arguments, "command")
    encode_text(text, "command")
    if not text.strip() or "\x00" in text:
        raise ToolError(
            "parameter `command` may not be empty or hold a NUL character.",
            category=ToolErrorCategory.SCHEMA_VALIDATION,
        )
    return ShellCommand(text, context.cwd, context.workspace_roots)


async def _run(
    arguments: JsonObject, context: ToolContext, services: CommandServices
) -> ToolResult:
    asked_s = number_argument(arguments, "timeout_s", DEFAULT_TIMEOUT_S)
    timeout_s = min(MAX_TIMEOUT_S, max(MIN_TIMEOUT_S, asked_s))
    command = shell_command(arguments, context)
    run = CommandRun(context.on_output, services, context.tool_call_id)
    outcome = await run.run(command, timeout_s)
    return _result(outcome, timeout_s)


def _result(outcome: CommandOutcome, timeout_s: float) -> ToolResult:
    signal_text = signal_name(outcome.return_code)
    text = outcome.output.text.removesuffix("\n") or "(no output)"
    lines = [text, *_notes(outcome, timeout_s)]
    lines.append(f"exit_code={outcome.exit_code}" + (f" ({signal_text})" if signal_text else ""))
    ok = outcome.exit_code == 0 and not outcome.timed_out
    category = ToolErrorCategory.TIMEOUT if outcome.timed_out else ToolErrorCategory.TOOL_ERROR
    return ToolResult("\n".join(lines), ok=ok, details=outcome.details, category=category)


def _notes(outcome: CommandOutcome, timeout_s: float) -> list[str]:
    notes = [outcome.output.note] if outcome.output.note else []
    ended = ended_words(outcome.ended_pids, outcome.surviving_pids)
    if outcome.timed_out:
        advice = f"raise timeout_s (at most {MAX_TIMEOUT_S}) or do less in one command"
        notes.append(f"[timed out after {timeout_s:g} s; {ended}; {advice}]")
    elif outcome.ended_pids or outcome.surviving_pids:
        advice = "use what you start within the same command"
        notes.append(f"[the command left processes in the background; {ended}; {advice}]")
    return notes


def _summarize(arguments: JsonObject) -> str:
    return one_line(str(arguments.get("command", "")))


_DESCRIPTION = (
    "Run a shell command in the working folder and return its output (stdout and stderr together)"
    " and exit_code. There is no terminal and no input. Processes left in the background are ended"
    " when the command returns. The middle of a long output is cut."
)
_PARAMETERS: JsonObject = {
    "type": "object",
    "properties": {
        "command": COMMAND_PARAMETER,
        "timeout_s": {
            "type": "number",
            "default": DEFAULT_TIMEOUT_S,
            "minimum": MIN_TIMEOUT_S,
            "maximum": MAX_TIMEOUT_S,
            "description": "Seconds after which the command is ended.",
        },
    },
    "required": ["command"],
    "additionalProperties": False,
}


def run_command_tool(services: CommandServices) -> Tool:
    """Return the tool for a session whose commands share ``services``."""

    async def run(arguments: JsonObject, context: ToolContext) -> ToolResult:
        return await _run(arguments, context, services)

    return Tool(
        name="run_command",
        description=_DESCRIPTION,
        parameters=_PARAMETERS,
        annotations=ToolAnnotations(ToolKind.EXECUTE, "process_exec"),
        run=run,
        summarize=_summarize,
        time_keeping=TimeKeeping.OWN,
        is_output_bounded=True,
        confinement=services.confinement,
    )


RUN_COMMAND = run_command_tool(CommandServices())
"""The tool without a sandbox and without a place for long outputs."""
