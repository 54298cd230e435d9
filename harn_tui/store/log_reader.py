"""Reading event logs, whatever state they are in.

A log is read across its rotated files as one. An unknown event type is kept. A line that is not
a record becomes one of type ``unreadable``, so that nothing goes missing unseen; only a last
line that a crash cut off is passed over. Nothing in a file makes these functions raise.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harn_tui.errors import StoreError
from harn_tui.events.codec import RecordDecodeError, decode_event, decode_record
from harn_tui.events.record import UNREADABLE_TYPE, Record, UnknownEvent
from harn_tui.json_types import JsonObject
from harn_tui.sinks.log_files import rotated_files

LONGEST_LINE_BYTES = 64 * 1024 * 1024
"""Longer lines are not taken into memory; they are unreadable."""

_RAW_CHARACTERS = 2_000
_SKIP_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _RawLine:
    """One line without its line end; ``is_torn`` when it ends with the file of the log's end.

    ``end`` is where the next line starts, in bytes.
    """

    file: Path
    number: int
    content: bytes
    is_whole: bool
    is_torn: bool
    end: int


def log_files(path: Path) -> list[Path]:
    """Return the base file at ``path`` and the rotated ones behind it, in order.

    Raises StoreError when there is no such log or its folder cannot be listed.
    """
    try:
        files = [rotated for _, rotated in rotated_files(path)]
    except OSError as error:
        raise _cannot_read(path, error) from error
    if path.exists():
        files.insert(0, path)
    if not files:
        raise StoreError(f"There is no log {path}.", hint="Check the path, or the session id.")
    return files


def read_records(path: Path) -> Iterator[Record]:
    """Yield the records of the log whose base file is ``path``.

    An index that repeats or skips is given as it is; where a line has none, it is the one
    before plus one. Raises StoreError when a file cannot be opened or read.
    """
    previous = Record(-1, 0, None, UnknownEvent("", "", {}))
    for line in _raw_lines(path):
        record = _decode_tolerantly(line, previous)
        if record is not None:
            previous = record
            yield record


def read_lines(path: Path) -> Iterator[bytes]:
    """Yield the log's readable lines byte for byte, without the ``\\n`` that ends them.

    Unknown types are readable. Raises StoreError as ``read_records``.
    """
    for line in _raw_lines(path):
        if line.is_whole and _is_record(line.content):
            yield line.content


def next_index(path: Path) -> int:
    """Return the index that continues the log: one more than any that ``read_records`` gives.

    Reads the whole log; who has its records takes it from them. 0 for an empty log.
    """
    return max((record.index for record in read_records(path)), default=-1) + 1


class LogTail:
    """Reads a log that another process writes: each call gives what is new since the last one.

    A line without its end is left until it has one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: Path | None = None
        self._offset = 0
        self._line_number = 0
        self._previous = Record(-1, 0, None, UnknownEvent("", "", {}))

    def read_new(self) -> list[Record]:
        """Return the records behind those of the last call, all of them at first.

        Reads files: call it in a thread, one call at a time. Raises StoreError.
        """
        files = log_files(self._path)
        found: list[Record] = []
        start = files.index(self._file) if self._file in files else 0
        for file in files[start:]:
            if file != self._file:
                self._file, self._offset, self._line_number = file, 0, 0
            try:
                self._read_file(file, found, is_last=file == files[-1])
            except OSError as error:
                raise _cannot_read(file, error) from error
        return found

    def _read_file(self, file: Path, found: list[Record], *, is_last: bool) -> None:
        if file.stat().st_size == self._offset:
            return
        offset, number = self._offset, self._line_number
        for line in _lines_of_file(file, is_last=is_last, start=offset, number=number):
            if line.is_torn:
                return
            self._offset, self._line_number = line.end, line.number
            record = _decode_tolerantly(line, self._previous)
            if record is not None:
                self._previous = record
                found.append(record)


def _raw_lines(path: Path) -> Iterator[_RawLine]:
    files = log_files(path)
    for file in files:
        try:
            yield from _lines_of_file(file, is_last=file == files[-1])
        except OSError as error:
            raise _cannot_read(file, error) from error


def _lines_of_file(
    path: Path, *, is_last: bool, start: int = 0, number: int = 0
) -> Iterator[_RawLine]:
    """Yield the lines from the byte ``start`` on, before which there are ``number``."""
    end = start
    with path.open("rb") as file:
        file.seek(start)
        while content := file.readline(LONGEST_LINE_BYTES + 1):
            number += 1
            end += len(content)
            has_end = content.endswith(b"\n")
            is_whole = has_end or len(content) <= LONGEST_LINE_BYTES
            if not is_whole:
                while not has_end and (rest := file.readline(_SKIP_BYTES)):
                    has_end = rest.endswith(b"\n")
                    end += len(rest)
                content = content[: _RAW_CHARACTERS * 4]
            is_torn = is_last and not has_end
            yield _RawLine(path, number, content.removesuffix(b"\n"), is_whole, is_torn, end)


def _decode_tolerantly(line: _RawLine, previous: Record) -> Record | None:
    """Return the line's record, ``None`` for a blank line and for a torn one."""
    if line.is_whole:
        if not line.content.strip():
            return None
        try:
            return decode_record(line.content)
        except RecordDecodeError as error:
            record, problem = _decode_without_envelope(line.content, previous), str(error)
        if record is not None:
            return record
    else:
        problem = f"longer than {LONGEST_LINE_BYTES} bytes"
    return None if line.is_torn else _unreadable(line, problem, previous)


def _decode_without_envelope(content: bytes, previous: Record) -> Record | None:
    """Return the record of a line whose event is whole, but not its index or time."""
    try:
        members = json.loads(content)
        if not isinstance(members, dict):
            return None
        event = decode_event(members)
    except (ValueError, RecursionError):
        return None
    index, time_ms = members.get("index"), members.get("emitted_at_ms")
    return Record(
        index if type(index) is int and index >= 0 else previous.index + 1,
        time_ms if type(time_ms) is int else previous.emitted_at_ms,
        None,
        event,
    )


def _unreadable(line: _RawLine, problem: str, previous: Record) -> Record:
    session_id = previous.event.session_id
    payload: JsonObject = {
        "type": UNREADABLE_TYPE,
        "session_id": session_id,
        "file": line.file.name,
        "line": line.number,
        "problem": problem[:_RAW_CHARACTERS],
        "raw": line.content[: _RAW_CHARACTERS * 4].decode("utf-8", "replace")[:_RAW_CHARACTERS],
    }
    event = UnknownEvent(UNREADABLE_TYPE, session_id, payload)
    return Record(previous.index + 1, previous.emitted_at_ms, None, event)


def _is_record(content: bytes) -> bool:
    try:
        decode_record(content)
    except RecordDecodeError:
        return False
    return True


def _cannot_read(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"The log {path} cannot be read: {error.strerror}.", hint="Check that you may read it."
    )
