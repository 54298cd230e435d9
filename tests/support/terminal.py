"""A program in a real pseudo-terminal: keys go in, the rendered screen comes out.

A thread reads everything the program writes as it comes, renders it and answers the program's
queries, so a test only sends keys and waits for what should be on the screen. Every failure
message ends with the screen as it was.
"""

import contextlib
import fcntl
import os
import pty
import re
import signal
import struct
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

from tests.support.keys import key_bytes
from tests.support.screen import Cell, Screen, split_unfinished_sequence
from tests.support.terminal_replies import replies_to
from tests.support.waiting import wait_until_blocking

REPOSITORY = Path(__file__).resolve().parents[2]
DEFAULT_TIMEOUT_S = 20.0

Wanted: TypeAlias = "str | re.Pattern[str] | Callable[[list[str]], bool]"
"""Text or a pattern to be found on one row, or a predicate on all rows."""


def harn_tui(*arguments: str) -> list[str]:
    """Return the command line that runs this checkout's ``harn-tui``."""
    return [sys.executable, "-m", "harn_tui", *arguments]


def isolated_environment(home: Path, **extra: str) -> dict[str, str]:
    """Return an environment with nothing of the developer's in it but the ``PATH``.

    ``home`` is made when missing; ``HARN_TUI_HOME`` lies inside. ``extra`` wins.
    """
    home.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "HARN_TUI_HOME": str(home / "harn-tui"),
        "PYTHONPATH": str(REPOSITORY),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "NO_PROXY": "*",
        **extra,
    }


class TerminalError(AssertionError):
    """The program did not do what was waited for; the message ends with its screen."""


