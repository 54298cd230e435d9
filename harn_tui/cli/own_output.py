"""Keeps the program's own output apart from what others print.

Plug-ins, their threads and the programs that they start share the descriptors 1 and 2 with this
program. What they write there must neither stand between the lines of ``run --json`` nor on the
screen of the console.
"""

import fcntl
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import Final, TextIO

STRAY_FILE_NAME: Final = "stray_output.log"
MAX_STRAY_BYTES: Final = 1_000_000
_FIRST_OWN: Final = 3
"""The first descriptor that nobody takes for standard output or error."""


@contextmanager
def standard_output_kept() -> Iterator[TextIO]:
    """Yield standard output; what anybody else writes to it meanwhile is on standard error.

    Where standard output has no descriptor, as within tests, that holds for Python's own alone.
    """
    _open_missing_descriptors()
    with ExitStack() as last_first:
        own: TextIO = sys.stdout or last_first.enter_context(Path(os.devnull).open("w"))
        descriptor = _descriptor(own)
        if descriptor is not None:
            own = last_first.enter_context(_moved(own, descriptor))
            last_first.callback(_put_back, descriptor, own.fileno())
            os.dup2(2, descriptor)
        last_first.enter_context(redirect_stdout(sys.stderr))
        yield own


@contextmanager
def screen_kept() -> Iterator[Callable[[Path], None]]:
    """Give the screen descriptors of its own; yields the way to divert 1 and 2 to a folder's log.

    A terminal library takes ``sys.__stderr__`` for its writer when it starts, and asks
    ``sys.__stdout__`` for the size again and again. Divert once it has started.
    """
    _open_missing_descriptors()
    out, err = sys.__stdout__, sys.__stderr__
    if out is None or err is None:
        yield _divert
        return
    with ExitStack() as last_first:
        streams = vars(sys)
        last_first.callback(streams.update, __stdout__=out, __stderr__=err)
        screen = last_first.enter_context(_moved(err, err.fileno()))
        size = last_first.enter_context(_moved(out, out.fileno()))
        last_first.callback(_put_back, err.fileno(), screen.fileno())
        last_first.callback(_put_back, out.fileno(), size.fileno())
        streams.update(__stdout__=_SizedLikeScreen(out, size.fileno()), __stderr__=screen)

        def divert(folder: Path) -> None:
            streams.update(__stderr__=err)
            _divert(folder)

        yield divert


class _SizedLikeScreen(io.TextIOBase):
    """Writes to ``stream``, and has the size of the screen at ``descriptor``."""

    def __init__(self, stream: TextIO, descriptor: int) -> None:
        self._stream = stream
        self._descriptor = descriptor

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, text: str, /) -> int:
        return self._stream.write(text)

    def flush(self) -> None:
        self._stream.flush()


def _divert(folder: Path) -> None:
    """Send descriptors 1 and 2 to a file in ``folder``, or nowhere where that cannot be made."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / STRAY_FILE_NAME
        target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        if os.fstat(target).st_size > MAX_STRAY_BYTES:
            os.ftruncate(target, 0)
    except OSError:
        target = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(target, descriptor)
    os.close(target)


@contextmanager
def _moved(stream: TextIO, descriptor: int) -> Iterator[TextIO]:
    """Yield a stream like ``stream`` on a new descriptor for the same end."""
    stream.flush()
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _FIRST_OWN)
    with os.fdopen(moved, "w", encoding=stream.encoding, errors=stream.errors, newline="\n") as own:
        yield own


def _put_back(descriptor: int, own: int) -> None:
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        if stream is not None:
            with suppress(OSError, ValueError):
                stream.flush()
    os.dup2(own, descriptor)


def _open_missing_descriptors() -> None:
    """Let no file that is opened later be what others take for a standard stream."""
    for descriptor in range(_FIRST_OWN):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _descriptor(stream: TextIO | None) -> int | None:
    try:
        return None if stream is None else stream.fileno()
    except (OSError, ValueError):
        return None
