"""Tells without git whether the files of a small folder are what they were a moment ago.

Most steps of an agent change nothing, and starting git twice costs more than such a step.
"""

import os
import stat
import time
from dataclasses import dataclass

_MOST_ENTRIES = 400
_SETTLED_NS = 2_100_000_000
"""File systems keep time in steps, of up to two seconds: changes within one share a stamp."""


@dataclass(frozen=True, slots=True)
class Glance:
    """What the folder's entries looked like. ``is_settled``: what changes later will look new."""

    entries: frozenset[tuple[bytes, int, int, int, int]]
    is_settled: bool


def glance(root: bytes) -> Glance | None:
    """Look at all below the folder ``root``; ``None`` when that is much, or cannot be seen.

    What is in a ``.git`` is not looked at. Blocks.
    """
    taken_ns = time.time_ns()
    entries: set[tuple[bytes, int, int, int, int]] = set()
    newest_ns = 0
    folders = [root]
    try:
        while folders:
            with os.scandir(folders.pop()) as found:
                for entry in found:
                    state = entry.stat(follow_symlinks=False)
                    stamps = state.st_mtime_ns, state.st_ctime_ns
                    looks = (entry.path, state.st_mode, state.st_size, *stamps)
                    entries.add(looks)
                    newest_ns = max(newest_ns, state.st_ctime_ns)
                    if len(entries) > _MOST_ENTRIES:
                        return None
                    if stat.S_ISDIR(state.st_mode) and entry.name != b".git":
                        folders.append(entry.path)
    except OSError:
        return None
    return Glance(frozenset(entries), newest_ns < taken_ns - _SETTLED_NS)
