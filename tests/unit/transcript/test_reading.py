"""The reader of a transcript: cursor, marks, find, selecting with the mouse, folds of tools."""

from collections.abc import Callable

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip

from harn_tui.console.landmark import Landmark
from harn_tui.console.transcript.finder import SLICE_CHARS
from harn_tui.console.transcript.roles import Role
from harn_tui.console.transcript.row_marks import CURSOR_BAR, Stretch, mark_row
from harn_tui.kinds import ToolKind
from harn_tui.view.model import Block
from tests.unit.transcript.builders import assistant, items, lines, thought, tool, user
from tests.unit.transcript.host import Stage, staged


def barred(stage: Stage) -> list[str]:
    return [row[1:].strip() for row in stage.rows() if row.startswith(CURSOR_BAR)]


def styled(stage: Stage, role: Role) -> list[str]:
    """The stretches in view that have the background of ``role``."""
    background = stage.transcript.reader._scene.document.pen.palette[role].bgcolor
    region = Region(0, 0, stage.transcript.window.width, stage.transcript.window.height)
    return [
        segment.text
        for strip in stage.transcript.render_lines(region)
        for segment in strip
        if segment.style is not None and segment.style.bgcolor == background
    ]


async def until(stage: Stage, condition: Callable[[], bool]) -> None:
    while not condition():
        await stage.pilot.pause(0.005)


async def test_the_cursor_marks_all_rows_of_its_block_and_moves_none() -> None:
    async with staged() as stage:
        stage.show(user("one"), assistant("two\n\nthree"))
        before = [row[1:] for row in stage.rows()]
        stage.transcript.reader.enter()
        assert barred(stage) == ["two", "", "three"]
        assert [row[1:] for row in stage.rows()] == before
        stage.transcript.reader.leave()
        assert barred(stage) == []


async def test_the_cursor_goes_block_by_block_and_the_window_with_it() -> None:
    async with staged() as stage:
        stage.show(*(assistant(items(5, f"b{number}")) for number in range(30)))
        reader = stage.transcript.reader
        reader.enter()
        for number in range(28, -1, -1):
            reader.move(-1)
            assert reader.cursor.block == number
            assert f"• b{number} 0" in barred(stage)
            assert len(barred(stage)) == 5
        reader.move(-1)
        assert reader.cursor.block == 0
        for number in range(1, 30):
            reader.move(1)
            assert f"• b{number} 4" in barred(stage)


async def test_the_cursor_passes_over_what_is_not_shown() -> None:
    async with staged() as stage:
        voided = assistant("voided")
        voided.discarded = True
        stage.show(user("one"), voided, assistant(""), user("two"))
        stage.transcript.reader.enter()
        stage.transcript.reader.move(-1)
        assert stage.transcript.reader.cursor.block == 0


async def test_after_scrolling_the_cursor_comes_back_into_view() -> None:
    async with staged() as stage:
        stage.show(*(assistant(items(5, f"b{number}")) for number in range(30)))
        reader = stage.transcript.reader
        reader.enter()
        stage.transcript.action_scroll_home()
        reader.move(1)
        assert reader.cursor.block == 0


async def test_a_jump_goes_to_the_next_place_of_its_kind() -> None:
    async with staged() as stage:
        stage.show(user("first"), assistant(lines(40)), tool(result="x"), user("last"))
        reader = stage.transcript.reader
        reader.enter()
        assert reader.jump(Landmark.USER_LINE, -1)
        assert barred(stage) == ["▌ first"]
        assert reader.jump(Landmark.TOOL_CALL, 1)
        assert reader.cursor.block == 2
        assert not reader.jump(Landmark.ERROR, 1)


async def test_places_are_known_of_blocks_that_came_while_browsing() -> None:
    async with staged() as stage:
        stage.show(user("first"), assistant("x"))
        reader = stage.transcript.reader
        reader.enter()
        assert not reader.jump(Landmark.TOOL_CALL, 1)
        stage.append(tool(result="x"))
        assert reader.jump(Landmark.TOOL_CALL, 1)
        assert reader.cursor.block == 2


