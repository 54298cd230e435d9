"""Facets of a search in the transcript."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from harn_tui.console.transcript.search import Search
from harn_tui.console.transcript.search_facets import Wanted, wanted_by
from harn_tui.kinds import NoticeLevel, ToolCallStatus
from harn_tui.view.model import Block, NoticeBlock
from tests.unit.transcript.builders import NOW, assistant, tool, user
from tests.unit.transcript.host import staged

FAILED = ToolCallStatus.FAILED
AT = datetime.fromtimestamp(NOW / 1000)  # noqa: DTZ006 - local, as the query has it

BLOCKS: list[Block] = [
    user("read the parser"),
    tool("read_file", arguments={"path": "src/my_parser.py"}, result="def parse"),
    tool("run_command", FAILED, arguments={"command": "make"}, error="parse error"),
    assistant("the parser is read"),
    NoticeBlock(NOW, NoticeLevel.ERROR, "disk full"),
    tool("read_dir", arguments={"path": "docs"}),
    replace(tool("read_file", FAILED, error="gone"), discarded=True),
    user("later"),
]


def found(typed: str, blocks: list[Block] | None = None) -> list[int]:
    """The blocks with hits, one for each hit."""
    wanted = wanted_by(typed, AT)
    assert not wanted.is_empty
    search = Search(blocks or BLOCKS, wanted.needle, 0, wanted.facets)
    search.advance(1 << 40)
    hits, place = [], (-1, 0)
    for _ in range(search.count):
        hit = search.after(*place)
        assert hit is not None
        hits.append(hit.block)
        place = hit
    return hits


@pytest.mark.parametrize(
    ("typed", "blocks"),
    [
        ("tool:read_file", [1]),
        ("tool:read*", [1, 5]),
        ("TOOL:run_command parse", [2]),
        ("is:error", [2, 4]),
        ("is:error full", [4]),
        ("by:me", [0, 7]),
        ("by:me parser", [0]),
        ("file:parser", [1]),
        ("file:src/my_parser.py", [1]),
        ("file:pars", []),
        ("file:docs tool:read_dir", [5]),
        ("read tool:read_file", [1]),
        ("def tool:read_file parse", [1]),
        ("the parser", [0, 3]),
        ("after:1d", list(range(6)) + [7]),
        ("before:1d", []),
    ],
)
def test_facets_leave_the_blocks_that_fit_all_of_them(typed: str, blocks: list[int]) -> None:
    assert found(typed) == blocks


def test_times_count_for_each_block() -> None:
    old = replace(user("x"), started_at_ms=NOW - int(timedelta(days=3).total_seconds() * 1000))
    assert found("before:1d", [old, user("y")]) == [0]
    assert found("after:1d", [old, user("y")]) == [1]


@pytest.mark.parametrize(
    ("typed", "needle"),
    [
        ("plain  words", "plain  words"),
        ('"in quotes"', '"in quotes"'),
        ('"is:error"', "is:error"),
        ("if x: return", "if x: return"),
        ("http://a", "http://a"),
        ("in:src", "in:src"),
        ("", ""),
    ],
)
def test_everything_else_is_text_as_it_was_typed(typed: str, needle: str) -> None:
    assert wanted_by(typed, AT) == Wanted(needle)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("is:broken", "is:broken is not known"),
        ("by:you", "by:you is not known"),
        ("after:whenever", "after:whenever is no time"),
        ("file:/", "file:/ has no letter"),
        ("tool:", "tool: needs something"),
    ],
)
def test_what_cannot_be_used_is_told_and_finds_nothing(typed: str, problem: str) -> None:
    wanted = wanted_by(typed, AT)
    assert wanted.is_empty
    assert problem in wanted.problems[0]


@pytest.mark.parametrize("typed", ["file:nowhere", "file:nowhere parse"])
def test_what_is_read_to_find_the_files_of_a_call_counts_in_the_slice(typed: str) -> None:
    patch = "*** Update File: src/a.py\n" + "+line\n" * 7_000
    calls: list[Block] = [tool("apply_patch", arguments={"patch": patch}) for _ in range(100)]
    wanted = wanted_by(typed, AT)
    search = Search(calls, wanted.needle, 0, wanted.facets)
    slices = 0
    while not search.is_complete:
        search.advance(len(patch) * 10)
        slices += 1
    assert slices == 10


async def test_going_from_one_fitting_row_to_the_next() -> None:
    async with staged((60, 8)) as stage:
        stage.show(*BLOCKS)
        finder = stage.transcript.reader.finder
        stage.transcript.jump_to(0)
        finder.begin()
        finder.look_for("is:error")
        assert (finder.state.number, finder.state.total) == (1, 2)
        assert stage.transcript.reader.cursor.block == 2
        finder.step(1)
        assert stage.transcript.reader.cursor.block == 4
        finder.step(1)
        assert stage.transcript.reader.cursor.block == 2
        finder.look_for("is:nothing")
        assert "is:nothing is not known" in finder.state.problem
        finder.look_for("is:error parse")
        assert finder.state.total == 1
        finder.cancel()
        assert finder.state.problem == ""
