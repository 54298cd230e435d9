"""The effects of the keys of a live session: prompt, docks, queue, panel, and of any screen."""

from collections.abc import Awaitable, Callable
from functools import partial
from itertools import count
from typing import Any

from textual.command import CommandPalette
from textual.screen import Screen

from harn_tui.console.approval.call_view import CallView
from harn_tui.console.approval.dock import ApprovalDock, DockDetail
from harn_tui.console.approval.rule_editor import RuleEditor
from harn_tui.console.banner import Banner
from harn_tui.console.completion.list_widget import CompletionList
from harn_tui.console.find.bar import FindLine
from harn_tui.console.panels.side import SidePanel
from harn_tui.console.panels.tabs import PanelTab
from harn_tui.console.questions.dock import QuestionDetail, QuestionDock
from harn_tui.console.queue_strip.strip import QueueStrip
from harn_tui.console.screens.event_detail import EventDetail
from harn_tui.console.screens.help import HelpScreen
from harn_tui.console.screens.injection_preview import InjectionPreview
from harn_tui.console.screens.review import ReviewScreen
from harn_tui.console.screens.settings import SettingsScreen
from harn_tui.console.screens.theme_picker import ThemePicker
from harn_tui.console.transcript.browsed_transcript import BrowsedTranscript
from harn_tui.events.host import Notice
from harn_tui.kinds import Boundary, Decision, DecisionScope, NoticeLevel, ToolKind
from tests.unit.console import review_scenes, scenes
from tests.unit.console.conftest import Console
from tests.unit.console.kept_rules import asks_with_rule
from tests.unit.console.key_effects.effect import Effect
from tests.unit.console.stand_ins import SESSION_ID, FakeAgent

_numbers = count(100)

Before = Callable[[Console], Awaitable[Any]]


async def begin(console: Console) -> None:
    """Fill the session with something of everything."""
    console.session.is_running = True
    await console.emit(
        scenes.session_start(),
        *scenes.busy_turn(),
        scenes.text("a line\n\n" * 60),
        scenes.tool("t8", "read_file", ToolKind.READ, {"path": "long.txt"}),
        scenes.tool_runs("t8", "read_file"),
        scenes.tool_done("t8", "read_file", "a row\n" * 30),
        *review_scenes.three_edits(),
    )


async def home(console: Console) -> None:
    """Close what is open, take back what is left over, and give the keys to the prompt."""
    while console.app.screen is not console.screen:
        console.app.screen.dismiss(None)
        await console.pilot.pause(0.001)
    console.prompt.load_text("")
    console.prompt.focus()
    await console.pilot.pause(0.001)
    while console.prompt.has_class("-editing"):
        await console.pilot.press("escape")
    console.session.calls.clear()
    console.session.queue.calls.clear()
    console.session.agents.calls.clear()
    console.session.is_running = True
    console.session.is_paused = console.session.queue.is_paused = False


async def typed(console: Console, text: str = "a line") -> str:
    await home(console)
    await console.type(text)
    return text


async def _asked(console: Console, *keys: str, text: str = "") -> str:
    """Have a command ask, long enough for an answer to count; return the request's id."""
    await home(console)
    await _answer_all(console)
    number = next(_numbers)
    await console.emit(*asks_with_rule(console.session, number, f"make step{number}"))
    console.clock.advance(2000)
    if text:
        await console.type(text)
    if keys:
        await console.pilot.press(*keys)
        await console.until(lambda: console.get(DockDetail).has_focus)
        console.clock.advance(2000)
    return f"p{number}"


async def _answer_all(console: Console) -> None:
    view = console.screen.shown_view()
    assert view is not None
    for pending in list(view.permissions):
        console.session.answer(pending.request_id, Decision.DENY)
    await console.settle()
    console.session.calls.clear()


async def _two_ask(console: Console) -> Any:
    await _asked(console)
    await console.emit(*asks_with_rule(console.session, next(_numbers), "make other"))
    await console.pilot.press("ctrl+o")
    await console.until(lambda: console.get(DockDetail).has_focus)
    return console.get(ApprovalDock).shown


async def _questioned(console: Console, *keys: str) -> str:
    await home(console)
    await _answer_all(console)
    dock = console.get(QuestionDock)
    if dock.shown is not None:
        console.session.questions.decline(dock.shown.question_id)
        await console.settle()
    console.session.questions.calls.clear()
    question_id = f"q{next(_numbers)}"
    await console.emit(scenes.question(question_id))
    console.clock.advance(2000)
    await console.pilot.press("ctrl+o", *keys)
    await console.until(lambda: console.get(QuestionDetail).has_focus)
    console.clock.advance(2000)
    return question_id


