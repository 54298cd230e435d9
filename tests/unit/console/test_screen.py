"""The whole screen: sizes, the side panel, errors, idleness."""

import pytest
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Static

from harn_tui.console.approval.dock import ApprovalDock, DockDetail
from harn_tui.console.banner import Banner
from harn_tui.console.panels.listing import Listing
from harn_tui.console.panels.side import SidePanel
from harn_tui.console.panels.tabs import PanelTab
from harn_tui.console.prompt.prompt import Prompt
from harn_tui.console.queue_strip.strip import QueueStrip
from harn_tui.console.screens.body import NewChip, SessionBody
from harn_tui.console.status.line import StatusLine
from harn_tui.events.host import Notice
from harn_tui.kinds import LoopStatus, NoticeLevel, ToolKind
from tests.unit.console import scenes
from tests.unit.console.conftest import Console, OpenConsole
from tests.unit.console.stand_ins import SESSION_ID, PlainTranscript

SIZES = [(1, 1), (4, 3), (20, 5), (40, 10), (80, 24), (120, 40), (300, 100)]


async def everything(console: Console) -> None:
    """A run with queue, dock, banner and a long draft."""
    console.session.is_running = True
    await console.emit(
        scenes.session_start(),
        *scenes.busy_turn(),
        *(scenes.queued(f"f{n}", f"queued line {n}") for n in range(9)),
        scenes.asks("p1", "t3", "run_command"),
        Notice(SESSION_ID, NoticeLevel.ERROR, "The disk is full. " * 20),
    )
    await console.type("draft\n" * 30)
    await console.settle()


def on_screen(widget: Widget) -> Region:
    return widget.region.intersection(widget.screen.region)


@pytest.mark.parametrize("size", SIZES)
async def test_no_size_crashes_the_console(
    open_console: OpenConsole, size: tuple[int, int]
) -> None:
    async with open_console(size=size) as console:
        await everything(console)
        await console.press("ctrl+t", "alt+t", "ctrl+t", "f1", "escape", "alt+q", "escape")
        assert console.app.is_running


async def test_resizing_back_and_forth_is_survived(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await everything(console)
        for size in [*SIZES, *reversed(SIZES)]:
            await console.pilot.resize_terminal(*size)
            await console.settle()
        assert console.prompt.text.startswith("draft\n")


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (100, 30), (160, 48)])
async def test_prompt_status_and_the_keys_of_the_dock_are_always_in_sight(
    open_console: OpenConsole, size: tuple[int, int]
) -> None:
    async with open_console(size=size) as console:
        await everything(console)
        width, height = size

        status = on_screen(console.get(StatusLine))
        assert (status.height, status.bottom) == (1, height)
        prompt = on_screen(console.get(Prompt))
        assert prompt.height == console.get(Prompt).region.height
        assert prompt.bottom <= status.y
        keys = on_screen(console.get(ApprovalDock).query_one("#dock-keys"))
        assert keys.height >= 1
        assert keys.bottom <= prompt.y
        assert on_screen(console.get(DockDetail)).height >= 1


async def test_a_40x10_terminal_shows_transcript_prompt_and_status(
    open_console: OpenConsole,
) -> None:
    async with open_console(size=(40, 10)) as console:
        await console.emit(scenes.session_start(), *scenes.busy_turn())
        assert console.get(PlainTranscript).size.height == 8
        assert console.prompt.size.height == 1
        assert console.get(StatusLine).size.height == 1


@pytest.mark.parametrize(("columns", "is_shown"), [(99, False), (100, True), (160, True)])
async def test_the_side_panel_is_shown_from_100_columns_on(
    open_console: OpenConsole, columns: int, is_shown: bool
) -> None:
    async with open_console(size=(columns, 24)) as console:
        assert console.get(SidePanel).display == is_shown
        assert console.get(SessionBody).size.width == columns


async def test_the_panel_key_hides_it_on_a_wide_screen(open_console: OpenConsole) -> None:
    async with open_console(size=(120, 30)) as console:
        await console.press("ctrl+t")
        assert not console.get(SidePanel).display
        await console.press("ctrl+t")
        assert console.get(SidePanel).display


