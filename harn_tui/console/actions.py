"""The one table of everything that a key does.

Key bindings, the command palette and the help screen are made from it. A screen maps each id of
its scopes to a function (``console.screens.performing``); a test holds table and screens together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from textual.binding import Binding, BindingType


class Scope(StrEnum):
    """Where an action can be used; the value is its heading in the help."""

    ANYWHERE = "Anywhere"
    CHAT = "In a session"
    PROMPT = "In the prompt"
    QUEUE = "In the list of queued lines"
    DOCK = "In the approval dock"
    REPLAY = "In a replay"


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


def _anywhere() -> Iterable[Action]:
    scope = Scope.ANYWHERE
    yield Action("help", scope, ("f1",), "Help", "Show every key and what it does.")
    yield Action(
        "palette",
        scope,
        ("ctrl+p",),
        "Command palette",
        "Find any command by its name.",
        in_palette=False,
    )
    yield Action(
        "toggle_panel", scope, ("ctrl+t",), "Side panel", "Show or hide the tools and the plan."
    )
    yield Action(
        "next_tab", scope, ("alt+t",), "Other tab", "Switch the side panel between tools and plan."
    )
    yield Action(
        "page_up", scope, ("pageup",), "Page up", "Scroll the transcript up.", in_palette=False
    )
    yield Action(
        "page_down",
        scope,
        ("pagedown",),
        "Page down",
        "Scroll the transcript down.",
        in_palette=False,
    )
    yield Action(
        "go_first", scope, ("ctrl+home",), "Go to the start", "Show the first line of the session."
    )
    yield Action(
        "go_last",
        scope,
        ("ctrl+end", "ctrl+g"),
        "Go to the end",
        "Show the newest line and follow what comes.",
    )
    yield Action(
        "toggle_fold",
        scope,
        ("alt+o",),
        "Open or fold the newest",
        "Open or fold the newest tool call or reasoning.",
    )
    yield Action(
        "next_theme", scope, ("f2",), "Next theme", "Switch between the themes, dark and light."
    )
    yield Action(
        "dismiss_banner",
        scope,
        ("alt+x",),
        "Dismiss the banner",
        "Hide the error above the prompt.",
    )
    yield Action(
        "suspend",
        scope,
        ("ctrl+z",),
        "Suspend",
        "Stop the program and return to the shell; `fg` brings it back.",
        is_priority=True,
    )
    yield Action(
        "quit",
        scope,
        ("ctrl+q",),
        "Quit",
        "Leave the program; drafts and queued lines are kept.",
        is_priority=True,
    )


def _chat() -> Iterable[Action]:
    scope = Scope.CHAT
    yield Action(
        "escape",
        scope,
        ("escape",),
        "Interrupt",
        "Close what is open; else stop the run and pause the queue. Never quits.",
    )
    yield Action(
        "clear_or_quit",
        scope,
        ("ctrl+c",),
        "Clear the draft",
        "Copy a selection, else clear the draft; pressed twice on an empty prompt: quit.",
        is_priority=True,
    )
    yield Action(
        "allow_once", scope, ("alt+y",), "Allow once", "Allow the call in the approval dock."
    )
    yield Action(
        "allow_session",
        scope,
        ("alt+a",),
        "Allow for this session",
        "Allow the call, and calls like it until the session ends.",
    )
    yield Action("deny", scope, ("alt+n",), "Deny", "Refuse the call in the approval dock.")
    yield Action(
        "deny_with_note",
        scope,
        ("alt+d",),
        "Deny with a reason",
        "Refuse the call and tell the model why: the text of the prompt is the reason.",
    )
    yield Action(
        "focus_dock",
        scope,
        ("ctrl+o",),
        "Go to the approval dock",
        "Move there, to scroll it or to answer with single letters.",
    )
    yield Action(
        "edit_last",
        scope,
        ("alt+up",),
        "Edit the last queued line",
        "Take the newest queued line back into the prompt.",
    )
    yield Action(
        "focus_queue",
        scope,
        ("alt+q",),
        "Go to the queued lines",
        "Move there, to edit, delete or send a line now.",
    )
    yield Action(
        "resume_queue",
        scope,
        ("alt+r",),
        "Resume the queue",
        "Send the queued lines after a pause; so does Enter on an empty prompt.",
    )


def _prompt() -> Iterable[Action]:
    scope = Scope.PROMPT
    yield Action(
        "send",
        scope,
        ("enter",),
        "Send",
        "Send; while a run is active: before its next model call.",
        in_palette=False,
    )
    yield Action(
        "newline",
        scope,
        ("ctrl+j", "shift+enter"),
        "New line",
        "Start a new line; so does Enter after a backslash.",
        False,
    )
    yield Action(
        "send_after_run",
        scope,
        ("alt+enter",),
        "Send after this run",
        "Send when the run has ended.",
    )
    yield Action(
        "send_now",
        scope,
        ("ctrl+s", "ctrl+enter"),
        "Send now",
        "Interrupt the run and send at once.",
    )
    yield Action(
        "undo",
        scope,
        ("alt+z", "ctrl+underscore"),
        "Undo",
        "Undo in the prompt; brings a cleared draft back.",
    )
    yield Action(
        "history_back",
        scope,
        ("up",),
        "Previous line sent",
        "Up; from the first line: older lines.",
        in_palette=False,
    )
    yield Action(
        "history_forward",
        scope,
        ("down",),
        "Next line sent",
        "Down; from the last line: newer lines.",
        in_palette=False,
    )


def _queue() -> Iterable[Action]:
    scope = Scope.QUEUE
    yield Action(
        "queue_up", scope, ("up",), "Line above", "Select the line above.", in_palette=False
    )
    yield Action(
        "queue_down", scope, ("down",), "Line below", "Select the line below.", in_palette=False
    )
    yield Action(
        "queue_edit",
        scope,
        ("enter", "e"),
        "Edit",
        "Hold the line and edit it in the prompt.",
        False,
    )
    yield Action(
        "queue_delete",
        scope,
        ("delete", "d"),
        "Delete",
        "Take the line back for good.",
        in_palette=False,
    )
    yield Action(
        "queue_send_now",
        scope,
        ("s",),
        "Send now",
        "Interrupt the run and send the line.",
        in_palette=False,
    )


def _dock() -> Iterable[Action]:
    scope = Scope.DOCK
    yield Action(
        "dock_allow_once", scope, ("y",), "Allow once", "Allow the call.", in_palette=False
    )
    yield Action(
        "dock_allow_session",
        scope,
        ("a",),
        "Allow for this session",
        "Allow calls like it.",
        in_palette=False,
    )
    yield Action("dock_deny", scope, ("n",), "Deny", "Refuse the call.", in_palette=False)


def _replay() -> Iterable[Action]:
    scope = Scope.REPLAY
    yield Action("play_pause", scope, ("space",), "Play or pause", "Start or stop the clock.")
    yield Action("next_event", scope, ("right",), "Next event", "Show one more event.")
    yield Action("previous_event", scope, ("left",), "Previous event", "Go back by one event.")
    yield Action("next_turn", scope, ("n", "shift+right"), "Next turn", "Go to the next turn.")
    yield Action(
        "previous_turn", scope, ("p", "shift+left"), "Previous turn", "Go to the turn before."
    )
    yield Action("next_tool", scope, ("t",), "Next tool call", "Go to the next tool call.")
    yield Action(
        "previous_tool",
        scope,
        ("T", "shift+t"),
        "Previous tool call",
        "Go to the tool call before.",
    )
    yield Action("faster", scope, ("plus", "equals_sign"), "Faster", "Double the speed.")
    yield Action("slower", scope, ("minus",), "Slower", "Halve the speed.")
    yield Action("seek_start", scope, ("home",), "To the start", "Go to the first event.")
    yield Action("seek_end", scope, ("end",), "To the end", "Go to the last event.")
    yield Action(
        "replay_escape",
        scope,
        ("escape",),
        "Stop",
        "Close what is open; else stop the clock.",
        False,
    )
    yield Action(
        "replay_quit",
        scope,
        ("q", "ctrl+c"),
        "Close the replay",
        "Leave the program.",
        in_palette=False,
    )


ACTIONS: tuple[Action, ...] = (*_anywhere(), *_chat(), *_prompt(), *_queue(), *_dock(), *_replay())
"""Every action, in the order of the help."""

CHAT_SCOPES = (Scope.PROMPT, Scope.CHAT, Scope.QUEUE, Scope.DOCK, Scope.ANYWHERE)
REPLAY_SCOPES = (Scope.REPLAY, Scope.ANYWHERE)


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


_KEY_WORDS = {
    "enter": "Enter",
    "escape": "Esc",
    "space": "Space",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "delete": "Del",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "home": "Home",
    "end": "End",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "underscore": "_",
}


def show_key(key: str) -> str:
    """Return a key's name for people: ``alt+up`` is ``Alt+↑``."""
    *modifiers, last = key.split("+")
    shown = _KEY_WORDS.get(last, last.upper() if last.startswith("f") and len(last) > 1 else last)
    return "+".join([*(modifier.capitalize() for modifier in modifiers), shown])
