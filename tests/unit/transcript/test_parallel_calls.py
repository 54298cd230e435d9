"""The row above calls of one reply that ran side by side."""

from dataclasses import replace

import pytest

from harn_tui.console.transcript.clock_time import clock_time
from harn_tui.console.transcript.parallel_calls import (
    are_side_by_side,
    calls_of_reply,
    first_of_reply,
    group_words,
)
from harn_tui.kinds import PERSON_COMMAND, ToolCallStatus
from harn_tui.view.model import Block, NoticeBlock, ToolBlock
from tests.unit.transcript.builders import NOW, assistant, lines, tool, user
from tests.unit.transcript.conftest import MakeViewport
from tests.unit.transcript.host import staged

RUNNING, DONE = ToolCallStatus.IN_PROGRESS, ToolCallStatus.COMPLETED


def call(
    began: int | None, spent: int | None = None, *, reply: int = 1, path: str = "a"
) -> ToolBlock:
    """A call that began ``began`` ms after the first, and ended ``spent`` ms later, if it did."""
    status = DONE if spent is not None else RUNNING
    block = tool("read_file", status, arguments={"path": path})
    at = None if began is None else NOW + began
    ended = None if at is None or spent is None else at + spent
    return replace(block, call=reply, running_since_ms=at, ended_at_ms=ended)


@pytest.mark.parametrize(
    ("calls", "is_parallel"),
    [
        ((call(0, 100),), False),
        ((call(0, 100), call(100, 50)), False),
        ((call(0, 100), call(50, 10)), True),
        ((call(0, 10), call(50, 100), call(60, 10)), True),
        ((call(0), call(50)), True),
        ((call(0, 10), call(50)), False),
        ((call(0), call(None)), False),
    ],
)
def test_calls_are_side_by_side_when_two_were_under_way_at_once(
    calls: tuple[ToolBlock, ...], is_parallel: bool
) -> None:
    assert are_side_by_side(calls) is is_parallel


def test_calls_of_a_reply_are_found_whatever_stands_between_them() -> None:
    mine = replace(tool(PERSON_COMMAND), call=2)
    notice = NoticeBlock(NOW, "info", "n")  # type: ignore[arg-type]
    blocks: list[Block] = [
        user("go"),
        call(0, 1, reply=1),
        replace(assistant("text"), call=2),
        call(0, 1, reply=2),
        mine,
        notice,
        call(0, 1, reply=2),
        replace(call(0, 1, reply=2), discarded=True),
        call(0, 1, reply=3),
    ]
    assert [first_of_reply(blocks, index) for index in (1, 3, 6, 8)] == [1, 3, 3, 8]
    assert calls_of_reply(blocks, 3) == [blocks[3], blocks[6]]
    assert calls_of_reply(blocks, 6) == []
    assert calls_of_reply(blocks, 4) == []
    no_numbers: list[Block] = [replace(call(0, 1), call=0), replace(call(0, 1), call=0)]
    assert calls_of_reply(no_numbers, 0) == []


def test_the_words_say_what_was_saved() -> None:
    one_long = [call(0, 4000), call(100, 100)]
    assert group_words(one_long, NOW) == ("2 calls side by side", "4.0 s")
    calls = [call(0, 4000), call(100, 4100)]
    assert group_words(calls, NOW) == ("2 calls side by side", "4.2 s instead of 8.1 s")
    assert group_words([call(0, 1000), call(0)], NOW + 5000) == (
        "2 calls side by side",
        "1 of 2 done 5 s",
    )


async def test_the_row_comes_with_the_second_call_and_counts_until_the_last_ends() -> None:
    async with staged((80, 12)) as stage:
        first, second = call(0, path="one.py"), call(None, path="two.py")
        stage.show(user("go"), first, second)
        assert not any("side by side" in row for row in stage.rows())
        second.running_since_ms = NOW + 100
        stage.update(2)
        stage.transcript.tick(NOW + 2000)
        (row,) = [row for row in stage.rows() if "side by side" in row]
        assert row.startswith(" ║ 2 calls side by side")
        assert row.endswith("0 of 2 done 2 s")
        assert stage.rows().index(row) + 1 == next(
            at for at, shown in enumerate(stage.rows()) if "one.py" in shown
        )
        second.status, second.ended_at_ms = DONE, NOW + 1000
        stage.update(2)
        assert any("1 of 2 done" in row for row in stage.rows())
        first.status, first.ended_at_ms = DONE, NOW + 3000
        stage.update(1)
        (row,) = [row for row in stage.rows() if "side by side" in row]
        assert row.endswith("3.0 s instead of 3.9 s")
        stage.transcript.toggle_fold(1)
        assert stage.transcript.copy_block(1) == stage.transcript.copy_block(1).strip()
        assert "side by side" not in stage.transcript.copy_block(1)


def test_a_sibling_has_the_row_drawn_again_and_nothing_below_it(
    make_viewport: MakeViewport,
) -> None:
    first, second = call(0, 100), call(None, path="two.py")
    first.result_text = lines(2_000)
    viewport = make_viewport([first, second])
    document = viewport.document
    document.toggle_fold(0)
    viewport.compose()
    below, height = document.open(0).units[1:], document.heights[0]
    second.running_since_ms = NOW + 50
    before = document.pen.draws
    document.update({1})
    assert document.heights[0] == document.open(0).heights.total == height + 1
    assert "side by side" in document.drawn(0, 0).strips[0].text
    assert document.heights[0] == height + 1
    assert document.pen.draws == before + 1
    assert below
    assert all(old is new for old, new in zip(below, document.open(0).units[1:], strict=True))


async def test_times_stand_beside_lines_and_calls_when_they_are_wanted() -> None:
    async with staged((80, 12)) as stage:
        stage.show(user("go"), call(0, 10), call(0, 20))
        time = clock_time(NOW)
        stage.transcript.shows_time = True
        await stage.pilot.pause()
        assert sum(time in row for row in stage.rows()) == 3
