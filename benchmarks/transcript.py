"""What the transcript costs: a streamed token, a page up, an appended block, memory."""

import contextlib
import os
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.pty_run import PtyRun, visible
from benchmarks.rows import Row, format_table

RUNS = 3
TIMEOUT_S = 300.0

_REPOSITORY = Path(__file__).resolve().parents[1]
_MEMORY_LIMIT_MB = 10.0


def run(runs: int = RUNS) -> list[Row]:
    """Measure every case ``runs`` times, in turns with what it is compared with."""
    rows = [
        _compare("1k tokens after 1k, floor: Textual's Markdown", runs, 0.2,
                 ("stream", "mixed", 1_000), ("markdown", "mixed", 1_000)),
    ]  # fmt: skip
    for before in (10_000, 100_000):
        rows.append(
            _compare(f"1k tokens after {before // 1000}k, floor: after 1k", runs, 1.15,
                     ("stream", "mixed", before), ("stream", "mixed", 1_000))
        )  # fmt: skip
    for kind in ("fence", "table", "list", "prose"):
        rows.append(
            _compare(f"1k tokens in a {kind} after 5k, floor: after 1k", runs, 1.2,
                     ("stream", kind, 5_000), ("stream", kind, 1_000))
        )  # fmt: skip
    for case, limit in (("page_up", 1.2), ("append", 1.5), ("resize", 1.5)):
        rows.append(
            _compare(f"{case} among 10k blocks, floor: among 100", runs, limit,
                     (case, "-", 10_000), (case, "-", 100))
        )  # fmt: skip
    memory = _measure(("memory", "-", 10_000))
    grown = Row("10k blocks of 1 kB, over their text", memory, _MEMORY_LIMIT_MB, "MB", 1.0)
    return [*rows, grown]


def _compare(
    name: str,
    runs: int,
    limit: float,
    case: tuple[str, str, int],
    floor: tuple[str, str, int],
) -> Row:
    measured, floors = [], []
    for _ in range(runs):
        measured.append(_measure(case))
        floors.append(_measure(floor))
    return Row(name, statistics.median(measured), statistics.median(floors), "ms", limit)


def _measure(case: tuple[str, str, int]) -> float:
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
