"""Start to first painted frame, against an empty Textual app in the same run."""

import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.pty_run import Moment, PtyRun, is_painted
from benchmarks.rows import Row, format_table

RUNS = 7
LIMIT = 1.3
"""Largest ratio to the empty app; docs/testing.md, benchmarks."""

_REPOSITORY = Path(__file__).resolve().parents[1]
_KEY = "ж"  # drawn by nothing but an echo


def run(runs: int = RUNS) -> list[Row]:
    """Start both programs in turns and return the medians, wall and CPU."""
    floors: list[Moment] = []
    frames: list[Moment] = []
    echoes: list[Moment] = []
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        _first_start_is_not_counted(home)
        for _ in range(runs):
            floors.append(_first_frame(floor_command(), home))
            frames.append(_first_frame(console_command(), home))
            echoes.append(_first_echo(console_command(), home))
    return [
        _row("first frame, CPU", [m.cpu_ms for m in frames], [m.cpu_ms for m in floors], LIMIT),
        # Between its pieces of work another program may run: for information.
        _row("first frame, wall", [m.wall_ms for m in frames], [m.wall_ms for m in floors]),
        _row("first key echoed, wall", [m.wall_ms for m in echoes],
             [m.wall_ms for m in floors]),
    ]  # fmt: skip


def _row(name: str, measured: list[float], floor: list[float], limit: float | None = None) -> Row:
    return Row(name, statistics.median(measured), statistics.median(floor), "ms", limit)


def _first_start_is_not_counted(home: Path) -> None:
    """Compile what Python has not compiled yet, and make what a first start makes."""
    _first_frame(floor_command(), home)
    _first_frame(console_command(), home)


def _first_frame(command: list[str], home: Path) -> Moment:
    with PtyRun(command, environment(home), home) as program:
        return program.read_until(is_painted)


def _first_echo(command: list[str], home: Path) -> Moment:
    """Press a key from the very start and wait until it is on the screen."""
    key = _KEY.encode()
    with PtyRun(command, environment(home), home) as program:
        return program.read_until(lambda output: key in output, pressing=key)


def floor_command() -> list[str]:
    """Return what starts an empty Textual app."""
    return [sys.executable, str(Path(__file__).with_name("empty_app.py"))]


def console_command(*, provider: bool = True) -> list[str]:
    """Return what starts the console, on the demo provider unless told otherwise."""
    installed = shutil.which("harn-tui", path=str(Path(sys.executable).parent))
    program = [installed] if installed else [sys.executable, "-m", "harn_tui"]
    return [*program, "--provider", "demo"] if provider else program


def environment(home: Path) -> dict[str, str]:
    """Return a clean environment in which everything is kept below ``home``."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "HARN_TUI_HOME": str(home / "harn-tui"),
        "PYTHONPATH": str(_REPOSITORY),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
    }


if __name__ == "__main__":
    print(format_table(run()))
