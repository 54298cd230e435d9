"""The ``list_directory`` tool: the sorted names in a folder."""

from pathlib import Path

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolKind
from harn_tui.tools.arguments import text_argument
from harn_tui.tools.base import Tool, ToolAnnotations, ToolContext, ToolResult
from harn_tui.tools.completion import run_in_thread
from harn_tui.tools.file_access import file_error, is_folder
from harn_tui.tools.readable import one_line, readable_name
from harn_tui.tools.workspace import resolve_path, shown_path

MAX_ENTRIES = 2000


def list_folder(context: ToolContext, folder: Path) -> ToolResult:
    """Return the names in a resolved ``folder``, sorted, ``/`` appended to folders."""
    shown = shown_path(context, folder)
    try:
        names = sorted(
            readable_name(entry.name) + ("/" if is_folder(entry) else "")
            for entry in folder.iterdir()
        )
    except NotADirectoryError as error:
        raise ToolError(f"{shown} is a file, not a folder.", hint="Use read_file.") from error
    except OSError as error:
        raise file_error(error, folder, shown) from error
    lines = names[:MAX_ENTRIES]
    if len(names) > MAX_ENTRIES:
        lines.append(f"[{len(names) - MAX_ENTRIES:,} more entries not shown; use search_files]")
    return ToolResult(
        "\n".join(lines) or "[the folder is empty]",
        details={"path": shown, "entries": len(names)},
    )


async def _run(arguments: JsonObject, context: ToolContext) -> ToolResult:
    path = text_argument(arguments, "path", ".")
    return await run_in_thread(lambda: list_folder(context, resolve_path(context, path)))


def _summarize(arguments: JsonObject) -> str:
    return f"list {one_line(str(arguments.get('path') or '.'))}"


LIST_DIRECTORY = Tool(
    name="list_directory",
    description="List the names in a folder, sorted; folders end with a slash.",
    parameters={
        "type": "object",
        "properties": {
            "path": {
                "type": "string",
                "default": ".",
                "description": "Folder to list, absolute or relative to the working folder.",
            },
        },
        "required": [],
        "additionalProperties": False,
    },
    annotations=ToolAnnotations(ToolKind.READ, "read_only", ("path",)),
    run=_run,
    summarize=_summarize,
)
