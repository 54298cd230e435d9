import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harn_tui.console.transcript.document import MAX_OPENED, Document
from harn_tui.console.transcript.engines import Engines
from harn_tui.console.transcript.markdown_units import LeafUnit
from harn_tui.console.transcript.palette import Palette
from harn_tui.console.transcript.pen import Pen
from harn_tui.console.transcript.strip_cache import MAX_ROWS, MAX_UNITS
from harn_tui.console.transcript.viewport import Viewport
from harn_tui.view.model import AssistantBlock, Block
from tests.unit.transcript.builders import (
    assistant,
    lines,
    rows,
    thought,
    tool,
    user,
)
from tests.unit.transcript.conftest import MakeViewport


def all_rows(viewport: Viewport) -> list[str]:
    """Every row of the document, found by drawing every unit."""
    document = viewport.document
    return [
        strip.text.rstrip()
        for index in range(len(document.blocks))
        for unit in range(len(document.open(index).units))
        for strip in document.drawn(index, unit).strips
    ]


def some_blocks(seed: int, count: int) -> list[Block]:
    source = random.Random(seed)
    makers: list[Callable[[], Block]] = [
        lambda: assistant(lines(source.randint(1, 6))),
        lambda: user("\n".join(["typed"] * source.randint(1, 4))),
        lambda: tool(result="x\n" * source.randint(0, 9)),
        lambda: thought("deep " * source.randint(1, 50)),
        lambda: assistant("```\n" + "code\n" * source.randint(1, 30) + "```"),
    ]
    return [source.choice(makers)() for _ in range(count)]


def test_the_end_is_in_view_at_first(make_viewport: MakeViewport) -> None:
    viewport = make_viewport([assistant(lines(50))])
    assert rows(viewport) == all_rows(viewport)[-10:]
    assert viewport.follow


def test_few_rows_stand_at_the_top(make_viewport: MakeViewport) -> None:
    viewport = make_viewport([user("hello")])
    assert rows(viewport) == [" ▌ hello"]
    assert viewport.follow
    viewport.scroll(-5)
    assert rows(viewport) == [" ▌ hello"]
    assert viewport.follow


@settings(max_examples=40)
@given(st.integers(0, 1000), st.lists(st.integers(-30, 30), max_size=12), st.sampled_from([20, 61]))
def test_scrolling_moves_by_exactly_as_many_rows(
    engines: Engines, palette: Palette, seed: int, moves: list[int], width: int
) -> None:
    document = Document(Pen(width, palette, engines))
    document.attach(some_blocks(seed, 12))
    viewport = Viewport(document)
    viewport.height = 9
    viewport.compose()
    everything = all_rows(viewport)
    last = max(0, len(everything) - 9)
    top = last
    for move in moves:
        viewport.scroll(move)
        shown = rows(viewport)
        top = min(last, max(0, top + move))
        assert shown == everything[top : top + 9]
        assert viewport.follow == (top == last)


@settings(max_examples=40)
@given(st.integers(0, 1000), st.integers(0, 60), st.lists(st.integers(0, 2), max_size=10))
def test_the_reader_keeps_the_first_row_whatever_arrives(
    engines: Engines, palette: Palette, seed: int, up: int, arrivals: list[int]
) -> None:
    blocks = [*some_blocks(seed, 10), AssistantBlock(0, 1, ["begun"])]
    document = Document(Pen(50, palette, engines))
    document.attach(blocks)
    viewport = Viewport(document)
    viewport.height = 8
    viewport.compose()
    viewport.scroll(-up - 20)
    before = rows(viewport)
    if viewport.follow or viewport.anchor.block >= 9:
        return
    for kind in arrivals:
        if kind == 0:
            blocks.append(user("another line"))
        elif kind == 1:
            blocks.append(tool(result="text"))
        last = blocks[10]
        assert isinstance(last, AssistantBlock)
        last.parts.append(" more words\n\n- and an item\n\n")
        document.update({10, len(blocks) - 1})
        assert rows(viewport)[0] == before[0]
        assert not viewport.follow


@pytest.mark.parametrize("width", [30, 47, 90, 200])
def test_a_resize_keeps_the_text_of_the_first_row(make_viewport: MakeViewport, width: int) -> None:
    words = " ".join(f"w{number}" for number in range(900))
    viewport = make_viewport([assistant(words), assistant(lines(40))])
    viewport.scroll(-120)
    first = rows(viewport)[0].split()[0]
    viewport.document.pen.width = width
    viewport.document.redraw()
    viewport.keep_place()
    assert first in rows(viewport)[0].split()


def test_there_and_back_again_shows_the_same_rows(make_viewport: MakeViewport) -> None:
    viewport = make_viewport([assistant(lines(30)), assistant("word " * 500), user("x")])
    viewport.scroll(-25)
    before = rows(viewport)
    for width in (33, 60):
        viewport.document.pen.width = width
        viewport.document.redraw()
        viewport.keep_place()
        rows(viewport)
    assert rows(viewport)[0] == before[0]


