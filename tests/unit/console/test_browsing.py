"""Moving in the transcript with keys, find, selecting and copying, on the real transcript."""

import json
from pathlib import Path
from typing import Any

import pytest
from textual import events

from harn_tui.console.app import HarnApp
from harn_tui.console.clipboard import CLIPBOARD_VARIABLE
from harn_tui.console.find.bar import FindBar, FindLine
from harn_tui.console.screens.block_menu import BlockMenu
from harn_tui.console.startup import load_parts
from harn_tui.console.status.line import StatusLine
from harn_tui.console.transcript.browsed_transcript import BrowsedTranscript
from harn_tui.console.transcript.reader import Reader
from harn_tui.events.record import Event
from harn_tui.kinds import ToolKind
from harn_tui.paths import data_directory
from tests.unit.console import scenes
from tests.unit.console.conftest import Console, OpenConsole
from tests.unit.console.test_replay import open_replay, press

REPLY = "The **answer** is below.\n\n```python\nx = 1\n```\n"


def session() -> list[Event]:
    return [
        scenes.session_start(),
        *scenes.run_start("Please look."),
        scenes.call_start(),
        scenes.thought("a hidden needle"),
        scenes.call_end(),
        scenes.tool("t1", "read_file", ToolKind.READ, {"path": "a.txt"}),
        scenes.tool_runs("t1", "read_file"),
        scenes.tool_done("t1", "read_file", "one\nneedle\nthree"),
        scenes.tool("t2", "run_command", ToolKind.EXECUTE, {"command": "make test"}),
        scenes.tool_runs("t2", "run_command"),
        scenes.tool_failed("t2", "run_command", "boom"),
        scenes.call_start(2),
        scenes.text(REPLY),
        scenes.call_end(2),
        scenes.run_end(),
    ]


USER, THOUGHT, READ, RUN, ANSWER = range(5)


def reader(console: Console) -> Reader:
    return console.get(BrowsedTranscript).reader


def at(console: Console) -> int | None:
    return reader(console).cursor.block


def said(console: Console) -> str:
    return str(console.get(StatusLine).render().plain)


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was sent to the terminal's clipboard."""
    texts: list[str] = []
    monkeypatch.setenv(CLIPBOARD_VARIABLE, "off")
    monkeypatch.setattr(HarnApp, "copy_to_clipboard", lambda _, text: texts.append(text))
    return texts


async def test_a_key_moves_to_the_transcript_and_escape_back(open_console: OpenConsole) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(*session())
        await console.press("ctrl+b")
        transcript = console.get(BrowsedTranscript)
        assert transcript.has_focus
        assert at(console) == ANSWER
        assert "Browsing" in said(console)

        await console.press("k", "up", "k")
        assert at(console) == THOUGHT
        await console.press("j", "down")
        assert at(console) == RUN
        await console.press("g")
        assert at(console) == USER
        await console.press("G")
        assert at(console) == ANSWER

        await console.press("escape")
        assert console.prompt.has_focus
        assert not reader(console).is_browsing
        assert not transcript.can_focus
        assert "Browsing" not in said(console)


async def test_there_is_nothing_to_browse_in_an_empty_session(open_console: OpenConsole) -> None:
    async with open_console(load=load_parts) as console:
        await console.press("ctrl+b")
        assert console.prompt.has_focus
        assert "nothing to browse" in said(console)


async def test_escape_in_the_transcript_does_not_stop_the_run(open_console: OpenConsole) -> None:
    async with open_console(load=load_parts) as console:
        console.session.is_running = True
        await console.emit(*session()[:-1])
        await console.press("ctrl+b", "escape")
        assert console.session.asked("interrupt") == []


@pytest.mark.parametrize(
    ("keys", "block"),
    [
        (["U"], USER),
        (["left_square_bracket"], USER),
        (["E"], RUN),
        (["T"], RUN),
        (["T", "T"], READ),
        (["g", "t"], READ),
        (["g", "e"], RUN),
        (["u"], USER),
    ],
)
async def test_letters_jump_to_places(
    open_console: OpenConsole, keys: list[str], block: int
) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(*session())
        await console.press("ctrl+b", *keys)
        assert at(console) == block


