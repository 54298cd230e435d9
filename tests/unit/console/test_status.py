import pytest
from textual.content import Content

from harn_tui.console.amounts import format_cost, format_count, format_duration, format_seconds
from harn_tui.console.panels.plan import plan_content, plan_progress
from harn_tui.console.panels.side import SidePanel
from harn_tui.console.panels.tabs import PanelTab
from harn_tui.console.panels.tool_rows import tool_times
from harn_tui.console.status.line import StatusLine
from harn_tui.console.status.words import elapsed_words, state_words
from harn_tui.events.agent import ToolCall
from harn_tui.events.host import LlmCallEnd, LlmRetry
from harn_tui.events.record import Event, Record
from harn_tui.kinds import (
    PERSON_COMMAND,
    LoopStatus,
    ProviderErrorCategory,
    ToolCallStatus,
    ToolKind,
)
from harn_tui.view.fold import apply
from harn_tui.view.model import SessionView, ToolBlock
from tests.unit.console import scenes
from tests.unit.console.clicking import rows_of
from tests.unit.console.conftest import OpenConsole
from tests.unit.console.stand_ins import SESSION_ID, START_MS


def view_after(*events: Event) -> SessionView:
    view = SessionView()
    for index, event in enumerate(events):
        apply(view, Record(index, START_MS, None, event))
    return view


RETRY = LlmRetry(SESSION_ID, 1, 1, 4000, ProviderErrorCategory.RATE_LIMIT, "slow down")
RUN = scenes.run_start()
_MINE_RUNS = PERSON_COMMAND, ToolKind.EXECUTE, ToolCallStatus.IN_PROGRESS
MINE = [ToolCall(SESSION_ID, "m1", *_MINE_RUNS, {"command": "ls"})]
CALL = scenes.tool("t1", "run_command", ToolKind.EXECUTE, {"command": "ls"})


@pytest.mark.parametrize(
    ("events", "after_ms", "words"),
    [
        ([], 0, "idle"),
        (RUN, 0, "working"),
        ([*RUN, scenes.call_start()], 3100, "waiting for the server 3 s"),
        ([*RUN, scenes.call_start(), scenes.accepted()], 3100, "waiting for the first token 3 s"),
        ([*RUN, scenes.call_start(), scenes.text("a")], 3900, "streaming"),
        ([*RUN, scenes.call_start(), RETRY], 100, "retry in 4 s"),
        ([*RUN, CALL, scenes.tool_runs("t1", "run_command")], 8000, "running run_command 8 s"),
        ([*RUN, *MINE], 8000, "running your command 8 s"),
        ([*RUN, CALL, scenes.asks("p1", "t1", "run_command")], 8000, "waiting for you"),
        ([*RUN, scenes.run_end()], 0, "idle"),
        ([*RUN, scenes.run_end(LoopStatus.CANCELLED)], 0, "interrupted"),
        ([*RUN, scenes.run_end(LoopStatus.BUDGET_EXHAUSTED)], 0, "budget exhausted"),
        ([*RUN, scenes.run_end(LoopStatus.FAILED)], 0, "failed"),
    ],
)
def test_the_state_is_told_in_words(events: list[Event], after_ms: int, words: str) -> None:
    state = state_words(view_after(*events), START_MS + after_ms, is_paused=False)
    assert state.words == words


def test_a_paused_queue_with_lines_is_paused_and_an_empty_one_idle() -> None:
    assert state_words(view_after(), START_MS, is_paused=True).words == "idle"
    with_line = view_after(scenes.queued("f1", "x"))
    assert state_words(with_line, START_MS, is_paused=True).words == "paused"


def test_elapsed_time_runs_with_the_clock_and_stands_after_the_end() -> None:
    assert elapsed_words(view_after(*RUN), START_MS + 61_000) == "1 m 01 s"
    assert elapsed_words(view_after(*RUN, scenes.run_end()), START_MS + 61_000) == "0 ms"
    assert elapsed_words(view_after(), START_MS) == ""


