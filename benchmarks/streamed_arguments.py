"""What previews of a tool's arguments cost while a megabyte of them streams in, piece by piece."""

import json
import statistics
import time
from collections.abc import Callable

from benchmarks.rows import Row, format_table
from harn_tui.loop.argument_preview import (
    PREVIEW_WINDOW_MS,
    ArgumentPreview,
    Container,
    read_partial,
)

RUNS = 9
SIZE = 1_000_000
PIECE = 4

PARSES = 3.0
"""All previews together may cost as many parses of the whole."""
PIECE_US = 2.0
"""CPU that taking in one piece may cost, previews apart."""


class BrokenPreviewError(RuntimeError):
    """Previews that were to be measured did not show the arguments."""


class TimedParser:
    """Parses, and adds up the CPU that it took."""

    def __init__(self) -> None:
        self.spent_ns = 0

    def __call__(self, text: str) -> Container | None:
        """Return what ``read_partial`` does."""
        start = time.process_time_ns()
        try:
            return read_partial(text)
        finally:
            self.spent_ns += time.process_time_ns() - start


def run(runs: int = RUNS) -> list[Row]:
    """Measure each figure as the median of ``runs`` runs."""
    rows = []
    for name, text in (("one long text", long_text()), ("many small values", small_values())):
        previews, pieces, whole = [], [], []
        for _ in range(runs):
            parsing_us, taking_us = streamed_us(text)
            previews.append(parsing_us)
            pieces.append(taking_us)
            whole.append(cpu_us(lambda text=text: read_partial(text)))  # type: ignore[misc]
        rows.append(
            Row(f"parsing 1 MB of {name}, floor: once", statistics.median(previews),
                statistics.median(whole), "µs", PARSES)
        )  # fmt: skip
    rows.append(
        Row("taking in 4 bytes, floor: allowed", statistics.median(pieces), PIECE_US, "µs", 1.0)
    )
    return rows


def streamed_us(text: str) -> tuple[float, float]:
    """Return what all parsing took, and what the rest took for each piece.

    Each piece comes when the next preview is due, which is the dearest case.
    """
    parser = TimedParser()
    preview = ArgumentPreview(parser)
    now_ms = 0
    start = time.process_time_ns()
    for at in range(0, len(text), PIECE):
        now_ms += PREVIEW_WINDOW_MS
        preview.add(text[at : at + PIECE], now_ms)
    last = preview.finish()
    spent_ns = time.process_time_ns() - start
    if last is None or last.value != json.loads(text):
        raise BrokenPreviewError("the last preview is not the whole")
    return parser.spent_ns / 1e3, (spent_ns - parser.spent_ns) / 1e3 / (len(text) / PIECE)


def cpu_us(work: Callable[[], object]) -> float:
    """Return the CPU that ``work`` takes, in microseconds."""
    start = time.process_time_ns()
    work()
    return (time.process_time_ns() - start) / 1e3


def long_text() -> str:
    """Return arguments that are nearly all one text, as when a file is written."""
    line = 'print("a line of code")\n'
    return json.dumps({"path": "a.py", "content": line * (SIZE // len(json.dumps(line)))})


def small_values() -> str:
    """Return arguments that are a long list of small objects."""
    row = {"number": 12345, "is_good": True, "name": "row"}
    return json.dumps({"rows": [row] * (SIZE // (len(json.dumps(row)) + 2))})


if __name__ == "__main__":
    print(format_table(run()))
