"""One line on a tool call, in words: verb, object and key fact. Pure functions of the block."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harn_tui.json_types import JsonValue
from harn_tui.kinds import ToolKind
from harn_tui.view.model import ToolBlock

_VERBS = {
    "read_file": "Read",
    "list_directory": "List",
    "search_files": "Search",
    "write_file": "Write",
    "edit_file": "Edit",
    "run_command": "Run",
    "update_plan": "Plan",
    "emit_plan": "Plan",
}
_KIND_VERBS = {
    ToolKind.READ: "Read",
    ToolKind.EDIT: "Edit",
    ToolKind.DELETE: "Delete",
    ToolKind.MOVE: "Move",
    ToolKind.SEARCH: "Search",
    ToolKind.EXECUTE: "Run",
    ToolKind.FETCH: "Fetch",
}
_OBJECT_KEYS = ("path", "file_path", "filename", "command", "pattern", "query", "url", "title")

_EARLY = re.compile(r'"(?:path|command|pattern|query|url|title)"\s*:\s*"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class ToolLine:
    """``verb`` and ``target`` say what the call does, ``facts`` what came of it."""

    verb: str
    target: str
    facts: tuple[str, ...] = ()


def tool_line(block: ToolBlock) -> ToolLine:
    """Return the line of a tool call as far as it is known."""
    verb = _VERBS.get(block.tool_name)
    if verb is None and block.kind is not None:
        verb = _KIND_VERBS.get(block.kind)
    target = _target(block)
    if verb is None:
        verb = block.tool_name
    elif block.tool_name not in _VERBS and not target:
        target = block.tool_name
    return ToolLine(verb, target, tuple(_facts(block)))


def _target(block: ToolBlock) -> str:
    arguments = block.arguments if isinstance(block.arguments, dict) else {}
    if not arguments and block.arguments_partial:
        found_early = _EARLY.search(block.arguments_partial, 0, 2000)
        return found_early.group(1).replace("\\n", " ") if found_early else ""
    if block.tool_name in {"update_plan", "emit_plan"}:
        return _text(arguments.get("title"))
    found = [_text(arguments[key]) for key in _OBJECT_KEYS if key in arguments]
    target = " ".join(found[0].split()) if found else ""
    if block.tool_name == "search_files" and "pattern" in arguments:
        place = _text(arguments.get("path"))
        target = _text(arguments.get("pattern")) + (f" in {place}" if place else "")
    if not target and arguments:
        target = ", ".join(f"{key}={_text(value)}" for key, value in list(arguments.items())[:4])
    return target[:500]


def _facts(block: ToolBlock) -> list[str]:
    details = block.details
    facts: list[str] = []
    if details.get("created") is True:
        facts.append("new file")
    added, removed = details.get("added"), details.get("removed")
    if isinstance(added, int) and isinstance(removed, int):
        facts.append(f"+{added} -{removed}")
    matches = details.get("matches")
    if isinstance(matches, int):
        facts.append("1 match" if matches == 1 else f"{matches:,} matches")
    entries = details.get("entries")
    if isinstance(entries, int):
        facts.append("1 entry" if entries == 1 else f"{entries:,} entries")
    exit_code = details.get("exit_code")
    if isinstance(exit_code, int):
        facts.append(f"exit {exit_code}")
    if details.get("timed_out") is True:
        facts.append("timed out")
    return facts


def _text(value: JsonValue) -> str:
    return value[:500] if isinstance(value, str) else "" if value is None else str(value)[:200]