async def test_a_click_while_browsing_moves_the_cursor(open_console: OpenConsole) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(*session())
        await console.press("ctrl+b")
        transcript = console.get(BrowsedTranscript)
        rows = shown(transcript).split("\n")
        row = next(y for y, text in enumerate(rows) if "Please look." in text)
        await console.pilot.click(transcript, offset=(8, row))
        await console.pilot.pause()
        assert at(console) == USER
        assert transcript.has_focus


async def test_a_jump_to_what_is_not_there_says_so(open_console: OpenConsole) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(*session())
        await console.press("ctrl+b", "c")
        assert at(console) == ANSWER
        assert "There is no file change." in said(console)


@pytest.mark.parametrize("key", ["enter", "space"])
async def test_the_block_of_the_cursor_is_opened_and_folded(
    open_console: OpenConsole, key: str
) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(*session())
        await console.press("ctrl+b", "T", "T", key)
        transcript = console.get(BrowsedTranscript)
        assert "needle" in shown(transcript)
        await console.press(key)
        assert "needle" not in shown(transcript)


def shown(transcript: BrowsedTranscript) -> str:
    return "\n".join(transcript.render_line(y).text for y in range(transcript.window.height))


async def test_what_is_typed_in_the_transcript_never_reaches_the_prompt_by_accident(
    open_console: OpenConsole,
) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(*session())
        await console.press("ctrl+b", *"xqw")
        assert console.prompt.text == ""
        assert "“xqw” means nothing here" in said(console)
        await console.press("escape")
        assert console.prompt.text == ""


async def test_what_was_typed_in_vain_is_not_lost(open_console: OpenConsole) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(*session())
        await console.type("draft ")
        await console.press("ctrl+b", *"xqw", "i")
        assert console.prompt.has_focus
        assert console.prompt.text == "draft xqw"


async def test_a_paste_goes_to_the_prompt(open_console: OpenConsole) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(*session())
        await console.press("ctrl+b")
        console.screen.post_message(events.Paste("pasted"))
        await console.until(lambda: console.prompt.text == "pasted")
        assert console.prompt.has_focus
        assert not reader(console).is_browsing


async def test_browsing_survives_a_look_at_another_window(open_console: OpenConsole) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(*session())
        await console.press("ctrl+b", "k")
        console.app.post_message(events.AppBlur())
        await console.until(lambda: console.screen.focused is None)
        console.app.post_message(events.AppFocus())
        await console.until(lambda: console.get(BrowsedTranscript).has_focus)
        assert at(console) == RUN
        assert reader(console).is_browsing


async def test_find_from_the_prompt_marks_counts_and_goes_on_with_letters(
    open_console: OpenConsole,
) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(*session())
        await console.type("a draft")
        await console.press("ctrl+f", *"needle")
        assert console.get(FindLine).has_focus
        assert console.prompt.text == "a draft"
        assert "1 of 2" in bar_text(console)
        assert at(console) == THOUGHT
        assert "a hidden needle" in shown(console.get(BrowsedTranscript))

        await console.press("down")
        assert "2 of 2" in bar_text(console)
        await console.press("enter")
        assert not console.get(FindBar).display
        assert console.get(BrowsedTranscript).has_focus
        assert at(console) == READ
        await console.press("n")
        assert "1 of 2" in said(console)
        assert at(console) == THOUGHT
        await console.press("N")
        assert at(console) == READ
        await console.press("escape")
        assert console.prompt.has_focus
        assert not reader(console).finder.is_on
        assert "needle" not in shown(console.get(BrowsedTranscript))


def bar_text(console: Console) -> str:
    return str(console.get(FindBar).query_one("#find-count").render())


async def test_escape_in_the_find_line_restores_where_it_was_opened(
    open_console: OpenConsole,
) -> None:
    async with open_console(load=load_parts) as console:
        console.session.is_running = True
        await console.emit(*session()[:-1])
        before = shown(console.get(BrowsedTranscript))
        await console.press("ctrl+f", *"needle", "escape")
        assert console.prompt.has_focus
        assert shown(console.get(BrowsedTranscript)) == before
        assert console.session.asked("interrupt") == []

        await console.press("ctrl+b", "U", "slash", *"answer", "escape")
        assert console.get(BrowsedTranscript).has_focus
        assert at(console) == USER


async def test_ctrl_c_closes_the_find_line_and_keeps_the_draft(open_console: OpenConsole) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(*session())
        await console.type("a draft")
        await console.press("ctrl+f", *"needle", "ctrl+c")
        assert not console.get(FindBar).display
        assert console.prompt.text == "a draft"