async def test_the_line_names_model_turn_tokens_share_and_cost(open_console: OpenConsole) -> None:
    async with open_console(size=(120, 24), provider="local") as console:
        await console.emit(scenes.session_start("local"), *RUN, scenes.call_start())
        await console.emit(scenes.call_end(), scenes.run_end())

        line = console.get(StatusLine).render().plain
        for part in ("○ idle", "demo-1 (local)", "turn 1", "↑10.2k ↓812", "$0.00"):
            assert part in line
        assert "context 3" in line


async def test_no_cost_is_shown_before_the_first_bill(open_console: OpenConsole) -> None:
    async with open_console(size=(160, 24), provider="local") as console:
        await console.emit(scenes.session_start("local"), *RUN, scenes.call_start())
        assert "turn 1" in console.get(StatusLine).render().plain
        assert "$" not in console.get(StatusLine).render().plain
        assert dict(console.get(SidePanel).headings())[PanelTab.COST] == "Cost"

        cut = LlmCallEnd(SESSION_ID, 1, {}, partial=True)
        await console.emit(cut, scenes.call_start(2))
        assert "$" not in console.get(StatusLine).render().plain


async def test_the_demo_provider_is_labelled(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.emit(scenes.session_start())
        assert "demo: a stand-in, no model" in console.get(StatusLine).render().plain


async def test_an_unknown_window_shows_no_share(open_console: OpenConsole) -> None:
    async with open_console(size=(120, 24)) as console:
        console.session.models.context_window = None
        await console.emit(scenes.session_start())
        assert "context" not in console.get(StatusLine).render().plain


@pytest.mark.parametrize("width", range(1, 100, 7))
async def test_the_line_never_exceeds_its_row(open_console: OpenConsole, width: int) -> None:
    async with open_console(size=(width, 20)) as console:
        await console.emit(scenes.session_start(), *RUN)
        line: Content = console.get(StatusLine).render()
        assert "\n" not in line.plain
        assert line.cell_length <= max(1, console.get(StatusLine).content_size.width)


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(-5, "0 ms"), (840, "840 ms"), (8249, "8.2 s"), (12_900, "12 s"), (185_000, "3 m 05 s")],
)
def test_durations(milliseconds: int, text: str) -> None:
    assert format_duration(milliseconds) == text


def test_hours_counts_and_costs() -> None:
    assert format_seconds(7_440_000) == "2 h 04 m"
    counts = [format_count(n) for n in (0, 999, 1000, 12_345, 128_000, 999_499, 1_250_000)]
    assert counts == ["0", "999", "1k", "12.3k", "128k", "999k", "1.2M"]
    assert [format_cost(c) for c in (None, 0, 0.0123, 4.5)] == ["—", "$0.00", "$0.0123", "$4.50"]


def _block(**values: object) -> ToolBlock:
    block = ToolBlock(START_MS, "t1", "run", ToolKind.READ, ToolCallStatus.COMPLETED)
    for name, value in values.items():
        setattr(block, name, value)
    return block


def test_times_of_a_call() -> None:
    assert tool_times(_block()) == ""
    assert tool_times(_block(duration_ms=9000, execution_duration_ms=2000)) == "2.0 s of 9.0 s"
    assert tool_times(_block(duration_ms=2000, execution_duration_ms=2000)) == "2.0 s"


def test_a_plan_that_is_none_or_malformed_is_no_plan() -> None:
    assert plan_content(None).plain == "No plan yet."
    assert plan_content({"steps": [1, {"content": ""}, {}]}).plain == "No plan yet."
    assert plan_progress({"steps": "x"}) == ""


async def test_a_command_of_the_person_is_called_so_in_the_panel(open_console: OpenConsole) -> None:
    async with open_console(size=(160, 40)) as console:
        await console.emit(*MINE)
        await console.press("alt+1")
        drawn = "".join(rows_of(console.app))
        assert "your command" in drawn
        assert PERSON_COMMAND not in drawn
