"""The hooks of a run: those at the beginning and the end of each turn, and those around tool calls.

The results of the former are ignored; the first one that fails ends the run with status ``error``
(docs/loop.md, hooks and callbacks). What the latter reply is read in ``tool_hooks``.
"""

from dataclasses import dataclass

from harn_tui.json_types import JsonObject
from harn_tui.kinds import LifecycleEvent
from harn_tui.loop.hook_call import HookFunction, call_hook, hook_name
from harn_tui.loop.hook_pattern import HookPredicate, compile_hook_pattern


@dataclass(frozen=True, slots=True)
class RegisteredHook:
    """A hook with the event that it is for and the payloads that it wants."""

    event: LifecycleEvent
    is_for: HookPredicate
    hook: HookFunction

    @property
    def description(self) -> str:
        """What messages call it: ``the PreToolUse hook check``."""
        return f"the {self.event.value} hook {hook_name(self.hook)}"


class LifecycleHooks:
    """Hooks of one run or session, in order of registration; none is ever removed."""

    def __init__(self) -> None:
        self._registered: tuple[RegisteredHook, ...] = ()

    def add(self, event: LifecycleEvent, pattern: str, hook: HookFunction) -> None:
        """Add ``hook`` behind the others, for the payloads of ``event`` that ``pattern`` matches.

        From inside a hook it counts from the next event on. Raises LoopConfigError when
        ``pattern`` is none.
        """
        added = RegisteredHook(event, compile_hook_pattern(pattern), hook)
        self._registered = (*self._registered, added)

    def registered(self, event: LifecycleEvent) -> tuple[RegisteredHook, ...]:
        """Return the hooks of ``event`` in their order."""
        return tuple(each for each in self._registered if each.event == event)

    async def run(self, event: LifecycleEvent, payload: JsonObject) -> None:
        """Call the hooks of ``event`` one after another, each with a copy of ``payload``.

        Raises HarnError that names the first hook that fails; later ones do not run then.
        """
        for each in self.registered(event):
            if each.is_for(payload):
                await call_hook(each.hook, payload, each.description)