async def test_finding_goes_to_the_first_hit_and_marks_all_in_view() -> None:
    async with staged() as stage:
        stage.show(*(user(f"line {number} with a needle") for number in range(40)))
        stage.transcript.action_scroll_home()
        finder = stage.transcript.reader.finder
        finder.begin()
        finder.look_for("NEEDLE".lower())
        assert finder.state[1:3] == (1, 40)
        assert styled(stage, Role.CURRENT_HIT) == ["needle"]
        assert len(styled(stage, Role.HIT)) == sum("needle" in row for row in stage.rows()) - 1
        for number in range(2, 41):
            finder.step(1)
            assert finder.state.number == number
            assert styled(stage, Role.CURRENT_HIT) == ["needle"]
        finder.step(1)
        assert finder.state.number == 1
        finder.step(-1)
        assert finder.state.number == 40


async def test_a_folded_block_is_open_while_the_hit_is_in_it() -> None:
    async with staged((60, 20)) as stage:
        result = "\n".join([*(f"row {number}" for number in range(50)), "the needle"])
        stage.show(tool(result=result), thought("a needle too"), user("needle"))
        folded = stage.rows()
        finder = stage.transcript.reader.finder
        finder.begin()
        finder.look_for("needle")
        assert any("│ the needle" in row for row in stage.rows())
        assert styled(stage, Role.CURRENT_HIT) == ["needle"]
        finder.step(1)
        assert any("▏ a needle too" in row for row in stage.rows())
        assert not any("│" in row for row in stage.rows())
        finder.cancel()
        assert stage.rows() == folded


async def test_a_block_that_a_person_opened_stays_open() -> None:
    async with staged((60, 20)) as stage:
        stage.show(tool(result="needle"), user("needle"))
        stage.transcript.toggle_fold(0)
        finder = stage.transcript.reader.finder
        finder.begin()
        finder.look_for("needle")
        finder.step(1)
        assert any("│ needle" in row for row in stage.rows())


async def test_every_hit_of_a_change_and_of_output_is_brought_into_view() -> None:
    diff = "@@ -1 +1,60 @@\n" + "".join(f"+call_{n}(needle)\n" for n in range(60))
    async with staged((60, 12)) as stage:
        stage.show(
            tool("edit_file", kind=ToolKind.EDIT, arguments={"path": "n"}, details={"diff": diff}),
            tool(result="needle\n" * 50, arguments={"command": "needle"}),
            assistant("\n\n".join(["the **needle** is `needle`"] * 20)),
        )
        stage.transcript.action_scroll_home()
        finder = stage.transcript.reader.finder
        finder.begin()
        finder.look_for("needle")
        assert finder.state.total == 60 + 51 + 40
        for _ in range(finder.state.total):
            assert styled(stage, Role.CURRENT_HIT) == ["needle"]
            finder.step(1)
        assert finder.state.number == 1


async def test_a_hit_that_is_wrapped_is_marked_in_both_rows() -> None:
    async with staged((30, 12)) as stage:
        stage.show(user("twenty four characters, then more of it"))
        finder = stage.transcript.reader.finder
        finder.begin()
        finder.look_for("characters, then")
        assert styled(stage, Role.CURRENT_HIT) == ["characters,", "then"]


async def test_cancelling_restores_place_and_cursor() -> None:
    async with staged() as stage:
        stage.show(*(assistant(items(5, f"b{number}")) for number in range(30)))
        reader = stage.transcript.reader
        stage.transcript.jump_to(20)
        reader.enter()
        before, block = stage.rows(), reader.cursor.block
        reader.finder.begin()
        reader.finder.look_for("b3 2")
        assert stage.rows() != before
        reader.finder.look_for("nowhere")
        assert stage.rows() == before
        reader.finder.look_for("b2 2")
        reader.finder.cancel()
        assert (stage.rows(), reader.cursor.block) == (before, block)
        assert not reader.finder.is_on


