"""Everything a person needs to decide on a call, as styled text with nothing hidden."""

from __future__ import annotations

import json
from difflib import unified_diff
from typing import TYPE_CHECKING

from textual.content import Content

from harn_tui.console.approval.foreseen import LOOKING, change_facts, diff_parts
from harn_tui.console.approval.parts import DIFF_STYLES, Part
from harn_tui.console.plain_text import revealed
from harn_tui.json_types import JsonObject, JsonValue

if TYPE_CHECKING:
    from harn_tui.tools.foreseen_change import ForeseenChange

USUAL_PATHS = ("path",)
"""The parameters that hold paths where nobody tells which."""

_REPLACED_PAIRS = (("old_text", "new_text"), ("old_string", "new_string"), ("old", "new"))


def describe_call(
    tool_name: str,
    arguments: JsonValue,
    summary: str,
    *,
    path_params: tuple[str, ...] = USUAL_PATHS,
    change: ForeseenChange | None = None,
    is_looking: bool = False,
) -> Content:
    """Return the call in full: a command line, a diff, or each argument by its name, paths first.

    ``summary`` stands in when there are no arguments to show. ``change`` is what the call would
    make of a file; ``is_looking`` says that this is still looked at.
    """
    if not isinstance(arguments, dict) or not arguments:
        text = summary if arguments in (None, {}) else _as_text(arguments)
        return Content(revealed(text or tool_name))
    rest = {name: arguments[name] for name in path_params if name in arguments} | arguments
    parts = _command_parts(rest) + _replacement_parts(rest)
    if change is not None or is_looking:
        parts += _change_parts(rest, change)
    for name, value in rest.items():
        parts += _argument_parts(name, value)
    return Content.assemble(*_without_last_break(parts))


def _command_parts(rest: JsonObject) -> list[Part]:
    command = rest.get("command")
    if not isinstance(command, str):
        return []
    del rest["command"]
    lines = revealed(command).split("\n")
    marks = ["$ ", *["  "] * (len(lines) - 1)]
    return [
        part
        for mark, line in zip(marks, lines, strict=True)
        for part in ((mark, "$muted"), (f"{line}\n", "bold"))
    ]


def _replacement_parts(rest: JsonObject) -> list[Part]:
    for old_name, new_name in _REPLACED_PAIRS:
        old, new = rest.get(old_name), rest.get(new_name)
        if isinstance(old, str) and isinstance(new, str):
            del rest[old_name], rest[new_name]
            path = rest.pop("path", None)
            heading: list[Part] = [(f"{revealed(path)}\n", "bold")] if isinstance(path, str) else []
            return heading + _diff_parts(old, new)
    return []


def _change_parts(rest: JsonObject, change: ForeseenChange | None) -> list[Part]:
    """Return the file and what becomes of it; a diff stands for the content."""
    path = rest.get("path")
    facts = (LOOKING, "$muted") if change is None else change_facts(change)
    heading: list[Part] = [facts, ("\n", "")]
    if isinstance(path, str):
        del rest["path"]
        heading = [(revealed(path), "bold"), ("  ", ""), *heading]
    if change is None or not change.diff:
        return heading
    rest.pop("content", None)
    return heading + diff_parts(change)


def _diff_parts(old: str, new: str) -> list[Part]:
    before, after = old.split("\n"), new.split("\n")
    lines = list(unified_diff(before, after, lineterm="", n=max(len(before), len(after))))[3:]
    return [(f"{revealed(line)}\n", DIFF_STYLES.get(line[:1], "")) for line in lines]


def _argument_parts(name: str, value: JsonValue) -> list[Part]:
    text = revealed(_as_text(value))
    label = revealed(name)
    if "\n" not in text:
        return [(f"{label}  ", "$muted"), (f"{text}\n", "")]
    body = "".join(f"  {line}\n" for line in text.split("\n"))
    return [(f"{label}\n", "$muted"), (body, "")]


def _as_text(value: JsonValue) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(
        value, ensure_ascii=False, indent=2 if isinstance(value, dict | list) else None
    )


def _without_last_break(parts: list[Part]) -> list[Part]:
    text, style = parts[-1]
    return [*parts[:-1], (text.removesuffix("\n"), style)]
