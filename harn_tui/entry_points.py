"""The entry points that installed packages offer to this project.

See https://packaging.python.org/specifications/entry-points/. The standard library's reader of them
takes 1.5 MB of memory, and hardly anybody has such a package: it is imported only where a file of
``sys.path`` names the group.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

from harn_tui.late_import import late_module

if TYPE_CHECKING:
    import importlib.metadata as package_metadata
else:
    package_metadata = late_module("importlib.metadata")


def installed_entry_points(group: str) -> "list[package_metadata.EntryPoint]":
    """Return the entry points of ``group``, by name and value. Reads files: call it in a thread."""
    if not _may_be_offered(group):
        return []
    return sorted(
        package_metadata.entry_points(group=group), key=lambda entry: (entry.name, entry.value)
    )


def _may_be_offered(group: str) -> bool:
    finders = [finder for finder in sys.meta_path if hasattr(finder, "find_distributions")]
    if finders != [PathFinder]:
        return True  # packages elsewhere than in folders
    return any(_names(place, group) for place in dict.fromkeys(sys.path))


def _names(place: str, group: str) -> bool:
    """Whether a package in ``place``, a folder or an archive of Python files, offers ``group``."""
    heading = f"[{group}]".encode()
    try:
        with os.scandir(place or os.curdir) as entries:
            packages = [Path(entry.path) for entry in entries if _is_metadata(entry.name)]
            packages.append(Path(place))  # an egg stands in the path itself
    except NotADirectoryError:
        return True
    except OSError:
        return False  # as the standard library has it
    return any(heading in text for text in _declarations(packages))


def _is_metadata(name: str) -> bool:
    return name.lower().endswith((".dist-info", ".egg-info", ".egg"))


def _declarations(packages: Iterable[Path]) -> Iterator[bytes]:
    for package in packages:
        for folder in (package, package / "EGG-INFO"):
            with suppress(OSError):  # most packages offer nothing
                yield (folder / "entry_points.txt").read_bytes()