async def _queue(console: Console, *keys: str) -> str:
    """Queue two lines and move to the newest; return its id."""
    await home(console)
    view = console.screen.shown_view()
    assert view is not None
    for line in list(view.queue):
        console.session.withdraw(line.feedback_id)
    first, second = (
        console.session.submit(f"line {next(_numbers)}", Boundary.NEXT_PREFLIGHT) for _ in "ab"
    )
    await console.settle()
    await console.pilot.press("alt+q", *keys)
    await console.until(lambda: console.get(QueueStrip).has_focus)
    console.session.calls.clear()
    return first if keys else second


async def _panel(console: Console, tab: PanelTab, *keys: str) -> Any:
    await home(console)
    console.screen.body.show_tab(tab)
    await console.pilot.press("alt+p")
    await console.until(lambda: _side(console).listing.has_focus)
    if keys:
        await console.pilot.press(*keys)
    return _side(console).listing.cursor


async def _agents(console: Console) -> None:
    await _answer_all(console)
    console.session.agents.running = [FakeAgent("mender", "mender")]
    if not any(True for _ in _worker_rows(console)):
        await console.emit(*scenes.agents_at_work()[:-1])
    await _panel(console, PanelTab.AGENTS)
    rows = list(_worker_rows(console))
    _side(console).listing.move_cursor(rows.index("mender") - _side(console).listing.cursor)


