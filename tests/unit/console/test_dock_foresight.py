"""What the dock tells beyond the arguments: the change of a file, what a grant covers, too soon."""

import asyncio

import pytest
from textual.widgets import Static

from harn_tui.console.approval.call_view import CallView
from harn_tui.console.approval.detail import describe_call
from harn_tui.console.approval.dock import ApprovalDock
from harn_tui.console.approval.guard import ARMING_MS, HELD_GAP_MS
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolKind
from harn_tui.tools.foreseen_change import ForeseenChange
from harn_tui.tools.line_diff import diff_lines
from tests.unit.console import scenes
from tests.unit.console.conftest import Console, OpenConsole
from tests.unit.console.test_dock import ask, body

WRITE: JsonObject = {"content": "retry = 5\n", "path": "settings.toml"}
DIFF = diff_lines("timeout = 3\nretry = 2\n", "retry = 5\n", "settings.toml")
CHANGE = ForeseenChange("settings.toml", DIFF.text, added=1, removed=2, old_bytes=22, old_lines=2)
DRAWN = "settings.toml  replaces the file, +1 -2\n-timeout = 3\n-retry = 2\n+retry = 5"


async def ask_to_write(console: Console) -> asyncio.Future[ForeseenChange]:
    told: asyncio.Future[ForeseenChange] = asyncio.get_running_loop().create_future()
    console.session.approvals.changes["p1"] = told
    await console.emit(
        scenes.tool("t1", "write_file", ToolKind.EDIT, WRITE), scenes.asks("p1", "t1", "write_file")
    )
    return told


