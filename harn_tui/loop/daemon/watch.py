"""What watched files and folders look like, and what has changed between two looks.

A look stops at the first ``MOST_ENTRIES`` entries below one watched folder, taken level by
level and by name. What lies behind that is not watched, and is never taken for a change.
"""

import asyncio
import os
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harn_tui.json_types import JsonObject, JsonValue

MOST_ENTRIES = 10_000
"""Most entries that are looked at for one watched path, the path itself included."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One file or folder as it was.

    Of a folder only its existence counts (time and size are 0): what happens in it is seen at
    its entries. ``mtime_ns`` is the time of the last change in nanoseconds, ``size`` is in bytes
    and ``None`` when only the time is known.
    """

    mtime_ns: int = 0
    size: int | None = 0
    is_folder: bool = False

    def differs_from(self, other: "Seen") -> bool:
        """Whether something happened between the two, as far as both know."""
        if self.size is None or other.size is None:
            return self.mtime_ns != other.mtime_ns
        return self != other


@dataclass(frozen=True, slots=True)
class WatchedPath:
    """One watched path and everything below it, by path relative to it; ``""`` is the path.

    Empty when there is nothing. ``cut_after`` is the last entry that was looked at, level by
    level and by name, when there may be more behind it; ``None`` when all was looked at.
    """

    entries: Mapping[str, Seen] = field(default_factory=dict)
    cut_after: str | None = None

    def covers(self, name: str) -> bool:
        """Whether the look would have found the entry ``name``, had it been there."""
        return self.cut_after is None or _order(name) <= _order(self.cut_after)

    def can_be_compared_with(self, other: "WatchedPath") -> bool:
        """Whether this is more than the time of what turns out to be a folder."""
        own, others = self.entries.get(""), other.entries.get("")
        return own is None or own.size is not None or others is None or not others.is_folder


@dataclass(frozen=True, slots=True)
class WatchState:
    """One look at the watched paths; compare two with ``changes``."""

    paths: Mapping[str, WatchedPath] = field(default_factory=dict)

    @classmethod
    def of(cls, paths: Sequence[Path], *, most_entries: int = MOST_ENTRIES) -> "WatchState":
        """Look at ``paths`` now; blocks, never raises.

        A watched path may be a link; links below it count as themselves and are not followed.
        What cannot be looked at counts as not there.
        """
        return cls({str(path): _look(path, most_entries) for path in paths})

    def since(self, earlier: "WatchState") -> "WatchState":
        """Return this look with what was known ``earlier`` of the same paths in its place."""
        known = {
            path: before
            for path, before in earlier.paths.items()
            if path in self.paths and before.can_be_compared_with(self.paths[path])
        }
        return WatchState({**self.paths, **known})

    def as_json(self) -> JsonObject:
        """Return the form that a snapshot holds: a file is [time, size], a folder is null."""
        return {
            path: {
                "entries": {name: _seen_as_json(seen) for name, seen in watched.entries.items()},
                "cut_after": watched.cut_after,
            }
            for path, watched in self.paths.items()
        }

    @classmethod
    def from_json(cls, value: JsonValue) -> "WatchState":
        """Return the state that ``as_json`` gave.

        A number in place of a path's object is the time of a change alone, 0 for nothing there.
        Raises ValueError for anything else.
        """
        if not isinstance(value, dict):
            raise ValueError("it must be an object")
        return cls({path: _watched_from_json(watched) for path, watched in value.items()})


async def look_at(paths: Sequence[Path]) -> WatchState:
    """Look at ``paths`` in a thread."""
    return await asyncio.to_thread(WatchState.of, paths)


async def look_for_changes(
    previous: WatchState, paths: Sequence[Path], *, own: Collection[Path] = ()
) -> tuple[WatchState, tuple[str, ...]]:
    """Look at ``paths`` in a thread; return the look and the changes since ``previous``.

    What happens to the daemon's ``own`` files is no change.
    """
    return await asyncio.to_thread(_look_for_changes, previous, paths, own)


def changes(previous: WatchState, now: WatchState) -> tuple[str, ...]:
    """Return, sorted, what came, went or changed between two looks at the same paths.

    Each is a watched path, or one below it. A path that only one of the looks was told to watch
    says nothing.
    """
    found: set[str] = set()
    for path, before in previous.paths.items():
        after = now.paths.get(path)
        if after is not None:
            found.update(str(Path(path, name)) for name in _changed_names(before, after))
    return tuple(sorted(found))


def _look_for_changes(
    previous: WatchState, paths: Sequence[Path], own: Collection[Path]
) -> tuple[WatchState, tuple[str, ...]]:
    now = WatchState.of(paths)
    changed = changes(previous, now)
    if changed and own:
        own_places = {_place(path) for path in own}
        changed = tuple(path for path in changed if _place(Path(path)) not in own_places)
    return now, changed


def _place(path: Path) -> tuple[str, str]:
    """Return where ``path`` itself is, however the way to it is written."""
    return os.path.realpath(path.parent), path.name


def _changed_names(before: WatchedPath, after: WatchedPath) -> Iterator[str]:
    for name, seen in after.entries.items():
        old = before.entries.get(name)
        if seen.differs_from(old) if old is not None else before.covers(name):
            yield name
    gone = (name for name in before.entries if name not in after.entries)
    yield from filter(after.covers, gone)


def _order(name: str) -> tuple[int, tuple[str, ...]]:
    """Return the place of an entry in a look: the level, then the names on the way to it."""
    parts = tuple(name.split("/")) if name else ()
    return len(parts), parts


def _look(path: Path, most_entries: int) -> WatchedPath:
    try:
        seen = _seen(path.stat())
    except (OSError, ValueError):
        return WatchedPath()
    entries = {"": seen}
    level = [""] if seen.is_folder else []
    while level:
        below: list[str] = []
        for folder in level:
            for name, seen in _list(path, folder):
                if len(entries) >= most_entries:
                    return WatchedPath(entries, cut_after=next(reversed(entries)))
                entries[name] = seen
                if seen.is_folder:
                    below.append(name)
        level = below
    return WatchedPath(entries)


def _list(path: Path, folder: str) -> Iterator[tuple[str, Seen]]:
    try:
        with os.scandir(path / folder) as found:
            listed = sorted(found, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in listed:
        try:
            seen = _seen(entry.stat(follow_symlinks=False))
        except OSError:
            continue
        yield (f"{folder}/{entry.name}" if folder else entry.name), seen


def _seen(found: os.stat_result) -> Seen:
    if stat.S_ISDIR(found.st_mode):
        return Seen(is_folder=True)
    return Seen(found.st_mtime_ns, found.st_size)


def _seen_as_json(seen: Seen) -> JsonValue:
    return None if seen.is_folder else [seen.mtime_ns, seen.size]


def _watched_from_json(value: JsonValue) -> WatchedPath:
    match value:
        case bool():
            pass
        case 0:
            return WatchedPath()
        case int():
            return WatchedPath({"": Seen(value, size=None)}, cut_after="")
        case {"entries": dict(entries), "cut_after": str() | None as cut_after}:
            seen = {name: _seen_from_json(entry) for name, entry in entries.items()}
            return WatchedPath(seen, cut_after)
    raise ValueError("a watched path must have `entries` and `cut_after`")


def _seen_from_json(value: JsonValue) -> Seen:
    match value:
        case None:
            return Seen(is_folder=True)
        case [int(mtime_ns), int() | None as size]:
            return Seen(mtime_ns, size)
    raise ValueError("an entry of a watched path must be null or [time, size]")
