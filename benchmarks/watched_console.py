"""The console, whose event loop is watched: a program of its own for ``slow_terminal``.

The first argument is a file that always holds the longest gap so far, in milliseconds; the others
are the console's.
"""

import asyncio
import os
import sys
import time
from pathlib import Path

from textual.screen import Screen

from harn_tui.cli.main import main
from harn_tui.console.environment import prepare_environment

TICK_S = 0.002


async def watch(file: Path) -> None:
    """Measure how much later than asked for the loop comes back."""
    longest = 0.0
    while True:
        started = time.perf_counter()
        await asyncio.sleep(TICK_S)
        gap = (time.perf_counter() - started - TICK_S) * 1000
        # Who reads the file takes it away to begin anew.
        if gap > longest or not file.exists():  # noqa: ASYNC240 - takes microseconds
            longest = gap
            partial = file.with_suffix(".part")
            partial.write_text(f"{gap}", encoding="ascii")
            partial.rename(file)


def run_watched() -> int:
    """Run the console with ``watch`` beside it from the first frame of its session on."""
    prepare_environment(os.environ)
    from harn_tui.console.app import HarnApp  # noqa: PLC0415 - read in after that

    file, enter = Path(sys.argv[1]), HarnApp.enter

    async def enter_watched(self: HarnApp, screen: Screen[None]) -> None:
        await enter(self, screen)
        self.run_worker(watch(file))

    HarnApp.enter = enter_watched  # type: ignore[method-assign]
    return main(sys.argv[2:])


if __name__ == "__main__":
    raise SystemExit(run_watched())
