"""What the tools of other agents do to the world, by their names."""

from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolKind
from harn_tui.session_import.source_values import text_of
from harn_tui.tools.line_diff import diff_lines

_LONGEST_TEXT = 400_000

_NAMES: dict[ToolKind, tuple[str, ...]] = {
    ToolKind.READ: ("read read_file notebookread view_image open view list_directory ls list_dir",),
    ToolKind.EDIT: (
        "edit write multiedit notebookedit apply_patch create edit_file write_file insert",
        "str_replace_editor str_replace_based_edit_tool",
    ),
    ToolKind.SEARCH: (
        "glob grep search find_file search_dir search_file search_files tool_search",
    ),
    ToolKind.EXECUTE: (
        "bash shell exec_command run_command execute local_shell container.exec python",
        "run_shell_command write_stdin kill_shell",
    ),
    ToolKind.FETCH: ("webfetch websearch web_search fetch_url web_fetch fetch",),
    ToolKind.THINK: ("think todowrite update_plan todoread exitplanmode goto scroll_down",),
}
_KINDS = {name: kind for kind, lines in _NAMES.items() for line in lines for name in line.split()}


def tool_kind(name: str) -> ToolKind | None:
    """Return the kind of a known tool, ``None`` for any other."""
    return _KINDS.get(name.lower())


def edit_details(arguments: JsonObject) -> JsonObject:
    """Return the details of a change that a call's arguments spell out, empty for other calls.

    ``file_path`` (or ``path``, ``filePath``) with an old and a new text is a change, with
    ``content`` a whole file. Of a whole file the diff can only say what it holds now.
    """
    path = _first(arguments, "file_path", "filePath", "path")
    old = _first(arguments, "old_string", "oldString", "old_str")
    new = _first(arguments, "new_string", "newString", "new_str")
    content = text_of(arguments.get("content"))
    is_whole = not (old or new) and bool(content)
    if not path or not (old or new or content) or len(old) + len(new + content) > _LONGEST_TEXT:
        return {}
    diff = diff_lines(old, content if is_whole else new, path, created=is_whole)
    details: JsonObject = {
        "path": path,
        "diff": diff.text,
        "added": diff.added,
        "removed": diff.removed,
    }
    return details | ({"diff_cut": True} if diff.cut else {})


def _first(members: JsonObject, *names: str) -> str:
    return next((text for name in names if (text := text_of(members.get(name)))), "")
