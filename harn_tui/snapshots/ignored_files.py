"""What a snapshot leaves out: what the project ignores, and in a plain folder what is made anew.

``.gitignore`` files inside the folder are git's to read. Here are those that it would not see:
``info/exclude`` of the person's repository, and the ``.gitignore`` files above the folder.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

_MADE_ANEW = (
    "node_modules/",
    ".venv/",
    "venv/",
    "__pycache__/",
    ".mypy_cache/",
    ".pytest_cache/",
    ".ruff_cache/",
    ".tox/",
    ".gradle/",
    ".cache/",
)
"""Ignored where no repository says what is."""

_LONGEST_FILE = 1_000_000


def exclude_file(workspace: Path, data_directory: Path) -> bytes:
    """Return the rules for ``workspace`` in the form of ``info/exclude``.

    ``data_directory`` is left out when it is inside: snapshots of the snapshots would never end.
    """
    lines: list[str] = []
    root = _repository_root(workspace)
    if root is None:
        lines += _MADE_ANEW
    else:
        lines += _above(root, workspace, _text(_exclude_of(root)).splitlines())
        for folder in _between(root, workspace):
            lines += _above(folder, workspace, _text(folder / ".gitignore").splitlines())
    with contextlib.suppress(ValueError):
        inside = data_directory.resolve().relative_to(workspace)
        lines.append(f"/{_literal(inside.as_posix())}/")
    return "".join(f"{line}\n" for line in lines).encode(errors="surrogateescape")


def _repository_root(workspace: Path) -> Path | None:
    for folder in (workspace, *workspace.parents):
        if (folder / ".git").exists():
            return folder
    return None


def _exclude_of(root: Path) -> Path:
    """Return ``info/exclude`` of a repository; a worktree shares that of the main one."""
    git = root / ".git"
    if git.is_file():
        pointer = _text(git).strip().removeprefix("gitdir:").strip()
        git = root / pointer
        common = _text(git / "commondir").strip()
        git = git / common if common else git
    return git / "info" / "exclude"


def _between(root: Path, workspace: Path) -> Iterator[Path]:
    """Yield the folders from ``root`` down to the one above ``workspace``."""
    inside = [folder for folder in workspace.parents if folder.is_relative_to(root)]
    yield from reversed(inside)


def _above(folder: Path, workspace: Path, rules: list[str]) -> Iterator[str]:
    """Yield the rules of ``folder`` as ``workspace`` below has to write them.

    A rule about one place counts when that is in the workspace; others count everywhere.
    """
    prefix = workspace.relative_to(folder).as_posix()
    for rule in rules:
        if not rule.strip() or rule.startswith("#"):
            continue
        sign, pattern = ("!", rule[1:]) if rule.startswith("!") else ("", rule)
        is_anchored = "/" in pattern.rstrip().rstrip("/")
        if prefix == "." or not is_anchored or pattern.startswith("**/"):
            yield rule
        elif pattern.lstrip("/").startswith(f"{prefix}/"):
            yield f"{sign}/{pattern.lstrip('/').removeprefix(f'{prefix}/')}"


def _literal(path: str) -> str:
    return "".join(f"\\{c}" if c in "\\*?[]!# " else c for c in path)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_LONGEST_FILE).decode(errors="surrogateescape")
    except OSError:
        return ""  # most repositories have none, and one that cannot be read says nothing
