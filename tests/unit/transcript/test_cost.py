"""Cost by counting what is laid out, never by time."""

import pytest

from harn_tui.console.transcript.document import Document
from harn_tui.console.transcript.viewport import Viewport
from harn_tui.kinds import ToolCallStatus
from harn_tui.view.model import AssistantBlock, Block, LiveOutput, ThoughtBlock
from tests.unit.transcript.builders import assistant, lines, rows, thought, tool, user
from tests.unit.transcript.conftest import MakePen, MakeViewport

FRAMES = 60


def stream(viewport: Viewport, block: AssistantBlock, delta: str, frames: int = FRAMES) -> int:
    """Append ``delta`` once a frame; return how many units were laid out."""
    index = next(at for at, other in enumerate(viewport.document.blocks) if other is block)
    before = viewport.document.pen.draws
    for _ in range(frames):
        block.parts.append(delta)
        viewport.document.update({index})
        viewport.compose()
    return viewport.document.pen.draws - before


@pytest.mark.parametrize("blocks", [10, 100, 20_000])
def test_opening_a_session_lays_out_only_what_is_in_view(
    make_viewport: MakeViewport, blocks: int
) -> None:
    viewport = make_viewport([assistant(lines(3)) for _ in range(blocks)])
    assert viewport.document.pen.draws <= 12
    assert len(viewport.document._opened) <= 12


@pytest.mark.parametrize("before", [10, 1_000, 20_000])
def test_a_token_costs_the_same_in_a_long_answer(make_viewport: MakeViewport, before: int) -> None:
    block = assistant(lines(before), is_open=True)
    viewport = make_viewport([block])
    assert stream(viewport, block, " word") == FRAMES


@pytest.mark.parametrize(
    ("start", "delta", "most"),
    [
        ("```python\n", "x = call(1)\n", 2),
        ("| a | b |\n|---|---|\n", "| 1 | 2 |\n", 2),
        ("", "- item of a list\n", 2),
        ("", "prose without any end ", 2),
    ],
)
@pytest.mark.parametrize("size", [100, 5_000])
def test_a_frame_inside_a_giant_block_lays_out_its_open_end_only(
    make_viewport: MakeViewport, start: str, delta: str, most: int, size: int
) -> None:
    block = assistant(start + delta * size, is_open=True)
    viewport = make_viewport([block])
    assert stream(viewport, block, delta) <= most * FRAMES + viewport.height


@pytest.mark.parametrize("prefix", ["", "```\n", "- ", "| a | b |\n|---|---|\n| "])
def test_a_line_of_a_megabyte_is_cheap_while_it_streams(
    make_viewport: MakeViewport, prefix: str
) -> None:
    block = assistant(prefix, is_open=True)
    viewport = make_viewport([block])
    assert stream(viewport, block, "x" * 10_000, 100) <= 1_000
    last = viewport.document.open(0).units[-1]
    assert len(last.draw(viewport.document.pen).strips) < 120
    assert sum(len(row) for row in rows(viewport)) < 2_000


@pytest.mark.parametrize("blocks", [100, 10_000])
def test_a_page_up_lays_out_about_a_page(make_viewport: MakeViewport, blocks: int) -> None:
    viewport = make_viewport([assistant(lines(3)) for _ in range(blocks)])
    for _ in range(10):
        before = viewport.document.pen.draws
        viewport.scroll(-viewport.height)
        viewport.compose()
        assert viewport.document.pen.draws - before <= viewport.height + 2


def test_scrolled_up_what_arrives_is_measured_and_not_laid_out(
    make_viewport: MakeViewport,
) -> None:
    block = assistant(lines(50), is_open=True)
    viewport = make_viewport([assistant(lines(50)), block])
    viewport.scroll(-60)
    viewport.compose()
    height = viewport.document.heights.total
    assert stream(viewport, block, "more words and\n\n") == 0
    assert viewport.document.heights.total >= height + FRAMES


def test_folded_reasoning_is_not_laid_out(make_viewport: MakeViewport) -> None:
    block = ThoughtBlock(0, 1, ["thinking"])
    viewport = make_viewport([user("x"), block])
    units = viewport.document.open(1).units
    assert len(units) == 1
    assert stream(viewport, block, " word\n\n- and a list\n") == FRAMES
    assert viewport.document.open(1).units == units
    assert rows(viewport)[2].startswith(" ∴ thinking, 301 words")


def test_folded_reasoning_that_is_settled_costs_one_row(make_viewport: MakeViewport) -> None:
    viewport = make_viewport([thought("deep " * 50_000)])
    assert viewport.document.pen.draws == 1


def test_live_output_redraws_its_own_block_only(make_viewport: MakeViewport) -> None:
    block = tool(status=ToolCallStatus.IN_PROGRESS)
    block.live_output = LiveOutput()
    blocks: list[Block] = [assistant(lines(30)), block]
    viewport = make_viewport(blocks)
    before = viewport.document.pen.draws
    for number in range(FRAMES):
        block.live_output.append(f"line {number}\n")
        viewport.document.update({1})
        viewport.compose()
    assert viewport.document.pen.draws - before <= 2 * FRAMES + 2


def test_a_resize_lays_out_only_what_is_in_view(make_viewport: MakeViewport) -> None:
    viewport = make_viewport([assistant(lines(5)) for _ in range(5_000)])
    before = viewport.document.pen.draws
    viewport.document.pen.width = 33
    viewport.document.redraw()
    viewport.keep_place()
    viewport.compose()
    assert viewport.document.pen.draws - before <= 12


def test_closed_text_is_scanned_once(make_pen: MakePen) -> None:
    block = assistant(lines(2_000), is_open=True)
    document = Document(make_pen())
    document.attach([block])
    closed = document.open(0).units[:-1]
    block.parts.append(" and so on")
    document.update({0})
    assert all(old is new for old, new in zip(closed, document.open(0).units[:-1], strict=True))
