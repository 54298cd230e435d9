"""A terminal driver that sleeps until something is typed.

Textual 8.2.8 looks for input ten times a second, which is all the CPU that an idle console takes,
and which makes a lone Escape wait for up to a tenth of a second. This one waits for input, for the
moment at which a lone Escape is one, or for the end.
"""

from __future__ import annotations

import contextlib
import os
import selectors
from codecs import getincrementaldecoder
from collections.abc import Iterable
from threading import Event
from typing import Any

from textual._parser import ParseError, Parser
from textual._time import get_time
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from harn_tui.console.paste_filter import FilteringParser

_READ_BYTES = 4096


class _TellingEvent(Event):
    """An event that also makes a pipe readable, for who waits for both."""

    def __init__(self, pipe: int) -> None:
        super().__init__()
        self._pipe = pipe

    def set(self) -> None:
        super().set()
        with contextlib.suppress(BlockingIOError):  # full of earlier ones, which will do
            os.write(self._pipe, b".")


class PatientDriver(LinuxDriver):
    """Textual's driver with another way to wait for input."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # Kept until the program ends: a driver that was closed for the shell is used again.
        self._told, tell = os.pipe()
        os.set_blocking(self._told, False)
        os.set_blocking(tell, False)
        self.exit_event = _TellingEvent(tell)
        self._mode_for_others: list[Any] | None = getattr(self._app, "terminal_mode", None)

    def suspend_application_mode(self) -> None:
        """Give the terminal to another program, or to the shell."""
        if self._mode_for_others is not None:
            # What the driver found is the mode that keeps the first keys, which echoes nothing.
            # From the next time on it finds what the others have left.
            self.attrs_before, self._mode_for_others = self._mode_for_others, None
        super().suspend_application_mode()

    def run_input_thread(self) -> None:
        """Read input and hand on what it means, until the exit event is set."""
        parser = FilteringParser(self._debug)
        decode = getincrementaldecoder("utf-8")().decode
        with selectors.SelectSelector() as selector:
            self._forget_earlier_ends()
            selector.register(self._told, selectors.EVENT_READ)
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                ready = selector.select(_patience(parser))
                if any(key.fd == self.fileno for key, _ in ready):
                    data = os.read(self.fileno, _READ_BYTES)
                    if not data:  # a pipe that has ended
                        selector.unregister(self.fileno)
                    if text := decode(data):  # nothing yet of a character that was cut
                        self._hand_on(parser.feed(text))
                self._hand_on(parser.tick())
        with contextlib.suppress(EOFError, ParseError):
            for _ in parser.feed(""):
                pass

    def _hand_on(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.process_message(message)

    def _forget_earlier_ends(self) -> None:
        """After coming back from the shell the pipe still holds what ended the thread before."""
        with contextlib.suppress(BlockingIOError):
            os.read(self._told, _READ_BYTES)


def _patience(parser: Parser[Message]) -> float | None:
    """Return the seconds until what was read so far means something alone, else ``None``."""
    due = parser._timeout_time  # noqa: SLF001 - Textual polls it, and has no public name for it
    return None if due is None else max(0.0, due - get_time())
