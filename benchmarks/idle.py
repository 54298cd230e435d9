"""What a console takes while nothing happens: memory, CPU and bytes to the terminal."""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.pty_run import PtyRun, cpu_ms, is_painted
from benchmarks.rows import Row, format_table
from benchmarks.start_up import console_command, environment, floor_command

RUNS = 3
IDLE_S = 10.0
SETTLE_S = 3.0
"""What is loaded after the first frame, and what a run leaves to write, is done by then."""

MEMORY_MB = 30.0
"""How much more than an empty Textual app the console may take."""

CPU_SHARE = 0.2
"""Percent of one core that a finished session may take."""

_ANSWER = "the answer is forty-two"


def run(runs: int = RUNS) -> list[Row]:
    """Measure the console at its start and with a finished session, against fixed limits."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        extra = [
            _memory_mb(console_command(), home) - _memory_mb(floor_command(), home)
            for _ in range(runs)
        ]
        cpu_percent, written = _idle(home)
    return [
        Row("memory after the start, over an empty app", statistics.median(extra), MEMORY_MB,
            "MB", 1.0),
        Row("CPU of a finished session, 10 s", cpu_percent, CPU_SHARE, "%", 1.0),
        Row("bytes written meanwhile, and one", written + 1.0, 1.0, "", 1.0),
    ]  # fmt: skip


def _memory_mb(command: Sequence[str], home: Path) -> float:
    with PtyRun([*command], environment(home), home) as program:
        program.read_until(is_painted)
        program.read_for(SETTLE_S)
        return _resident_mb(program.pid)


def _idle(home: Path) -> tuple[float, int]:
    """Return CPU percent and bytes over ``IDLE_S`` seconds after an answer was shown."""
    script = home / "script.jsonl"
    script.write_text(json.dumps({"text": _ANSWER}) + "\n", encoding="utf-8")
    command = [*console_command(provider=False), "--script", str(script), "hello"]
    with PtyRun(command, environment(home), home) as program:
        program.read_until(lambda output: b"forty-two" in output)
        program.read_for(SETTLE_S)
        used, written = cpu_ms(program.pid), len(program.output)
        started = time.perf_counter()
        program.read_for(IDLE_S)
        wall_ms = (time.perf_counter() - started) * 1000
        return (cpu_ms(program.pid) - used) / wall_ms * 100, len(program.output) - written


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    print(format_table(run()), file=sys.stdout)
