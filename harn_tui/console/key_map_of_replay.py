"""The rows of the key map for a replay."""

from functools import partial

from harn_tui.console.action import Action, Scope, action_row

_replay = partial(action_row, Scope.REPLAY)

REPLAY_ACTIONS: tuple[Action, ...] = (
    _replay("play_pause", "space", "Play or pause", "Start or stop the clock."),
    _replay("next_event", "right", "Next event", "Show one more event."),
    _replay("previous_event", "left", "Previous event", "Go back by one event."),
    _replay("next_turn", "n shift+right", "Next turn", "Go to the next turn."),
    _replay("previous_turn", "p shift+left", "Previous turn", "Go to the turn before."),
    _replay("next_tool", "t", "Next tool call", "Go to the next tool call."),
    _replay("previous_tool", "T shift+t", "Previous tool call", "Go to the tool call before."),
    _replay("to_next_error", "e", "Next error", "Go to the next failure, retry or error."),
    _replay("to_previous_error", "E shift+e", "Previous error", "Go to the error before."),
    _replay("to_next_approval", "a", "Next approval", "Go to the next approval or question."),
    _replay("to_previous_approval", "A shift+a", "Previous approval", "Go to the one before."),
    _replay("to_next_feedback", "b", "Next steered line", "Go to where the next line entered."),
    _replay("to_previous_feedback", "B shift+b", "Previous steered line", "Go to the one before."),
    _replay("to_next_change", "d", "Next file change", "Go to the next change of a file."),
    _replay("to_previous_change", "D shift+d", "Previous file change", "Go to the change before."),
    _replay("to_next_compaction", "c", "Next compaction", "Go to the next summary of the history."),
    _replay("to_previous_compaction", "C shift+c", "Previous compaction", "Go to the one before."),
    _replay("toggle_gaps", "i", "Idle gaps", "Play idle gaps in full, or at most two seconds."),
    _replay("fork", "f", "Fork here", "Start a new session from what was said up to here."),
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
    _replay(
        "replay_help", "question_mark", "Help", "Show every key of the replay.", in_palette=False
    ),
    _replay("replay_quit", "q ctrl+c", "Close the replay", "Leave the program.", in_palette=False),
)
"""What keys do while a session is replayed, in the order of the help."""
