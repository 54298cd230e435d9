"""What a session of 100,000 events costs: to open it, to hold it, to fold it, to add to it."""

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.long_session import SESSION_ID, long_session
from benchmarks.pty_run import PtyRun
from benchmarks.rows import Row, format_table
from benchmarks.start_up import console_command, environment
from harn_tui.events.codec import decode_record, encode_record
from harn_tui.events.host import MessageRecorded, UserMessage
from harn_tui.events.record import Record
from harn_tui.kinds import HostMessageMode
from harn_tui.sinks.line_writer import LineWriter
from harn_tui.sinks.recorder import Recorder
from harn_tui.store.session_folder import create_session_folder
from harn_tui.store.state_file import SessionState, save_state
from harn_tui.view.fold import apply
from harn_tui.view.model import SessionView

RUNS = 3
EVENTS = 100_000
APPENDED = 20_000
OPENING = 1.5
"""How much longer than an empty session the long one may take until its end is on the screen."""
FOLD = 3.0
APPEND_US = 30.0
MEMORY_MB = 250.0
SETTLE_S = 8.0

_LAST_WORDS = "This is the end of it."
_EMPTY_WORDS = b"F1 shows every key"


def run(runs: int = RUNS) -> list[Row]:
    """Measure opening in turns with an empty session; the others against what is allowed."""
    records = long_session(EVENTS)
    last = UserMessage(SESSION_ID, _LAST_WORDS, HostMessageMode.WAIT_FOR_COMPLETION)
    records.append(Record(len(records), records[-1].emitted_at_ms + 1, None, last))
    lines = [encode_record(record).encode() for record in records]
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        _store(home, lines)
        cpu, wall, memory = _measure_opening(home, runs)
    loads, folded = _in_turns(
        lambda: [json.loads(line) for line in lines], lambda: _fold(lines), runs
    )
    return [
        Row("its end on the screen, wall, floor: an empty session", *wall, "ms", OPENING),
        Row("the same, CPU", *cpu, "ms", OPENING),
        Row("memory of the console with it, floor: allowed", memory, MEMORY_MB, "MB", 1.0),
        Row("read and folded, floor: json.loads", folded, loads, "ms", FOLD),
        Row("an event appended, CPU, floor: allowed", _append_us(), APPEND_US, "µs", 1.0),
    ]


def _store(home: Path, lines: list[bytes]) -> None:
    folder = create_session_folder(home / "harn-tui" / "sessions", SESSION_ID)
    folder.event_log.write_bytes(b"".join(line + b"\n" for line in lines))
    save_state(folder.state_file, SessionState("long", "a-model", "a-provider", str(home)))


def _measure_opening(
    home: Path, runs: int
) -> tuple[tuple[float, float], tuple[float, float], float]:
    """Return CPU and wall of both, the long one's first, and the memory of the long one."""
    command = console_command()
    long: list[tuple[float, float]] = []
    empty: list[tuple[float, float]] = []
    memory = []
    with PtyRun(command, environment(home), home) as program:  # what a first start makes
        program.read_until(lambda output: _EMPTY_WORDS in output)
    for _ in range(runs):
        with PtyRun(command, environment(home), home) as program:
            moment = program.read_until(lambda output: _EMPTY_WORDS in output)
            empty.append((moment.cpu_ms, moment.wall_ms))
        with PtyRun([*command, "--session", SESSION_ID], environment(home), home) as program:
            moment = program.read_until(lambda output: _LAST_WORDS.encode() in output)
            long.append((moment.cpu_ms, moment.wall_ms))
            program.read_for(SETTLE_S)
            memory.append(_resident_mb(program.pid))
    figures = [(_median(long, place), _median(empty, place)) for place in (0, 1)]
    return figures[0], figures[1], statistics.median(memory)


def _median(pairs: list[tuple[float, float]], place: int) -> float:
    return statistics.median(pair[place] for pair in pairs)


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _fold(lines: list[bytes]) -> None:
    view = SessionView()
    for line in lines:
        apply(view, decode_record(line))


def _in_turns(
    floor: Callable[[], object], work: Callable[[], object], runs: int
) -> tuple[float, float]:
    floors, figures = [], []
    for _ in range(runs):
        floors.append(_cpu_ms_of(floor))
        figures.append(_cpu_ms_of(work))
    return statistics.median(floors), statistics.median(figures)


def _cpu_ms_of(work: Callable[[], object]) -> float:
    started = time.process_time()
    kept = work()
    taken = (time.process_time() - started) * 1000
    del kept
    return taken


def _append_us() -> float:
    """Return the CPU that the session's sink takes for an event that is written at once."""
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder("s", LineWriter(Path(folder) / "log.jsonl"), first_index=0)
        event = MessageRecorded("s", {"role": "assistant", "content": "word " * 40})

        def append() -> None:
            for _ in range(APPENDED):
                recorder.handle_event(event)

        taken = _cpu_ms_of(append)
    return taken * 1000 / APPENDED


if __name__ == "__main__":
    print(format_table(run()))