def _worker_rows(console: Console) -> list[str | None]:
    agents = _side(console).rows.agents
    return [agents.worker_id(n) for n in range(agents.count() // agents.rows_per_entry)]


async def _one_agent(console: Console) -> None:
    await home(console)
    console.session.agents.running = [FakeAgent("mender", "mender")]


async def _banner(console: Console) -> None:
    await home(console)
    await console.emit(Notice(SESSION_ID, NoticeLevel.ERROR, f"Disk full {next(_numbers)}."))


async def _completing(console: Console, *keys: str) -> str:
    await home(console)
    await console.pilot.press("slash", "t", *keys)
    await console.until(lambda: console.prompt.is_completing)
    return offered(console)


async def _recalled(console: Console, *keys: str) -> str:
    await home(console)
    console.prompt.past.add("an older line")
    await console.pilot.press(*keys)
    return console.prompt.text


async def _cleared(console: Console) -> None:
    await typed(console, "a draft")
    await console.pilot.press("ctrl+c")


async def _at(console: Console, key: str) -> float:
    await home(console)
    await console.pilot.press(key)
    return _scroll(console)


async def _fold_height(console: Console) -> int:
    await home(console)
    return _transcript(console).virtual_size.height


async def _noted(console: Console, name: str, owner: object) -> list[str]:
    """Put a note in the place of a call that would end or stop the program."""
    await home(console)
    notes: list[str] = []
    setattr(owner, name, lambda *_: notes.append(name))
    return notes


def _side(console: Console) -> SidePanel:
    return console.get(SidePanel)


def _transcript(console: Console) -> BrowsedTranscript:
    return console.get(BrowsedTranscript)


def _scroll(console: Console) -> float:
    return _transcript(console).scroll_offset.y


def offered(console: Console) -> str:
    return console.get(CompletionList).render().plain


def shows(kind: type[Screen[Any]], before: Before = home) -> Effect[Console]:
    return Effect(before, lambda console, _: isinstance(console.app.screen, kind))


def _answers(
    decision: Decision, scope: DecisionScope, note: str | None, before: Before
) -> Effect[Console]:
    def holds(console: Console, request_id: str) -> bool:
        return console.session.asked("answer") == [(request_id, decision, scope, note)]

    return Effect(before, holds)


def _sends(boundary: Boundary) -> Effect[Console]:
    return Effect(
        typed, lambda console, text: console.session.asked("submit") == [(text, boundary)]
    )


def _opens(tab: PanelTab) -> Effect[Console]:
    other = PanelTab.QUEUE if tab is PanelTab.TOOLS else PanelTab.TOOLS

    async def before(console: Console) -> None:
        await home(console)
        _side(console).open_tab(other)

    return Effect(before, lambda console, _: _side(console).tab is tab)


async def _on_tools(console: Console) -> int:
    await home(console)
    _side(console).open_tab(PanelTab.TOOLS)
    return _side(console).size.width


async def _value(console: Console, read: Callable[[], object]) -> object:
    await home(console)
    return read()


async def _left_question(console: Console) -> None:
    await _questioned(console)
    console.prompt.focus()


async def _left_queue(console: Console) -> str:
    newest = await _queue(console)
    console.prompt.focus()
    await console.settle()
    return newest


ONCE, SESSION, ALWAYS = DecisionScope.ONCE, DecisionScope.SESSION, DecisionScope.ALWAYS

ANYWHERE: dict[str, Effect[Console]] = {
    "help": shows(HelpScreen),
    "settings": shows(SettingsScreen),
    "palette": shows(CommandPalette),
    "toggle_panel": Effect(home, lambda console, _: not _side(console).display),
    "next_tab": Effect(_on_tools, lambda console, _: _side(console).tab is PanelTab.QUEUE),
    "previous_tab": Effect(_on_tools, lambda console, _: _side(console).tab is PanelTab.EVENTS),
    **{f"show_{tab}": _opens(tab) for tab in PanelTab},
    "focus_panel": Effect(home, lambda console, _: _side(console).listing.has_focus),
    "panel_wider": Effect(_on_tools, lambda console, was: _side(console).size.width > was),
    "panel_narrower": Effect(_on_tools, lambda console, was: _side(console).size.width < was),
    "page_up": Effect(partial(_at, key="ctrl+end"), lambda c, was: _scroll(c) < was),
    "page_down": Effect(partial(_at, key="ctrl+home"), lambda c, was: _scroll(c) > was),
    "go_first": Effect(partial(_at, key="ctrl+end"), lambda c, _: _scroll(c) == 0),
    "go_last": Effect(
        partial(_at, key="ctrl+home"), lambda c, _: _scroll(c) == _transcript(c).max_scroll_y
    ),
    "toggle_fold": Effect(_fold_height, lambda c, was: _transcript(c).virtual_size.height != was),
    "choose_theme": shows(ThemePicker),
    "next_theme": Effect(
        lambda c: _value(c, lambda: c.app.theme), lambda c, was: c.app.theme != was
    ),
    "browse": Effect(home, lambda console, _: _transcript(console).has_focus),
    "find": Effect(home, lambda console, _: console.get(FindLine).has_focus),
    "review_changes": shows(ReviewScreen),
    "dismiss_banner": Effect(_banner, lambda console, _: not console.get(Banner).display),
    "suspend": Effect(
        lambda c: _noted(c, "action_suspend_process", c.app), lambda _, notes: bool(notes)
    ),
    "quit": Effect(lambda c: _noted(c, "exit", c.app), lambda _, notes: bool(notes)),
}


CHAT: dict[str, Effect[Console]] = {
    "escape": Effect(home, lambda console, _: console.session.asked("interrupt") == [()]),
    "clear_or_quit": Effect(typed, lambda console, _: not console.prompt.text),
    "allow_once": _answers(Decision.ALLOW, ONCE, None, _asked),
    "allow_session": _answers(Decision.ALLOW, SESSION, None, _asked),
    "allow_always": shows(RuleEditor, _asked),
    "allow_with_note": _answers(Decision.ALLOW, ONCE, "gently", partial(_asked, text="gently")),
    "deny": _answers(Decision.DENY, ONCE, None, _asked),
    "deny_with_note": _answers(Decision.DENY, ONCE, "too late", partial(_asked, text="too late")),
    "focus_dock": Effect(_asked, lambda console, _: console.get(DockDetail).has_focus),
    "show_call": shows(CallView, _asked),
    "answer_question": Effect(
        _left_question, lambda c, _: "Your answer" in str(c.prompt.border_title)
    ),
    "edit_last": Effect(_left_queue, lambda c, newest: c.session.asked("hold") == [(newest,)]),
    "focus_queue": Effect(_left_queue, lambda c, _: c.get(QueueStrip).has_focus),
    "preview_queue": shows(InjectionPreview),
    "resume_queue": Effect(home, lambda console, _: console.session.queue.is_paused),
    "steer_agent": Effect(
        _one_agent, lambda console, _: "mender" in str(console.prompt.border_title)
    ),
    "cancel_agent": Effect(
        _one_agent, lambda console, _: console.session.agents.calls == [("cancel", "mender")]
    ),
}


PROMPT: dict[str, Effect[Console]] = {
    "send": _sends(Boundary.NEXT_PREFLIGHT),
    "newline": Effect(typed, lambda console, text: console.prompt.text == f"{text}\n"),
    "send_after_run": _sends(Boundary.AFTER_RUN),
    "send_now": _sends(Boundary.NOW),
    "undo": Effect(_cleared, lambda console, _: console.prompt.text == "a draft"),
    "quick_help": shows(HelpScreen),
    "history_back": Effect(_recalled, lambda console, _: console.prompt.text == "an older line"),
    "history_forward": Effect(
        lambda c: _recalled(c, "up"), lambda console, _: not console.prompt.text
    ),
}
COMPLETION: dict[str, Effect[Console]] = {
    "complete": Effect(_completing, lambda console, _: len(console.prompt.text) > len("/t")),
    "list_down": Effect(_completing, lambda console, was: offered(console) != was),
    "list_up": Effect(
        lambda c: _completing(c, "down"), lambda console, was: offered(console) != was
    ),
    "list_close": Effect(_completing, lambda console, _: not console.prompt.is_completing),
}


def _selects(console: Console, other: str) -> bool:
    selected = console.get(QueueStrip).selected
    return selected is not None and selected.feedback_id != other


QUEUE: dict[str, Effect[Console]] = {
    "queue_up": Effect(_queue, _selects),
    "queue_down": Effect(lambda c: _queue(c, "up"), _selects),
    "queue_edit": Effect(_queue, lambda c, line: c.session.asked("hold") == [(line,)]),
    "queue_delete": Effect(_queue, lambda c, line: c.session.asked("withdraw") == [(line,)]),
    "queue_send_now": Effect(_queue, lambda c, line: c.session.asked("send_now") == [(line,)]),
    "queue_sooner": Effect(_queue, lambda c, line: c.session.queue.calls == [("move", line, -1)]),
    "queue_later": Effect(_queue, lambda c, line: c.session.queue.calls == [("move", line, 1)]),
    "queue_boundary": Effect(
        _queue, lambda c, line: c.session.queue.calls == [("change_boundary", line)]
    ),
}


async def _in_dock(console: Console) -> str:
    return await _asked(console, "ctrl+o")


DOCK: dict[str, Effect[Console]] = {
    "dock_allow_once": _answers(Decision.ALLOW, ONCE, None, _in_dock),
    "dock_allow_session": _answers(Decision.ALLOW, SESSION, None, _in_dock),
    "dock_allow_always": shows(RuleEditor, _in_dock),
    "dock_deny": _answers(Decision.DENY, ONCE, None, _in_dock),
    "dock_show_call": shows(CallView, _in_dock),
    "dock_next": Effect(_two_ask, lambda c, was: c.get(ApprovalDock).shown != was),
    "dock_previous": Effect(_two_ask, lambda c, was: c.get(ApprovalDock).shown != was),
}


def _panel_moves(tab: PanelTab, *keys: str, down: bool) -> Effect[Console]:
    def holds(console: Console, was: int) -> bool:
        cursor = _side(console).listing.cursor
        return cursor > was if down else cursor < was

    return Effect(lambda c: _panel(c, tab, *keys), holds)


async def _on_edited_file(console: Console) -> None:
    await _panel(console, PanelTab.FILES)


PANEL: dict[str, Effect[Console]] = {
    "panel_down": _panel_moves(PanelTab.CONTEXT, down=True),
    "panel_up": _panel_moves(PanelTab.EVENTS, down=False),
    "panel_page_up": _panel_moves(PanelTab.EVENTS, down=False),
    "panel_page_down": _panel_moves(PanelTab.EVENTS, "pageup", down=True),
    "panel_choose": shows(EventDetail, lambda c: _panel(c, PanelTab.EVENTS)),
    "panel_waterfall": Effect(
        lambda c: _panel(c, PanelTab.TOOLS), lambda c, _: _side(c).rows.shows_waterfall
    ),
    "panel_filter": Effect(
        lambda c: _panel(c, PanelTab.EVENTS), lambda c, _: _side(c).rows.events.filter != "all"
    ),
    "panel_review": shows(ReviewScreen, _on_edited_file),
    "panel_steer": Effect(_agents, lambda c, _: "mender" in str(c.prompt.border_title)),
    "panel_cancel": Effect(_agents, lambda c, _: c.session.agents.calls == [("cancel", "mender")]),
}


def _question_calls(console: Console) -> list[tuple[object, ...]]:
    return console.session.questions.calls


def _given(console: Console) -> list[str]:
    return console.get(QuestionDock).given


QUESTION: dict[str, Effect[Console]] = {
    "question_down": Effect(_questioned, lambda c, _: _given(c) == ["Keep"]),
    "question_up": Effect(
        lambda c: _questioned(c, "down", "down"), lambda c, _: _given(c) == ["Keep"]
    ),
    "question_number": Effect(_questioned, lambda c, _: _given(c) == ["Keep"]),
    "question_mark": Effect(_questioned, lambda c, _: _given(c) == ["Keep"]),
    "question_answer": Effect(
        lambda c: _questioned(c, "2"),
        lambda c, asked: _question_calls(c) == [("answer", asked, ["Rename"])],
    ),
    "question_words": Effect(_questioned, lambda c, _: "Your answer" in str(c.prompt.border_title)),
    "question_decline": Effect(
        _questioned, lambda c, asked: _question_calls(c) == [("decline", asked)]
    ),
}
