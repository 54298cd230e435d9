"""Clicks: whatever looks as if it could be clicked does what its words say."""

import pytest
from textual.widgets import OptionList

from harn_tui.console.approval.dock import ApprovalDock, DockDetail
from harn_tui.console.banner import Banner
from harn_tui.console.panels.side import SidePanel
from harn_tui.console.panels.tabs import PanelTab
from harn_tui.console.questions.dock import QuestionDock
from harn_tui.console.queue_strip.strip import QueueStrip
from harn_tui.console.screens.body import NewChip
from harn_tui.console.screens.choice_popup import ChoicePopup
from harn_tui.console.screens.help import HelpScreen
from harn_tui.console.startup import load_parts
from harn_tui.console.transcript.browsed_transcript import BrowsedTranscript
from harn_tui.events.host import Notice
from harn_tui.kinds import Decision, DecisionScope, NoticeLevel, ToolKind
from tests.unit.console import scenes
from tests.unit.console.clicking import click_on, rows_of
from tests.unit.console.conftest import Console, OpenConsole
from tests.unit.console.stand_ins import SESSION_ID, FakeAgent, FakeClock
from tests.unit.console.test_first_choice import FakeFirstRun, FirstStart
from tests.unit.console.test_picker import open_picker
from tests.unit.console.test_replay import open_replay, shown

WIDE = (140, 40)


async def ask(console: Console) -> None:
    await console.emit(
        scenes.session_start(),
        *scenes.run_start(),
        scenes.tool("t1", "run_command", ToolKind.EXECUTE, {"command": "make clean"}),
        scenes.asks("p1", "t1", "run_command"),
    )


