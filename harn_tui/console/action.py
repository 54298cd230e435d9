"""What an action is: a thing that a person can do, with its keys and its words."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """Where an action can be used; the value is its heading in the help."""

    ANYWHERE = "Anywhere"
    CHAT = "In a session"
    PROMPT = "In the prompt"
    COMPLETION = "In the list above the prompt"
    QUEUE = "In the list of queued lines"
    DOCK = "In the approval dock"
    PANEL = "In the side panel"
    QUESTION = "In the question dock"
    REVIEW = "In the review of changes"
    REWIND = "In the list of lines to go back to"
    REPLAY = "In a replay"
    SESSIONS = "In the list of sessions"
    TRANSCRIPT = "In the transcript"
    FIND = "While finding"


@dataclass(frozen=True, slots=True)
class Action:
    """One row: ``keys`` in Textual's names, the first is shown; ``label`` names it in the palette.

    ``help`` is one sentence. ``in_palette`` is false for actions that make sense only as a key.
    ``is_priority`` actions win over what the focused widget does with the key.
    """

    id: str
    scope: Scope
    keys: tuple[str, ...]
    label: str
    help: str
    in_palette: bool = True
    is_priority: bool = False


def action_row(
    scope: Scope,
    action_id: str,
    keys: str,
    label: str,
    help_text: str,
    *,
    in_palette: bool = True,
    is_priority: bool = False,
) -> Action:
    """Return a row of the key map; ``keys`` are written one after another."""
    return Action(
        action_id,
        scope,
        tuple(keys.split()),
        label,
        help_text,
        in_palette=in_palette,
        is_priority=is_priority,
    )
