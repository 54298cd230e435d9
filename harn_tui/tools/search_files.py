"""The ``search_files`` tool: lines that match a regular expression, below a folder."""

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolErrorCategory, ToolKind
from harn_tui.tools import search_worker
from harn_tui.tools.arguments import flag_argument, integer_argument, text_argument
from harn_tui.tools.base import TimeKeeping, Tool, ToolAnnotations, ToolContext, ToolResult
from harn_tui.tools.completion import run_in_thread
from harn_tui.tools.file_access import file_error
from harn_tui.tools.readable import one_line
from harn_tui.tools.search_process import SearchOutcome, run_search
from harn_tui.tools.workspace import resolve_path, shown_path
from harn_tui.tools.write_file import encode_text

DEFAULT_MAX_RESULTS = 100
MAX_RESULTS = 1000
SEARCH_TIMEOUT_S = 30.0
_MAX_PATTERN_CHARACTERS = 5000
IGNORE_FLAGS = (
    "--no-config",
    "--no-messages",
    "--no-require-git",
    "--no-ignore-dot",
    "--no-ignore-exclude",
    "--no-ignore-global",
)
"""Let ripgrep leave out hidden files and what a .gitignore names, and nothing else."""

_RIPGREP_FLAGS = (
    *IGNORE_FLAGS,
    "--color=never",
    "--no-heading",
    "--with-filename",
    "--line-number",
    "--null",
    "--crlf",
    "--sort=path",
)


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What to search for. ``target`` is absolute, or relative to the working folder."""

    pattern: str
    target: str
    glob: str | None
    ignore_case: bool
    max_results: int


async def _run(arguments: JsonObject, context: ToolContext) -> ToolResult:
    path = text_argument(arguments, "path", ".")
    target = await run_in_thread(lambda: _target(context, path))
    glob = text_argument(arguments, "glob", "").strip()
    request = SearchRequest(
        pattern=_checked_text(text_argument(arguments, "pattern"), "pattern"),
        target=target,
        glob=_checked_text(glob, "glob") if glob else None,
        ignore_case=flag_argument(arguments, "ignore_case"),
        max_results=min(
            MAX_RESULTS, max(1, integer_argument(arguments, "max_results", DEFAULT_MAX_RESULTS))
        ),
    )
    return _result(request, await _search(request, context.cwd))


def _target(context: ToolContext, path: str) -> str:
    resolved = resolve_path(context, path)
    shown = shown_path(context, resolved)
    try:
        resolved.stat()
    except OSError as error:
        raise file_error(error, resolved, shown) from error
    folder = Path(os.path.realpath(context.cwd))
    return str(resolved.relative_to(folder) if resolved.is_relative_to(folder) else resolved)


def _checked_text(text: str, parameter: str) -> str:
    encode_text(text, parameter)
    if not text or "\x00" in text or len(text) > _MAX_PATTERN_CHARACTERS:
        raise ToolError(
            f"parameter `{parameter}` must have 1 to {_MAX_PATTERN_CHARACTERS} characters and no"
            " NUL character.",
            category=ToolErrorCategory.SCHEMA_VALIDATION,
        )
    return text


async def _search(request: SearchRequest, cwd: Path) -> SearchOutcome:
    """Search with ripgrep; where it is missing or cannot read the pattern, in Python."""
    ripgrep = shutil.which("rg")
    if ripgrep is not None:
        command = _ripgrep_command(ripgrep, request)
        outcome = await run_search(command, cwd, request.max_results, SEARCH_TIMEOUT_S)
        # Exit code 2 with matches only means that some files could not be read.
        if outcome.exit_code in {None, 0, 1} or outcome.matches:
            return outcome
    outcome = await run_search(_python_command(request), cwd, request.max_results, SEARCH_TIMEOUT_S)
    _raise_for(outcome)
    return outcome


def _raise_for(outcome: SearchOutcome) -> None:
    if outcome.exit_code == search_worker.BAD_PATTERN_EXIT:
        raise ToolError(
            f"parameter `pattern` is not a valid regular expression: {outcome.error}.",
            category=ToolErrorCategory.SCHEMA_VALIDATION,
            hint="Put a backslash before ( ) [ ] { } . * + ? ^ $ | to search for them as text.",
        )
    if outcome.exit_code == search_worker.BAD_GLOB_EXIT:
        raise ToolError(
            f"parameter `glob` is not a valid glob: {outcome.error}.",
            category=ToolErrorCategory.SCHEMA_VALIDATION,
            hint="Use a glob such as *.py, src/**/*.ts or *.{js,ts}.",
        )
    if outcome.exit_code and not outcome.matches:
        raise ToolError(f"The search failed: {outcome.error or outcome.exit_code}.")


def _ripgrep_command(ripgrep: str, request: SearchRequest) -> list[str]:
    command = [ripgrep, *_RIPGREP_FLAGS]
    command.append("--ignore-case" if request.ignore_case else "--case-sensitive")
    if request.glob is not None:
        command.append(f"--glob={request.glob}")
    return [*command, f"--regexp={request.pattern}", "--", request.target]


def _python_command(request: SearchRequest) -> list[str]:
    fields = {
        "pattern": request.pattern,
        "target": request.target,
        "glob": request.glob,
        "ignore_case": request.ignore_case,
    }
    # Isolated, so that no file of the searched folder is ever imported.
    return [sys.executable, "-I", search_worker.__file__, json.dumps(fields)]


def _result(request: SearchRequest, outcome: SearchOutcome) -> ToolResult:
    count = len(outcome.matches)
    details: JsonObject = {"matches": count}
    if outcome.timed_out:
        details["timed_out"] = True
        if not count:
            raise ToolError(
                f"The search was stopped after {SEARCH_TIMEOUT_S:g} s without a match.",
                category=ToolErrorCategory.TIMEOUT,
                hint="Search a smaller folder, or give a glob or a simpler pattern.",
            )
    if not count:
        return ToolResult(f"No line matches {request.pattern!r}.", details=details)
    lines = list(outcome.matches)
    if outcome.has_more:
        lines.append(
            f"[more matches not shown after the first {count}; narrow pattern, path or glob, or"
            f" raise max_results (at most {MAX_RESULTS})]"
        )
    elif outcome.timed_out:
        lines.append(f"[incomplete: the search was stopped after {SEARCH_TIMEOUT_S:g} s]")
    return ToolResult("\n".join(lines), details=details)


def _summarize(arguments: JsonObject) -> str:
    glob = arguments.get("glob")
    files = f" ({one_line(str(glob))})" if glob else ""
    pattern = one_line(str(arguments.get("pattern", "")))
    return f"search {pattern} in {one_line(str(arguments.get('path') or '.'))}{files}"


SEARCH_FILES = Tool(
    name="search_files",
    description=(
        "Search the lines of files for a regular expression. Returns `path:line: text`, sorted"
        " by path. Hidden files, binary files and those that .gitignore names are left out."
    ),
    parameters={
        "type": "object",
        "properties": {
            "pattern": {
                "type": "string",
                "minLength": 1,
                "description": "Regular expression that a line must contain.",
            },
            "path": {
                "type": "string",
                "default": ".",
                "description": "Folder or file to search.",
            },
            "glob": {
                "type": "string",
                "description": (
                    "Only files whose path from the working folder matches, such as *.py or"
                    " src/**/*.ts; a leading ! excludes them instead."
                ),
            },
            "ignore_case": {
                "type": "boolean",
                "default": False,
                "description": "Let small and capital letters match each other.",
            },
            "max_results": {
                "type": "integer",
                "default": DEFAULT_MAX_RESULTS,
                "minimum": 1,
                "maximum": MAX_RESULTS,
                "description": "How many matching lines to return at most.",
            },
        },
        "required": ["pattern"],
        "additionalProperties": False,
    },
    annotations=ToolAnnotations(ToolKind.SEARCH, "read_only", ("path",)),
    run=_run,
    summarize=_summarize,
    time_keeping=TimeKeeping.OWN,
)
