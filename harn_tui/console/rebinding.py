"""Lays a person's own keys over the key map, and refuses what could not work.

Nothing of Textual is imported here, so that the command line can check keys without a screen.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from harn_tui.console.action import Action, Scope
from harn_tui.console.key_map import ACTIONS, ON_EMPTY_PROMPT
from harn_tui.console.key_names import UnusableKeyError, is_typed, read_key, show_key
from harn_tui.errors import ConfigError

_TYPING_SCOPES = (Scope.ANYWHERE, Scope.CHAT, Scope.PROMPT)
"""Where a key that types a character would be missing from the prompt."""

_SHADOWING = frozenset(
    {
        Scope.COMPLETION,
        Scope.QUESTION,
        Scope.PANEL,
        Scope.TRANSCRIPT,
        Scope.FIND,
        Scope.REVIEW,
        Scope.REWIND,
        Scope.SESSIONS,
    }
)
"""What has the keys to itself while it has them: the same key may mean something else around it."""

_WAYS_OUT = ("quit", "clear_or_quit", "palette")


def rebound_actions(
    keys: Mapping[str, Sequence[str]], origins: Mapping[str, str]
) -> tuple[Action, ...]:
    """Return all actions, those of ``keys`` with the keys given there instead of their own.

    ``origins`` says where each ``keys.ID`` was written. Raises ConfigError for an unknown action
    or key, for a key that two actions would share where both can be used, and when nothing
    would leave the program any more.
    """
    known = {action.id: action for action in ACTIONS}
    for action_id, names in keys.items():
        if action_id not in known:
            near = get_close_matches(action_id, known, n=1)
            raise ConfigError(
                f"{_place(origins, action_id)}there is no action `{action_id}`.",
                hint=f"Did you mean `{near[0]}`?" if near else "The help shows every action.",
            )
        read = tuple(_key(known[action_id], name, origins) for name in names)
        known[action_id] = replace(known[action_id], keys=tuple(dict.fromkeys(read)))
    actions = tuple(known.values())
    _check_shared(actions, keys, origins)
    if not any(known[action_id].keys for action_id in _WAYS_OUT):
        raise ConfigError(
            "In keys: nothing would leave the program.",
            hint=f"Give one of {', '.join(_WAYS_OUT)} a key.",
        )
    return actions


def key_table_lines(keys: Mapping[str, Sequence[str]], origins: Mapping[str, str]) -> Iterator[str]:
    """Yield the keys in force as lines of a ``[keys]`` table, with what each does.

    Raises ConfigError like ``rebound_actions``.
    """
    for action in rebound_actions(keys, origins):
        names = [f'"{key}"' for key in action.keys]
        value = names[0] if len(names) == 1 else f"[{', '.join(names)}]" if names else '""'
        yield f"{f'{action.id} = {value}':<44}# {action.scope}: {action.help}"


def _key(action: Action, name: str, origins: Mapping[str, str]) -> str:
    place = _place(origins, action.id)
    shown = name if name.isprintable() else ascii(name)
    try:
        key = read_key(name)
    except UnusableKeyError as error:
        raise ConfigError(f"{place}`keys.{action.id}`: {shown!r} {error}.") from error
    if is_typed(key) and action.scope in _TYPING_SCOPES and action.id not in ON_EMPTY_PROMPT:
        raise ConfigError(
            f"{place}`keys.{action.id}`: {shown!r} types a character, which could not be typed "
            "into the prompt any more.",
            hint="Put alt or ctrl before it, or choose another key.",
        )
    return key


def _check_shared(
    actions: Sequence[Action], keys: Mapping[str, Sequence[str]], origins: Mapping[str, str]
) -> None:
    for one, other, key in _shared(actions):
        changed = one if one.id in keys else other
        second = other if changed is one else one
        raise ConfigError(
            f"{_place(origins, changed.id)}{show_key(key)} would be both `{changed.id}` "
            f"({changed.label}) and `{second.id}` ({second.label}).",
            hint=f'Give one of them another key, or none: {second.id} = "".',
        )


def _shared(actions: Sequence[Action]) -> Iterator[tuple[Action, Action, str]]:
    """Yield each pair of actions that have a key in common where both can be used."""
    by_key: dict[str, list[Action]] = {}
    for action in actions:
        for key in action.keys:
            for other in by_key.get(key, []):
                if _meet(action, other):
                    yield other, action, key
            by_key.setdefault(key, []).append(action)


def _meet(one: Action, other: Action) -> bool:
    """Whether both actions can be used at the same time, so that a key must mean one of them."""
    scopes = {one.scope, other.scope}
    if len(scopes) == 1:
        return True
    if Scope.SESSIONS in scopes:  # a screen of its own, where nothing else but these is
        return any(action.is_priority and action.scope is Scope.ANYWHERE for action in (one, other))
    if scopes & _SHADOWING:
        return one.is_priority or other.is_priority
    if Scope.ANYWHERE in scopes:
        return True
    return Scope.CHAT in scopes and Scope.REPLAY not in scopes


def _place(origins: Mapping[str, str], action_id: str) -> str:
    origin = origins.get(f"keys.{action_id}")
    return f"In {origin}: " if origin else "In keys: "
