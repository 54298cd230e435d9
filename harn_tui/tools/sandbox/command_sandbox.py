"""Puts the commands of a session into a sandbox, as far as configuration and system allow."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harn_tui.errors import ToolError
from harn_tui.kinds import SandboxMode, SandboxUse, ToolErrorCategory
from harn_tui.tools.completion import run_in_thread
from harn_tui.tools.sandbox.bubblewrap import bubblewrap_command
from harn_tui.tools.sandbox.environment import sandbox_environment
from harn_tui.tools.sandbox.layout import sandbox_layout
from harn_tui.tools.sandbox.probe import BubblewrapProbe


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """What the configuration says (docs/sandbox.md).

    ``writable`` are folders beside the workspace that may be changed; ``~`` is understood, and
    relative ones lie below the folder that a command starts in. ``kept_variables`` are passed
    on although they look secret.
    """

    use: SandboxUse = SandboxUse.AUTO
    has_network: bool = False
    writable: tuple[str, ...] = ()
    kept_variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConfinedCommand:
    """A command as it is to be started: its arguments, its variables, and what confines it."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    mode: SandboxMode


class CommandSandbox:
    """The one sandbox of a session.

    ``on_notice`` is called once, with a sentence for the person, when commands run without a
    sandbox although one is wanted.
    """

    def __init__(
        self,
        settings: SandboxSettings,
        *,
        on_notice: Callable[[str], None],
        probe: BubblewrapProbe | None = None,
    ) -> None:
        self._settings = settings
        self._on_notice = on_notice
        self._probe = probe or BubblewrapProbe()
        self._has_told = False

    async def confine(
        self, command: Sequence[str], cwd: Path, workspace_roots: Sequence[Path]
    ) -> ConfinedCommand:
        """Return how to start ``command`` in ``cwd``, with ``workspace_roots`` writable.

        Raises ToolError (``permission_denied``) when a sandbox is required and there is none.
        """
        if self._settings.use is SandboxUse.OFF:
            return unconfined(command)
        found = await self._probe.availability()
        if found.program is None:
            self._go_without(found.reason)
            return unconfined(command)
        settings = self._settings
        layout = await run_in_thread(
            lambda: sandbox_layout(
                cwd,
                workspace_roots,
                settings.writable,
                home=Path.home(),
                has_network=settings.has_network,
            )
        )
        return ConfinedCommand(
            bubblewrap_command(found.program, layout, command),
            sandbox_environment(os.environ, settings.kept_variables),
            SandboxMode.BUBBLEWRAP,
        )

    async def confinement(self) -> str:
        """Return in a few words what will hold a command; whoever is asked about one reads it."""
        if self._settings.use is SandboxUse.OFF:
            return "not sandboxed"
        found = await self._probe.availability()
        if found.program is not None:
            return "sandboxed" if self._settings.has_network else "sandboxed, no network"
        if self._settings.use is SandboxUse.REQUIRE:
            return f"will not start, {found.reason}"
        return "not sandboxed"

    def _go_without(self, reason: str) -> None:
        if self._settings.use is SandboxUse.REQUIRE:
            raise ToolError(
                f"Commands must run in a sandbox, but {reason}; the command was not started.",
                category=ToolErrorCategory.PERMISSION_DENIED,
                hint='Ask the person to install bubblewrap, or to set sandbox.commands to "auto".',
            )
        if not self._has_told:
            self._has_told = True
            self._on_notice(
                f"Commands run without a sandbox, because {reason}: permission rules decide"
                ' what runs, and nothing confines it. Set sandbox.commands to "off" to hide'
                " this notice."
            )


def unconfined(command: Sequence[str]) -> ConfinedCommand:
    """Return ``command`` to be started with the person's own rights and variables."""
    return ConfinedCommand(tuple(command), os.environ, SandboxMode.NONE)
