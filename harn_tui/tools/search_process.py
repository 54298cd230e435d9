"""Runs one search program and reads its matches, up to a number and for a limited time."""

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from harn_tui.errors import ToolError
from harn_tui.tools.completion import run_to_completion
from harn_tui.tools.pipe_reader import PipeReader
from harn_tui.tools.process_start import start_process
from harn_tui.tools.readable import readable_name, without_nul

MAX_LINE_CHARACTERS = 400
_MAX_KEPT_BYTES = 16 * 1024
_MAX_ERROR_BYTES = 4096


@dataclass(slots=True)
class SearchOutcome:
    """What one search program found.

    ``exit_code`` is ``None`` when it was stopped: because there was more than asked for
    (``has_more``) or because the time was up (``timed_out``).
    """

    matches: list[str] = field(default_factory=list)
    has_more: bool = False
    timed_out: bool = False
    exit_code: int | None = None
    error: str = ""


class MatchParser:
    """Turns ``path NUL number : line`` into ``path:number: line``, arriving in any pieces."""

    def __init__(self, max_matches: int) -> None:
        self._max_matches = max_matches
        self._line = bytearray()
        self.matches: list[str] = []
        self.has_more = False

    def feed(self, data: bytes) -> None:
        """Take the next bytes; of a very long line only the beginning is kept."""
        *whole, rest = data.split(b"\n")
        for piece in whole:
            self._keep(piece)
            self._finish_line()
            if self.has_more:
                return
        self._keep(rest)

    def _keep(self, piece: bytes) -> None:
        self._line += piece[: max(0, _MAX_KEPT_BYTES - len(self._line))]

    def _finish_line(self) -> None:
        line = bytes(self._line)
        self._line.clear()
        path, separator, rest = line.partition(b"\x00")
        number, colon, text = rest.partition(b":")
        if not (separator and colon and number.isdigit()):
            return  # a remark of the program, such as that a binary file matches
        if len(self.matches) >= self._max_matches:
            self.has_more = True
            return
        shown = readable_name(os.fsdecode(path)).removeprefix("./")
        self.matches.append(f"{shown}:{int(number)}: {_shown_line(text)}")


def _shown_line(line: bytes) -> str:
    text = without_nul(line.removesuffix(b"\r").decode("utf-8", "replace"))
    if len(text) <= MAX_LINE_CHARACTERS:
        return text
    return text[:MAX_LINE_CHARACTERS] + " [line cut here]"


class OutputTaker(Protocol):
    """Takes what a program prints, until it has enough."""

    has_more: bool
    """Whether there was more than wanted; the program is stopped then."""

    def feed(self, data: bytes) -> None:
        """Take the next bytes, on the event loop."""
        ...


@dataclass(frozen=True, slots=True)
class ProgramEnd:
    """How a program ended; ``exit_code`` is ``None`` when it was stopped."""

    timed_out: bool
    exit_code: int | None
    error: str


async def run_search(
    command: Sequence[str], cwd: Path, max_matches: int, timeout_s: float
) -> SearchOutcome:
    """Run ``command`` in ``cwd`` until it ends, has found enough or ``timeout_s`` have passed.

    The process is gone when this returns, also when it is cancelled.
    """
    parser = MatchParser(max_matches)
    end = await run_program(command, cwd, parser, timeout_s)
    return SearchOutcome(
        matches=parser.matches,
        has_more=parser.has_more,
        timed_out=end.timed_out,
        exit_code=end.exit_code,
        error=end.error,
    )


async def run_program(
    command: Sequence[str], cwd: Path, taker: OutputTaker, timeout_s: float
) -> ProgramEnd:
    """Run ``command`` in ``cwd`` until it ends, ``taker`` has enough or the time is up.

    The process is gone when this returns, also when it is cancelled.
    """
    errors = bytearray()
    enough = asyncio.Event()

    def take(data: bytes) -> None:
        if not taker.has_more:
            taker.feed(data)
        if taker.has_more:
            enough.set()

    def take_error(data: bytes) -> None:
        errors.extend(data[: max(0, _MAX_ERROR_BYTES - len(errors))])

    output, error_output = PipeReader(take), PipeReader(take_error)
    try:
        process = await _start(command, cwd, output, error_output)
        timed_out = await _watch(process, (output, error_output), enough, timeout_s)
    finally:
        output.close()
        error_output.close()
    stopped = timed_out or taker.has_more
    return ProgramEnd(
        timed_out=timed_out,
        exit_code=None if stopped else process.returncode,
        error=errors.decode("utf-8", "replace").strip(),
    )


async def _start(
    command: Sequence[str], cwd: Path, output: PipeReader, error_output: PipeReader
) -> Process:
    try:
        process = await start_process(
            *command,
            stdin=DEVNULL,
            stdout=output.write_end,
            stderr=error_output.write_end,
            cwd=cwd,
        )
    except (OSError, ValueError) as error:
        raise ToolError(f"The search could not be started: {error}.") from error
    output.child_started()
    error_output.child_started()
    return process


async def _watch(
    process: Process, outputs: Sequence[PipeReader], enough: asyncio.Event, timeout_s: float
) -> bool:
    """Wait for the end of all output, or for enough of it; return whether the time was up."""
    ended: asyncio.Task[object] = asyncio.create_task(_all_ended(process, outputs))
    satisfied: asyncio.Task[object] = asyncio.create_task(enough.wait())
    try:
        done, _ = await asyncio.wait(
            {ended, satisfied}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED
        )
        return not done
    finally:
        await run_to_completion(_stop(process, ended, satisfied))


async def _all_ended(process: Process, outputs: Sequence[PipeReader]) -> None:
    for output in outputs:
        await output.ended.wait()
    await process.wait()


async def _stop(process: Process, *waiting: asyncio.Task[object]) -> None:
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
