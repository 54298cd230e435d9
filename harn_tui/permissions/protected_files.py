"""Keeps a model from changing, unasked, the files that decide what it may do."""

import os
from collections.abc import Iterator
from pathlib import Path

from harn_tui.permissions.annotations import CallAnnotations
from harn_tui.permissions.call_texts import PermissionCall
from harn_tui.permissions.globs import glob_matches
from harn_tui.permissions.shell_command.model import CommandLine

_MOST_WORDS = 200
_MOST_FOLDERS = 8
_ENTERING = frozenset({"cd", "pushd"})
_GLOB = frozenset("*?[")


def touched_file(
    call: PermissionCall,
    annotations: CallAnnotations,
    lines: list[CommandLine],
    protected: tuple[Path, ...],
) -> Path | None:
    """Return the protected file or folder that ``call`` may change, ``None`` for none.

    ``protected`` are resolved. A call of a read-only kind changes nothing; a command may change
    whatever it names. Resolves links on the disk.
    """
    if not protected or annotations.kind.is_read_only:
        return None
    try:
        paths = call.resolved_paths()
    except ValueError:
        paths = []
    values = list(_values_in(lines))
    for base in _folders_entered(lines, call.cwd or Path()):
        paths += [_real(base, value) for value in values]
    for kept in protected:
        is_named = any(_may_name(value, kept.name) for value in values)
        if is_named or any(path.is_relative_to(kept) for path in paths):
            return kept
    return None


def _folders_entered(lines: list[CommandLine], cwd: Path) -> list[Path]:
    """Return ``cwd`` and the folders that ``cd`` and its like lead to, each from the one before."""
    folders = [cwd]
    for command in (command for line in lines for command in line.commands):
        if command.program in _ENTERING and len(folders) < _MOST_FOLDERS:
            targets = [word.text for word in command.arguments if not word.text.startswith("-")]
            folders += [_real(folders[-1], target) for target in targets if "\x00" not in target]
    return folders


def _real(base: Path, value: str) -> Path:
    return Path(os.path.realpath(base / os.path.expanduser(value)))  # noqa: PTH111 - Path.expanduser raises for users that do not exist


def _may_name(value: str, name: str) -> bool:
    """Whether a part of a path is, or matches, the hidden ``name``, wherever a ``cd`` led."""
    return name.startswith(".") and any(
        part.startswith(".") and _is_glob(part, name) for part in value.split("/")
    )


def _is_glob(part: str, name: str) -> bool:
    return part == name or (bool(_GLOB & set(part)) and glob_matches(part, name))


def _values_in(lines: list[CommandLine]) -> Iterator[str]:
    for line in lines:
        for command in line.commands:
            targets = [found.target.text for found in command.redirections if not found.here]
            words = [*(word.text for word in command.arguments), *targets]
            for text in words[:_MOST_WORDS]:
                value = text.rpartition("=")[2]
                if value and "\x00" not in value:
                    yield value
