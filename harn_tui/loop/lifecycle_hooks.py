"""The hooks that run at the beginning and at the end of each turn.

Their results are ignored; the first one that fails ends the run with status ``error``
(docs/loop.md, hooks and callbacks).
"""

from dataclasses import dataclass

from harn_tui.json_types import JsonObject
from harn_tui.kinds import LifecycleEvent
from harn_tui.loop.hook_call import HookFunction, call_hook, hook_name
from harn_tui.loop.hook_pattern import HookPredicate, compile_hook_pattern


@dataclass(frozen=True, slots=True)
class _Registration:
    event: LifecycleEvent
    is_for: HookPredicate
    hook: HookFunction


class LifecycleHooks:
    """Hooks of one run or session, in order of registration; none is ever removed."""

    def __init__(self) -> None:
        self._registrations: tuple[_Registration, ...] = ()

    def add(self, event: LifecycleEvent, pattern: str, hook: HookFunction) -> None:
        """Add ``hook`` behind the others, for the payloads of ``event`` that ``pattern`` matches.

        From inside a hook it counts from the next event on. Raises LoopConfigError when
        ``pattern`` is none.
        """
        added = _Registration(event, compile_hook_pattern(pattern), hook)
        self._registrations = (*self._registrations, added)

    async def run(self, event: LifecycleEvent, payload: JsonObject) -> None:
        """Call the hooks of ``event`` one after another, each with a copy of ``payload``.

        Raises HarnError that names the first hook that fails; later ones do not run then.
        """
        for registration in self._registrations:
            if registration.event == event and registration.is_for(payload):
                description = f"the {event.value} hook {hook_name(registration.hook)}"
                await call_hook(registration.hook, payload, description)