async def test_a_long_session_is_looked_through_in_slices() -> None:
    blocks: list[Block] = [assistant(f"{number} " + "hay " * 100) for number in range(6_000)]
    blocks[10] = assistant("needle")
    blocks[5_990] = assistant("a needle")
    async with staged() as stage:
        stage.show(*blocks)
        stage.transcript.action_scroll_home()
        finder = stage.transcript.reader.finder
        finder.begin()
        finder.look_for("needle")
        assert (finder.state.number, finder.state.is_complete) == (1, False)
        assert 10 * SLICE_CHARS < 6_000 * 400
        finder.step(1)
        await until(stage, lambda: finder.state.number == 2)
        await until(stage, lambda: finder.state.is_complete)
        assert finder.state[1:3] == (2, 2)
        assert any("a needle" in row for row in stage.rows())


async def test_text_that_comes_while_finding_is_found() -> None:
    async with staged() as stage:
        stage.show(user("a needle"))
        finder = stage.transcript.reader.finder
        finder.begin()
        finder.look_for("needle")
        stage.append(user("needle two"))
        await until(stage, lambda: finder.state.total == 2)


async def test_selected_rows_are_marked_and_the_selection_is_copied() -> None:
    async with staged() as stage:
        stage.show(user("one two three"), assistant("four **five** six"))
        reader = stage.transcript.reader
        start, end = reader.selecting.place_at(7, 0), reader.selecting.place_at(12, 2)
        assert start is not None
        assert end is not None
        reader.selecting.select(start, end)
        assert styled(stage, Role.SELECTED) == ["two three", "four ", "five"]
        assert reader.selecting.text() == "two three\n\nfour five"
        await stage.pilot.resize_terminal(30, 12)
        await stage.pilot.pause()
        assert reader.selecting.text() == "two three\n\nfour five"
        assert reader.selecting.drop()
        assert styled(stage, Role.SELECTED) == []


async def test_selecting_with_keys_takes_blocks_and_rows() -> None:
    async with staged() as stage:
        stage.show(user("one\ntwo\nthree"), assistant("four\n\nfive"))
        reader = stage.transcript.reader
        reader.enter()
        reader.selecting.toggle()
        assert reader.selecting.text() == "four\n\nfive"
        reader.move(-1)
        assert reader.selecting.text() == "one\ntwo\nthree\n\nfour\n\nfive"
        reader.selecting.extend(1)
        assert reader.selecting.text() == "two\nthree\n\nfour\n\nfive"
        reader.selecting.toggle()
        reader.move(-1)
        reader.selecting.extend(1)
        reader.selecting.extend(1)
        assert reader.selecting.text() == "one\ntwo"
        reader.selecting.extend(-1)
        assert reader.selecting.text().strip() == "one"


async def test_calls_of_a_tool_are_opened_together_and_those_to_come_too() -> None:
    async with staged((60, 20)) as stage:
        stage.show(
            tool("read_file", kind=ToolKind.READ, result="one"),
            tool(result="output"),
            tool("read_file", kind=ToolKind.READ, result="two"),
        )
        reader = stage.transcript.reader
        reader.enter()
        assert reader.toggle_tool() == ("read_file", False)
        stage.append(tool("read_file", kind=ToolKind.READ, result="three"))
        shown = "\n".join(stage.rows())
        assert [word in shown for word in ("│ one", "│ output", "│ two", "│ three")] == [
            True, False, True, True,
        ]  # fmt: skip
        assert reader.toggle_tool() == ("read_file", True)
        assert "│" not in "\n".join(stage.rows())


async def test_a_tool_can_be_folded_alone_after_all_blocks_were_opened() -> None:
    async with staged((60, 20)) as stage:
        stage.show(tool(result="one"), tool("read_file", kind=ToolKind.READ, result="two"))
        stage.transcript.toggle_all()
        assert "│ two" in "\n".join(stage.rows())
        stage.transcript.reader.enter()
        assert stage.transcript.reader.toggle_tool() == ("read_file", True)
        shown = "\n".join(stage.rows())
        assert ("│ one" in shown, "│ two" in shown) == (True, False)


