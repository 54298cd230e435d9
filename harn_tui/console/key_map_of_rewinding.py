"""The rows of the key map for going back in a session.

They are part of the one table, ``console.key_map``.
"""

from functools import partial

from harn_tui.console.action import Action, Scope, action_row

_rewind = partial(action_row, Scope.REWIND, in_palette=False)

REWIND_ACTIONS: tuple[Action, ...] = (
    action_row(
        Scope.ANYWHERE,
        "rewind",
        "alt+u",
        "Rewind…",
        "Go back to before a line of yours: the files, the conversation, or both.",
    ),
    action_row(
        Scope.ANYWHERE,
        "undo_rewind",
        "",
        "Undo the rewind of files",
        "Give the files back what the last rewind took; once more: rewind them again. The "
        "conversation stays.",
    ),
    _rewind("rewind_up", "up k", "Line above", "Choose the line above."),
    _rewind("rewind_down", "down j", "Line below", "Choose the line below."),
    _rewind("rewind_page_up", "pageup", "Page up", "Go up by a page."),
    _rewind("rewind_page_down", "pagedown", "Page down", "Go down by a page."),
    _rewind("rewind_diff_up", "shift+up K", "Preview up", "Scroll the preview up."),
    _rewind("rewind_diff_down", "shift+down J", "Preview down", "Scroll the preview down."),
    _rewind(
        "rewind_scope", "tab s", "Other scope", "Take back files and conversation, or one of them."
    ),
    _rewind(
        "rewind_yours",
        "y",
        "With yours",
        "Bring back files, too, that both the agent and you changed; or keep them.",
    ),
    _rewind("rewind_go", "enter", "Rewind", "Go back to before the chosen line."),
    _rewind(
        "rewind_undo",
        "u",
        "Undo the rewind of files",
        "Undo the last rewind of the files, once more: redo it. The conversation stays.",
    ),
    _rewind("rewind_close", "escape q", "Back", "Leave everything as it is."),
)
