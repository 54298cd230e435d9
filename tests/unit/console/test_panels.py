"""The side panel: its tabs, their rows, and what the keys do there."""

import pytest
from rich.cells import cell_len

from harn_tui.console.panels.event_rows import MAX_RECORDS, EventRows
from harn_tui.console.panels.heading import TabHeading
from harn_tui.console.panels.listing import Listing
from harn_tui.console.panels.rows import Run, bar, spread
from harn_tui.console.panels.side import SidePanel
from harn_tui.console.panels.tabs import PanelTab
from harn_tui.console.queue_strip.strip import QueueStrip
from harn_tui.console.screens.event_detail import EventDetail
from harn_tui.console.startup import load_parts
from harn_tui.events.agent import AgentMessageChunk, ToolCallUpdate
from harn_tui.events.codec import encode_record
from harn_tui.events.host import LlmCallEnd, MessageRecorded
from harn_tui.events.record import Event, Record
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolCallStatus, ToolKind
from harn_tui.view.model import SessionView
from tests.unit.console import scenes
from tests.unit.console.clicking import rows_of
from tests.unit.console.conftest import Console, OpenConsole
from tests.unit.console.stand_ins import SESSION_ID, FakeAgent, PlainTranscript

WIDE = (140, 40)


def shown_rows(console: Console) -> list[str]:
    """Return the rows of the open tab that have text."""
    listing = console.get(Listing)
    rows = [listing.render_line(y).text.rstrip() for y in range(listing.size.height)]
    return [row for row in rows if row]


def edit(call_id: str, path: str, added: int, removed: int) -> list[Event]:
    details: JsonObject = {
        "path": path,
        "created": False,
        "diff": "@@ -1 +1 @@",
        "added": added,
        "removed": removed,
    }
    done = ToolCallUpdate(
        SESSION_ID,
        call_id,
        "edit_file",
        ToolCallStatus.COMPLETED,
        {"text": "Edited it.", "details": details},
    )
    return [
        scenes.tool(call_id, "edit_file", ToolKind.EDIT, {"path": path}),
        scenes.tool_runs(call_id, "edit_file"),
        done,
    ]


def paid_call(call: int, cost: float | None = 0.25) -> list[Event]:
    usage: JsonObject = {"input_tokens": 2000, "output_tokens": 100, "cache_read_tokens": 1000}
    return [scenes.call_start(call), LlmCallEnd(SESSION_ID, call, usage, cost, 1000, 200, "stop")]


@pytest.mark.parametrize("place", range(len(PanelTab)))
async def test_each_tab_has_a_key_and_a_heading(open_console: OpenConsole, place: int) -> None:
    async with open_console(size=WIDE) as console:
        await console.emit(*scenes.busy_turn())
        tab = list(PanelTab)[place]
        await console.press(f"alt+{place + 1}")
        await console.settle()
        assert console.get(SidePanel).tab is tab
        assert dict(console.get(SidePanel).headings())[tab].lower().startswith(tab.value)


async def test_tabs_go_round_in_both_directions(open_console: OpenConsole) -> None:
    async with open_console(size=WIDE) as console:
        await console.press("alt+shift+t")
        assert console.get(SidePanel).tab == "events"
        await console.press("alt+t")
        assert console.get(SidePanel).tab == "tools"


async def test_a_click_on_a_heading_opens_its_tab(open_console: OpenConsole) -> None:
    async with open_console(size=WIDE) as console:
        await console.emit(*scenes.busy_turn())
        rows = console.get(TabHeading).render().plain.split("\n")
        for y, row in enumerate(rows):
            for tab, text in console.get(SidePanel).headings():
                if text in row:
                    await console.pilot.click(TabHeading, offset=(1 + row.index(text), y))
                    assert console.get(SidePanel).tab is tab


async def test_the_cost_tab_shows_calls_and_the_share_of_each_tool(
    open_console: OpenConsole,
) -> None:
    async with open_console(size=WIDE) as console:
        calls = [
            scenes.tool(f"t{n}", "read_file", ToolKind.READ, {"path": "a.py"}) for n in range(2)
        ]
        await console.emit(*scenes.run_start(), *paid_call(1), *calls)
        await console.emit(scenes.tool_done("t0", "read_file", "x" * 4000), *paid_call(2))
        await console.press("alt+5")
        rows = shown_rows(console)
        assert rows[0].split() == ["$0.5000", "2", "calls", "in", "1", "turn"]
        assert rows[1].split() == ["4k", "in,", "50%", "cached", "·", "200", "out"]
        assert rows[2].split() == ["1", "turn", "1", "2k→100", "50%c", "$0.2500"]
        assert rows[3].split() == ["read_file", "+~1k", "$0.1250"]
        assert dict(console.get(SidePanel).headings())[PanelTab.COST] == "Cost $0.5000"