async def test_a_hit_in_what_was_voided_meanwhile_is_no_end_of_the_program() -> None:
    async with staged() as stage:
        block = assistant("a needle")
        stage.show(user("needle"), block)
        finder = stage.transcript.reader.finder
        finder.begin()
        finder.look_for("needle")
        block.discarded = True
        stage.update(1)
        finder.step(1)
        finder.step(1)
        await until(stage, lambda: finder.state.is_complete and finder.state.total == 1)


async def test_what_comes_after_nothing_was_found_moves_nothing() -> None:
    async with staged() as stage:
        stage.show(*(assistant(items(5, f"b{number}")) for number in range(30)))
        finder = stage.transcript.reader.finder
        finder.begin()
        finder.look_for("zebra")
        stage.transcript.action_scroll_home()
        before = stage.rows()
        stage.append(user("no such animal"))
        await until(stage, lambda: finder.state.is_complete)
        assert stage.rows() == before


async def test_showing_other_blocks_begins_anew() -> None:
    async with staged() as stage:
        stage.show(*(user(f"needle {number}") for number in range(30)))
        reader = stage.transcript.reader
        reader.enter()
        reader.jump(Landmark.USER_LINE, 1)
        reader.selecting.toggle()
        reader.finder.begin()
        reader.finder.look_for("needle 2")
        stage.show(user("needle a"), user("needle b"))
        assert (reader.cursor.block, reader.selecting.selection) == (1, None)
        assert barred(stage) == ["▌ needle b"]
        assert not reader.finder.is_on
        assert reader.jump(Landmark.USER_LINE, 1)
        reader.finder.cancel()
        assert reader.toggle_raw()


async def test_a_block_is_shown_as_it_came_and_drawn_again() -> None:
    async with staged((60, 20)) as stage:
        stage.show(assistant("# Title\n\n**bold**\x1b[31m"))
        drawn = stage.rows()
        reader = stage.transcript.reader
        reader.enter()
        assert reader.toggle_raw()
        shown = "\n".join(stage.rows())
        assert "┊ # Title" in shown
        assert "┊ **bold**␛[31m" in shown
        assert reader.toggle_raw()
        reader.leave()
        assert stage.rows() == drawn


async def test_text_that_grows_is_not_shown_as_it_came() -> None:
    async with staged() as stage:
        stage.show(assistant("x", is_open=True))
        stage.transcript.reader.enter()
        assert not stage.transcript.reader.toggle_raw()


async def test_rows_with_marks_that_did_not_change_are_the_same_strips() -> None:
    async with staged() as stage:
        block = assistant(lines(3), is_open=True)
        stage.show(user("x"), block)
        stage.transcript.reader.enter()
        region = Region(0, 0, stage.transcript.window.width, 3)
        before = stage.transcript.render_lines(region)
        block.parts.append("\n\nmore")
        stage.update(1)
        after = stage.transcript.render_lines(region)
        assert all(old is new for old, new in zip(before, after, strict=True))


@pytest.mark.parametrize("blocks", [100, 10_000])
async def test_a_move_lays_out_about_a_window_whatever_the_length(blocks: int) -> None:
    async with staged() as stage:
        stage.show(*(assistant(items(5)) for _ in range(blocks)))
        reader = stage.transcript.reader
        reader.enter()
        pen = reader._scene.document.pen
        for _ in range(10):
            before = pen.draws
            reader.move(-1)
            assert pen.draws - before <= 3 * stage.transcript.window.height


def test_a_mark_keeps_the_width_of_a_row_with_wide_characters() -> None:
    strip = Strip([Segment("   漢字 and text"), Segment("  ")], 18)
    marked = mark_row(strip, Style(color="red"), [Stretch(5, 12, Style(reverse=True))])
    assert marked.cell_length == strip.cell_length == sum(s.cell_length for s in marked)
    assert marked.text.startswith(CURSOR_BAR)
