"""What a thousand stored sessions cost: to list them, and to search them."""

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from benchmarks.rows import Row, format_table
from benchmarks.stored_sessions import make_full_sessions, make_sparse_sessions
from harn_tui.store.index.query import parse_query
from harn_tui.store.index.session_index import SessionIndex

RUNS = 5
SESSIONS = 1_000
LOG_BYTES = 1_000_000
"""Size of the logs that are listed. They are sparse files: listing reads their ends only."""
TURNS = 15
"""Turns of the sessions that are searched, about 43 kB each."""

WARM_MS = 50.0
COLD_MS = 2_000.0
SEARCH_MS = 100.0
READING_MS_A_MB = 150.0
"""What reading a megabyte of logs into the index may take."""


class BrokenRunError(RuntimeError):
    """What was to be measured did not give what it should."""


def run(runs: int = RUNS) -> list[Row]:
    """Measure each figure as the median of ``runs`` runs; what is cold, once."""
    with tempfile.TemporaryDirectory() as folder:
        listing = _measure_listing(Path(folder) / "listed", runs)
        return [*listing, *_measure_search(Path(folder) / "searched", runs)]


def _measure_listing(folder: Path, runs: int) -> list[Row]:
    make_sparse_sessions(folder / "sessions", SESSIONS, LOG_BYTES)
    index = SessionIndex(folder / "sessions", folder / "index.sqlite")

    def list_all() -> None:
        found = index.sessions()
        if found.notice is not None or len(found.summaries) != SESSIONS:
            raise BrokenRunError(f"{len(found.summaries)} sessions were listed: {found.notice}")

    cold = _milliseconds(list_all)
    warm = statistics.median(_milliseconds(list_all) for _ in range(runs))
    return [
        Row("1k sessions of 1 MB listed, no index, CPU, floor: allowed", cold, COLD_MS, "ms", 1.0),
        Row("the same with an index, CPU, floor: allowed", warm, WARM_MS, "ms", 1.0),
    ]


def _measure_search(folder: Path, runs: int) -> list[Row]:
    size = make_full_sessions(folder / "sessions", SESSIONS, TURNS)
    index = SessionIndex(folder / "sessions", folder / "index.sqlite")
    reading = _milliseconds(index.update) / (size / 1e6)
    rows = [
        Row(
            "a MB of logs read for search, CPU, floor: allowed", reading, READING_MS_A_MB, "ms", 1.0
        )
    ]
    for name, text in (
        ("a rare word", "needle"),
        ("a common word", "ka"),
        ("facets and a word", "tool:read_file after:2020-01-01 in:work mi"),
    ):

        def find(text: str = text) -> None:
            query = parse_query(text, now=datetime.now().astimezone(), cwd=folder)
            if not index.search(query, on_progress=lambda done, total: None).hits:
                raise BrokenRunError(f"nothing was found for {text}")

        taken = statistics.median(_milliseconds(find) for _ in range(runs))
        rows.append(Row(f"1k sessions, {name}, CPU, floor: allowed", taken, SEARCH_MS, "ms", 1.0))
    return rows


def _milliseconds(work: Callable[[], object]) -> float:
    """Return the CPU time that ``work`` takes; it waits for nothing but files in memory."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1e3


if __name__ == "__main__":
    print(format_table(run()))
