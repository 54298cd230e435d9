"""Starts a shell command, in a sandbox where there is one, so that all of it can be ended."""

import secrets
import shutil
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harn_tui.errors import ToolError
from harn_tui.kinds import SandboxMode
from harn_tui.tools.process_start import start_process
from harn_tui.tools.process_tree import ProcessTree
from harn_tui.tools.sandbox.command_sandbox import CommandSandbox, unconfined


@dataclass(frozen=True, slots=True)
class ShellCommand:
    """What to run, as typed into a shell, where, and which folders it works on."""

    text: str
    cwd: Path
    workspace_roots: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class StartedCommand:
    """A command that runs: its shell or sandbox, all that stems from it, what confines it."""

    process: Process
    tree: ProcessTree
    mode: SandboxMode


async def start_command(
    command: ShellCommand, output: int, sandbox: CommandSandbox | None
) -> StartedCommand:
    """Start ``command`` in a shell that leads its own process session, stdin empty.

    Both streams go to the descriptor ``output``. Raises ToolError.
    """
    shell = shutil.which("bash") or "/bin/sh"
    arguments = (shell, "-c", command.text)
    if sandbox is None:
        confined = unconfined(arguments)
    else:
        confined = await sandbox.confine(arguments, command.cwd, command.workspace_roots)
    # A name of its own for each command: in nested ones every level finds what is its own.
    marker = f"HARN_COMMAND_{secrets.token_hex(8).upper()}"
    process = await _start(
        confined.arguments, command.cwd, output, {**confined.environment, marker: "1"}
    )
    tree = ProcessTree(
        process.pid,
        marker=f"{marker}=1".encode(),
        is_wrapped=confined.mode is SandboxMode.BUBBLEWRAP,
    )
    return StartedCommand(process, tree, confined.mode)


async def _start(
    arguments: Sequence[str], cwd: Path, output: int, environment: Mapping[str, str]
) -> Process:
    try:
        return await start_process(
            *arguments, stdin=DEVNULL, stdout=output, stderr=STDOUT, cwd=cwd, env=environment
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise ToolError(
            f"The command could not be started: {reason or error}.",
            hint="Very long commands belong in a script file; the working folder must exist.",
        ) from error