async def test_on_a_narrow_screen_the_panel_takes_the_transcripts_place_until_escape(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await console.emit(scenes.session_start(), *scenes.busy_turn())
        console.session.is_running = True
        await console.press("ctrl+t")
        assert console.get(SidePanel).display
        assert not console.get(SessionBody).query_one("#transcript-place").display
        assert "read_file" in console.get(Listing).render_line(0).text

        await console.press("escape")
        assert not console.get(SidePanel).display
        assert console.session.asked("interrupt") == []


async def test_the_plan_tab_shows_the_steps(open_console: OpenConsole) -> None:
    async with open_console(size=(120, 30)) as console:
        await console.emit(*scenes.busy_turn())
        side = console.get(SidePanel)
        assert dict(side.headings())[PanelTab.PLAN] == "Plan 1/3"

        await console.press("alt+3")
        assert side.tab is PanelTab.PLAN
        text = str(side.query_one("#plan-text", Static).visual)
        assert text.split("\n") == [
            "✓ Read the failing test  done",
            "● Fix the off-by-one in paging.py  now",
            "○ Run the whole suite  to do",
        ]


async def test_a_click_on_a_call_in_the_table_goes_to_it_in_the_transcript(
    open_console: OpenConsole,
) -> None:
    async with open_console(size=(120, 30)) as console:
        await console.emit(*scenes.busy_turn())
        await console.pilot.click(Listing, offset=(3, 2))
        await console.settle()

        assert console.get(PlainTranscript).jumps == [4]


async def test_the_table_shows_run_time_beside_the_time_of_the_whole_call(
    open_console: OpenConsole,
) -> None:
    async with open_console(size=(120, 30)) as console:
        await console.emit(*scenes.busy_turn())
        table = console.get(Listing)
        rows = [table.render_line(y).text.rstrip() for y in range(6)]
        assert rows == [
            " ✓ read_file done  40 ms of 45 ms",
            "   tests/test_paging.py",
            " ✗ search_files failed  8.2 s",
            "   def last_page in src",
            " ○ run_command announced",
            "   pytest -q tests/test_paging.py",
        ]


async def test_an_error_notice_stays_in_the_banner_until_it_is_dismissed(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await console.emit(Notice(SESSION_ID, NoticeLevel.ERROR, "Disk [b]full[/b]\x1b[0m"))
        banner = console.get(Banner)
        assert banner.text == "Disk [b]full[/b]␛[0m"

        await console.emit(*scenes.run_start(), scenes.text("hello"), scenes.run_end())
        assert banner.display

        await console.press("alt+x")
        assert not banner.display


async def test_a_failed_run_and_a_mere_warning_open_no_banner(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.emit(
            *scenes.run_start(),
            Notice(SESSION_ID, NoticeLevel.WARNING, "careful"),
            scenes.run_end(LoopStatus.FAILED, "The server answered 401."),
        )
        assert not console.get(Banner).display
        assert "failed" in console.get(StatusLine).render().plain


async def test_a_queue_that_pauses_after_the_last_event_of_a_run_says_so(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        console.session.is_running = True
        await console.emit(
            *scenes.run_start(), scenes.queued("f1", "again"), scenes.run_end(LoopStatus.ERROR)
        )
        assert "Enter sends what is queued" not in str(console.prompt.placeholder)

        console.session.is_running, console.session.is_paused = False, True
        await console.until(lambda: "Enter sends what is queued" in str(console.prompt.placeholder))
        assert "Paused · 1 queued" in console.get(QueueStrip).render().plain


async def test_an_idle_console_draws_nothing_and_has_no_timer(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.emit(scenes.session_start(), *scenes.busy_turn(), scenes.run_end())
        status = console.get(StatusLine)
        drawn, updates = status.draw_count, len(console.get(PlainTranscript).updates)

        console.clock.advance(60_000)
        await console.pilot.pause(0.6)

        assert status.draw_count == drawn
        assert len(console.get(PlainTranscript).updates) == updates
        assert not console.screen.is_ticking


async def test_a_run_ticks_and_its_end_stops_the_ticks(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.emit(*scenes.run_start(), scenes.call_start(), scenes.accepted())
        assert console.screen.is_ticking
        console.clock.advance(3000)
        status = console.get(StatusLine)
        await console.until(lambda: "3 s" in status.render().plain)
        assert "waiting for the first token 3 s" in status.render().plain

        await console.emit(scenes.run_end())
        assert not console.screen.is_ticking


async def test_ticks_that_change_no_word_draw_nothing(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.emit(*scenes.run_start(), scenes.call_start())
        status = console.get(StatusLine)
        drawn = status.draw_count
        for _ in range(5):
            console.clock.advance(100)
            status.tick(console.clock())
        assert status.draw_count == drawn


async def test_one_burst_is_one_update_of_the_transcript(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.emit(*scenes.run_start())
        transcript = console.get(PlainTranscript)
        transcript.updates.clear()

        await console.emit(*(scenes.text("word ") for _ in range(500)))

        assert transcript.updates == [{1}]


@pytest.mark.parametrize(
    ("key", "action"),
    [
        ("pageup", "page_up"),
        ("pagedown", "page_down"),
        ("ctrl+home", "scroll_home"),
        ("ctrl+end", "scroll_end"),
        ("ctrl+l", "scroll_end"),
    ],
)
async def test_scroll_keys_move_the_transcript_while_the_prompt_keeps_the_focus(
    open_console: OpenConsole, key: str, action: str
) -> None:
    async with open_console() as console:
        await console.press(key)
        assert console.get(PlainTranscript).scrolled == [action]
        assert console.prompt.has_focus


async def test_the_fold_key_opens_the_newest_tool_call(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.emit(*scenes.busy_turn(), scenes.text("done"))
        await console.press("alt+o")
        assert console.get(PlainTranscript).toggled == [5]


async def test_the_fold_key_opens_the_summary_of_the_newest_compaction(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await console.emit(*scenes.busy_turn(), *scenes.compacted())
        await console.press("alt+o")
        assert console.get(PlainTranscript).toggled == [6]
        await console.emit(scenes.compacted()[0])
        await console.press("alt+o")
        assert console.get(PlainTranscript).toggled == [6, 6], "there is no summary to open yet"


async def test_what_came_below_the_window_is_counted_in_a_chip(open_console: OpenConsole) -> None:
    async with open_console() as console:
        chip = console.get(NewChip)
        assert not chip.display
        console.get(PlainTranscript).unseen_count = 3
        await console.until(lambda: bool(chip.display))
        assert str(chip.visual) == "↓ 3 new · Ctrl+End"


async def test_text_typed_in_the_transcript_goes_to_the_prompt(open_console: OpenConsole) -> None:
    async with open_console() as console:
        transcript = console.get(PlainTranscript)
        transcript.can_focus = True
        transcript.focus()
        await console.until(lambda: transcript.has_focus)

        await console.press("h", "i")

        assert console.prompt.text == "hi"
        assert console.prompt.has_focus


async def test_suspending_stops_the_process_and_keeps_the_text(
    open_console: OpenConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_console() as console:
        suspended: list[bool] = []
        monkeypatch.setattr(console.app, "action_suspend_process", lambda: suspended.append(True))
        await console.type("text")
        await console.press("ctrl+z")
        assert suspended == [True]
        assert console.prompt.text == "text"


async def test_a_tool_call_with_a_hostile_name_is_drawn_plain(open_console: OpenConsole) -> None:
    async with open_console(size=(120, 30)) as console:
        name = "[@click=app.quit]x[/]\x1b]0;t\x07"
        await console.emit(scenes.tool("t9", name, ToolKind.OTHER, {"path": name}))
        row = console.get(Listing).render_line(0).text
        assert "[@click=app.quit]x[/]" in row
        assert "\x1b" not in row
