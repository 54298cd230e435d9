"""Reading event logs, whatever state they are in.

A log is read across its rotated files as one. An unknown event type is kept. A line that is not
a record becomes one of type ``unreadable``, so that nothing goes missing unseen; only a last
line that a crash cut off is passed over. Nothing in a file makes these functions raise.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harn_tui.errors import StoreError, UsageError
from harn_tui.events.codec import RecordDecodeError, decode_event, decode_record
from harn_tui.events.record import UNREADABLE_TYPE, Record, UnknownEvent
from harn_tui.json_types import JsonObject
from harn_tui.sinks.log_files import rotated_files

LONGEST_LINE_BYTES = 64 * 1024 * 1024
"""Longer lines are not taken into memory; they are unreadable."""

NO_RECORD = Record(-1, 0, None, UnknownEvent("", "", {}))
"""What stands before the first record, for ``decode_tolerantly``."""

_RAW_CHARACTERS = 2_000
_SKIP_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class RawLine:
    """One line without its line end; ``is_torn`` when it ends with the file of the log's end.

    ``end`` is the offset in ``file`` of what comes after it.
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
        raise cannot_read(path, error) from error
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
    previous = NO_RECORD
    for line in _raw_lines(path):
        record = decode_tolerantly(line, previous)
        if record is not None:
            previous = record
            yield record


def read_lines(path: Path) -> Iterator[bytes]:
    """Yield the log's readable lines byte for byte, without the ``\\n`` that ends them.

    Unknown types are readable. Raises StoreError as ``read_records``.
    """
    for line in _raw_lines(path):
        if line.is_whole and is_record(line.content):
            yield line.content


def records_up_to(path: Path, index: int) -> Iterator[Record]:
    """Yield the records up to the event ``index``, itself included.

    Raises UsageError at the end of a log that has no such event, StoreError as ``read_records``.
    """
    last = None
    for record in read_records(path):
        last = record.index
        yield record
        if last == index:
            return
    raise UsageError(f"There is no event {index} in {path}.", hint=_extent(last))


def lines_up_to(path: Path, index: int) -> Iterator[bytes]:
    """Yield the readable lines up to the event ``index``, byte for byte; raises as the others."""
    last = None
    for line in read_lines(path):
        last = decode_record(line).index
        yield line
        if last == index:
            return
    raise UsageError(f"There is no event {index} in {path}.", hint=_extent(last))


def _extent(last: int | None) -> str:
    return "The log is empty." if last is None else f"Its last event is {last}."


def next_index(path: Path) -> int:
    """Return the index that continues the log: one more than any that ``read_records`` gives.

    Reads the whole log; who has its records takes it from them. 0 for an empty log.
    """
    return max((record.index for record in read_records(path)), default=-1) + 1


def _raw_lines(path: Path) -> Iterator[RawLine]:
    files = log_files(path)
    for file in files:
        try:
            yield from lines_of_file(file, is_last=file == files[-1])
        except OSError as error:
            raise cannot_read(file, error) from error


def lines_of_file(
    path: Path, *, is_last: bool, start: int = 0, number: int = 0
) -> Iterator[RawLine]:
    """Yield the lines of one file from the offset ``start`` on, where line ``number`` ends.

    Raises OSError when it cannot be read.
    """
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
                    end += len(rest)
                    has_end = rest.endswith(b"\n")
                content = content[: _RAW_CHARACTERS * 4]
            yield RawLine(
                path, number, content.removesuffix(b"\n"), is_whole, is_last and not has_end, end
            )


def decode_tolerantly(line: RawLine, previous: Record) -> Record | None:
    """Return the line's record, ``None`` for a blank line and for a torn one.

    ``previous`` is the record before it, whose index a line without one continues.
    """
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


def _unreadable(line: RawLine, problem: str, previous: Record) -> Record:
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


def is_record(content: bytes) -> bool:
    """Whether a line is readable: a record, of whatever type."""
    try:
        decode_record(content)
    except RecordDecodeError:
        return False
    return True


def cannot_read(path: Path, error: OSError) -> StoreError:
    """Return the error that says why a log cannot be read."""
    return StoreError(
        f"The log {path} cannot be read: {error.strerror}.", hint="Check that you may read it."
    )
