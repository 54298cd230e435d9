"""What a snapshot of a folder of 2,000 files costs, against git's own `add` and `write-tree`."""

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.rows import Row, format_table
from harn_tui.snapshots.snapshot_store import SnapshotStore

RUNS = 15
FILES = 2_000
RATIO = 4.0
"""A snapshot may cost as many times what git alone does for the same tree."""


def run(runs: int = RUNS) -> list[Row]:
    """Measure both in turns, as medians of wall-clock time: most of it is git's processes."""
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base) / "folder"
        changing = fill(folder)
        store = SnapshotStore(Path(base) / "data" / "snapshots", folder)
        plain = PlainGit(Path(base) / "plain.git", folder)
        first = Row("the first snapshot", spent_ms(store.take), spent_ms(plain.take), "ms", RATIO)
        same: list[tuple[float, float]] = []
        changed: list[tuple[float, float]] = []
        for turn in range(runs):
            same.append((spent_ms(store.take), spent_ms(plain.take)))
            changing.write_text(f"{turn}\n")
            changed.append((spent_ms(store.take), spent_ms(plain.take)))
    return [
        first,
        _median_row("when nothing changed", same),
        _median_row("when a file changed", changed),
    ]


def _median_row(name: str, pairs: list[tuple[float, float]]) -> Row:
    ours = statistics.median(pair[0] for pair in pairs)
    return Row(name, ours, statistics.median(pair[1] for pair in pairs), "ms", RATIO)


def fill(folder: Path) -> Path:
    """Make the files, 2 kB each; return one of them."""
    for number in range(FILES):
        path = folder / f"part{number % 40}" / f"file{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"line {line} of {number}\n" for line in range(120)))
    return path


class PlainGit:
    """The floor: git alone, with an index and objects of its own."""

    def __init__(self, repository: Path, folder: Path) -> None:
        self._words = ["git", f"--git-dir={repository}", f"--work-tree={folder}"]
        self._folder = folder
        self._do("init", "--quiet")

    def take(self) -> None:
        """Store the files as a tree."""
        self._do("add", "--all")
        self._do("write-tree")

    def _do(self, *words: str) -> None:
        subprocess.run(
            [*self._words, *words], cwd=self._folder, check=True, capture_output=True,
            env=os.environ | {"GIT_CONFIG_GLOBAL": os.devnull},
        )  # fmt: skip


def spent_ms(work: Callable[[], object]) -> float:
    """Return how long ``work`` takes."""
    start = time.perf_counter_ns()
    work()
    return (time.perf_counter_ns() - start) / 1e6


if __name__ == "__main__":
    print(format_table(run()))
