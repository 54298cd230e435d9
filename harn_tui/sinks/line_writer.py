"""An append-only log of lines that is written whole, survives crashes and fails loudly.

Invariants: what is in the files is whole lines in the order of ``append``; a line leaves memory
only once it is in a file. ``append`` never waits for the disk: requests to flush are served by
one worker thread, many at a time, which also tries failed writes again every second. Callbacks
come from whichever thread saw the change, with no lock held.
"""

import os
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from harn_tui.errors import StoreError
from harn_tui.sinks.append_file import AppendFile
from harn_tui.sinks.log_files import rotated_files, rotated_path
from harn_tui.sinks.outage import OutageReporter

ROTATE_BYTES = 104_857_600
"""A file that has reached this size is continued in the next one (docs/events.md, rotation)."""

RETRY_S = 1.0
"""Pause between attempts to write while writing fails."""


class LineWriter:
    """Appends lines to the log at ``path``, continuing its newest file.

    ``rotate_bytes`` of ``None`` never starts a second file. ``system_write`` and
    ``system_sync`` are the two system calls that a full or broken disk makes fail. The folder
    must exist. Raises StoreError when the file cannot be opened.
    """

    def __init__(
        self,
        path: Path,
        *,
        rotate_bytes: int | None = ROTATE_BYTES,
        retry_s: float = RETRY_S,
        system_write: Callable[[int, bytes], int] = os.write,
        system_sync: Callable[[int], None] = os.fsync,
    ) -> None:
        self._base = path
        self._rotate_bytes = rotate_bytes
        self._retry_s = retry_s
        self._system_write = system_write
        self._system_sync = system_sync
        self._outage = OutageReporter()
        self._changed = threading.Condition(threading.Lock())
        self._backlog: deque[bytes] = deque()
        self._full_files: list[AppendFile] = []  # still to be flushed and closed
        self._sync_wanted = False
        self._closing = False
        self._write_problem: str | None = None
        self._sync_problem: str | None = None
        self._worker: threading.Thread | None = None
        try:
            rotated = rotated_files(path) if rotate_bytes is not None else []
            self._number, newest = rotated[-1] if rotated else (0, path)
            self._file = AppendFile(newest, system_write=system_write)
        except OSError as error:
            raise StoreError(
                f"The log {path} cannot be opened for writing: {error.strerror}.",
                hint="Check that its folder exists and that you may write there.",
            ) from error
        self._folder_changed = self._file.is_new

    @property
    def path(self) -> Path:
        """The file that is being written: the base, or the newest rotated one."""
        return self._file.path

    @property
    def unwritten_lines(self) -> tuple[str, ...]:
        """The lines that are in memory only, oldest first; empty unless writing fails."""
        with self._changed:
            return tuple(line[:-1].decode() for line in self._backlog)

    def watch(self, on_failure: Callable[[str], None], on_recovery: Callable[[], None]) -> None:
        """Set who is told: of the start of an outage, with its cause, and of its end."""
        self._outage.watch(on_failure, on_recovery)

    def append(self, line: str) -> None:
        """Write ``line`` (without its line end), or keep it in memory while that fails.

        Characters that UTF-8 cannot carry become ``?``. Raises StoreError after ``close``.
        """
        data = line.encode("utf-8", "replace") + b"\n"
        with self._changed:
            if self._closing:
                raise StoreError(f"The log {self._base} is closed.")
            self._backlog.append(data)
            self._write_backlog()
        self._report()

    def request_sync(self) -> None:
        """Ask that all lines so far be flushed to disk; returns at once."""
        with self._changed:
            if not self._closing:
                self._sync_wanted = True
                self._wake_worker()

    def close(self) -> None:
        """Write and flush what is left, and close the files. Blocks; a second call does nothing.

        Raises StoreError when that fails; ``unwritten_lines`` then has the lines that are in no
        file.
        """
        with self._changed:
            if self._closing:
                return
            self._closing = True
            self._changed.notify_all()
        if self._worker is not None:
            self._worker.join()
        with self._changed:
            self._write_backlog()
        self._sync()
        self._report()
        for file in (*self._full_files, self._file):
            file.close()
        problem = self._write_problem or self._sync_problem
        if problem is not None:
            raise StoreError(
                f"The end of the log {self._base} is not on disk "
                f"({len(self._backlog)} lines unwritten): {problem}.",
                hint="Free some space or check the disk; what was written before is safe.",
            )

    def _write_backlog(self) -> None:
        """Write lines until none is left or one fails. Call with the lock held."""
        try:
            while self._backlog:
                if self._rotate_bytes is not None and self._file.size >= self._rotate_bytes:
                    self._start_next_file()
                self._file.write_line(self._backlog[0])
                self._backlog.popleft()
        except OSError as error:
            if self._write_problem is None:
                self._wake_worker()
            self._write_problem = error.strerror or str(error)
        else:
            self._write_problem = None

    def _start_next_file(self) -> None:
        path = rotated_path(self._base, self._number + 1)
        following = AppendFile(path, system_write=self._system_write)
        self._full_files.append(self._file)
        self._file = following
        self._number += 1
        self._folder_changed = self._sync_wanted = True
        self._wake_worker()

    def _report(self) -> None:
        self._outage.report(self._write_problem or self._sync_problem)

    def _wake_worker(self) -> None:
        """Start or notify the worker, unless closing. Call with the lock held."""
        if self._closing:
            return
        if self._worker is None:
            self._worker = threading.Thread(
                target=self._serve, name=f"sync {self._base.name}", daemon=True
            )
            self._worker.start()
        self._changed.notify_all()

    def _serve(self) -> None:
        """Flush when asked and try again while there is a problem, until closed."""
        while self._wait_for_work():
            with self._changed:
                if self._write_problem is not None:
                    self._write_backlog()
                sync_wanted = self._sync_wanted
            if sync_wanted:
                self._sync()
            self._report()

    def _wait_for_work(self) -> bool:
        """Return once there is something to do; ``False`` when closing."""
        with self._changed:
            while not self._closing:
                if self._write_problem is not None or self._sync_problem is not None:
                    self._changed.wait_for(lambda: self._closing, self._retry_s)
                    break
                if self._sync_wanted:
                    break
                self._changed.wait()
            return not self._closing

    def _sync(self) -> None:
        """Flush what is written. Runs in the worker, or in ``close`` after the worker's end."""
        with self._changed:
            full_files, self._full_files = self._full_files, []
            folder_changed, self._folder_changed = self._folder_changed, False
            current = self._file
            self._sync_wanted = False
        try:
            for file in (*full_files, current):
                self._system_sync(file.descriptor)
            if folder_changed:
                self._sync_folder()
        except OSError as error:
            with self._changed:
                self._full_files[:0] = full_files
                self._folder_changed |= folder_changed
                self._sync_wanted = True
                self._sync_problem = error.strerror or str(error)
            return
        self._sync_problem = None
        for file in full_files:
            file.close()

    def _sync_folder(self) -> None:
        descriptor = os.open(self._base.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            self._system_sync(descriptor)
        finally:
            os.close(descriptor)
