"""Which actions have something to act on now, for the commands behind ``/``."""

from collections.abc import Iterable
from dataclasses import dataclass

from harn_tui.console.action import Action

_NEEDS = {
    "focus_dock": "has_question",
    "show_call": "has_question",
    "edit_last": "has_queue",
    "focus_queue": "has_queue",
    "resume_queue": "is_paused",
    "steer_agent": "has_agents",
    "cancel_agent": "has_agents",
    "escape": "can_stop",
    "dismiss_banner": "has_banner",
}
"""By action id: the field of ``Situation`` that it needs; the others can be done at any time."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What there is to act on. ``can_stop``: a run, or a panel that covers the transcript."""

    has_question: bool = False
    has_queue: bool = False
    is_paused: bool = False
    has_agents: bool = False
    can_stop: bool = False
    has_banner: bool = False


def usable_actions(actions: Iterable[Action], situation: Situation) -> list[Action]:
    """Return those of ``actions`` that would do something."""
    return [
        action
        for action in actions
        if action.id not in _NEEDS or getattr(situation, _NEEDS[action.id])
    ]
