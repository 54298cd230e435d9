"""What is written for streamed text, and what happens when the terminal stops reading."""

import json
import re
import sys
import tempfile
import time
from pathlib import Path

import pyte

from benchmarks.pty_run import COLUMNS, ROWS, PtyRun
from benchmarks.rows import Row, format_table
from benchmarks.start_up import environment
from benchmarks.transcript_texts import text_of

STREAMED_CHARS = 12_000
CHUNK_CHARS, CHUNK_MS = 4, 5
"""200 tokens a second, for 15 seconds."""

PAUSE_S = 5.0
GAP_MS = 50.0
"""What the loop may stand still for, beside what a busy machine takes from every program."""
SETTLE_S = 3.0
BYTES_A_FRAME = 1.3
"""Bytes for a frame may be so many times the cells that it changes at most: the transcript's."""

_END = "QJX the end QJX"
_FRAME = re.compile(rb"\x1b\[\?2026h(.*?)\x1b\[\?2026l", re.DOTALL)
_ROW = re.compile(rb"\x1b\[(\d+);\d+H")


def run() -> list[Row]:
    """Stream the same text twice: to a terminal that reads, and to one that pauses."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        script = home / "script.jsonl"
        text = f"{text_of('mixed', STREAMED_CHARS)}\n\n{_END}"
        entry = {"text": text, "chunk_chars": CHUNK_CHARS, "chunk_ms": CHUNK_MS}
        script.write_text(json.dumps(entry) + "\n", encoding="utf-8")
        reads, settled, reads_gap, reads_log = _stream(home, script, pause_s=0.0)
        waits, _, waits_gap, waits_log = _stream(home, script, pause_s=PAUSE_S)
    frames = _frames_of(reads[settled:])
    full = sum(len(rows) >= ROWS for rows, _ in frames)
    bytes_a_frame = sum(size for _, size in frames) / max(1, len(frames))
    lost = float(waits_log != reads_log or text not in waits_log)
    return [
        Row("frames that painted every row, and one", full + 1.0, 1.0, "", 1.0),
        Row("bytes a frame, floor: cells of the screen", bytes_a_frame, float(ROWS * COLUMNS),
            "", BYTES_A_FRAME),
        Row("longest gap in the loop while nobody reads for 5 s, floor: with a reader, and 50 ms",
            waits_gap, reads_gap + GAP_MS, "ms", 1.0),
        Row("the same with a terminal that reads, floor: allowed", reads_gap, GAP_MS, "ms"),
        Row("texts lost or rows wrong afterwards, and one",
            1.0 + lost + _differing_rows(reads, waits), 1.0, "", 1.0),
    ]  # fmt: skip


def _stream(home: Path, script: Path, *, pause_s: float) -> tuple[bytes, int, float, str]:
    """Return the output, how much of it came before anything was measured, and what was measured.

    That is the longest gap in ms, and the text that the session's log holds.
    """
    gap = home / "gap"
    gap.unlink(missing_ok=True)
    watched = [sys.executable, "-m", "benchmarks.watched_console", str(gap)]
    command = [*watched, "--script", str(script), "--session", f"pause-{pause_s:g}", "hello"]
    with PtyRun(command, environment(home), home) as program:
        program.read_until(lambda output: b"hello" in output)
        program.read_for(SETTLE_S)
        gap.unlink(missing_ok=True)
        settled = len(program.output)
        time.sleep(pause_s)
        program.read_until(lambda output: b"QJX" in output)
        program.read_for(SETTLE_S)
        output = program.output
    folder = home / "harn-tui" / "sessions" / f"pause-{pause_s:g}"
    longest = float(gap.read_text(encoding="ascii")) if gap.exists() else 0.0
    return output, settled, longest, _logged_text(folder / "event_log.jsonl")


def _logged_text(log: Path) -> str:
    records = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    chunks = [r for r in records if r.get("type") == "agent_message_chunk"]
    return "".join(str(chunk["content"]) for chunk in chunks)


def _frames_of(output: bytes) -> list[tuple[set[bytes], int]]:
    """Return the rows and the bytes of every frame."""
    return [(set(_ROW.findall(frame)), len(frame)) for frame in _FRAME.findall(output)]


def _differing_rows(one: bytes, other: bytes) -> int:
    """Return in how many rows the screens differ at the end, but for the line with the time."""
    return sum(a != b for a, b in zip(_screen(one), _screen(other), strict=True))


def _screen(output: bytes) -> list[str]:
    screen = pyte.Screen(COLUMNS, ROWS)
    # Kept from the emulator: it prints what it does not know.
    known = re.sub(rb"\x1b\[[<>=?][0-9;]*u|\x1b\[\?[0-9]+\$p", b"", output)
    pyte.ByteStream(screen).feed(known)
    return [line.rstrip() for line in screen.display[:-1]]


if __name__ == "__main__":
    print(format_table(run()))
