"""The help by a key that types a character: on an empty prompt it opens, pressed twice it types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from harn_tui.console.action import Scope
from harn_tui.console.actions import key_map_in_force
from harn_tui.console.key_names import is_typed, show_key
from harn_tui.console.prompt.prompt import Prompt
from harn_tui.console.screens.help import HelpScreen

QUICK_HELP = "quick_help"


def quick_help_commands(prompt: Prompt, scopes: Sequence[Scope]) -> dict[str, Callable[[], object]]:
    """Return what the action calls."""
    return {QUICK_HELP: partial(_open_help, prompt, scopes)}


def _open_help(prompt: Prompt, scopes: Sequence[Scope]) -> None:
    prompt.app.push_screen(HelpScreen(scopes), partial(_type_it, prompt))


def _type_it(prompt: Prompt, closed_by: str | None) -> None:
    """Type the character when its own key closed the help: nobody is kept from writing it."""
    keys = key_map_in_force()[QUICK_HELP].keys
    if closed_by == QUICK_HELP and keys and is_typed(keys[0]):
        prompt.insert(" " if keys[0] == "space" else show_key(keys[0]))
