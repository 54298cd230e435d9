"""The ``apply_patch`` tool: a unified diff over several files, applied as a whole or not at all."""

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import ToolErrorCategory, ToolKind
from harn_tui.tools.arguments import text_argument
from harn_tui.tools.base import Tool, ToolAnnotations, ToolContext, ToolResult
from harn_tui.tools.completion import run_in_thread
from harn_tui.tools.patch.patched_files import PatchedFile, PatchedFiles
from harn_tui.tools.patch.unified_diff import first_path, parse_patch, patched_paths
from harn_tui.tools.readable import one_line
from harn_tui.tools.write_file import change_details, encode_text

MAX_PATCH_CHARACTERS = 4 * 1024 * 1024
MAX_FILES = 500
_MAX_DIFF_CHARACTERS = 400_000
_SUMMARIZED_PATHS = 3
_MAX_SUMMARIZED = 16_384
"""Characters of a patch that are read on the event loop, for one line about it."""


async def _run(arguments: JsonObject, context: ToolContext) -> ToolResult:
    patch = text_argument(arguments, "patch")
    encode_text(patch, "patch")
    if len(patch) > MAX_PATCH_CHARACTERS:
        raise ToolError(
            f"parameter `patch` may have {MAX_PATCH_CHARACTERS:,} characters.",
            category=ToolErrorCategory.SCHEMA_VALIDATION,
            hint="Split it by files.",
        )
    return await run_in_thread(lambda: _apply(patch, context))


def _apply(patch: str, context: ToolContext) -> ToolResult:
    changes = parse_patch(patch)
    if len(changes) > MAX_FILES:
        raise ToolError(f"A patch may change {MAX_FILES} files.", hint="Split it by files.")
    files = PatchedFiles(context)
    for change in changes:
        files.apply(change)
    changed = files.changed
    files.write()
    return _result(changed)


def _result(changed: list[PatchedFile]) -> ToolResult:
    """Tell of each file, a renamed one once, under its new name."""
    told = [file for file in changed if file.after is not None or not file.is_renamed_away]
    entries = [_file_details(file) for file in told]
    lines = [_line(file, entry) for file, entry in zip(told, entries, strict=True)]
    count = "1 file" if len(told) == 1 else f"{len(told)} files"
    if not told:
        return ToolResult("Every file already had exactly this content.", details=_sums(entries))
    text = "\n".join([f"Applied the patch to {count}:", *lines])
    return ToolResult(text, details=_sums(entries))


def _file_details(file: PatchedFile) -> JsonObject:
    old = file.before if file.renamed_from is None else file.renamed
    details = change_details(old, file.after or b"", file.shown)
    if file.after is None:
        details["deleted"] = True
    if file.renamed_from is not None:
        details["renamed_from"] = file.renamed_from
        details["created"] = False
    return details


def _line(file: PatchedFile, details: JsonObject) -> str:
    counts = f"(+{details['added']} -{details['removed']})"
    if file.after is None:
        word = "deleted"
    elif file.renamed_from is not None:
        word = f"renamed from {file.renamed_from} to"
    else:
        word = "created" if details["created"] else "changed"
    shifts = ", ".join(f"{shift:+d}" for shift in file.shifts)
    moved = f"; hunks stood {shifts} lines off" if shifts else ""
    return f"{word} {file.shown} {counts}{moved}"


def _sums(entries: list[JsonObject]) -> JsonObject:
    """Return the details of all files, with sums and one diff over all beside them."""
    diff = "".join(str(entry["diff"]) for entry in entries)
    files: list[JsonValue] = list(entries)
    details: JsonObject = {
        "files": files,
        "diff": diff[:_MAX_DIFF_CHARACTERS],
        "added": sum(_count(entry, "added") for entry in entries),
        "removed": sum(_count(entry, "removed") for entry in entries),
    }
    if len(diff) > _MAX_DIFF_CHARACTERS or any(entry.get("diff_cut") for entry in entries):
        details["diff_cut"] = True
    if len(entries) == 1:
        details["path"] = entries[0]["path"]
        details["created"] = entries[0]["created"]
    return details


def _count(entry: JsonObject, key: str) -> int:
    value = entry[key]
    return value if isinstance(value, int) else 0


def _summarize(arguments: JsonObject) -> str:
    patch = str(arguments.get("patch") or "")
    if len(patch) > _MAX_SUMMARIZED:
        path = first_path(patch[:_MAX_SUMMARIZED]) or "files"
        return f"patch {one_line(path)} and what else {len(patch):,} characters of diff change"
    paths = patched_paths(patch)
    if not paths:
        return "patch (it cannot be read)"
    more = f" and {len(paths) - _SUMMARIZED_PATHS} more" if len(paths) > _SUMMARIZED_PATHS else ""
    return f"patch {one_line(', '.join(paths[:_SUMMARIZED_PATHS]))}{more}"


def _paths_of(arguments: JsonObject) -> tuple[str, ...]:
    return patched_paths(str(arguments.get("patch") or "")[:MAX_PATCH_CHARACTERS])


APPLY_PATCH = Tool(
    name="apply_patch",
    description=(
        "Apply a unified diff, as `diff -u` and git write it, to one or more files: change, create"
        " (old side /dev/null), delete (new side /dev/null) and rename them. Either all of it is"
        " applied or nothing. Context and removed lines must be in the file exactly; line numbers"
        " may be off."
    ),
    parameters={
        "type": "object",
        "properties": {
            "patch": {
                "type": "string",
                "minLength": 1,
                "description": (
                    "The diff. Paths are relative to the working folder, with or without the"
                    " prefixes a/ and b/."
                ),
            }
        },
        "required": ["patch"],
        "additionalProperties": False,
    },
    annotations=ToolAnnotations(ToolKind.EDIT, "workspace_write"),
    run=_run,
    summarize=_summarize,
    paths_of=_paths_of,
)