async def test_an_overwrite_shows_its_diff_which_must_be_read_before_an_answer_counts(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        told = await ask_to_write(console)
        assert body(console).startswith("settings.toml  looking at what it replaces…\ncontent")
        console.clock.advance(ARMING_MS)
        told.set_result(CHANGE)
        await console.until(lambda: body(console) == DRAWN)
        await console.press("alt+y")
        assert console.session.asked("answer") == []
        console.clock.advance(HELD_GAP_MS)
        await console.press("alt+y")
        assert len(console.session.asked("answer")) == 1


async def test_the_view_of_a_call_gets_the_change_that_is_told_later(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        told = await ask_to_write(console)
        await console.press("alt+v")
        await console.until(lambda: isinstance(console.app.screen, CallView))
        text = console.app.screen.query_one("#call-text", Static)
        assert "looking at" in str(text.visual)
        told.set_result(CHANGE)
        await console.until(lambda: str(text.visual) == DRAWN)


async def test_what_was_foreseen_of_one_call_never_stands_at_another(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        told = await ask_to_write(console)
        await ask(console, 2)
        console.get(ApprovalDock).choose(1)
        told.set_result(CHANGE)
        await console.settle()
        assert body(console).startswith("$ rm -rf build")
        console.get(ApprovalDock).choose(1)
        await console.until(lambda: body(console) == DRAWN)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (ForeseenChange("a"), "a  new file"),
        (ForeseenChange("a", old_bytes=9_000_000, old_lines=1), "a  replaces 1 line (9.0 MB)"),
        (ForeseenChange("a", old_bytes=70_000_000), "a  replaces a file of 70.0 MB"),
        (ForeseenChange("a", old_bytes=6, is_binary=True), "a  replaces a binary file (6 bytes)"),
        (
            ForeseenChange("a", added=0, removed=0, old_bytes=1),
            "a  has exactly this content already",
        ),
        (
            ForeseenChange(problem="\u202eno\x1b[2J"),
            "a  what it replaces is not known: ⟨202E⟩no␛[2J",
        ),
    ],
)
def test_without_a_diff_it_is_told_what_is_replaced_and_the_content_stays(
    change: ForeseenChange, words: str
) -> None:
    arguments: JsonObject = {"content": "x", "path": "a"}
    assert describe_call("write_file", arguments, "", change=change).plain == f"{words}\ncontent  x"


def test_a_diff_is_shown_with_nothing_hidden_and_says_what_it_leaves_out() -> None:
    old = "\n".join(str(number) for number in range(40))
    diff = diff_lines(old, old.replace("30", "\u202e\x1b["), "a")
    change = ForeseenChange("a", diff.text, is_cut=True, added=1, removed=1, old_bytes=1)
    lines = describe_call("write_file", {"path": "a", "content": "x"}, "", change=change).plain
    assert lines.split("\n")[1] == "⋯ line 28"
    assert "+⟨202E⟩␛[" in lines
    assert lines.endswith("… the rest of this change is not shown")
    long = diff_lines("", "y" * 100_000, "a")
    change = ForeseenChange("a", long.text, added=1, removed=0, old_bytes=0)
    shown = describe_call("write_file", {"path": "a", "content": "x"}, "", change=change).plain
    assert len(shown) < 21_000
    assert "characters are not shown here" in shown


def test_the_parameters_that_hold_paths_come_first() -> None:
    arguments: JsonObject = {"content": "x", "mode": 1, "target": "b", "source": "a"}
    shown = describe_call("copy", arguments, "", path_params=("source", "target")).plain
    assert shown.split("\n") == ["source  a", "target  b", "content  x", "mode  1"]
    assert describe_call("write_file", WRITE, "").plain.startswith("path  settings.toml\n")


async def test_the_dock_asks_which_parameters_hold_paths(open_console: OpenConsole) -> None:
    async with open_console() as console:
        console.session.approvals.paths["p1"] = ("file",)
        arguments: JsonObject = {"text": "x", "file": "a"}
        await console.emit(
            scenes.tool("t1", "mcp_write", ToolKind.EDIT, arguments),
            scenes.asks("p1", "t1", "mcp_write"),
        )
        assert body(console) == "file  a\ntext  x"


@pytest.mark.parametrize(
    ("columns", "row"),
    [
        (40, "Alt+y yes Alt+n no Ctrl+o more"),
        (80, "Alt+y once Alt+a {0} Alt+l always Alt+n no Alt+d no… Ctrl+o go in"),
        (160, "Alt+a {0}, all session  Alt+l always…  Alt+g once, with a note"),
    ],
)
@pytest.mark.parametrize(
    ("tool_name", "covered"),
    [("run_command", "this command"), ("edit_file", "this file"), ("mcp_write", "this call")],
)
async def test_the_row_of_keys_says_what_a_grant_for_the_session_covers(
    open_console: OpenConsole, columns: int, row: str, tool_name: str, covered: str
) -> None:
    async with open_console(size=(columns, 24)) as console:
        await console.emit(
            scenes.tool("t1", tool_name, ToolKind.EDIT, WRITE), scenes.asks("p1", "t1", tool_name)
        )
        keys = console.get(ApprovalDock).query_one("#dock-keys", Static)
        # Shorter words leave room for a longer refusal.
        shown = str(keys.visual).replace("no, why", "no…")
        assert row.format(covered) in shown
        assert keys.size.height == 1


@pytest.mark.parametrize("rows", [24, 10])
async def test_a_press_that_does_not_count_is_said_to_until_the_next_answer(
    open_console: OpenConsole, rows: int
) -> None:
    async with open_console(size=(80, rows)) as console:
        for number in (1, 2, 3):
            await ask(console, number)
        dock = console.get(ApprovalDock)
        told = "too soon: wait a moment, then press again"

        def said() -> str:
            title = str(dock.query_one("#dock-title", Static).visual)
            return title if rows == 10 else str(dock.border_subtitle)

        assert told not in said()
        console.clock.advance(ARMING_MS - 1)
        await console.press("alt+y")
        assert told in said()
        assert console.session.asked("answer") == []

        console.clock.advance(HELD_GAP_MS)
        await console.press("alt+y")
        assert [answer[0] for answer in console.session.asked("answer")] == ["p1"]
        await console.until(lambda: "1 of 2" in said())
        console.clock.advance(ARMING_MS)
        await console.press("alt+y")
        assert told in said()
        assert [answer[0] for answer in console.session.asked("answer")] == ["p1"]
