"""The key map: the one table of everything that a key does.

A row is the action's id, its keys (Textual's names, the first is shown), its name in the palette
and its sentence in the help.
"""

from functools import partial

from harn_tui.console.action import Action, Scope


def _action(
    scope: Scope,
    action_id: str,
    keys: str,
    label: str,
    help_text: str,
    *,
    in_palette: bool = True,
    is_priority: bool = False,
) -> Action:
    return Action(
        action_id,
        scope,
        tuple(keys.split()),
        label,
        help_text,
        in_palette=in_palette,
        is_priority=is_priority,
    )


_anywhere = partial(_action, Scope.ANYWHERE)
_chat = partial(_action, Scope.CHAT)
_prompt = partial(_action, Scope.PROMPT)
_queue = partial(_action, Scope.QUEUE)
_dock = partial(_action, Scope.DOCK)
_replay = partial(_action, Scope.REPLAY)

ACTIONS: tuple[Action, ...] = (
    _anywhere("help", "f1", "Help", "Show every key and what it does."),
    _anywhere("settings", "f3", "Settings", "Show and change settings, and where each comes from."),
    _anywhere(
        "palette", "ctrl+p", "Command palette", "Find any command by its name.", in_palette=False
    ),
    _anywhere("toggle_panel", "ctrl+t", "Side panel", "Show or hide the tools and the plan."),
    _anywhere("next_tab", "alt+t", "Other tab", "Switch the side panel between tools and plan."),
    _anywhere("page_up", "pageup", "Page up", "Scroll the transcript up.", in_palette=False),
    _anywhere(
        "page_down", "pagedown", "Page down", "Scroll the transcript down.", in_palette=False
    ),
    _anywhere("go_first", "ctrl+home", "Go to the start", "Show the first line of the session."),
    _anywhere(
        "go_last", "ctrl+end ctrl+g", "Go to the end", "Show the newest line and follow what comes."
    ),
    _anywhere(
        "toggle_fold",
        "alt+o",
        "Open or fold the newest",
        "Open or fold the newest call, reasoning or summary.",
    ),
    _anywhere("choose_theme", "f2", "Themes", "Choose a theme; the screen shows each as you go."),
    _anywhere("next_theme", "", "Next theme", "Switch to the next theme."),
    _anywhere("dismiss_banner", "alt+x", "Dismiss the banner", "Hide the error above the prompt."),
    _anywhere(
        "suspend",
        "ctrl+z",
        "Suspend",
        "Stop the program and return to the shell; `fg` brings it back.",
        is_priority=True,
    ),
    _anywhere(
        "quit",
        "ctrl+q",
        "Quit",
        "Leave the program; drafts and queued lines are kept.",
        is_priority=True,
    ),
    _chat(
        "escape",
        "escape",
        "Interrupt",
        "Close what is open; else stop the run and pause the queue. Never quits.",
    ),
    _chat(
        "clear_or_quit",
        "ctrl+c",
        "Clear the draft",
        "Copy a selection, else clear the draft; pressed twice on an empty prompt: quit.",
        is_priority=True,
    ),
    _chat("allow_once", "alt+y", "Allow once", "Allow the call in the approval dock."),
    _chat(
        "allow_session",
        "alt+a",
        "Allow for this session",
        "Allow the call, and calls like it until the session ends.",
    ),
    _chat("deny", "alt+n", "Deny", "Refuse the call in the approval dock."),
    _chat(
        "deny_with_note",
        "alt+d",
        "Deny with a reason",
        "Refuse the call and tell the model why: the text of the prompt is the reason.",
    ),
    _chat(
        "focus_dock",
        "ctrl+o",
        "Go to the approval dock",
        "Move there, to scroll it or to answer with single letters.",
    ),
    _chat(
        "edit_last",
        "alt+up",
        "Edit the last queued line",
        "Take the newest queued line back into the prompt.",
    ),
    _chat(
        "focus_queue",
        "alt+q",
        "Go to the queued lines",
        "Move there, to edit, delete or send a line now.",
    ),
    _chat(
        "resume_queue",
        "alt+r",
        "Resume the queue",
        "Send the queued lines after a pause; so does Enter on an empty prompt.",
    ),
    _chat(
        "steer_agent",
        "alt+s",
        "Steer an agent",
        "Send the prompt's text, or what is typed next, to one agent that is at work.",
    ),
    _chat(
        "cancel_agent",
        "alt+k",
        "Cancel an agent",
        "End one agent; the run that started it goes on.",
    ),
    _prompt(
        "send",
        "enter",
        "Send",
        "Send; while a run is active: before its next model call.",
        in_palette=False,
    ),
    _prompt(
        "newline",
        "ctrl+j shift+enter",
        "New line",
        "Start a new line; so does Enter after a backslash.",
        in_palette=False,
    ),
    _prompt("send_after_run", "alt+enter", "Send after this run", "Send when the run has ended."),
    _prompt("send_now", "ctrl+s ctrl+enter", "Send now", "Interrupt the run and send at once."),
    _prompt(
        "undo", "alt+z ctrl+underscore", "Undo", "Undo in the prompt; brings a cleared draft back."
    ),
    _prompt(
        "quick_help",
        "question_mark",
        "Help",
        "On an empty prompt: every key. Pressed once more, it types itself.",
        in_palette=False,
    ),
    _prompt(
        "history_back",
        "up",
        "Previous line sent",
        "Up; from the first line: older lines.",
        in_palette=False,
    ),
    _prompt(
        "history_forward",
        "down",
        "Next line sent",
        "Down; from the last line: newer lines.",
        in_palette=False,
    ),
    _queue("queue_up", "up", "Line above", "Select the line above.", in_palette=False),
    _queue("queue_down", "down", "Line below", "Select the line below.", in_palette=False),
    _queue(
        "queue_edit",
        "enter e",
        "Edit",
        "Hold the line and edit it in the prompt.",
        in_palette=False,
    ),
    _queue("queue_delete", "delete d", "Delete", "Take the line back for good.", in_palette=False),
    _queue(
        "queue_send_now", "s", "Send now", "Interrupt the run and send the line.", in_palette=False
    ),
    _dock("dock_allow_once", "y", "Allow once", "Allow the call.", in_palette=False),
    _dock(
        "dock_allow_session",
        "a",
        "Allow for this session",
        "Allow calls like it.",
        in_palette=False,
    ),
    _dock("dock_deny", "n", "Deny", "Refuse the call.", in_palette=False),
    _replay("play_pause", "space", "Play or pause", "Start or stop the clock."),
    _replay("next_event", "right", "Next event", "Show one more event."),
    _replay("previous_event", "left", "Previous event", "Go back by one event."),
    _replay("next_turn", "n shift+right", "Next turn", "Go to the next turn."),
    _replay("previous_turn", "p shift+left", "Previous turn", "Go to the turn before."),
    _replay("next_tool", "t", "Next tool call", "Go to the next tool call."),
    _replay("previous_tool", "T shift+t", "Previous tool call", "Go to the tool call before."),
    _replay("faster", "plus equals_sign", "Faster", "Double the speed."),
    _replay("slower", "minus", "Slower", "Halve the speed."),
    _replay("seek_start", "home", "To the start", "Go to the first event."),
    _replay("seek_end", "end", "To the end", "Go to the last event."),
    _replay(
        "replay_escape",
        "escape",
        "Stop",
        "Close what is open; else stop the clock.",
        in_palette=False,
    ),
    _replay("replay_quit", "q ctrl+c", "Close the replay", "Leave the program.", in_palette=False),
)
"""Every action, in the order of the help."""

ON_EMPTY_PROMPT = frozenset({"quick_help"})
"""Actions whose key types itself unless the prompt is empty."""
