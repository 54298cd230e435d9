"""A text in the person's own pager: which one that is, and the file that it reads."""

from __future__ import annotations

import asyncio
import shlex
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from harn_tui.console.text_file_for_program import RunProgram, text_file
from harn_tui.console.transcript.clean import clean_line, clean_output_line, split_lines
from harn_tui.errors import HarnError

_USUAL = ("less", "more")
_NOT_STAYING = frozenset({"cat"})
"""Programs that show a text and end at once, which nobody could read before the screen is back."""
_HINT = "Set PAGER to the pager that you use."


def pager_command(environ: Mapping[str, str]) -> list[str]:
    """Return the pager with its arguments, its program as a path. Raises HarnError.

    ``PAGER`` says which it is; without it, or where that would not stay, ``less`` or ``more``.
    """
    try:
        words = shlex.split(environ.get("PAGER", ""))
    except ValueError:
        raise HarnError("PAGER does not read like a command line.", hint=_HINT) from None
    path = environ.get("PATH")
    if words and Path(words[0]).name not in _NOT_STAYING:
        program = shutil.which(words[0], path=path)
        if program is None:
            raise HarnError(f"The pager {words[0]!r} is not there.", hint=_HINT)
        return [program, *words[1:]]
    found = next((place for name in _USUAL if (place := shutil.which(name, path=path))), None)
    if found is None:
        raise HarnError(f"There is no pager: neither {' nor '.join(_USUAL)}.", hint=_HINT)
    return [found]


async def page(text: str, command: Sequence[str], run: RunProgram) -> None:
    """Let ``run`` show ``text`` in a pager. Raises HarnError when that cannot be.

    Nothing of it acts on a terminal. The file is in a folder that only the person can enter, and
    gone when this returns.
    """
    clean = await asyncio.to_thread(_clean, text)
    problem = "The text cannot be written for the pager"
    async with text_file(clean, "block.txt", problem=problem) as file:
        code = await run([*command, str(file)])
    if code > 0:
        raise HarnError(f"The pager {Path(command[0]).name} ended with code {code}.", hint=_HINT)


def _clean(text: str) -> str:
    lines = (clean_line(clean_output_line(line)) for line in split_lines(text))
    return "".join(f"{line}\n" for line in lines)
