"""What moving in the replay of a long session costs: the event loop's time for a seek, memory."""

import asyncio
import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable

from benchmarks.long_session import long_session
from benchmarks.rows import Row, format_table
from harn_tui.console.app import HarnApp
from harn_tui.console.screens.replay import ReplayScreen
from harn_tui.console.screens.replay_controls import ReplayControls
from harn_tui.events.record import Record
from harn_tui.view.fold import apply
from harn_tui.view.model import SessionView
from harn_tui.view.timeline import Timeline

EVENTS = 100_000
SEEK_MS = 100.0
"""What a seek may take of the event loop in all, redrawing included."""
BLOCK_MS = 50.0
"""What it may take in one piece."""
TIMELINE_MB = 60.0
_SHARES = (1.0, 0.0, 0.5, 0.97, 0.31, 0.75, 0.02, 1.0, 0.66, 0.15)


def run() -> list[Row]:
    """Measure seeks on a real screen, then folding and memory."""
    records = long_session(EVENTS)
    totals, blocks = asyncio.run(_measure_seeks(records))
    fold_ms = _milliseconds(lambda: _fold(records))
    timeline_ms = _milliseconds(lambda: Timeline().extend(records))
    return [
        Row("a seek among 100k events, the loop's time", max(totals), SEEK_MS, "ms", 1.0),
        Row("its longest piece", max(blocks), BLOCK_MS, "ms", 1.0),
        Row("the median seek", statistics.median(totals), SEEK_MS, "ms", 1.0),
        Row("100k events looked through, floor: folded", timeline_ms, fold_ms, "ms", 8.0),
        Row("memory of the timeline", _timeline_mb(records), TIMELINE_MB, "MB", 1.0),
    ]


def _fold(records: list[Record]) -> None:
    view = SessionView()
    for record in records:
        apply(view, record)


def _milliseconds(work: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def _timeline_mb(records: list[Record]) -> float:
    gc.collect()
    tracemalloc.start()
    timeline = Timeline()
    timeline.extend(records)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert timeline.length == len(records)
    return used / 1e6


class _LoopWatch:
    """Adds up the processor time of everything that the event loop runs."""

    def __init__(self) -> None:
        self.pieces_ms: list[float] = []

    def __enter__(self) -> "_LoopWatch":
        # The loop tells nobody how long a piece of its work took.
        self._run = run = asyncio.Handle._run  # noqa: SLF001
        pieces_ms = self.pieces_ms

        def timed(handle: asyncio.Handle) -> None:
            start = time.thread_time()
            run(handle)
            pieces_ms.append((time.thread_time() - start) * 1000)

        asyncio.Handle._run = timed  # type: ignore # noqa: SLF001, PGH003
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.Handle._run = self._run  # type: ignore # noqa: SLF001, PGH003


async def _measure_seeks(records: list[Record]) -> tuple[list[float], list[float]]:
    """Return for each seek how long the event loop worked, and its longest piece, in ms."""
    screen = ReplayScreen(lambda: records, title="long", plays_at_once=False)
    app = HarnApp(screen, screen.open)
    totals, longest = [], []
    async with app.run_test(size=(120, 40)) as pilot:
        while not (screen.is_complete and screen.is_looked_through):
            await pilot.pause(0.01)
        await pilot.pause()
        gc.collect()
        gc.freeze()
        for share in _SHARES:
            with _LoopWatch() as watch:
                screen.post_message(ReplayControls.Sought(share))
                await pilot.pause()
                while screen.is_busy:
                    await pilot.pause()
                await pilot.pause()
            totals.append(sum(watch.pieces_ms))
            longest.append(max(watch.pieces_ms))
    return totals, longest


def main() -> None:
    """Run the benchmark and print its rows."""
    print(format_table(run()))


if __name__ == "__main__":
    main()
