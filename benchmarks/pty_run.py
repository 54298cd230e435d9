"""Runs a program in a pseudo-terminal and measures it from outside, without an emulator.

Linux only, because CPU time is read from ``/proc`` in nanoseconds. Nothing here but reading,
stamping and answering the one query that decides how Textual paints.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

COLUMNS, ROWS = 120, 40
TIMEOUT_S = 60.0
_PRESS_INTERVAL_S = 0.05

_SEQUENCE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)"
    rb"|[P_^X][^\x1b]*(?:\x1b(?!\\)[^\x1b]*)*\x1b\\|[ -/]+[0-~]|[0-Z\\`-~])"
)
_SYNC_QUERY = b"\x1b[?2026$p"
_SYNC_ANSWER = b"\x1b[?2026;2$y"


@dataclass(frozen=True)
class Moment:
    """Time since the start and CPU used until then, both in milliseconds."""

    wall_ms: float
    cpu_ms: float


class PtyRun:
    """One program in one pseudo-terminal of 120x40; use it as a context manager."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], cwd: Path) -> None:
        self._started = time.perf_counter()
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            os.execvpe(command[0], list(command), dict(env))
        size = struct.pack("HHHH", ROWS, COLUMNS, 0, 0)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)
        _turn_echo_off(self._master)
        self.output = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        os.killpg(self.pid, signal.SIGKILL)
        os.close(self._master)
        os.waitpid(self.pid, 0)

    def read_until(
        self,
        is_there: Callable[[bytes], bool],
        *,
        pressing: bytes = b"",
        timeout_s: float = TIMEOUT_S,
    ) -> Moment:
        """Read until ``is_there(all output so far)`` and return that moment.

        ``pressing`` is a key that is pressed every 50 ms meanwhile.
        """
        deadline = time.monotonic() + timeout_s
        next_press = time.monotonic() if pressing else deadline
        while (now := time.monotonic()) < deadline:
            if now >= next_press:
                os.write(self._master, pressing)
                next_press = now + _PRESS_INTERVAL_S
            if not self._read_within(next_press - now):
                break
            if is_there(self.output):
                wall_ms = (time.perf_counter() - self._started) * 1000
                return Moment(wall_ms, cpu_ms(self.pid))
        raise RuntimeError(f"it never came; the output ends with {visible(self.output)[-300:]!r}")

    def read_for(self, seconds: float) -> None:
        """Read whatever comes for that long, as a terminal does."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and self._read_within(left):
            pass

    def _read_within(self, seconds: float) -> bool:
        """Add what comes first within ``seconds`` to the output; false when the program ended."""
        if not select.select([self._master], [], [], max(0.0, seconds))[0]:
            return True
        try:
            data = os.read(self._master, 65_536)
        except OSError:  # the program has ended
            return False
        if _SYNC_QUERY in data:
            os.write(self._master, _SYNC_ANSWER)
        self.output += data
        return True


def _turn_echo_off(master: int) -> None:
    """Keep the kernel from echoing keys: an echo must come from the program."""
    attributes = termios.tcgetattr(master)
    attributes[3] &= ~termios.ECHO
    termios.tcsetattr(master, termios.TCSANOW, attributes)


def visible(output: bytes) -> bytes:
    """Return the output without its escape sequences."""
    return _SEQUENCE.sub(b"", output)


def is_painted(output: bytes) -> bool:
    """Whether at least a quarter of the screen's cells has been written: a first frame."""
    return len(output) > ROWS and len(visible(output)) >= COLUMNS * ROWS // 4


def cpu_ms(pid: int) -> float:
    """Return the CPU time of all threads of a process so far, in milliseconds."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text(encoding="ascii").split()[0])
    return total / 1e6
