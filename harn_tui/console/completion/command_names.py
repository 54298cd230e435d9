"""What the actions of the palette are called behind a ``/``."""

import re
from collections.abc import Iterable

from harn_tui.console.action import Action, Scope

_NOT_A_LETTER = re.compile(r"[^a-z0-9]+")
_ABOUT_THE_DRAFT = frozenset({"clear_or_quit"})
"""They act on what is typed, which is the command itself; so do all of the prompt's own."""
_ANSWERS = frozenset(
    {
        *("allow_once", "allow_session", "allow_always", "allow_with_note"),
        *("deny", "deny_with_note", "answer_question"),
    }
)
"""Text in the prompt never answers a question, so that what is pasted cannot."""


def command_name(action: Action) -> str:
    """Return the name of ``action`` as a command: its label in small letters, with dashes."""
    return _NOT_A_LETTER.sub("-", action.label.lower()).strip("-")


def commands_of(actions: Iterable[Action]) -> dict[str, Action]:
    """Return, by name, those of the palette's ``actions`` that can be typed as a command.

    Those that work everywhere come first, so that what acts on a run is not the first to choose.
    """
    return {
        command_name(action): action
        for action in sorted(actions, key=lambda action: action.scope is not Scope.ANYWHERE)
        if action.scope is not Scope.PROMPT and action.id not in _ABOUT_THE_DRAFT | _ANSWERS
    }
