"""A hook or callback that is a program, so that a configuration file alone can have one.

The program gets the payload as JSON on its standard input; what it prints is what a callback
returns: a JSON value, or else plain text.
"""

import asyncio
import json
import shlex
import tempfile
from asyncio.subprocess import Process
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, NoReturn

from harn_tui.errors import HarnError, LoopConfigError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.logs import redact
from harn_tui.tools.completion import run_in_thread, run_to_completion
from harn_tui.tools.pipe_reader import PipeReader
from harn_tui.tools.process_start import start_process
from harn_tui.tools.process_tree import ProcessTree, end_and_reap
from harn_tui.tools.running_command import signal_name

DEFAULT_TIMEOUT_S = 30.0
MAX_OUTPUT_BYTES = 1024 * 1024

# How long what the program started may still print and end after it.
_LATE_OUTPUT_S = 0.25
_KEPT_ERROR_BYTES = 8 * 1024
_SHOWN_ERROR_CHARACTERS = 500


class CommandHook:
    """Runs a program for each payload it is called with, and returns what that printed.

    ``command`` is the program and its arguments; no shell reads them. A relative program is
    looked for in ``cwd``, a bare name in ``PATH``. Raises LoopConfigError when it names no program.
    """

    def __init__(
        self, command: Sequence[str], *, cwd: Path, timeout_s: float = DEFAULT_TIMEOUT_S
    ) -> None:
        if not command or not command[0].strip():
            raise LoopConfigError(
                "A hook's command names no program.",
                hint='Write it as a list, such as ["./notify.sh", "done"].',
            )
        self._command = tuple(command)
        self._cwd = cwd
        self._timeout_s = timeout_s

    def __str__(self) -> str:
        return redact(shlex.join(self._command))

    async def __call__(self, payload: "JsonValue | list[JsonObject]") -> JsonValue:
        """Run the program to its end and return the JSON value or the text that it printed.

        ``None`` when it printed nothing. Raises HarnError when it cannot start, ends with a code
        other than 0, takes longer than its time limit, prints more than 1 MiB or what is no UTF-8.
        No process is left when this returns, raises or is cancelled.
        """
        run = _ProgramRun()
        with ExitStack() as opened:
            output = PipeReader(run.take_output)
            opened.callback(output.close)
            errors = PipeReader(run.take_error)
            opened.callback(errors.close)
            document = await run_in_thread(lambda: _document(payload, opened))
            process = await self._start(document, output, errors)
            is_timely = await self._watch(process, run, output)
            output.drain()
            errors.drain()
        if not is_timely:
            self._fail(f"took longer than {self._timeout_s:g} s and was ended", run)
        if run.has_too_much:
            self._fail(f"printed more than {MAX_OUTPUT_BYTES:,} bytes and was ended", run)
        if process.returncode != 0:
            self._fail(_ending(process.returncode), run)
        return self._returned(run)

    async def _start(self, document: IO[bytes], output: PipeReader, errors: PipeReader) -> Process:
        try:
            process = await start_process(
                *self._command,
                stdin=document,
                stdout=output.write_end,
                stderr=errors.write_end,
                cwd=self._cwd,
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise HarnError(
                f"The command `{self}` could not be started: {reason}.",
                hint=f"It is started in {self._cwd}; check its path and that it may be executed.",
            ) from error
        output.child_started()
        errors.child_started()
        return process

    async def _watch(self, process: Process, run: "_ProgramRun", output: PipeReader) -> bool:
        """Wait for the program's end or too much output; return whether it kept its time limit.

        Whatever it started has ended when this returns.
        """
        tree = ProcessTree(process.pid)
        exited = asyncio.create_task(process.wait())
        enough: asyncio.Task[bool] = asyncio.create_task(run.too_much.wait())
        try:
            done, _ = await asyncio.wait(
                {exited, enough}, timeout=self._timeout_s, return_when=asyncio.FIRST_COMPLETED
            )
            if exited in done:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LATE_OUTPUT_S):
                        await output.ended.wait()
                        await tree.wait_until_gone()
            return bool(done)
        finally:
            await run_to_completion(_end(tree, exited, enough))

    def _returned(self, run: "_ProgramRun") -> JsonValue:
        try:
            text = run.output.decode().strip()
        except UnicodeDecodeError:
            self._fail("printed what is not UTF-8", run)
        try:
            value: JsonValue = json.loads(text, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            return text or None
        return value

    def _fail(self, what_happened: str, run: "_ProgramRun") -> NoReturn:
        tail = run.error_tail()
        said = f' Its last words on standard error: "{tail}"' if tail else ""
        raise HarnError(
            f"The command `{self}` {what_happened}.{said}",
            hint="Correct the command, or take it out of the configuration.",
        )


class _ProgramRun:
    """What one run of a program has printed so far, both streams within bounds."""

    def __init__(self) -> None:
        self.output = bytearray()
        self.too_much = asyncio.Event()
        self._errors = bytearray()

    @property
    def has_too_much(self) -> bool:
        """Whether it printed more than is taken."""
        return self.too_much.is_set()

    def take_output(self, data: bytes) -> None:
        """Keep what fits."""
        room = MAX_OUTPUT_BYTES - len(self.output)
        self.output += data[:room]
        if len(data) > room:
            self.too_much.set()

    def take_error(self, data: bytes) -> None:
        """Keep the end."""
        self._errors += data
        del self._errors[:-_KEPT_ERROR_BYTES]

    def error_tail(self) -> str:
        """Return the end of what it said on standard error, on one line and without secrets."""
        text = redact(self._errors.decode("utf-8", "replace").strip())
        flat = " ".join(text.split())
        shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in flat)
        is_long = len(shown) > _SHOWN_ERROR_CHARACTERS
        return f"…{shown[-_SHOWN_ERROR_CHARACTERS:]}" if is_long else shown


async def _end(tree: ProcessTree, exited: asyncio.Task[int], enough: asyncio.Task[bool]) -> None:
    enough.cancel()
    await asyncio.wait({enough})
    await end_and_reap(tree, exited)


def _document(payload: "JsonValue | list[JsonObject]", opened: ExitStack) -> IO[bytes]:
    """Return a file without a name that holds ``payload``; ``opened`` closes it.

    Unlike a pipe it can be left unread, and a large payload never waits for its reader.
    """
    try:
        document = opened.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - it is entered
        document.write(json.dumps(payload, sort_keys=True).encode() + b"\n")
        document.seek(0)
    except OSError as error:
        raise HarnError(
            f"A hook's payload could not be written to a temporary file: {error.strerror}.",
            hint="Make room in the folder for temporary files.",
        ) from error
    return document


def _ending(return_code: int | None) -> str:
    if return_code is None:
        return "could not be ended"
    ended_by = signal_name(return_code)
    return f"was ended by {ended_by}" if ended_by else f"ended with exit code {return_code}"


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
