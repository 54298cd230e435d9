"""The tool calls that the demo makes, fitted to the schemas that are really offered."""

from typing import Final

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.providers.base import ToolSchema
from harn_tui.providers.wire_json import object_of

NOTES_FILE: Final = "harn-demo-notes.md"

DEMO_COMMAND: Final = (
    'for step in 1 2 3 4 5; do echo "demo step $step of 5"; sleep 0.4; done; ls -la'
)

_READABLE_SUFFIXES: Final = (
    *(".md", ".rst", ".txt", ".toml", ".cfg", ".json", ".yaml", ".yml", ".py", ".js", ".ts"),
    *(".rs", ".go", ".c", ".h", ".java", ".rb", ".sh", ".html", ".css"),
)
_READ_FIRST: Final = ("readme", "pyproject", "package.json", "cargo.toml", "go.mod", "makefile")
_NEVER_READ: Final = ("lock", "secret", "credential", "token", "password", NOTES_FILE)


def fitted(tool: ToolSchema, *values: tuple[tuple[str, ...], JsonValue]) -> JsonObject:
    """Return arguments for ``tool``; each value goes under the first of its names that it has."""
    properties = object_of(tool.parameters.get("properties"))
    arguments: JsonObject = {}
    for names, value in values:
        name = next((name for name in names if name in properties), names[0])
        arguments[name] = value
    return arguments


def path_arguments(tool: ToolSchema, path: str) -> JsonObject:
    """Return arguments that name a path."""
    return fitted(tool, (("path", "file_path", "file", "directory"), path))


def search_arguments(tool: ToolSchema, text: str) -> JsonObject:
    """Return arguments that search for ``text``."""
    return fitted(tool, (("pattern", "query", "text", "regex"), text))


def write_arguments(tool: ToolSchema, path: str, content: str) -> JsonObject:
    """Return arguments that write a file."""
    return fitted(tool, (("path", "file_path"), path), (("content", "contents", "text"), content))


def command_arguments(tool: ToolSchema) -> JsonObject:
    """Return arguments that run the demo's harmless command."""
    return fitted(tool, (("command", "cmd", "script"), DEMO_COMMAND))


def plan_arguments(tool: ToolSchema, steps: tuple[str, ...], current: int) -> JsonObject:
    """Return a plan whose steps before ``current`` are completed and which is at ``current``."""
    properties = object_of(tool.parameters.get("properties"))
    list_name = next((name for name in ("plan", "steps") if name in properties), "plan")
    items = object_of(object_of(properties.get(list_name)).get("items"))
    step_fields = object_of(items.get("properties"))
    text_name = next((name for name in ("step", "content") if name in step_fields), "step")
    plan: list[JsonValue] = [
        {text_name: step, "status": _status(index, current)} for index, step in enumerate(steps)
    ]
    return {list_name: plan}


def readable_names(entries: tuple[str, ...], limit: int) -> list[str]:
    """Return the entries most worth reading: small text files, the well-known ones first."""
    candidates = [name for name in entries if _is_readable(name)]
    return sorted(candidates, key=_reading_order)[:limit]


def _status(index: int, current: int) -> str:
    if index < current:
        return "completed"
    return "in_progress" if index == current else "pending"


def _is_readable(name: str) -> bool:
    lowered = name.lower()
    if name.startswith(".") or any(part in lowered for part in _NEVER_READ):
        return False
    return lowered.endswith(_READABLE_SUFFIXES) or lowered in {"makefile", "readme", "dockerfile"}


def _reading_order(name: str) -> tuple[int, str]:
    lowered = name.lower()
    for rank, start in enumerate(_READ_FIRST):
        if lowered.startswith(start):
            return rank, lowered
    return len(_READ_FIRST), lowered
