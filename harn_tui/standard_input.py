"""Reads lines from standard input beside the event loop, for front ends that take them."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable

_LONGEST_LINE = 16 * 1024 * 1024


class LineInput:
    """Hands every line to ``take`` on the event loop, with its line feed.

    A daemon thread reads, because standard input can be a pipe, a file or a terminal; it ends
    with the process when no further line comes.
    """

    def __init__(self, take: Callable[[str], None]) -> None:
        self._take = take
        self._is_stopped = False
        self._on_end: Callable[[], None] = lambda: None

    def start(self, *, on_end: Callable[[], None]) -> None:
        """Begin to read; ``on_end`` is called once when the input ends."""
        self._on_end = on_end
        loop = asyncio.get_running_loop()
        descriptor = os.dup(sys.stdin.fileno())
        threading.Thread(
            target=self._read, args=(loop, descriptor), name="standard input", daemon=True
        ).start()

    def stop(self) -> None:
        """Take no further line."""
        self._is_stopped = True

    def _read(self, loop: asyncio.AbstractEventLoop, descriptor: int) -> None:
        with os.fdopen(descriptor, encoding="utf-8", errors="replace") as lines:
            while line := lines.readline(_LONGEST_LINE):
                if self._is_stopped or not _call(loop, self._take_line, line):
                    return
        _call(loop, self._end)

    def _take_line(self, line: str) -> None:
        if not self._is_stopped:
            self._take(line)

    def _end(self) -> None:
        if not self._is_stopped:
            self._on_end()


def _call(loop: asyncio.AbstractEventLoop, function: Callable[..., None], *values: str) -> bool:
    try:
        loop.call_soon_threadsafe(function, *values)
    except RuntimeError:  # the loop is closed: the program is over
        return False
    return True
