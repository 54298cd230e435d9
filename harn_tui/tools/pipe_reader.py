"""Reads the output pipe of a child process on the event loop, at a bounded rate."""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import Callable

_PIPE_BYTES = 1024 * 1024
_READ_BYTES = 256 * 1024
# A program that prints without end may cost the event loop this much in each frame, no more.
_FRAME_BYTES = 2 * 1024 * 1024
_FRAME_S = 1 / 30


class PipeReader:
    """Owns the read end of a pipe and hands what arrives to ``on_bytes`` on the event loop.

    ``write_end`` is for the child; call ``child_started`` once the child has it. ``ended`` is
    set when every writer has closed the pipe, or after ``close``.
    """

    def __init__(self, on_bytes: Callable[[bytes], None]) -> None:
        self._on_bytes = on_bytes
        self._loop = asyncio.get_running_loop()
        self._fd, self.write_end = os.pipe()
        os.set_blocking(self._fd, False)
        self._enlarge()
        self._room = _FRAME_BYTES
        self._frame: asyncio.TimerHandle | None = None
        self._open = True
        self._is_paused = False
        self._write_end_open = True
        self.ended = asyncio.Event()
        self._loop.add_reader(self._fd, self._read)

    def child_started(self) -> None:
        """Close this process's copy of the write end, so that the end of output can be seen."""
        if self._write_end_open:
            self._write_end_open = False
            os.close(self.write_end)

    def pause(self) -> None:
        """Read no further, so that the writers must wait, until ``resume``."""
        self._is_paused = True
        if self._open:
            self._loop.remove_reader(self._fd)

    def resume(self) -> None:
        """Read on after ``pause``."""
        self._is_paused = False
        if self._open and self._room > 0:
            self._loop.add_reader(self._fd, self._read)

    def drain(self) -> None:
        """Take what lies in the pipe now, without waiting for more, up to one frame's worth."""
        self._room = _FRAME_BYTES
        while self._open and self._room > 0 and self._read():
            pass

    def close(self) -> None:
        """Stop reading and close the pipe. May be called more than once."""
        self.child_started()
        if self._frame is not None:
            self._frame.cancel()
            self._frame = None
        if self._open:
            self._open = False
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
        self.ended.set()

    def _read(self) -> bool:
        try:
            data = os.read(self._fd, _READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            data = b""
        if not data:
            self.close()
            return False
        self._spend(len(data))
        self._on_bytes(data)
        return True

    def _spend(self, size: int) -> None:
        self._room -= size
        if self._frame is None:
            self._frame = self._loop.call_later(_FRAME_S, self._next_frame)
        if self._room <= 0:
            self._loop.remove_reader(self._fd)

    def _next_frame(self) -> None:
        self._frame = None
        self._room = _FRAME_BYTES
        if not self._is_paused:
            self._loop.add_reader(self._fd, self._read)

    def _enlarge(self) -> None:
        """Ask for a larger pipe where the system has that: fewer wake-ups for much output."""
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            with contextlib.suppress(OSError):
                fcntl.fcntl(self._fd, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