def test_folding_below_keeps_the_first_row(make_viewport: MakeViewport) -> None:
    blocks = [assistant(lines(10)), tool(result="out\n" * 30), assistant(lines(10))]
    viewport = make_viewport(blocks)
    viewport.scroll(-14)
    before = rows(viewport)
    assert viewport.document.toggle_fold(1)
    viewport.block_was_renewed(1)
    assert rows(viewport)[0] == before[0]
    assert sum("out" in row for row in all_rows(viewport)) == 30


def test_folding_the_block_at_the_top_shows_its_header_there(make_viewport: MakeViewport) -> None:
    viewport = make_viewport([tool(result="out\n" * 60), assistant(lines(20))])
    viewport.document.toggle_fold(0)
    viewport.jump_to(0)
    viewport.scroll(30)
    assert "out" in rows(viewport)[0]
    viewport.document.toggle_fold(0)
    viewport.block_was_renewed(0)
    assert "Ran" in rows(viewport)[0]


def test_jumping_brings_a_block_to_the_top(make_viewport: MakeViewport) -> None:
    blocks = [assistant(lines(8, f"block{number}")) for number in range(20)]
    viewport = make_viewport(blocks)
    viewport.jump_to(7)
    assert rows(viewport)[0].strip() == "block7 0"
    viewport.jump_to(19)
    assert rows(viewport)[0].strip() == "block19 0"


def test_a_jump_near_the_end_goes_no_further_than_it(make_viewport: MakeViewport) -> None:
    viewport = make_viewport([assistant(lines(8)), user("last")])
    viewport.jump_to(1)
    assert rows(viewport)[-1].strip() == "▌ last"
    assert len(rows(viewport)) == 10
    assert viewport.follow


def test_a_row_number_finds_its_row_when_heights_are_known(make_viewport: MakeViewport) -> None:
    viewport = make_viewport([assistant(lines(20)) for _ in range(5)])
    everything = all_rows(viewport)
    for row in (0, 1, 38, 39, 40, 100):
        viewport.scroll_to_row(row)
        assert rows(viewport) == everything[row : row + 10]
        assert viewport.top_row == row


def test_a_row_number_past_the_end_follows_it(make_viewport: MakeViewport) -> None:
    viewport = make_viewport([assistant(lines(20))])
    viewport.scroll(-5)
    viewport.scroll_to_row(10_000)
    rows(viewport)
    assert viewport.follow


def test_estimates_are_corrected_without_moving_the_first_row(
    make_viewport: MakeViewport,
) -> None:
    viewport = make_viewport([assistant("x" + "\n" * 9 + "word " * 100) for _ in range(50)])
    estimated = viewport.document.heights.total
    for _ in range(40):
        before = rows(viewport)
        viewport.scroll(-7)
        assert rows(viewport)[7:] == before[:-7]
    assert viewport.document.heights.total != estimated


def test_discarded_blocks_take_no_row(make_viewport: MakeViewport) -> None:
    blocks: list[Block] = [user("a"), assistant("gone"), user("b")]
    viewport = make_viewport(blocks)
    assert isinstance(blocks[1], AssistantBlock)
    blocks[1].discarded = True
    viewport.document.update([1])
    assert rows(viewport) == [" ▌ a", "", " ▌ b"]


def test_a_first_block_that_is_discarded_leaves_no_gap(make_viewport: MakeViewport) -> None:
    blocks: list[Block] = [assistant("gone"), user("b")]
    viewport = make_viewport(blocks)
    assert isinstance(blocks[0], AssistantBlock)
    blocks[0].discarded = True
    viewport.document.update([0])
    assert rows(viewport) == [" ▌ b"]


def test_an_answer_of_blanks_parts_no_calls(make_viewport: MakeViewport) -> None:
    viewport = make_viewport([tool(), assistant("\n\n"), tool()])
    assert len(rows(viewport)) == 2


def test_what_cannot_be_drawn_is_said_and_hides_nothing_else(
    make_viewport: MakeViewport, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no such luck")

    viewport = make_viewport([user("before")])
    monkeypatch.setattr(LeafUnit, "draw", broken)
    viewport.document.blocks = [user("before"), assistant("text")]
    viewport.document.update([1])
    assert rows(viewport) == [" ▌ before", "", "   this part could not be drawn"]
    assert "no such luck" in caplog.text


def test_units_and_strips_that_are_kept_stay_bounded(make_viewport: MakeViewport) -> None:
    viewport = make_viewport([assistant(lines(6)) for _ in range(2000)])
    for index in range(0, 2000, 5):
        viewport.jump_to(index)
        viewport.compose()
    document = viewport.document
    assert len(document.cache) <= MAX_UNITS
    assert document.cache.rows <= MAX_ROWS
    assert len(document._opened) <= MAX_OPENED


def test_an_empty_session_has_no_rows(make_viewport: MakeViewport) -> None:
    viewport = make_viewport([])
    assert rows(viewport) == []
    viewport.scroll(-3)
    viewport.scroll(3)
    viewport.jump_to(0)
    assert rows(viewport) == []
    assert viewport.top_row == 0
    assert viewport.follow
