"""The lines that a person typed in one project, kept from one start to the next.

One JSON object a line, the oldest first. Several consoles add to a file at the same time: each
line is one write at the end, under the kernel's lock (flock), which also guards the rewriting of
a file that has grown too large. Everything here waits for the disk.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import logging
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harn_tui.console.prompt.history import MAX_ENTRIES
from harn_tui.console.prompt.history_entry import HistoryEntry
from harn_tui.errors import StoreError

MAX_FILE_BYTES = 4 * 1024 * 1024
"""A file of more is rewritten with the newest lines, in half of it."""
MAX_ENTRY_BYTES = 256 * 1024
"""A larger line is kept while the console runs, and not longer."""

_LOCK_PATIENCE_S = 1.0
_NO_NAME = re.compile(r"[^\w.-]+")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredHistory:
    """What a file held, the oldest first, and how many of its lines could not be read."""

    entries: tuple[HistoryEntry, ...] = ()
    damaged_lines: int = 0


def history_path(folder: Path, project: Path) -> Path:
    """Return the file in ``folder`` for the lines that are typed in ``project``."""
    place = str(project.absolute()).encode("utf-8", "surrogateescape")
    name = _NO_NAME.sub("-", project.name)[:40] or "root"
    return folder / f"{name}-{hashlib.sha256(place).hexdigest()[:12]}.jsonl"


class HistoryFile:
    """The file at ``path``, made with its folder when the first line is added."""

    def __init__(self, path: Path, write: Callable[[int, bytes], int] = os.write) -> None:
        self.path = path
        self._write = write

    def load(self) -> StoredHistory:
        """Return the newest lines, each text once. Raises StoreError when there is no reading.

        A file with lines that cannot be read is kept beside as ``.damaged``, and mended.
        """
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            return StoredHistory()
        except OSError as error:
            raise self._failure("read", error) from error
        try:
            _check_regular(descriptor)
            stored = _parsed(_tail(descriptor))
            size = os.fstat(descriptor).st_size
        except OSError as error:
            raise self._failure("read", error) from error
        finally:
            os.close(descriptor)
        if stored.damaged_lines or size > MAX_FILE_BYTES:
            self._mend()
        return stored

    def append(self, entry: HistoryEntry) -> None:
        """Add a line. Raises StoreError; the file then holds what it held."""
        line = _line_of(entry)
        if len(line) > MAX_ENTRY_BYTES:
            log.info("line of %s bytes not kept in the history", len(line))
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._locked() as descriptor:
                size = os.fstat(descriptor).st_size
                if size and os.pread(descriptor, 1, size - 1) != b"\n":
                    line = b"\n" + line  # somebody was stopped in the middle of theirs
                if self._write(descriptor, line) < len(line):
                    os.ftruncate(descriptor, size)
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                if size + len(line) > MAX_FILE_BYTES:
                    self._rewrite(descriptor)
        except OSError as error:
            raise self._failure("written", error) from error

    def _mend(self) -> None:
        """Rewrite the file; one that cannot be stays as it is, since its lines are read.

        It is read again under the lock: another console may have mended it, and a copy of what
        that one left would take the place of the copy of the damage.
        """
        try:
            with self._locked() as descriptor:
                is_damaged = bool(_parsed(_tail(descriptor)).damaged_lines)
                if not is_damaged and os.fstat(descriptor).st_size <= MAX_FILE_BYTES:
                    return
                if is_damaged:
                    damaged = self.path.with_suffix(".damaged")
                    damaged.unlink(missing_ok=True)
                    os.link(self.path, damaged)
                self._rewrite(descriptor)
        except OSError as error:
            log.warning("history not rewritten: %s", error.strerror)

    def _rewrite(self, descriptor: int) -> None:
        room = MAX_FILE_BYTES // 2
        kept: list[bytes] = []
        for entry in reversed(_parsed(_tail(descriptor)).entries):
            line = _line_of(entry)
            if len(line) > room:
                break
            room -= len(line)
            kept.append(line)
        partial = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            with open(_created(partial), "wb") as file:
                file.writelines(reversed(kept))
            partial.replace(self.path)
        finally:
            partial.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[int]:
        """Give the file, open and locked; not locked when somebody sits on the lock."""
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC
        deadline = time.monotonic() + _LOCK_PATIENCE_S
        while True:
            descriptor = os.open(self.path, flags, 0o600)
            try:
                _check_regular(descriptor)
                is_late = not _lock_until(descriptor, deadline)
                if is_late or _is_at(self.path, descriptor):
                    yield descriptor
                    return
            finally:
                os.close(descriptor)

    def _failure(self, done: str, error: OSError) -> StoreError:
        reason = error.strerror or str(error)
        return StoreError(
            f"The history of the prompt cannot be {done}: {self.path}: {reason}.",
            hint="Lines are remembered until the console is closed.",
        )


def _lock_until(descriptor: int, deadline: float) -> bool:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        except OSError as error:
            log.info("history not locked: %s", error.strerror)  # some network file systems
            return False
        else:
            return True


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether ``path`` still names the open file; another console may have rewritten it."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _check_regular(descriptor: int) -> None:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise OSError(errno.EINVAL, "it is no regular file")


def _created(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)


def _tail(descriptor: int) -> bytes:
    """Return the end of the file, from the beginning of a line on."""
    size = os.fstat(descriptor).st_size
    start = max(0, size - MAX_FILE_BYTES)
    data = os.pread(descriptor, size - start, start)
    return data if start == 0 else data.partition(b"\n")[2]


def _parsed(data: bytes) -> StoredHistory:
    entries: dict[str, HistoryEntry] = {}
    damaged = 0
    for line in data.split(b"\n"):
        if not line.strip():
            continue
        entry = _entry_of(line)
        if entry is None:
            damaged += 1
        else:
            key = entry.real_text
            entries.pop(key, None)
            entries[key] = entry
    return StoredHistory(tuple(entries.values())[-MAX_ENTRIES:], damaged)


def _line_of(entry: HistoryEntry) -> bytes:
    text = entry.text if entry.kept_text is None else entry.kept_text
    members: dict[str, object] = {"text": text}
    if entry.pastes:
        members["pastes"] = {str(number): text for number, text in entry.pastes.items()}
    return json.dumps(members, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _entry_of(line: bytes) -> HistoryEntry | None:
    try:
        members = json.loads(line)
        text, pastes = members["text"], members.get("pastes", {})
        if isinstance(text, str) and all(isinstance(paste, str) for paste in pastes.values()):
            return HistoryEntry(text, {int(number): paste for number, paste in pastes.items()})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return None