async def test_nothing_found_says_so_and_enter_goes_back(open_console: OpenConsole) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(*session())
        await console.press("ctrl+f", *"zebra")
        assert "not found" in bar_text(console)
        await console.press("enter")
        assert console.prompt.has_focus


async def test_without_a_search_the_letters_of_find_say_how_to_find(
    open_console: OpenConsole,
) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(*session())
        await console.press("ctrl+b", "n")
        assert "Nothing is looked for: / finds" in said(console)


async def test_a_click_elsewhere_closes_the_find_line(open_console: OpenConsole) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(*session())
        await console.press("ctrl+f", *"needle")
        await console.pilot.click("#prompt")
        await console.until(lambda: not console.get(FindBar).display)
        assert console.prompt.has_focus


async def test_a_block_is_copied_as_it_came_and_the_notice_says_how_much(
    open_console: OpenConsole, copied: list[str]
) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(*session())
        await console.press("ctrl+b", "y")
        await console.until(lambda: bool(copied))
        assert copied == [REPLY]
        await console.until(lambda: "Sent 6 lines" in said(console))
        assert "refuse" in said(console)


async def test_selected_blocks_and_rows_are_copied(
    open_console: OpenConsole, copied: list[str]
) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(*session())
        await console.press("ctrl+b", "g", "v", "j", "j", "y")
        await console.until(lambda: len(copied) == 1)
        assert copied[0] == "Please look.\n\nread a.txt, 40 ms"
        assert reader(console).selecting.selection is None

        await console.press("g", "J", "y")
        await console.until(lambda: len(copied) == 2)
        assert copied[1] == "Please look."


async def test_escape_ends_a_selection_before_it_leaves(open_console: OpenConsole) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(*session())
        await console.press("ctrl+b", "v", "k", "escape")
        assert console.get(BrowsedTranscript).has_focus
        assert reader(console).selecting.selection is None
        await console.press("escape")
        assert console.prompt.has_focus


async def drag(console: Console, start: tuple[int, int], end: tuple[int, int]) -> None:
    transcript = console.get(BrowsedTranscript)
    await console.pilot.mouse_down(transcript, offset=start)
    await console.pilot.hover(transcript, offset=end)
    move: Any = {"button": 1, "shift": False, "meta": False, "ctrl": False}
    x, y = end
    transcript.post_message(
        events.MouseMove(transcript, x, y, 0, 0, screen_x=x, screen_y=y, **move)
    )
    await console.pilot.mouse_up(transcript, offset=end)
    await console.pilot.pause()


async def test_the_mouse_selects_across_blocks_and_ctrl_c_copies(
    open_console: OpenConsole, copied: list[str]
) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(*session())
        transcript = console.get(BrowsedTranscript)
        rows = shown(transcript).split("\n")
        first = next(y for y, row in enumerate(rows) if "Please look." in row)
        last = next(y for y, row in enumerate(rows) if "The answer" in row)
        await drag(console, (10, first), (13, last))
        assert console.prompt.has_focus
        assert "Ctrl+C copies" in said(console)
        await console.press("ctrl+c")
        await console.until(lambda: bool(copied))
        assert copied[0].startswith("look.\n")
        assert copied[0].endswith("\n\nThe answer")
        assert console.prompt.text == ""
        assert reader(console).selecting.selection is None


async def test_escape_drops_what_the_mouse_selected_and_the_run_goes_on(
    open_console: OpenConsole,
) -> None:
    async with open_console(load=load_parts) as console:
        console.session.is_running = True
        await console.emit(*session()[:-1])
        await drag(console, (5, 0), (20, 3))
        assert reader(console).selecting.selection is not None
        await console.press("escape")
        assert reader(console).selecting.selection is None
        assert console.session.asked("interrupt") == []


async def test_a_drag_over_a_row_that_folds_does_not_fold_it(open_console: OpenConsole) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(*session())
        transcript = console.get(BrowsedTranscript)
        rows = shown(transcript).split("\n")
        row = next(y for y, text in enumerate(rows) if "Read a.txt" in text)
        await drag(console, (4, row), (9, row))
        assert shown(transcript).split("\n") == rows
        await console.pilot.click(transcript, offset=(5, row))
        await console.pilot.pause()
        assert "│ needle" in shown(transcript)


