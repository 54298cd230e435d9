"""Small logs for tests."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from harn_tui.events.codec import encode_record
from harn_tui.events.record import Event, Record


def numbered(events: Iterable[Event], start_ms: int = 1_000, gap_ms: int = 100) -> list[Record]:
    """Return the events as records from index 0, ``gap_ms`` apart."""
    return [
        Record(index, start_ms + index * gap_ms, None, event) for index, event in enumerate(events)
    ]


def write_log(path: Path, records: Sequence[Record]) -> bytes:
    """Write the records as a log and return its bytes."""
    data = "".join(f"{encode_record(record)}\n" for record in records).encode()
    path.write_bytes(data)
    return data
