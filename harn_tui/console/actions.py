"""The one table of everything that a key does.

Key bindings, the command palette and the help screen are made from it. A screen maps each id of
its scopes to a function (``console.screens.performing``); a test holds table and screens together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from textual.binding import Binding, BindingType

from harn_tui.console.key_names import show_key


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


ACTIONS: tuple[Action, ...] = (
    Action("help", Scope.ANYWHERE, ("f1",), "Help", "Show every key and what it does."),
    Action(
        "palette",
        Scope.ANYWHERE,
        ("ctrl+p",),
        "Command palette",
        "Find any command by its name.",
        in_palette=False,
    ),
    Action(
        "toggle_panel",
        Scope.ANYWHERE,
        ("ctrl+t",),
        "Side panel",
        "Show or hide the tools and the plan.",
    ),
    Action(
        "next_tab",
        Scope.ANYWHERE,
        ("alt+t",),
        "Other tab",
        "Switch the side panel between tools and plan.",
    ),
    Action(
        "page_up",
        Scope.ANYWHERE,
        ("pageup",),
        "Page up",
        "Scroll the transcript up.",
        in_palette=False,
    ),
    Action(
        "page_down",
        Scope.ANYWHERE,
        ("pagedown",),
        "Page down",
        "Scroll the transcript down.",
        in_palette=False,
    ),
    Action(
        "go_first",
        Scope.ANYWHERE,
        ("ctrl+home",),
        "Go to the start",
        "Show the first line of the session.",
    ),
    Action(
        "go_last",
        Scope.ANYWHERE,
        ("ctrl+end", "ctrl+g"),
        "Go to the end",
        "Show the newest line and follow what comes.",
    ),
    Action(
        "toggle_fold",
        Scope.ANYWHERE,
        ("alt+o",),
        "Open or fold the newest",
        "Open or fold the newest call, reasoning or summary.",
    ),
    Action(
        "next_theme",
        Scope.ANYWHERE,
        ("f2",),
        "Next theme",
        "Switch between the themes, dark and light.",
    ),
    Action(
        "dismiss_banner",
        Scope.ANYWHERE,
        ("alt+x",),
        "Dismiss the banner",
        "Hide the error above the prompt.",
    ),
    Action(
        "suspend",
        Scope.ANYWHERE,
        ("ctrl+z",),
        "Suspend",
        "Stop the program and return to the shell; `fg` brings it back.",
        is_priority=True,
    ),
    Action(
        "quit",
        Scope.ANYWHERE,
        ("ctrl+q",),
        "Quit",
        "Leave the program; drafts and queued lines are kept.",
        is_priority=True,
    ),
    Action(
        "escape",
        Scope.CHAT,
        ("escape",),
        "Interrupt",
        "Close what is open; else stop the run and pause the queue. Never quits.",
    ),
    Action(
        "clear_or_quit",
        Scope.CHAT,
        ("ctrl+c",),
        "Clear the draft",
        "Copy a selection, else clear the draft; pressed twice on an empty prompt: quit.",
        is_priority=True,
    ),
    Action(
        "allow_once", Scope.CHAT, ("alt+y",), "Allow once", "Allow the call in the approval dock."
    ),
    Action(
        "allow_session",
        Scope.CHAT,
        ("alt+a",),
        "Allow for this session",
        "Allow the call, and calls like it until the session ends.",
    ),
    Action("deny", Scope.CHAT, ("alt+n",), "Deny", "Refuse the call in the approval dock."),
    Action(
        "deny_with_note",
        Scope.CHAT,
        ("alt+d",),
        "Deny with a reason",
        "Refuse the call and tell the model why: the text of the prompt is the reason.",
    ),
    Action(
        "focus_dock",
        Scope.CHAT,
        ("ctrl+o",),
        "Go to the approval dock",
        "Move there, to scroll it or to answer with single letters.",
    ),
    Action(
        "edit_last",
        Scope.CHAT,
        ("alt+up",),
        "Edit the last queued line",
        "Take the newest queued line back into the prompt.",
    ),
    Action(
        "focus_queue",
        Scope.CHAT,
        ("alt+q",),
        "Go to the queued lines",
        "Move there, to edit, delete or send a line now.",
    ),
    Action(
        "resume_queue",
        Scope.CHAT,
        ("alt+r",),
        "Resume the queue",
        "Send the queued lines after a pause; so does Enter on an empty prompt.",
    ),
    Action(
        "steer_agent",
        Scope.CHAT,
        ("alt+s",),
        "Steer an agent",
        "Send the prompt's text, or what is typed next, to one agent that is at work.",
    ),
    Action(
        "cancel_agent",
        Scope.CHAT,
        ("alt+k",),
        "Cancel an agent",
        "End one agent; the run that started it goes on.",
    ),
    Action(
        "send",
        Scope.PROMPT,
        ("enter",),
        "Send",
        "Send; while a run is active: before its next model call.",
        in_palette=False,
    ),
    Action(
        "newline",
        Scope.PROMPT,
        ("ctrl+j", "shift+enter"),
        "New line",
        "Start a new line; so does Enter after a backslash.",
        False,
    ),
    Action(
        "send_after_run",
        Scope.PROMPT,
        ("alt+enter",),
        "Send after this run",
        "Send when the run has ended.",
    ),
    Action(
        "send_now",
        Scope.PROMPT,
        ("ctrl+s", "ctrl+enter"),
        "Send now",
        "Interrupt the run and send at once.",
    ),
    Action(
        "undo",
        Scope.PROMPT,
        ("alt+z", "ctrl+underscore"),
        "Undo",
        "Undo in the prompt; brings a cleared draft back.",
    ),
    Action(
        "history_back",
        Scope.PROMPT,
        ("up",),
        "Previous line sent",
        "Up; from the first line: older lines.",
        in_palette=False,
    ),
    Action(
        "history_forward",
        Scope.PROMPT,
        ("down",),
        "Next line sent",
        "Down; from the last line: newer lines.",
        in_palette=False,
    ),
    Action(
        "queue_up", Scope.QUEUE, ("up",), "Line above", "Select the line above.", in_palette=False
    ),
    Action(
        "queue_down",
        Scope.QUEUE,
        ("down",),
        "Line below",
        "Select the line below.",
        in_palette=False,
    ),
    Action(
        "queue_edit",
        Scope.QUEUE,
        ("enter", "e"),
        "Edit",
        "Hold the line and edit it in the prompt.",
        False,
    ),
    Action(
        "queue_delete",
        Scope.QUEUE,
        ("delete", "d"),
        "Delete",
        "Take the line back for good.",
        in_palette=False,
    ),
    Action(
        "queue_send_now",
        Scope.QUEUE,
        ("s",),
        "Send now",
        "Interrupt the run and send the line.",
        in_palette=False,
    ),
    Action(
        "dock_allow_once", Scope.DOCK, ("y",), "Allow once", "Allow the call.", in_palette=False
    ),
    Action(
        "dock_allow_session",
        Scope.DOCK,
        ("a",),
        "Allow for this session",
        "Allow calls like it.",
        in_palette=False,
    ),
    Action("dock_deny", Scope.DOCK, ("n",), "Deny", "Refuse the call.", in_palette=False),
    Action("play_pause", Scope.REPLAY, ("space",), "Play or pause", "Start or stop the clock."),
    Action("next_event", Scope.REPLAY, ("right",), "Next event", "Show one more event."),
    Action("previous_event", Scope.REPLAY, ("left",), "Previous event", "Go back by one event."),
    Action("next_turn", Scope.REPLAY, ("n", "shift+right"), "Next turn", "Go to the next turn."),
    Action(
        "previous_turn",
        Scope.REPLAY,
        ("p", "shift+left"),
        "Previous turn",
        "Go to the turn before.",
    ),
    Action("next_tool", Scope.REPLAY, ("t",), "Next tool call", "Go to the next tool call."),
    Action(
        "previous_tool",
        Scope.REPLAY,
        ("T", "shift+t"),
        "Previous tool call",
        "Go to the tool call before.",
    ),
    Action("faster", Scope.REPLAY, ("plus", "equals_sign"), "Faster", "Double the speed."),
    Action("slower", Scope.REPLAY, ("minus",), "Slower", "Halve the speed."),
    Action("seek_start", Scope.REPLAY, ("home",), "To the start", "Go to the first event."),
    Action("seek_end", Scope.REPLAY, ("end",), "To the end", "Go to the last event."),
    Action(
        "replay_escape",
        Scope.REPLAY,
        ("escape",),
        "Stop",
        "Close what is open; else stop the clock.",
        False,
    ),
    Action(
        "replay_quit",
        Scope.REPLAY,
        ("q", "ctrl+c"),
        "Close the replay",
        "Leave the program.",
        in_palette=False,
    ),
)
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
