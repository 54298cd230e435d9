"""Collects the ``AGENTS.md`` files that speak to agents in a folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harn_tui.errors import ConfigError
from harn_tui.skills.bounded_file import read_bounded_text

INSTRUCTIONS_FILE: Final = "AGENTS.md"
_MOST_BYTES: Final = 32 * 1024
_MOST_BYTES_IN_ALL: Final = 64 * 1024
_HEADING: Final = "## Project instructions"
_REPOSITORY_MARK: Final = ".git"


@dataclass(frozen=True, slots=True)
class ProjectInstructions:
    """``text`` is for the system prompt, empty without any file; ``paths`` are those in it.

    ``notices`` are sentences on files that could not be used.
    """

    text: str
    paths: tuple[Path, ...] = ()
    notices: tuple[str, ...] = ()


def project_instructions(cwd: Path) -> ProjectInstructions:
    """Return the instructions that hold in ``cwd``, each below the path of its file.

    They come from the root of the repository down to ``cwd``, so that the nearer ones have the
    last word; outside of a repository only ``cwd`` counts. A file of more than 32 KiB is left
    out, and so are the farthest ones of more than 64 KiB in all. Reads files, so it does not
    belong on the event loop.
    """
    here = cwd.resolve()
    folders = _folders(here)
    found: list[tuple[Path, str]] = []
    notices: list[str] = []
    left = _MOST_BYTES_IN_ALL
    for folder in folders:
        path = folder / INSTRUCTIONS_FILE
        try:
            text = read_bounded_text(path, within=folders[-1], most_bytes=_MOST_BYTES).strip()
        except FileNotFoundError:
            continue
        except ConfigError as error:
            notices.append(f"Project instructions are left out: {error}")
            continue
        left -= len(text.encode())
        if left < 0:
            notices.append(f"Project instructions are left out: {path} is one too many.")
            break
        if text:
            found.insert(0, (path, text))
    sections = [f"### {path}\n\n{text}" for path, text in found]
    return ProjectInstructions(
        text="\n\n".join([_HEADING, *sections]) if sections else "",
        paths=tuple(path for path, _ in found),
        notices=tuple(notices),
    )


def _folders(here: Path) -> list[Path]:
    """Return ``here`` and the folders above it up to the root of its repository."""
    upward = [here, *here.parents]
    for depth, folder in enumerate(upward):
        if _is_repository(folder):
            return upward[: depth + 1]
    return [here]


def _is_repository(folder: Path) -> bool:
    try:
        return (folder / _REPOSITORY_MARK).exists()
    except OSError:
        return False