async def test_a_price_that_is_not_known_is_said_and_not_guessed(
    open_console: OpenConsole,
) -> None:
    async with open_console(size=WIDE) as console:
        await console.emit(*scenes.run_start(), *paid_call(1, None))
        await console.press("alt+5")
        assert shown_rows(console)[0].split()[:3] == ["no", "price", "known"]
        assert "$" not in "".join(shown_rows(console))


async def test_the_context_tab_names_the_sources_largest_first(open_console: OpenConsole) -> None:
    async with open_console(size=WIDE) as console:
        result: JsonObject = {"role": "tool", "tool_name": "read_file", "content": "x" * 2000}
        asked: JsonObject = {"role": "user", "content": "y" * 400}
        await console.emit(*scenes.run_start(), MessageRecorded(SESSION_ID, asked))
        await console.emit(MessageRecorded(SESSION_ID, result), *paid_call(1))
        await console.press("alt+4")
        rows = shown_rows(console)
        assert "2.1k" in rows[0]
        names = [row.split(maxsplit=1)[1].rsplit(maxsplit=1)[0].strip() for row in rows[1:]]
        assert names == ["instructions", "tools and framing", "read_file results", "you"]


async def test_a_compaction_has_a_row_that_leads_to_it(open_console: OpenConsole) -> None:
    async with open_console(size=WIDE) as console:
        await console.emit(*scenes.run_start(), *paid_call(1), *scenes.compacted())
        await console.press("alt+4")
        assert "24 messages summarised" in shown_rows(console)[-1]
        await console.press("alt+p")
        await console.settle()
        await console.press(*["down"] * 20, "enter")
        await console.settle()
        assert len(console.get(PlainTranscript).jumps) == 1


async def test_the_files_tab_adds_up_changes_and_goes_to_the_newest(
    open_console: OpenConsole,
) -> None:
    async with open_console(size=WIDE) as console:
        await console.emit(*scenes.run_start(), *edit("e1", "src/paging.py", 3, 1))
        await console.emit(*edit("e2", "src/paging.py", 2, 2))
        await console.press("alt+7")
        assert shown_rows(console)[0].split() == ["M", "src/paging.py", "+5", "-3", "2×"]
        await console.press("alt+p")
        await console.settle()
        await console.press("enter")
        await console.settle()
        assert console.get(PlainTranscript).jumps == [2]


async def test_the_time_axis_has_a_bar_for_calls_and_tools(open_console: OpenConsole) -> None:
    async with open_console(size=WIDE) as console:
        await console.emit(*scenes.busy_turn())
        await console.press("alt+p")
        await console.settle()
        await console.press("w")
        rows = shown_rows(console)
        assert [row.split()[0] for row in rows] == ["call", "read_file", "search_fi", "run_comma"]
        assert all("█" in row or "▒" in row or "░" in row for row in rows)
        await console.press("w")
        assert "read_file done" in shown_rows(console)[0]


async def test_events_are_shown_as_written_and_can_be_filtered(open_console: OpenConsole) -> None:
    async with open_console(size=WIDE) as console:
        await console.emit(*scenes.busy_turn())
        await console.press("alt+8")
        assert len(shown_rows(console)) == len(scenes.busy_turn())
        assert "tool_call" in shown_rows(console)[-1]
        await console.press("alt+p")
        await console.settle()
        await console.press("f")
        assert not any("_chunk" in row for row in shown_rows(console))
        await console.press("enter")
        await console.pilot.pause()
        assert isinstance(console.app.screen, EventDetail)
        await console.press("escape")
        assert console.screen.is_current


def test_events_beyond_the_limit_make_room_for_new_ones() -> None:
    rows = EventRows()
    rows.use(lambda record: "{}")
    for index in range(2 * MAX_RECORDS + 5):
        rows.add(Record(index, 0, None, scenes.text("a")))
    rows.take(SessionView(), 0)
    assert rows.count() <= 2 * MAX_RECORDS
    assert rows.record(rows.count() - 1).index == 2 * MAX_RECORDS + 4


