"""Reads a log that somebody else is writing: each time what has come since."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from harn_tui.events.record import Record
from harn_tui.store.lock import live_owner
from harn_tui.store.log_reader import (
    NO_RECORD,
    RawLine,
    cannot_read,
    decode_tolerantly,
    is_record,
    lines_of_file,
    log_files,
)


class LogFollower:
    """Reads the log whose base file is ``log``, across its rotated files, from the start.

    A last line without its end is left for the next time, in case that it is being written;
    once nobody writes any more (``is_live``), it counts when it is a record. Every method reads
    files: call it in a thread when a screen is up.
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        self._place: _Place | None = None
        self._previous = NO_RECORD

    @property
    def is_live(self) -> bool:
        """Whether a process has the session open."""
        return live_owner(self._log.with_name("lock")) is not None

    def records(self) -> list[Record]:
        """Return the records that have come since. Raises StoreError when there is no log."""
        # Who asks first and reads then does not miss what was written last.
        is_live = self.is_live
        found: list[Record] = []
        for line in self._lines():
            record = decode_tolerantly(line, self._previous)
            if line.is_torn and (is_live or record is None):
                break
            self._pass(line)
            if record is not None:
                self._previous = record
                found.append(record)
        return found

    def lines(self) -> list[bytes]:
        """Return the readable lines that have come since, byte for byte, without their ends."""
        is_live = self.is_live
        found: list[bytes] = []
        for line in self._lines():
            is_readable = line.is_whole and is_record(line.content)
            if line.is_torn and (is_live or not is_readable):
                break
            self._pass(line)
            if is_readable:
                found.append(line.content)
        return found

    def _lines(self) -> Iterator[RawLine]:
        files = log_files(self._log)
        place = self._place or _Place(files[0], 0, 0)
        start = files.index(place.file) if place.file in files else 0
        for file in files[start:]:
            offset, number = (place.offset, place.number) if file == place.file else (0, 0)
            try:
                yield from lines_of_file(
                    file, is_last=file == files[-1], start=offset, number=number
                )
            except OSError as error:
                raise cannot_read(file, error) from error

    def _pass(self, line: RawLine) -> None:
        self._place = _Place(line.file, line.end, line.number)


class _Place(NamedTuple):
    """Up to where the log has been read: an offset in a file, and the number of its last line."""

    file: Path
    offset: int
    number: int