@pytest.mark.parametrize(
    ("keys", "label", "start"),
    [
        (["G"], "Copy the code", "x = 1"),
        (["T"], "Copy the command", "make test"),
        (["T"], "Copy the call as JSON", '{\n  "tool_call_id": "t2"'),
        (["U"], "Copy as Markdown", "> Please look."),
    ],
)
async def test_the_menu_copies_a_part_of_the_block(
    open_console: OpenConsole, copied: list[str], keys: list[str], label: str, start: str
) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(*session())
        await console.press("ctrl+b", *keys, "full_stop")
        menu = console.app.screen
        assert isinstance(menu, BlockMenu)
        menu.dismiss(label)
        await console.until(lambda: bool(copied))
        assert copied[0].startswith(start)
        assert console.get(BrowsedTranscript).has_focus


async def test_the_menu_names_only_what_the_block_has(open_console: OpenConsole) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(*session())
        await console.press("ctrl+b", "U", "full_stop")
        menu = console.app.screen
        assert isinstance(menu, BlockMenu)
        labels = [shown.plain[:40].strip() for _, shown in menu._rows]
        assert "Copy" in labels
        assert "Copy the command" not in labels
        await console.press("escape")
        assert console.app.screen is console.screen
        assert reader(console).is_browsing


async def test_the_choice_for_a_tool_is_remembered_for_the_next_start(
    open_console: OpenConsole,
) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(*session())
        await console.press("ctrl+b", "T", "T", "o")
        assert "Calls of read_file are open from now on." in said(console)
        path = data_directory() / "folds.json"
        await console.until(path.exists)
        assert json.loads(path.read_text())["folded_tools"] == {"read_file": False}
    async with open_console(*session(), load=load_parts) as console:
        assert "│ needle" in shown(console.get(BrowsedTranscript))


async def test_a_choice_that_cannot_be_saved_is_told_and_holds(
    open_console: OpenConsole, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("HARN_TUI_HOME", str(blocked))
    async with open_console(load=load_parts) as console:
        await console.emit(*session())
        await console.press("ctrl+b", "T", "T", "o")
        await console.until(lambda: bool(console.app._notifications))
        assert "could not be saved" in next(iter(console.app._notifications)).message
        assert "│ needle" in shown(console.get(BrowsedTranscript))


async def test_the_block_is_shown_as_it_came(open_console: OpenConsole) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(*session())
        await console.press("ctrl+b", "r")
        assert "┊ The **answer** is below." in shown(console.get(BrowsedTranscript))


async def test_browsing_brings_the_transcript_back_from_under_the_panel(
    open_console: OpenConsole,
) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(*session())
        await console.press("ctrl+t", "ctrl+b")
        assert not console.screen.body.covers_transcript
        assert console.get(BrowsedTranscript).has_focus


async def test_a_replay_is_browsed_and_searched_with_the_same_keys(copied: list[str]) -> None:
    async with open_replay(session(), parts=load_parts) as (screen, pilot):
        await press(screen, pilot, "end")
        await press(screen, pilot, "ctrl+b", "T")
        transcript = screen.query_one(BrowsedTranscript)
        assert transcript.has_focus
        assert transcript.reader.cursor.block == RUN
        position = screen.position
        await press(screen, pilot, "n", "space", "t")
        assert screen.position == position

        await press(screen, pilot, "slash", *"needle", "enter", "n", "escape")
        assert screen.focused is None
        await press(screen, pilot, "left")
        assert screen.position == position - 1


async def test_in_a_replay_ctrl_c_copies_a_selection_instead_of_leaving(
    copied: list[str],
) -> None:
    async with open_replay(session(), parts=load_parts) as (screen, pilot):
        await press(screen, pilot, "end")
        await press(screen, pilot, "ctrl+b", "v", "ctrl+c")
        while not copied:
            await pilot.pause(0.005)
        assert copied == [REPLY]
        assert screen.app.is_running


async def test_a_replay_can_be_moved_while_it_is_browsed() -> None:
    async with open_replay(session(), parts=load_parts) as (screen, pilot):
        await press(screen, pilot, "end")
        await press(screen, pilot, "ctrl+b", "v", *["left"] * 12)
        reader = screen.query_one(BrowsedTranscript).reader
        assert len(screen.view.blocks) <= 2
        await press(screen, pilot, "r", "y", "space", "o", "e", "full_stop", "escape", "k")
        assert reader.block is not None
        await press(screen, pilot, "right", "right", "j")
        assert screen.app.is_running
