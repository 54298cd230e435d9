"""The ``edit_file`` tool: replaces an exact piece of text in a file."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolErrorCategory, ToolKind
from harn_tui.tools.arguments import flag_argument, text_argument
from harn_tui.tools.atomic_write import replace_file
from harn_tui.tools.base import Tool, ToolAnnotations, ToolContext, ToolResult
from harn_tui.tools.completion import run_in_thread
from harn_tui.tools.file_access import open_regular_file, refuse_binary
from harn_tui.tools.readable import line_count, one_line
from harn_tui.tools.workspace import resolve_path, shown_path
from harn_tui.tools.write_file import change_details, encode_text

_MAX_FILE_BYTES = 16 * 1024 * 1024
_SHOWN_PLACES = 10


@dataclass(frozen=True, slots=True)
class _Edit:
    """What to replace by what; both texts are as the model sent them."""

    old: str
    new: str
    replace_all: bool


async def _run(arguments: JsonObject, context: ToolContext) -> ToolResult:
    path = text_argument(arguments, "path")
    edit = _Edit(
        old=text_argument(arguments, "old_text"),
        new=text_argument(arguments, "new_text"),
        replace_all=flag_argument(arguments, "replace_all"),
    )
    _refuse_pointless(edit)
    return await run_in_thread(lambda: _edit(context, path, edit))


def _refuse_pointless(edit: _Edit) -> None:
    encode_text(edit.old, "old_text")
    encode_text(edit.new, "new_text")
    if not edit.old:
        raise ToolError(
            "parameter `old_text` may not be empty.",
            category=ToolErrorCategory.SCHEMA_VALIDATION,
            hint="To create a file or replace all of it use write_file.",
        )
    if edit.old == edit.new:
        raise ToolError(
            "`old_text` and `new_text` are the same; nothing would change.",
            category=ToolErrorCategory.SCHEMA_VALIDATION,
        )


def _edit(context: ToolContext, path: str, edit: _Edit) -> ToolResult:
    resolved = resolve_path(context, path)
    shown = shown_path(context, resolved)
    with open_regular_file(resolved, shown) as file:
        state = os.fstat(file.fileno())
        if state.st_size > _MAX_FILE_BYTES:
            raise ToolError(
                f"{shown} is too large to edit ({state.st_size:,} bytes).",
                hint="Use run_command, for example with sed.",
            )
        data = file.read()
    refuse_binary(data, len(data), shown)
    # Bytes that are no UTF-8 pass through untouched as surrogates.
    text = data.decode("utf-8", "surrogateescape")
    changed, count = _replaced(text, edit, shown)
    new_data = changed.encode("utf-8", "surrogateescape")
    replace_file(resolved, new_data, shown, unchanged=state)
    details = {**change_details(data, new_data, shown), "replacements": count}
    places = "1 place" if count == 1 else f"{count} places"
    return ToolResult(
        f"Edited {shown} in {places} (+{details['added']} -{details['removed']}).",
        details=details,
    )


def _replaced(text: str, edit: _Edit, shown: str) -> tuple[str, int]:
    """Return the changed text and the number of replacements; refuses none or too many."""
    old, new = _with_line_ends_of(text, edit)
    if old == new:
        raise ToolError(f"`old_text` and `new_text` differ only in the line ends {shown} has.")
    places = list(islice(_places(text, old), _SHOWN_PLACES))
    if not places:
        raise _absent(text, edit, shown)
    count = text.count(old)
    if len(places) > 1 and not edit.replace_all:
        raise _ambiguous(text, places, max(count, len(places)), shown)
    return text.replace(old, new), count


def _with_line_ends_of(text: str, edit: _Edit) -> tuple[str, str]:
    """Write old and new with the line ends that the file mostly has."""
    if text.count("\r\n") * 2 <= text.count("\n"):
        return edit.old, edit.new
    old, new = (part.replace("\r\n", "\n").replace("\n", "\r\n") for part in (edit.old, edit.new))
    return (old, new) if old in text else (edit.old, new)


def _places(text: str, wanted: str) -> Iterator[int]:
    """Yield where ``wanted`` begins, overlapping places included: they are ambiguous too."""
    place = text.find(wanted)
    while place >= 0:
        yield place
        place = text.find(wanted, place + 1)


def _absent(text: str, edit: _Edit, shown: str) -> ToolError:
    hint = "Read the file again and copy the text exactly, without the line numbers."
    words = edit.old.split()
    if words:
        loose = re.compile(r"\s+".join(re.escape(word) for word in words))
        found = loose.search(text)
        if found is not None:
            line = _line_of(text, found.start())
            hint = f"Similar text with other spaces or line breaks begins in line {line}. {hint}"
    return ToolError(f"`old_text` is not in {shown}; nothing was changed.", hint=hint)


def _ambiguous(text: str, places: list[int], count: int, shown: str) -> ToolError:
    lines = ", ".join(str(_line_of(text, place)) for place in places)
    more = ", …" if count > len(places) else ""
    return ToolError(
        f"`old_text` occurs {count} times in {shown} (lines {lines}{more}); nothing was changed.",
        hint="Add lines around it until it is unique, or set replace_all to true.",
    )


def _line_of(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def _summarize(arguments: JsonObject) -> str:
    removed = line_count(str(arguments.get("old_text") or ""))
    added = line_count(str(arguments.get("new_text") or ""))
    every = ", every place" if arguments.get("replace_all") is True else ""
    path = one_line(str(arguments.get("path", "")))
    return f"edit {path} ({removed} lines become {added}{every})"


EDIT_FILE = Tool(
    name="edit_file",
    description=(
        "Replace a piece of text in a file. `old_text` must be in the file exactly, with its"
        " spaces and line breaks, and only once unless `replace_all` is true. Line ends of the"
        " file are kept."
    ),
    parameters={
        "type": "object",
        "properties": {
            "path": {
                "type": "string",
                "description": "File to change, absolute or relative to the working folder.",
            },
            "old_text": {
                "type": "string",
                "minLength": 1,
                "description": "The exact text to replace, without line numbers.",
            },
            "new_text": {"type": "string", "description": "The text to put in its place."},
            "replace_all": {
                "type": "boolean",
                "default": False,
                "description": "Replace every place where the text occurs.",
            },
        },
        "required": ["path", "old_text", "new_text"],
        "additionalProperties": False,
    },
    annotations=ToolAnnotations(ToolKind.EDIT, "workspace_write", ("path",)),
    run=_run,
    summarize=_summarize,
)
