"""The ``run_command`` tool: a shell command with live output and a time limit."""

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolErrorCategory, ToolKind
from harn_tui.tools.arguments import number_argument, text_argument
from harn_tui.tools.base import Tool, ToolAnnotations, ToolContext, ToolResult
from harn_tui.tools.command_run import CommandOutcome, CommandRun, ended_words, signal_name
from harn_tui.tools.readable import one_line
from harn_tui.tools.write_file import encode_text

DEFAULT_TIMEOUT_S = 120
MIN_TIMEOUT_S = 0.1
MAX_TIMEOUT_S = 3600
_SIGNAL_EXIT_BASE = 128  # what a shell reports for a child that a signal ended


async def _run(arguments: JsonObject, context: ToolContext) -> ToolResult:
    command = text_argument(arguments, "command")
    asked_s = number_argument(arguments, "timeout_s", DEFAULT_TIMEOUT_S)
    timeout_s = min(MAX_TIMEOUT_S, max(MIN_TIMEOUT_S, asked_s))
    encode_text(command, "command")
    if not command.strip() or "\x00" in command:
        raise ToolError(
            "parameter `command` may not be empty or hold a NUL character.",
            category=ToolErrorCategory.SCHEMA_VALIDATION,
        )
    outcome = await CommandRun(context.on_output).run(command, context.cwd, timeout_s)
    return _result(outcome, timeout_s)


def _result(outcome: CommandOutcome, timeout_s: float) -> ToolResult:
    signal_text = signal_name(outcome.return_code)
    code = outcome.return_code
    exit_code = code if code >= 0 else _SIGNAL_EXIT_BASE - code
    lines = [outcome.output.removesuffix("\n") or "(no output)", *_notes(outcome, timeout_s)]
    lines.append(f"exit_code={exit_code}" + (f" ({signal_text})" if signal_text else ""))
    details: JsonObject = {"exit_code": exit_code}
    if signal_text:
        details["signal"] = signal_text
    if outcome.ended_pids:
        details["killed_pids"] = list(outcome.ended_pids)
    if outcome.timed_out:
        details["timed_out"] = True
    ok = exit_code == 0 and not outcome.timed_out
    category = ToolErrorCategory.TIMEOUT if outcome.timed_out else ToolErrorCategory.TOOL_ERROR
    return ToolResult("\n".join(lines), ok=ok, details=details, category=category)


def _notes(outcome: CommandOutcome, timeout_s: float) -> list[str]:
    ended = ended_words(outcome.ended_pids, outcome.surviving_pids)
    if outcome.timed_out:
        advice = f"raise timeout_s (at most {MAX_TIMEOUT_S}) or do less in one command"
        return [f"[timed out after {timeout_s:g} s; {ended}; {advice}]"]
    if outcome.ended_pids or outcome.surviving_pids:
        advice = "use what you start within the same command"
        return [f"[the command left processes in the background; {ended}; {advice}]"]
    return []


def _summarize(arguments: JsonObject) -> str:
    return one_line(str(arguments.get("command", "")))


RUN_COMMAND = Tool(
    name="run_command",
    description=(
        "Run a shell command in the working folder and return its output (stdout and stderr"
        " together) and exit_code. There is no terminal and no input. Processes left in the"
        " background are ended when the command returns. The middle of a long output is cut."
    ),
    parameters={
        "type": "object",
        "properties": {
            "command": {
                "type": "string",
                "minLength": 1,
                "description": "The command, as typed into bash.",
            },
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
    },
    annotations=ToolAnnotations(ToolKind.EXECUTE, "process_exec"),
    run=_run,
    summarize=_summarize,
)
