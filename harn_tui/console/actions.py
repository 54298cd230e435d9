"""Looks actions up: by scope, as key bindings, by the key that is shown for them.

Key bindings, the command palette and the help screen are made from the key map. A screen maps
each id of its scopes to a function (``console.screens.performing``); a test holds both together.
The key map of a running console is the default one with what a person has bound otherwise.
"""

from collections.abc import Iterable, Mapping

from textual._context import active_app
from textual.binding import Binding, BindingType

from harn_tui.console.action import Action, Scope
from harn_tui.console.key_map import ACTIONS
from harn_tui.console.key_names import show_key

_READING = (Scope.TRANSCRIPT, Scope.FIND)
CHAT_SCOPES = (
    Scope.PROMPT,
    Scope.CHAT,
    Scope.ANYWHERE,
    Scope.COMPLETION,
    Scope.QUEUE,
    Scope.DOCK,
    Scope.QUESTION,
    Scope.PANEL,
    *_READING,
)
REVIEW_SCOPES = (Scope.REVIEW,)
REWIND_SCOPES = (Scope.REWIND,)
REPLAY_SCOPES = (Scope.REPLAY, Scope.ANYWHERE, Scope.PANEL, *_READING)


class KeyMap:
    """What the keys of one console do."""

    def __init__(self, actions: Iterable[Action] = ACTIONS) -> None:
        self.actions = tuple(actions)
        self._by_id = {action.id: action for action in self.actions}
        self._id_by_key = {
            (action.scope, key): action.id for action in self.actions for key in action.keys
        }

    def __getitem__(self, action_id: str) -> Action:
        return self._by_id[action_id]

    def id_in_prompt(self, key: str, *, is_completing: bool = False) -> str | None:
        """Return the id of the action that ``key`` has while the prompt has the focus.

        While a list of completions is open its keys come first.
        """
        first = (Scope.COMPLETION,) if is_completing else ()
        scopes = (*first, Scope.PROMPT, Scope.CHAT, Scope.ANYWHERE)
        found = (self._id_by_key.get((scope, key)) for scope in scopes)
        return next((action_id for action_id in found if action_id is not None), None)

    def id_in(self, scope: Scope, key: str) -> str | None:
        """Return the id of the action that ``key`` has in ``scope`` itself."""
        return self._id_by_key.get((scope, key))

    def changes(self) -> Mapping[str, str]:
        """Return the keys that differ from the default, by action, as Textual's keymap."""
        default = {action.id: action.keys for action in ACTIONS}
        return {
            action.id: _joined(action)
            for action in self.actions
            if action.keys != default[action.id]
        }


DEFAULT_KEY_MAP = KeyMap()


def key_map_in_force() -> KeyMap:
    """Return the key map of the running console, the default one where none runs."""
    app = active_app.get(None)
    key_map = getattr(app, "key_map", None)
    return key_map if isinstance(key_map, KeyMap) else DEFAULT_KEY_MAP


def actions_of(*scopes: Scope) -> list[Action]:
    """Return the actions of ``scopes`` in force, in the order of the scopes."""
    actions = key_map_in_force().actions
    return [action for scope in scopes for action in actions if action.scope is scope]


def bindings_of(*scopes: Scope) -> list[BindingType]:
    """Return key bindings for ``scopes``; each performs its action on the active screen.

    They have the default keys. A running console tells Textual what a person has changed.
    """
    return _bindings(action for scope in scopes for action in ACTIONS if action.scope is scope)


def bindings_for(*action_ids: str) -> list[BindingType]:
    """Return bindings for single actions, for a widget that would use their keys itself."""
    return _bindings(action for action in ACTIONS if action.id in action_ids)


def _bindings(actions: Iterable[Action]) -> list[BindingType]:
    return [
        Binding(
            _joined(action),
            f"screen.perform({action.id!r})",
            action.label,
            show=False,
            priority=action.is_priority,
            id=action.id,
        )
        for action in actions
    ]


def _joined(action: Action) -> str:
    # Textual knows no binding without a key: an action that has none gets one that nothing sends.
    return ",".join(action.keys) or f"no_key_for_{action.id}"


def key_of(action_id: str) -> str:
    """Return the first key of an action as it is written for people, its name if it has none."""
    action = key_map_in_force()[action_id]
    return show_key(action.keys[0]) if action.keys else action.label
