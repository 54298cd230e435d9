"""The rows of the key map for reading: in the transcript, while finding, in a review of changes.

They are part of the one table, ``console.key_map``.
"""

from functools import partial

from harn_tui.console.action import Action, Scope, action_row

_reading = partial(action_row, Scope.TRANSCRIPT, in_palette=False)
_finding = partial(action_row, Scope.FIND, in_palette=False)
_review = partial(action_row, Scope.REVIEW)

READING_ACTIONS: tuple[Action, ...] = (
    _review("review_next", "n", "Next hunk", "Go to the next hunk."),
    _review("review_previous", "p", "Hunk before", "Go to the hunk before."),
    _review("review_next_file", "N right_square_bracket", "Next file", "Go to the next file."),
    _review("review_previous_file", "P left_square_bracket", "File before", "Go a file back."),
    _review("review_accept", "a", "Accept", "Accept the hunk and go on; nothing changes on disk."),
    _review("review_reject", "x", "Reject", "Reject the hunk and go on; nothing changes on disk."),
    _review("review_comment", "c", "Comment", "Say something about the hunk."),
    _review("review_clear", "u", "Take back", "Take back what was said about the hunk."),
    _review("review_send", "s", "Send the review", "Show what the model will be told; send it."),
    _review("review_layout", "v", "Other layout", "Show old and new in one column or in two."),
    _review("review_up", "up k", "Row above", "Scroll up.", in_palette=False),
    _review("review_down", "down j", "Row below", "Scroll down.", in_palette=False),
    _review("review_page_up", "pageup", "Page up", "Scroll up by a page.", in_palette=False),
    _review(
        "review_page_down", "pagedown space", "Page down", "Scroll by a page.", in_palette=False
    ),
    _review("review_first", "home g", "First hunk", "Go to the first hunk.", in_palette=False),
    _review("review_last", "end G", "Last hunk", "Go to the last hunk.", in_palette=False),
    _review("review_left", "left h", "To the left", "Show what is further left.", in_palette=False),
    _review(
        "review_right", "right l", "To the right", "Show the rest of long lines.", in_palette=False
    ),
    _review(
        "review_close", "escape q", "Close", "Go back; verdicts are kept while the session is open."
    ),
    _reading("read_down", "down j", "Block below", "Go to the block below."),
    _reading("read_up", "up k", "Block above", "Go to the block above."),
    _reading("read_first", "g home", "First block", "Go to the first block."),
    _reading(
        "read_last", "G end shift+g", "Last block", "Go to the last block and follow what comes."
    ),
    _reading("read_fold", "enter space", "Open or fold", "Open or fold the block."),
    _reading(
        "read_fold_tool",
        "o",
        "Open or fold this tool",
        "Open or fold all calls of the block's tool, from now on.",
    ),
    _reading("read_fold_all", "z", "Open or fold all", "Open or fold all blocks."),
    _reading("next_user_line", "u right_square_bracket", "Your next line", "Your next line."),
    _reading(
        "last_user_line", "U left_square_bracket shift+u", "Your line above", "Your line above."
    ),
    _reading("next_error", "e", "Next error", "Go to the next error."),
    _reading("last_error", "E shift+e", "Error above", "Go to the error above."),
    _reading("next_call", "t", "Next tool call", "Go to the next tool call."),
    _reading("last_call", "T shift+t", "Tool call above", "Go to the tool call above."),
    _reading("next_change", "c", "Next file change", "Go to the next change of a file."),
    _reading("last_change", "C shift+c", "File change above", "Go to the change of a file above."),
    _reading("read_find", "slash", "Find", "Find a text in the whole session."),
    _reading("next_hit", "n", "Next hit", "Go to the next place found."),
    _reading("last_hit", "N shift+n", "Hit above", "Go to the place found above."),
    _reading("read_select", "v", "Select", "Select the block; moving selects more, v ends it."),
    _reading(
        "select_down", "J shift+down shift+j", "Select a row more", "Move the selection's end down."
    ),
    _reading(
        "select_up", "K shift+up shift+k", "Select a row less", "Move the selection's end up."
    ),
    _reading("read_copy", "y", "Copy", "Copy the selection, else the block, as it came."),
    _reading("read_raw", "r", "As it came", "Show the block as it came, or drawn again."),
    _reading("read_pager", "p", "Pager", "Read the block's source in your pager ($PAGER)."),
    _reading("read_menu", "full_stop", "Actions", "List what can be done with the block."),
    _reading("read_help", "question_mark", "Help", "Show every key and what it does."),
    _reading("read_type", "i", "To the prompt", "Go back, with what was typed in vain."),
    _reading("read_escape", "escape", "Back", "End selecting; else go back to the prompt."),
    _finding("find_accept", "enter", "Stay there", "Stay at the place found; n and N go on."),
    _finding("find_next", "down ctrl+n", "Next hit", "Go to the next place found."),
    _finding("find_last", "up", "Hit above", "Go to the place found above."),
    _finding("find_cancel", "escape", "Back", "Go back to where finding began."),
)
"""In the order of the help."""