async def test_a_click_on_an_answer_of_the_dock_counts_once_it_is_armed(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await ask(console)
        await click_on(console.pilot, "Alt+a this command")
        assert console.session.asked("answer") == []

        console.clock.advance(1000)
        await click_on(console.pilot, "Alt+a this command")
        assert console.session.asked("answer") == [
            ("p1", Decision.ALLOW, DecisionScope.SESSION, None)
        ]
        assert console.prompt.has_focus


async def test_a_click_into_the_dock_goes_in_and_its_back_leads_out(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await ask(console)
        await click_on(console.pilot, "make clean")
        await console.until(lambda: console.get(DockDetail).has_focus)
        await click_on(console.pilot, "Esc back")
        await console.until(lambda: console.prompt.has_focus)
        assert console.get(ApprovalDock).is_pending
        assert console.session.asked("answer") == []


async def test_a_click_on_an_option_chooses_it_and_a_click_on_the_key_answers(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await console.emit(scenes.session_start(), *scenes.run_start(), scenes.question())
        await click_on(console.pilot, "Rename")
        assert console.get(QuestionDock).given == ["Rename"]
        assert console.session.questions.calls == []

        console.clock.advance(1000)
        await click_on(console.pilot, "Enter answer")
        assert console.session.questions.calls == [("answer", "q1", ["Rename"])]


async def test_a_click_on_a_queued_line_selects_it_and_on_a_key_acts_on_it(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await console.emit(
            scenes.session_start(),
            *scenes.run_start(),
            scenes.queued("f1", "the first line"),
            scenes.queued("f2", "the second line"),
        )
        strip = console.get(QueueStrip)
        await click_on(console.pilot, "Alt+q choose")
        await console.until(lambda: strip.has_focus)
        await click_on(console.pilot, "the first line")
        assert strip.selected is not None
        assert strip.selected.feedback_id == "f1"
        await click_on(console.pilot, "d delete")
        assert console.session.asked("withdraw") == [("f1",)]


async def test_the_cells_of_the_status_line_lead_to_what_they_are_about(
    open_console: OpenConsole,
) -> None:
    async with open_console(size=WIDE) as console:
        await console.emit(
            scenes.session_start(), *scenes.run_start(), scenes.call_start(), scenes.call_end()
        )
        side = console.get(SidePanel)
        for words, tab in {
            "context 3": PanelTab.CONTEXT,
            "turn 1": PanelTab.TOOLS,
            "↑10.2k": PanelTab.COST,
        }.items():
            await click_on(console.pilot, words)
            assert side.tab is tab
        await ask(console)
        await click_on(console.pilot, "waiting for you")
        await console.until(lambda: console.get(DockDetail).has_focus)


async def test_the_keys_below_the_panel_can_be_clicked(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.emit(scenes.session_start(), *scenes.busy_turn())
        side = console.get(SidePanel)
        await console.press("alt+1")
        await click_on(console.pilot, "Alt+t next tab")
        assert side.tab is PanelTab.QUEUE
        await click_on(console.pilot, "Tools 3")
        await click_on(console.pilot, "Alt+p go in")
        await console.until(lambda: side.listing.has_focus)
        await click_on(console.pilot, "w time axis")
        assert side.rows.shows_waterfall
        await click_on(console.pilot, "Esc back")
        await console.until(lambda: console.prompt.has_focus)
        assert not side.display


async def test_a_click_on_the_chip_follows_again(open_console: OpenConsole) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(*scenes.run_start(), scenes.text("a line\n\n" * 80))
        await console.press("ctrl+home")
        await console.emit(scenes.text("one more"))
        transcript = console.get(BrowsedTranscript)
        await console.until(lambda: console.get(NewChip).display)
        await click_on(console.pilot, "new · ")
        await console.until(lambda: transcript.scroll_offset.y >= transcript.max_scroll_y)


async def test_a_click_on_the_end_of_the_banner_hides_it(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.emit(Notice(SESSION_ID, NoticeLevel.ERROR, "The disk is full."))
        await click_on(console.pilot, "The disk")
        assert console.get(Banner).display
        await click_on(console.pilot, "Alt+x dismisses")
        assert not console.get(Banner).display


async def test_a_click_beside_a_popup_closes_it_and_one_on_a_row_chooses(
    open_console: OpenConsole,
) -> None:
    async with open_console(size=WIDE) as console:
        console.session.agents.running = [FakeAgent("a", "anna"), FakeAgent("b", "bert")]
        for key in ("f1", "f2", "f3"):
            await console.press(key)
            await console.until(lambda: console.app.screen is not console.screen)
            await console.pilot.click(offset=(0, 39))
            await console.until(lambda: console.app.screen is console.screen)
        await console.press("alt+k")
        await console.until(lambda: isinstance(console.app.screen, ChoicePopup))
        # Of two clicks, the second one meets what has gone by then.
        await click_on(console.pilot, "bert", times=2)
        await console.until(lambda: console.session.agents.calls == [("cancel", "b")])
        assert console.app.screen is console.screen


async def test_a_click_on_a_theme_shows_it_and_a_click_beside_takes_it_back(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        before = console.app.theme_choice.name
        await console.press("f2")
        await console.until(lambda: bool(console.app.screen.query(OptionList)))
        await console.press("down")
        assert console.app.theme_choice.name != before
        await console.pilot.click(offset=(0, 23))
        await console.until(lambda: console.app.screen is console.screen)
        assert console.app.theme_choice.name == before


async def test_the_hints_of_a_replay_can_be_clicked() -> None:
    async with open_replay(scenes.busy_turn(), size=WIDE) as (screen, pilot):
        await click_on(pilot, "→ event")
        assert "1/" in shown(screen)
        await click_on(pilot, "End end")
        assert screen.position == len(scenes.busy_turn())
        await click_on(pilot, "? keys")
        assert isinstance(pilot.app.screen, HelpScreen)


async def test_a_click_on_a_stored_session_previews_it_and_a_second_takes_it() -> None:
    async with open_picker(size=WIDE) as picker:
        await click_on(picker.pilot, "Add retries")
        assert picker.screen.chosen is not None
        assert picker.screen.chosen[0].session_id == "0199-cccc"
        assert "Add retries to the uploader" in picker.preview
        await click_on(picker.pilot, "Tab folder")
        assert "this folder" in "".join(rows_of(picker.app))
        await click_on(picker.pilot, "no request yet", times=2)
    taken = picker.screen.choice
    assert taken is not None
    assert taken.session.session_id == "0199-eeee"


@pytest.mark.parametrize("place", [0, 2])
async def test_a_click_on_an_offer_of_the_first_screen_starts_with_it(
    clock: FakeClock, place: int
) -> None:
    first_run = FakeFirstRun()
    start = FirstStart(clock, first_run)
    async with start.running() as pilot:
        await start.see(pilot, "Which model shall answer?")
        await click_on(pilot, "stand-in" if place else "ollama")
        await start.see(pilot, "Type a request")
        assert first_run.chosen == [first_run.offers[place].key]
