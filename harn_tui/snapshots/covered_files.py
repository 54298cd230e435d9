"""Which of the files that changed go into a snapshot, and which leave it.

Paths are bytes relative to the workspace: a name on disk need not be text.
"""

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class CoveredFiles:
    """``stored`` are to be read into the snapshot, ``gone`` to be taken out of it.

    ``left_out`` counts what is there and not covered: too large, unreadable, neither file nor
    link, or a repository of its own.
    """

    stored: list[bytes] = field(default_factory=list)
    gone: list[bytes] = field(default_factory=list)
    left_out: int = 0


class FolderCheck:
    """Tells whether a path leads through real folders of the workspace alone."""

    def __init__(self, root: bytes) -> None:
        self._root = root
        self._known: dict[bytes, bool] = {b"": True}

    def is_inside(self, path: bytes) -> bool:
        """Whether no part above the last is a link, or no folder, or in another repository."""
        return self._is_real(path.rpartition(b"/")[0])

    def _is_real(self, folder: bytes) -> bool:
        known = self._known.get(folder)
        if known is None:
            above = folder.rpartition(b"/")[0]
            known = self._is_real(above) and self._is_folder(folder)
            self._known[folder] = known
        return known

    def _is_folder(self, folder: bytes) -> bool:
        path = os.path.join(self._root, folder)  # noqa: PTH118 - names are bytes
        try:
            is_folder = stat.S_ISDIR(os.lstat(path).st_mode)
        except OSError:
            return False
        return is_folder and not os.path.lexists(path + b"/.git")


def sort_out(root: bytes, listed: Iterable[bytes], *, max_file_bytes: int) -> CoveredFiles:
    """Look at each path that git lists as new, changed or gone below the folder ``root``."""
    covered, folders = CoveredFiles(), FolderCheck(root)
    for path in dict.fromkeys(listed):
        if not path:
            continue
        if path.endswith(b"/"):
            covered.left_out += 1  # a repository of its own, which git lists as a folder
        elif not folders.is_inside(path):
            covered.gone.append(path)
        else:
            _sort_file(covered, root, path, max_file_bytes)
    return covered


def _sort_file(covered: CoveredFiles, root: bytes, path: bytes, max_file_bytes: int) -> None:
    place = os.path.join(root, path)  # noqa: PTH118 - names are bytes
    try:
        found = os.lstat(place)
    except OSError:
        covered.gone.append(path)
        return
    is_file = stat.S_ISREG(found.st_mode)
    is_fine = stat.S_ISLNK(found.st_mode) or (
        is_file and found.st_size <= max_file_bytes and os.access(place, os.R_OK)
    )
    if is_fine:
        covered.stored.append(path)
        return
    covered.gone.append(path)
    covered.left_out += not stat.S_ISDIR(found.st_mode)
