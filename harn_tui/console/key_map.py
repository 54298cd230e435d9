"""The key map: the one table of everything that a key does.

A row is the action's id, its keys (Textual's names, the first is shown), its name in the palette
and its sentence in the help.
"""

from functools import partial

from harn_tui.console.action import Action, Scope, action_row
from harn_tui.console.key_map_of_reading import READING_ACTIONS
from harn_tui.console.key_map_of_replay import REPLAY_ACTIONS
from harn_tui.console.key_map_of_rewinding import REWIND_ACTIONS
from harn_tui.console.key_map_of_sessions import SESSIONS_ACTIONS

_anywhere = partial(action_row, Scope.ANYWHERE)
_chat = partial(action_row, Scope.CHAT)
_prompt = partial(action_row, Scope.PROMPT)
_list = partial(action_row, Scope.COMPLETION, in_palette=False)
_queue = partial(action_row, Scope.QUEUE)
_dock = partial(action_row, Scope.DOCK)
_panel = partial(action_row, Scope.PANEL)
_question = partial(action_row, Scope.QUESTION, in_palette=False)

ACTIONS: tuple[Action, ...] = (
    _anywhere("help", "f1", "Help", "Show every key and what it does."),
    _anywhere("settings", "f3", "Settings", "Show and change settings, and where each comes from."),
    _anywhere(
        "palette", "ctrl+p", "Command palette", "Find any command by its name.", in_palette=False
    ),
    _anywhere("toggle_panel", "ctrl+t", "Side panel", "Show or hide the side panel."),
    _anywhere("next_tab", "alt+t", "Next tab", "Open the next tab of the side panel."),
    _anywhere(
        "previous_tab", "alt+shift+t", "Tab before", "Open the tab before in the side panel."
    ),
    _anywhere("show_tools", "alt+1", "Panel: tools", "Show every tool call, its state and times."),
    _anywhere("show_queue", "alt+2", "Panel: queue", "Show the lines that wait."),
    _anywhere("show_plan", "alt+3", "Panel: plan", "Show the plan and the task ledger."),
    _anywhere("show_context", "alt+4", "Panel: context", "Show what the next model call sends."),
    _anywhere("show_cost", "alt+5", "Panel: cost", "Show what each turn and call cost."),
    _anywhere("show_agents", "alt+6", "Panel: agents", "Show the nested agents."),
    _anywhere("show_files", "alt+7", "Panel: files", "Show the files that this session changed."),
    _anywhere("show_events", "alt+8", "Panel: events", "Show every event as it was written."),
    _anywhere(
        "focus_panel", "alt+p", "Go to the side panel", "Move to the side panel, to choose a row."
    ),
    _anywhere("panel_wider", "alt+greater_than_sign", "Wider panel", "Give the panel more room."),
    _anywhere(
        "panel_narrower", "alt+less_than_sign", "Narrower panel", "Give the transcript more room."
    ),
    _anywhere("page_up", "pageup", "Page up", "Scroll the transcript up.", in_palette=False),
    _anywhere(
        "page_down", "pagedown", "Page down", "Scroll the transcript down.", in_palette=False
    ),
    _anywhere("go_first", "ctrl+home", "Go to the start", "Show the first line of the session."),
    _anywhere(
        "go_last", "ctrl+end ctrl+l", "Go to the end", "Show the newest line and follow what comes."
    ),
    _anywhere(
        "toggle_fold",
        "alt+o",
        "Open or fold the newest",
        "Open or fold the newest call, reasoning or summary.",
    ),
    _anywhere("choose_theme", "f2", "Themes", "Choose a theme; the screen shows each as you go."),
    _anywhere("next_theme", "", "Next theme", "Switch to the next theme."),
    _anywhere(
        "browse",
        "ctrl+b f4",
        "Browse the transcript",
        "Move to the transcript: a cursor, jumps, selecting, copying.",
    ),
    _anywhere("find", "ctrl+f", "Find", "Find a text in the whole session, folded or not."),
    _anywhere(
        "review_changes",
        "alt+e",
        "Review changes",
        "Go through what was changed, hunk by hunk, and tell the model what you think of it.",
    ),
    _anywhere("dismiss_banner", "alt+x", "Dismiss the banner", "Hide the error above the prompt."),
    _anywhere(
        "suspend",
        "ctrl+z",
        "Suspend",
        "Stop the program and return to the shell; fg brings it back.",
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
        "Copy a selection, else clear the draft, else interrupt the run, else quit when "
        "pressed twice.",
        is_priority=True,
    ),
    _chat(
        "allow_once",
        "alt+y",
        "Allow once",
        "Allow the call in the dock. Too soon or held, no answer counts; the dock says so.",
    ),
    _chat(
        "allow_session",
        "alt+a",
        "Allow for this session",
        "Allow exactly this command, file or call until the session ends.",
    ),
    _chat(
        "allow_always",
        "alt+l",
        "Always allow",
        "See and edit the rule that would allow such calls from now on, and keep it.",
    ),
    _chat(
        "allow_with_note",
        "alt+g",
        "Allow with a note",
        "Allow the call once and send the prompt's text, which the model reads next.",
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
        "Go to the dock",
        "Move to the approval or the question: scroll, choose, answer with single keys.",
    ),
    _chat(
        "answer_question",
        "alt+w",
        "Answer in words",
        "Answer the question with the prompt's text, or with what is typed next.",
    ),
    _chat(
        "show_call",
        "alt+v",
        "View the call that asks",
        "Show the call in the approval dock on the whole screen.",
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
        "Move to the queued lines, to edit, delete or send one now.",
    ),
    _chat(
        "resume_queue",
        "alt+r",
        "Pause or resume the queue",
        "Hold the queued lines back, or send them; Enter on an empty prompt sends them too.",
    ),
    _chat(
        "preview_queue",
        "alt+i",
        "Preview the next injection",
        "Show exactly what the next model call will add to the conversation.",
    ),
    _chat(
        "steer_agent",
        "alt+s",
        "Steer an agent",
        "Send the prompt's text, or what is typed next, to one agent that is at work.",
    ),
    _chat(
        "switch_model",
        "alt+m",
        "Model",
        "Choose the model of the next calls; /model NAME goes over to it at once.",
    ),
    _chat(
        "compact",
        "",
        "Compact",
        "Have older messages summarised before the next model call.",
    ),
    _chat("mcp", "", "MCP", "Show how the MCP servers stand, and what each offers."),
    _chat(
        "cancel_agent",
        "alt+k",
        "Cancel an agent",
        "End one agent; the run that started it goes on.",
    ),
    *(
        _chat(
            f"choose_{place}",
            f"f{place + 4}",
            f"Choose offer {place}",
            f"Start with offer {place} of the first screen.",
            in_palette=False,
            is_priority=True,
        )
        for place in range(1, 5)
    ),
    _chat(
        "remember_choice",
        "f9",
        "Keep the chosen provider",
        "Write the provider chosen on the first screen into your configuration.",
    ),
    _chat(
        "attach_image",
        "",
        "Image",
        "Attach an image: /image PATH, or choose its file behind @.",
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
        "search_history",
        "ctrl+r",
        "Search the history",
        "Look for a line that was sent in this project.",
    ),
    _prompt(
        "edit_outside",
        "ctrl+g",
        "Edit in your editor",
        "Open the draft in $VISUAL or $EDITOR; runs go on.",
    ),
    _prompt(
        "history_back",
        "up",
        "Previous line sent",
        "Up; from the first line: older lines that begin alike.",
        in_palette=False,
    ),
    _prompt(
        "history_forward",
        "down",
        "Next line sent",
        "Down; from the last line: newer lines.",
        in_palette=False,
    ),
    _list("complete", "tab", "Complete", "Put the entry into the prompt; so does Enter."),
    _list("list_up", "up", "Entry above", "Select the entry above."),
    _list("list_down", "down", "Entry below", "Select the entry below."),
    _list("list_close", "escape", "Close the list", "Hide the list; what is typed stays."),
    _queue("queue_up", "up k", "Line above", "Select the line above.", in_palette=False),
    _queue("queue_down", "down j", "Line below", "Select the line below.", in_palette=False),
    _queue(
        "queue_edit",
        "enter e",
        "Edit",
        "Hold the line and edit it in the prompt.",
        in_palette=False,
    ),
    _queue(
        "queue_delete",
        "delete d",
        "Delete",
        "Take the line back for good; Up in the prompt has its words.",
        in_palette=False,
    ),
    _queue(
        "queue_send_now", "s", "Send now", "Interrupt the run and send the line.", in_palette=False
    ),
    _queue("queue_sooner", "shift+up K", "Sooner", "Move the line up.", in_palette=False),
    _queue("queue_later", "shift+down J", "Later", "Move the line down.", in_palette=False),
    _queue(
        "queue_boundary",
        "b",
        "Other boundary",
        "Let the line enter after the run, or before the next model call again.",
        in_palette=False,
    ),
    _dock("dock_allow_once", "y", "Allow once", "Allow the call.", in_palette=False),
    _dock(
        "dock_allow_session",
        "a",
        "Allow for this session",
        "Allow exactly this command, file or call until the session ends.",
        in_palette=False,
    ),
    _dock(
        "dock_allow_always",
        "l",
        "Always allow",
        "Edit the rule to keep.",
        in_palette=False,
    ),
    _dock("dock_deny", "n", "Deny", "Refuse the call.", in_palette=False),
    _dock("dock_show_call", "f", "Full screen", "Show the whole call.", in_palette=False),
    _dock("dock_next", "right", "Next request", "Show the next one that waits.", in_palette=False),
    _dock("dock_previous", "left", "Request before", "Show the one before.", in_palette=False),
    _panel("panel_up", "up k", "Row above", "Select the row above.", in_palette=False),
    _panel("panel_down", "down j", "Row below", "Select the row below.", in_palette=False),
    _panel("panel_page_up", "pageup", "Page up", "Go up by a page.", in_palette=False),
    _panel("panel_page_down", "pagedown", "Page down", "Go down by a page.", in_palette=False),
    _panel(
        "panel_choose",
        "enter",
        "Go to it",
        "Show what the row is about: the call, the line, the event in full.",
        in_palette=False,
    ),
    _panel("panel_waterfall", "w", "Time axis", "Show the tools as a table or on a time axis."),
    _panel("panel_filter", "f", "Other events", "Show other kinds of events."),
    _panel(
        "panel_steer",
        "s",
        "Steer the agent",
        "Send a line to the selected agent.",
        in_palette=False,
    ),
    _panel("panel_cancel", "x", "Cancel the agent", "End the selected agent.", in_palette=False),
    _question("question_up", "up", "Option above", "Go to the option above."),
    _question("question_down", "down", "Option below", "Go to the option below."),
    _question(
        "question_number",
        "1 2 3 4 5 6 7 8 9 0",
        "Choose by number",
        "Choose the option with this number; 0 stands for 10.",
    ),
    _question("question_mark", "space", "Mark", "Choose the option, or take it back."),
    _question("question_answer", "enter", "Answer", "Answer with what is chosen."),
    _question("question_words", "w", "Answer in words", "Write the answer in the prompt."),
    _question("question_decline", "d", "Decline", "Refuse to answer; the model goes on."),
    _panel(
        "panel_review",
        "r",
        "Review the change",
        "Review the selected file, or what the selected call changed.",
        in_palette=False,
    ),
    *REPLAY_ACTIONS,
    *REWIND_ACTIONS,
    *SESSIONS_ACTIONS,
    *READING_ACTIONS,
)
"""Every action, in the order of the help."""

ON_EMPTY_PROMPT = frozenset({"quick_help"})
"""Actions whose key types itself unless the prompt is empty."""
