"""Copying: through the terminal (OSC 52), and through a program of the system where there is one.

No terminal says whether it took a copy, so the notice says what was sent and how.
"""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CLIPBOARD_VARIABLE = "HARN_TUI_CLIPBOARD"
"""Names a command that takes what is copied from its standard input; ``off`` uses none."""

MAX_OSC52_BYTES = 74_000
"""What terminals take through OSC 52 without cutting it: about 100,000 characters of Base64."""

_COMMAND_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Copied:
    """A sentence that says what was done; ``has_failed`` when a person should not miss it."""

    notice: str
    has_failed: bool = False


def clipboard_command(environment: Mapping[str, str]) -> list[str]:
    """Return the command that fills the system's clipboard, nothing when there is none.

    Over SSH the clipboard of the system is not the person's: only the variable is looked at.
    Raises ValueError when the variable is no command line.
    """
    chosen = environment.get(CLIPBOARD_VARIABLE, "").strip()
    if chosen:
        return [] if chosen == "off" else shlex.split(chosen)
    if environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"):
        return []
    candidates: list[list[str]] = []
    if sys.platform == "darwin":
        candidates.append(["pbcopy"])
    if environment.get("WAYLAND_DISPLAY"):
        candidates.append(["wl-copy"])
    if environment.get("DISPLAY"):
        candidates += [["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"]]
    return next((found for found in candidates if shutil.which(found[0])), [])


async def copy_text(
    text: str, send_osc52: Callable[[str], object], environment: Mapping[str, str]
) -> Copied:
    """Copy ``text`` by every way there is; return what was done."""
    # Lone surrogates stand for bytes that are no text: no clipboard takes them.
    data = text.encode("utf-8", "replace")
    text = data.decode("utf-8")
    amount = amount_of(text)
    try:
        command = clipboard_command(environment)
    except ValueError as error:
        command, failure = [], f"${CLIPBOARD_VARIABLE} is not a command: {error}."
    else:
        failure = await _run(command, data) if command else ""
    fits = len(data) <= MAX_OSC52_BYTES
    if fits:
        send_osc52(text)
    if command and not failure:
        return Copied(f"Copied {amount} with {Path(command[0]).name}")
    if fits:
        sent = f"Sent {amount} by OSC 52: the terminal may refuse it"
        return Copied(f"{sent}. {failure}" if failure else sent, has_failed=bool(failure))
    return Copied(
        f"Not copied: {amount} is more than terminals take ({MAX_OSC52_BYTES:,} bytes). "
        f"{failure} Set ${CLIPBOARD_VARIABLE} to a command that takes it, such as `wl-copy`.",
        has_failed=True,
    )


def amount_of(text: str) -> str:
    """Return how much text it is, in words."""
    lines = text.count("\n") + 1
    characters = f"{len(text):,} character{'' if len(text) == 1 else 's'}"
    return characters if lines == 1 else f"{lines:,} lines, {characters}"


async def _run(command: Sequence[str], data: bytes) -> str:
    """Give ``data`` to a command; return what went wrong, nothing when it went well."""
    name = command[0]
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError as error:
        return f"{name} did not start: {error.strerror}."
    try:
        async with asyncio.timeout(_COMMAND_SECONDS):
            await process.communicate(data)
    except TimeoutError:
        return f"{name} did not end within {_COMMAND_SECONDS:.0f} s."
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return "" if process.returncode == 0 else f"{name} failed with exit code {process.returncode}."
