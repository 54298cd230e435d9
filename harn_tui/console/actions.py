"""Looks actions up: by scope, as key bindings, by the key that is shown for them.

Key bindings, the command palette and the help screen are made from the key map. A screen maps
each id of its scopes to a function (``console.screens.performing``); a test holds both together.
"""

from collections.abc import Iterable

from textual.binding import Binding, BindingType

from harn_tui.console.action import Action, Scope
from harn_tui.console.key_map import ACTIONS
from harn_tui.console.key_names import show_key

CHAT_SCOPES = (
    Scope.PROMPT,
    Scope.CHAT,
    Scope.QUEUE,
    Scope.DOCK,
    Scope.PANEL,
    Scope.ANYWHERE,
)
REVIEW_SCOPES = (Scope.REVIEW,)
REPLAY_SCOPES = (Scope.REPLAY, Scope.PANEL, Scope.ANYWHERE)


def actions_of(*scopes: Scope) -> list[Action]:
    """Return the actions of ``scopes``, in the order of the scopes."""
    return [action for scope in scopes for action in ACTIONS if action.scope is scope]


def bindings_of(*scopes: Scope) -> list[BindingType]:
    """Return key bindings for ``scopes``; each performs its action on the active screen."""
    return _bindings(actions_of(*scopes))


def bindings_for(*action_ids: str) -> list[BindingType]:
    """Return bindings for single actions, for a widget that would use their keys itself."""
    return _bindings(action for action in ACTIONS if action.id in action_ids)


def _bindings(actions: Iterable[Action]) -> list[BindingType]:
    return [
        Binding(
            ",".join(action.keys),
            f"screen.perform({action.id!r})",
            action.label,
            show=False,
            priority=action.is_priority,
            id=action.id,
        )
        for action in actions
    ]


def key_of(action_id: str) -> str:
    """Return the first key of an action, as it is written for people."""
    return show_key(next(action for action in ACTIONS if action.id == action_id).keys[0])
