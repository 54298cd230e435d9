"""The end of a log, read without the rest: what a person sees first of a long session."""

from pathlib import Path

from harn_tui.events.codec import RecordDecodeError, decode_record
from harn_tui.events.record import Record
from harn_tui.store.log_reader import cannot_read, log_files

TAIL_BYTES = 65_536
"""Far more than a screen shows; a line that is longer still is left out."""


def read_tail(path: Path, most_bytes: int = TAIL_BYTES) -> list[Record]:
    """Return the records in the last ``most_bytes`` of the log whose base file is ``path``.

    What is no record is left out: this is a look, and the log is read properly afterwards. Raises
    StoreError when there is no log or it cannot be read.
    """
    newest = log_files(path)[-1]
    try:
        with newest.open("rb") as file:
            start = max(0, file.seek(0, 2) - most_bytes)
            # One byte more tells whether a line begins there.
            file.seek(max(0, start - 1))
            data = file.read(most_bytes + 1)
    except OSError as error:
        raise cannot_read(newest, error) from error
    lines = data.split(b"\n")
    if start:
        del lines[0]
    return [record for line in lines if (record := _record_or_none(line)) is not None]


def _record_or_none(line: bytes) -> Record | None:
    try:
        return decode_record(line)
    except RecordDecodeError:
        return None