class Terminal:
    """One program in one pseudo-terminal; use it as a context manager.

    ``command`` is looked up in the environment's ``PATH``. The program is started at once, as
    leader of a session of its own, and killed with its whole process group on the way out.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        columns: int = 80,
        rows: int = 24,
        is_light: bool = False,
    ) -> None:
        self._is_light = is_light
        self._changed = threading.Condition()
        self._screen = Screen(columns, rows)
        self._output = bytearray()
        self._unanswered = b""
        self._is_ended = False
        self._exit_code: int | None = None
        self.started_at = time.monotonic()
        self._master, slave = pty.openpty()
        try:
            self._set_size(columns, rows)
            self.pid = _spawn(command, env, cwd, os.ttyname(slave))
            self._reader = threading.Thread(target=self._read, name="terminal", daemon=True)
            self._reader.start()
            self._wait_until_opened(slave)
        finally:
            os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # What is sent

    def write(self, data: str | bytes) -> None:
        """Send bytes, or text as UTF-8, as they are."""
        data = data.encode() if isinstance(data, str) else data
        while data:
            data = data[os.write(self._master, data) :]

    def type(self, text: str) -> None:
        """Type ``text`` character by character; a line feed in it is Ctrl+J, not Enter."""
        for character in text:
            self.write(character)

    def press(self, *keys: str) -> None:
        """Press keys by the names of ``keys.key_bytes``, such as ``"enter"`` or ``"alt+y"``."""
        for key in keys:
            self.write(key_bytes(key))

    def submit(self, text: str) -> None:
        """Type ``text``, wait until the screen shows its end, and press Enter."""
        self.type(text)
        self.wait_for(text[-20:].strip())
        self.press("enter")

    def paste(self, text: str) -> None:
        """Paste ``text`` as a terminal does, in brackets."""
        self.write(b"\x1b[200~" + text.encode() + b"\x1b[201~")

    def resize(self, columns: int, rows: int) -> None:
        """Change the terminal's size; the kernel tells the program."""
        with self._changed:
            self._screen.resize(columns, rows)
        self._set_size(columns, rows)

    # What is seen

    def lines(self) -> list[str]:
        """Return the rows of the screen as text, top first."""
        with self._changed:
            return self._screen.lines()

    def text(self) -> str:
        """Return the screen as one text."""
        return "\n".join(self.lines())

    def printed(self) -> str:
        """Return all text on the main screen, what has scrolled off included."""
        with self._changed:
            return "\n".join((*self._screen.history(), *self._screen.lines()))

    def cell(self, row: int, column: int) -> Cell:
        """Return one character and its colours; both count from 0."""
        with self._changed:
            return self._screen.cell(row, column)

    @property
    def cursor(self) -> tuple[int, int]:
        """Row and column of the cursor, both from 0."""
        with self._changed:
            return self._screen.cursor

    def row_of(self, text: str) -> int:
        """Return the first row that shows ``text``."""
        for number, line in enumerate(self.lines()):
            if text in line:
                return number
        raise self._failure(f"no row shows {text!r}")

    @property
    def is_full_screen(self) -> bool:
        """Whether the program has switched to the alternate screen."""
        with self._changed:
            return self._screen.is_alternate

    @property
    def output(self) -> bytes:
        """Every byte that the program has written."""
        with self._changed:
            return bytes(self._output)

    # What is waited for

    def wait_for(self, wanted: Wanted, timeout_s: float = DEFAULT_TIMEOUT_S) -> list[str]:
        """Return the rows as soon as they show ``wanted``; raise TerminalError if they never do."""
        self._wait(lambda: _shows(self._screen.lines(), wanted), timeout_s, f"see {wanted!r}")
        return self.lines()

    def wait_until_gone(self, wanted: Wanted, timeout_s: float = DEFAULT_TIMEOUT_S) -> list[str]:
        """Return the rows as soon as ``wanted`` is no longer on them."""
        self._wait(lambda: not _shows(self._screen.lines(), wanted), timeout_s, f"lose {wanted!r}")
        return self.lines()

    def wait_for_output(self, data: bytes, timeout_s: float = DEFAULT_TIMEOUT_S) -> None:
        """Return as soon as the program has written ``data``, shown or not."""
        self._wait(lambda: data in self._output, timeout_s, f"be sent {data!r}")

    def wait_exit(self, timeout_s: float = DEFAULT_TIMEOUT_S) -> int:
        """Return the exit code as soon as the program has ended; -9 for one that was killed."""
        deadline = time.monotonic() + timeout_s
        while (code := self._poll()) is None:
            if time.monotonic() > deadline:
                raise self._failure(f"the program did not end within {timeout_s:g} s")
            time.sleep(0.01)
        self._reader.join(timeout_s)
        return code

    @property
    def is_running(self) -> bool:
        """Whether the program has not ended yet."""
        return self._poll() is None

    # How it ends

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send a signal (``kill -9`` unless another is named) to the program alone."""
        if self._poll() is None:
            os.kill(self.pid, number)

    def wait_until_stopped(self, timeout_s: float = 20.0) -> None:
        """Wait until the program has stopped; told to go on before that, it would never do so."""

        def has_stopped() -> bool:
            return os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WNOHANG) is not None

        wait_until_blocking(has_stopped, timeout_s)

    def close(self) -> None:
        """Kill what still runs, and give the terminal back."""
        if self._poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self.wait_exit()
        self._reader.join(5.0)
        if self._master >= 0:
            os.close(self._master)
            self._master = -1

    # Inside

    def _set_size(self, columns: int, rows: int) -> None:
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)

    def _wait_until_opened(self, slave: int) -> None:
        """Keep our end open until the program has its own: else reading would see an end."""
        deadline = time.monotonic() + DEFAULT_TIMEOUT_S
        while os.tcgetpgrp(self._master) != self.pid:
            if self._poll() is not None or time.monotonic() > deadline:
                return
            time.sleep(0.001)

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65_536)
            except OSError:  # how Linux says that the other end was closed
                data = b""
            with self._changed:
                if data:
                    self._take(data)
                else:
                    self._is_ended = True
                self._changed.notify_all()
            if not data:
                return

    def _take(self, data: bytes) -> None:
        self._output += data
        self._screen.feed(data)
        asked, self._unanswered = split_unfinished_sequence(self._unanswered + data)
        size = (self._screen.columns, self._screen.rows)
        reply = replies_to(asked, self._screen.cursor, size, is_light=self._is_light)
        if reply:
            with contextlib.suppress(OSError):
                os.write(self._master, reply)

    def _wait(self, is_there: Callable[[], bool], timeout_s: float, what: str) -> None:
        with self._changed:
            self._changed.wait_for(lambda: is_there() or self._is_ended, timeout_s)
            if is_there():
                return
        ended = "; the program has ended" if self._is_ended else ""
        raise self._failure(f"waited {timeout_s:g} s to {what}{ended}")

    def _poll(self) -> int | None:
        if self._exit_code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._exit_code = os.waitstatus_to_exitcode(status)
        return self._exit_code

    def _failure(self, message: str) -> TerminalError:
        seen = self.text() if self.is_full_screen else self.printed()
        shown = "\n".join(f"|{line}" for line in seen.splitlines()[-60:])
        return TerminalError(f"{message}\n--- the screen ---\n{shown}\n--- end ---")


def _shows(lines: list[str], wanted: Wanted) -> bool:
    if isinstance(wanted, str):
        return any(wanted in line for line in lines)
    if isinstance(wanted, re.Pattern):
        return any(wanted.search(line) for line in lines)
    return wanted(lines)


def _spawn(command: Sequence[str], env: Mapping[str, str], cwd: Path, tty: str) -> int:
    """Start ``command`` in a new session whose terminal is ``tty`` and return its process id.

    Opening a terminal as the leader of a session makes it that session's own. Spawning instead
    of forking keeps this safe in a process with threads.
    """
    shell = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', str(cwd), *command]
    return os.posix_spawn(
        shell[0],
        shell,
        dict(env),
        setsid=True,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, tty, os.O_RDWR, 0),
            (os.POSIX_SPAWN_DUP2, 0, 1),
            (os.POSIX_SPAWN_DUP2, 0, 2),
        ],
    )