async def test_enter_on_a_queued_line_goes_to_it_in_the_strip(open_console: OpenConsole) -> None:
    async with open_console(size=WIDE) as console:
        console.session.is_running = True
        await console.emit(*scenes.run_start(), scenes.queued("f1", "one"))
        await console.emit(scenes.queued("f2", "two"))
        await console.press("alt+2", "alt+p")
        await console.settle()
        assert "before the next model call" in shown_rows(console)[1]
        await console.press("down", "enter")
        await console.settle()
        strip = console.get(QueueStrip)
        assert strip.has_focus
        assert strip.selected is not None
        assert strip.selected.feedback_id == "f2"


async def test_an_agent_is_cancelled_and_steered_from_its_row(open_console: OpenConsole) -> None:
    async with open_console(size=WIDE) as console:
        console.session.is_running = True
        console.session.agents.running = [FakeAgent("mender", "mender"), FakeAgent("writer", "w")]
        await console.emit(scenes.session_start(), *scenes.agents_at_work())
        await console.press("alt+6", "alt+p")
        await console.settle()
        await console.press("up", "up", "down", "x")
        await console.settle()
        assert console.session.agents.calls == [("cancel", "mender")]
        await console.press("s")
        await console.settle()
        assert console.prompt.has_focus
        assert "mender" in str(console.prompt.border_title)


async def test_escape_goes_from_the_panel_back_to_the_prompt(open_console: OpenConsole) -> None:
    async with open_console(size=WIDE) as console:
        await console.emit(*scenes.busy_turn())
        await console.press("alt+p")
        await console.settle()
        assert console.get(Listing).has_focus
        await console.press("escape")
        assert console.prompt.has_focus
        assert console.session.asked("interrupt") == []


async def test_the_panel_grows_and_shrinks_within_bounds(open_console: OpenConsole) -> None:
    async with open_console(size=WIDE) as console:
        before = console.get(SidePanel).size.width
        await console.press("alt+greater_than_sign")
        await console.settle()
        assert console.get(SidePanel).size.width > before
        await console.press(*["alt+less_than_sign"] * 30)
        await console.settle()
        assert console.get(SidePanel).size.width == 28


async def test_hostile_names_reach_no_row_raw(open_console: OpenConsole) -> None:
    hostile = "a\x1b[31m\u202eb\x07c\nd"
    async with open_console(size=WIDE) as console:
        await console.emit(
            *scenes.run_start(),
            *paid_call(1),
            scenes.tool("t9", hostile, ToolKind.READ, {"path": hostile}),
            *edit("e1", hostile, 1, 1),
            scenes.queued("f1", hostile),
            MessageRecorded(
                SESSION_ID, {"role": "tool", "tool_name": hostile, "content": hostile * 9}
            ),
        )
        for place in range(len(PanelTab)):
            await console.press(f"alt+{place + 1}")
            await console.settle()
            text = "".join(shown_rows(console))
            assert not {"\x1b", "\x07", "\u202e", "\n"} & set(text)


def test_a_row_with_both_ends_fills_its_width() -> None:
    row = spread([Run("a long name that is cut")], [Run("12k")], 12)
    assert "".join(run.text for run in row) == "a long … 12k"
    assert cell_len("".join(run.text for run in spread([Run("a")], [Run("b")], 8))) == 8


@pytest.mark.parametrize("share", [-1.0, 0.0, 0.5, 1.0, 7.0])
def test_a_bar_never_leaves_its_columns(share: float) -> None:
    assert len(bar(share, 10)) == 10


def test_each_live_piece_of_a_message_shows_what_it_brought() -> None:
    """They are one record of the log, and have one index."""
    rows = EventRows()
    rows.use(encode_record)
    for number in range(3):
        rows.add(Record(7, 0, None, AgentMessageChunk(SESSION_ID, f"piece {number}")))
    rows.take(SessionView(), 0)
    shown = ["".join(run.text for run in rows.row(number, 80)) for number in range(rows.count())]
    assert [f"piece {number}" in row for number, row in enumerate(shown)] == [True] * 3


async def test_the_fold_key_passes_by_calls_that_show_all_there_is(
    open_console: OpenConsole,
) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(
            *scenes.run_start(),
            scenes.tool("t1", "read_file", ToolKind.READ, {"path": "a.txt"}),
            scenes.tool_runs("t1", "read_file"),
            scenes.tool_done("t1", "read_file", "row of the file\n" * 9),
            *scenes.edited_file(),
        )
        assert "row of the file" not in "\n".join(rows_of(console.app))
        await console.press("alt+o")
        assert "row of the file" in "\n".join(rows_of(console.app))
