"""Which files the tools of a session changed, as the results of their calls tell it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from harn_tui.json_types import JsonObject, JsonValue


@dataclass(slots=True)
class FileChange:
    """A file with all its changes. ``blocks`` are the indices of the calls that made them.

    ``added`` and ``removed`` count lines over all changes; ``is_new`` when the session made it.
    """

    path: str
    added: int = 0
    removed: int = 0
    is_new: bool = False
    is_deleted: bool = False
    blocks: list[int] = field(default_factory=list)


def note_changes(files: dict[str, FileChange], block: int, details: JsonObject) -> bool:
    """Add what the ``details`` of one call's result tell; return whether they told anything.

    Details with a ``diff`` name one file as ``path``, or several as ``files``.
    """
    found = False
    for path, entry in changed_entries(details):
        found = True
        old_path = entry.get("renamed_from")
        if isinstance(old_path, str) and old_path in files:
            files[path] = files.pop(old_path)
            files[path].path = path
        change = files.get(path)
        if change is None:
            change = files[path] = FileChange(path, is_new=entry.get("created") is True)
        change.added += _count(entry.get("added"))
        change.removed += _count(entry.get("removed"))
        change.is_deleted = entry.get("deleted") is True
        change.blocks.append(block)
    return found


def changed_entries(details: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """Return path and entry of every file that the ``details`` say was changed."""
    for entry in _entries(details):
        path = entry.get("path")
        if isinstance(path, str) and _is_change(entry):
            yield path, entry


def _entries(details: JsonObject) -> Iterator[JsonObject]:
    several = details.get("files")
    if isinstance(several, list):
        yield from (entry for entry in several if isinstance(entry, dict))
    else:
        yield details


def _is_change(entry: JsonObject) -> bool:
    if "diff" not in entry:
        return False
    flags = ("diff_cut", "created", "deleted", "renamed_from")
    return bool(entry["diff"]) or any(entry.get(flag) for flag in flags)


def _count(value: JsonValue) -> int:
    return value if type(value) is int and value > 0 else 0
