"""What a key must bring about, in a console that is in a fitting state."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from textual.pilot import Pilot

from harn_tui.console.actions import DEFAULT_KEY_MAP
from harn_tui.console.screens.performing import PerformingScreen

_MOST_LOOKS = 600


class Pressed(Protocol):
    """What is looked at while a key is pressed."""

    @property
    def pilot(self) -> Pilot[int]: ...

    @property
    def screen(self) -> PerformingScreen: ...


C = TypeVar("C", bound=Pressed)


@dataclass(frozen=True)
class Effect(Generic[C]):
    """``before`` brings the state about and returns what ``holds`` compares with afterwards."""

    before: Callable[[C], Awaitable[Any]]
    holds: Callable[[C, Any], object]


async def check(pressed: C, effects: Mapping[str, Effect[C]]) -> None:
    """Press the key of each action in turn; an action without a key is performed by its name."""
    for action_id, effect in effects.items():
        before = await effect.before(pressed)
        assert not effect.holds(pressed, before), f"{action_id}: it is so before the key"
        keys = DEFAULT_KEY_MAP[action_id].keys
        if keys:
            await pressed.pilot.press(keys[0])
        else:
            pressed.screen.action_perform(action_id)
        for _ in range(_MOST_LOOKS):
            await pressed.pilot.pause(0.002)
            if effect.holds(pressed, before):
                break
        else:
            raise AssertionError(f"{action_id}: {keys[:1]} has no effect")
