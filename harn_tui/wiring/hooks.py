"""Turns the hooks of a configuration into those of a session's loops."""

from collections.abc import Iterable
from pathlib import Path

from harn_tui.config.schema import HookEntry
from harn_tui.loop.command_hook import CommandHook
from harn_tui.loop.lifecycle_hooks import LifecycleHooks


def wire_hooks(entries: Iterable[HookEntry], cwd: Path) -> LifecycleHooks:
    """Return hooks that run the configured commands in ``cwd``, in their order.

    Raises LoopConfigError for a pattern that is none.
    """
    hooks = LifecycleHooks()
    for entry in entries:
        hooks.add(entry.event, entry.pattern, CommandHook(entry.command, cwd=cwd))
    return hooks
