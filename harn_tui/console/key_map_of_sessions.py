"""The rows of the key map for the list of stored sessions, and the way to it.

They are part of the one table, ``console.key_map``.
"""

from functools import partial

from harn_tui.console.action import Action, Scope, action_row

_chat = partial(action_row, Scope.CHAT)
_sessions = partial(action_row, Scope.SESSIONS)

SESSIONS_ACTIONS: tuple[Action, ...] = (
    _chat(
        "open_sessions",
        "alt+h",
        "Sessions",
        "Choose another session in the list of all; this one is kept as it is.",
    ),
    _chat(
        "fork_session",
        "",
        "Fork",
        "Start another session from what was said so far; this one goes on.",
    ),
    _chat("rename_session", "", "Rename", "Give this session another title."),
    _sessions(
        "picker_open",
        "enter",
        "Resume",
        "Take the session up; one that is open elsewhere is shown as it goes on.",
    ),
    _sessions(
        "picker_replay",
        "ctrl+r",
        "Replay",
        "Step through the session, from the place that was found on.",
        is_priority=True,
    ),
    _sessions(
        "picker_search",
        "ctrl+f",
        "Search what was said",
        "Search all logs, or narrow the list again; a / in front does the same.",
        is_priority=True,
    ),
    _sessions(
        "picker_scope",
        "tab",
        "This folder or all",
        "Show the sessions of this folder alone, or all.",
        is_priority=True,
    ),
    _sessions("picker_up", "up", "Row above", "Choose the row above.", in_palette=False),
    _sessions("picker_down", "down", "Row below", "Choose the row below.", in_palette=False),
    _sessions("picker_page_up", "pageup", "Page up", "Go up by a page.", in_palette=False),
    _sessions("picker_page_down", "pagedown", "Page down", "Go down by a page.", in_palette=False),
    _sessions("picker_rename", "alt+n", "Rename", "Give the session another title."),
    _sessions(
        "picker_delete",
        "alt+d",
        "Delete",
        "Move the session to the trash; asks for a second press.",
    ),
    _sessions(
        "picker_escape",
        "escape ctrl+c",
        "Leave",
        "Clear what is typed; else leave without a choice.",
        in_palette=False,
        is_priority=True,
    ),
)
