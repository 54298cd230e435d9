"""A text in the person's own editor: which one that is, the file it gets, what comes back."""

from __future__ import annotations

import asyncio
import shlex
import shutil
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harn_tui.console.text_file_for_program import RunProgram, text_file
from harn_tui.errors import HarnError

_VARIABLES = ("VISUAL", "EDITOR")
_USUAL_EDITOR = "vi"
_LARGEST_FILE = 10 * 1024 * 1024
_HINT = "Set VISUAL or EDITOR to the editor that you use."


@dataclass(frozen=True, slots=True)
class Edited:
    """What an editor left: its exit code, and the text as it could be read."""

    exit_code: int
    text: str
    is_utf8: bool = True


def editor_command(environ: Mapping[str, str]) -> list[str]:
    """Return the editor with its arguments, its program as a path. Raises HarnError."""
    name = next((one for one in _VARIABLES if environ.get(one, "").strip()), "")
    try:
        words = shlex.split(environ[name]) if name else [_USUAL_EDITOR]
    except ValueError:
        words = []
    if not words:
        raise HarnError(f"{name} does not read like a command line.", hint=_HINT)
    try:
        program = shutil.which(Path(words[0]).expanduser(), path=environ.get("PATH"))
    except RuntimeError:
        program = None  # the home of somebody who is not there
    if program is None:
        raise HarnError(f"The editor {words[0]!r} is not there.", hint=_HINT)
    return [str(program), *words[1:]]


async def edit(text: str, command: Sequence[str], run: RunProgram) -> Edited:
    """Let ``run`` show ``text`` in an editor. Raises HarnError when there is no reading it after.

    The file is in a folder that only the person can enter, and gone when this returns.
    """
    problem = "The draft cannot be written for the editor"
    async with text_file(text, "prompt.md", problem=problem) as file:
        code = await run([*command, str(file)])
        return await asyncio.to_thread(_read_back, file, code, text)


def ending_words(exit_code: int) -> str:
    """Return how a program ended that was not done, for a sentence about it."""
    if exit_code >= 0:
        return f"ended with code {exit_code}"
    try:
        return f"was ended by {signal.Signals(-exit_code).name}"
    except ValueError:
        return f"was ended by signal {-exit_code}"


def _read_back(file: Path, exit_code: int, before: str) -> Edited:
    try:
        with file.open("rb") as opened:
            data = opened.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise HarnError(
            f"What the editor wrote cannot be read: {error.strerror or error}.",
            hint="The draft is as it was.",
        ) from error
    if len(data) > _LARGEST_FILE:
        raise HarnError("What the editor wrote is too large.", hint="The draft is as it was.")
    try:
        text, is_utf8 = data.decode("utf-8-sig"), True
    except UnicodeDecodeError:
        text, is_utf8 = data.decode("utf-8-sig", "replace"), False
    text = _without_controls(text.replace("\r\n", "\n").replace("\r", "\n"))
    if not before.endswith("\n"):
        text = text.removesuffix("\n")  # which editors put at the end of a file
    return Edited(exit_code, text, is_utf8)


def _without_controls(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(
        one for one in text if one in "\t\n" or not ("\x00" <= one < " " or "\x7f" <= one <= "\x9f")
    )
