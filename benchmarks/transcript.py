"""What the transcript costs: a streamed token, a page up, an appended block, memory."""

import contextlib
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TypeAlias

from benchmarks.pty_run import PtyRun, visible
from benchmarks.rows import Row, format_table

RUNS = 3
TIMEOUT_S = 300.0

_REPOSITORY = Path(__file__).resolve().parents[1]
FIND_KEY_MS = 8.0
"""What a key in the find line may take, the search that it begins included."""

MEMORY_MB = 10.0
"""What 10,000 settled blocks may take over their text."""

Case: TypeAlias = tuple[str, str, int]
"""Case, kind of text and amount, as ``transcript_stage`` takes them."""

FRAME_MS = 8.0
"""CPU of one frame, whatever a person did for it."""

RESIZE_MS = 100.0
"""Until the visible lines of a long session stand in another width."""

FRAMES = ("append", "page_up", "fold", "find_next")

_AFTER_1K = ("stream", "mixed", 1_000)

COMPARISONS: list[tuple[str, float, Case, Case]] = [
    ("1k tokens after 1k, floor: Textual's Markdown", 0.2, _AFTER_1K, ("markdown", "mixed", 1_000)),
    ("1k tokens after 10k, floor: after 1k", 1.15, ("stream", "mixed", 10_000), _AFTER_1K),
    ("1k tokens after 100k, floor: after 1k", 1.15, ("stream", "mixed", 100_000), _AFTER_1K),
    *(
        (f"1k tokens in a {kind} after 5k, floor: after 1k", 1.2,
         ("stream", kind, 5_000), ("stream", kind, 1_000))
        for kind in ("fence", "table", "list", "prose")
    ),
    *(
        (f"{case} at 100k lines, floor: at 1k", 1.3, (case, "-", 100_000), (case, "-", 1_000))
        for case in FRAMES
    ),
]  # fmt: skip
"""What is compared: name, largest good ratio, what is measured, its floor."""


def run(runs: int = RUNS) -> list[Row]:
    """Measure every case ``runs`` times, in turns with what it is compared with."""
    rows = [_compare(*comparison, runs) for comparison in COMPARISONS]
    rows += [_allowed(case, FRAME_MS, runs) for case in FRAMES]
    rows.append(_allowed("resize", RESIZE_MS, runs))
    memory = _measure(("memory", "-", 10_000))
    typed = statistics.median([_measure(("find_typed", "-", 100_000)) for _ in range(runs)])
    rows.append(Row("a key in the find line among 100k lines", typed, FIND_KEY_MS, "ms", 1.0))
    return [*rows, Row("10k blocks of 1 kB, over their text", memory, MEMORY_MB, "MB", 1.0)]


def _compare(name: str, limit: float, case: Case, floor: Case, runs: int) -> Row:
    measured, floors = [], []
    for _ in range(runs):
        measured.append(_measure(case))
        floors.append(_measure(floor))
    return Row(name, statistics.median(measured), statistics.median(floors), "ms", limit)


def _allowed(case: str, allowed_ms: float, runs: int) -> Row:
    measured = statistics.median(_measure((case, "-", 100_000)) for _ in range(runs))
    return Row(f"{case} at 100k lines, CPU, floor: allowed", measured, allowed_ms, "ms", 1.0)


def _measure(case: Case) -> float:
    """Run one case in a process and a pseudo-terminal of its own; return its figure."""
    with tempfile.TemporaryDirectory() as name:
        result = Path(name) / "figure"
        command = [sys.executable, "-m", "benchmarks.transcript_stage", *map(str, case)]
        with PtyRun([*command, str(result)], _environment(name), _REPOSITORY) as program:
            # The program writes its figure, then one more line, and waits to be ended.
            with contextlib.suppress(RuntimeError):
                program.read_until(lambda _: result.exists(), timeout_s=TIMEOUT_S)
            if not result.exists():
                end = visible(program.output)[-2000:].decode("utf-8", "replace")
                raise RuntimeError(f"{case} gave no figure; its output ends with {end}")
        return float(result.read_text(encoding="ascii"))


def _environment(home: str) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": home,
        "PYTHONPATH": str(_REPOSITORY),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "TEXTUAL_FPS": "1000",
    }


def main() -> None:
    """Run the benchmark and print its rows."""
    print(format_table(run()))


if __name__ == "__main__":
    main()
