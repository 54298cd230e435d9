import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harn_tui.console.transcript.search import MAX_HITS, Hit, Search
from harn_tui.console.transcript.searched_text import searched_text
from harn_tui.kinds import ToolKind
from harn_tui.view.model import Block
from tests.unit.transcript.builders import assistant, thought, tool, user

ALL = 1 << 40


def done(blocks: list[Block], needle: str, start: int = 0) -> Search:
    search = Search(blocks, needle, start)
    search.advance(ALL)
    assert search.is_complete
    return search


def all_hits(search: Search) -> list[Hit]:
    """Every hit in order, by going from one to the next."""
    found: list[Hit] = []
    place = (-1, 0)
    for _ in range(search.count):
        hit = search.after(*place)
        assert hit is not None
        found.append(hit)
        place = hit
    return found


@pytest.mark.parametrize(
    ("needle", "count"), [("page", 3), ("Page", 1), ("PAGE", 1), ("p.ge", 0), ("age pa", 1)]
)
def test_a_capital_letter_makes_case_count_and_nothing_is_a_pattern(
    needle: str, count: int
) -> None:
    assert done([user("a page page"), assistant("no PAGE")], needle).count == (
        count if needle != "Page" else 0
    )


def test_folded_reasoning_and_results_of_calls_are_looked_at() -> None:
    blocks: list[Block] = [
        thought("needle"),
        tool(result="a needle"),
        tool(error="needle!"),
        user("hay"),
    ]
    assert [hit.block for hit in all_hits(done(blocks, "needle"))] == [0, 1, 2]


def test_an_error_that_is_also_the_result_counts_once() -> None:
    assert done([tool(result="no needle", error="no needle")], "needle").count == 1


def test_beside_a_diff_the_arguments_that_it_was_made_of_do_not_count_again() -> None:
    block = tool(
        "edit_file",
        kind=ToolKind.EDIT,
        arguments={"path": "src/needle.py", "new_text": "a\nneedle\n"},
        details={"diff": "@@ -1 +1 @@\n+needle\n"},
    )
    assert done([block], "needle").count == 2


def test_what_a_retry_voided_is_not_found() -> None:
    block = assistant("needle")
    block.discarded = True
    assert done([block], "needle").count == 0


def test_the_next_hit_goes_round_at_both_ends() -> None:
    search = done([user("x x"), user("-"), user("x")], "x")
    assert search.after(2, 0) == (0, 0)
    assert search.before(0, 0) == (2, 0)
    assert search.before(2, 0) == (0, 2)
    assert [search.number(hit) for hit in all_hits(search)] == [1, 2, 3]


@given(
    texts=st.lists(st.text("abAB ", max_size=30), max_size=8),
    needle=st.text("abA ", min_size=1, max_size=3),
    start=st.integers(0, 8),
    slice_chars=st.integers(1, 500),
)
def test_slices_from_any_place_find_what_one_look_finds(
    texts: list[str], needle: str, start: int, slice_chars: int
) -> None:
    blocks: list[Block] = [user(text) for text in texts]
    search = Search(blocks, needle, start)
    while not search.is_complete:
        search.advance(slice_chars)
    flags = re.NOFLAG if any(c.isupper() for c in needle) else re.IGNORECASE
    wanted = [
        (index, match.start())
        for index, text in enumerate(texts)
        for match in re.finditer(re.escape(needle), text, flags)
    ]
    assert all_hits(search) == wanted
    for hit in wanted:
        assert searched_text(blocks[hit[0]])[hit[1] :][: len(needle)].lower() == needle.lower()


@settings(max_examples=20)
@given(before=st.integers(32_700, 32_780), needle=st.sampled_from(["ab", "aba", "needle"]))
def test_hits_over_the_edge_of_a_slice_are_found_once(before: int, needle: str) -> None:
    text = "." * before + needle * 30 + "." * 70_000 + needle
    search = Search([user(text)], needle)
    while not search.is_complete:
        search.advance(1)
    assert [hit.start for hit in all_hits(search)] == [
        match.start() for match in re.finditer(needle, text)
    ]


def test_a_slice_looks_at_no_more_than_it_was_told() -> None:
    blocks: list[Block] = [user("needle " * 40) for _ in range(20_000)]
    search = Search(blocks, "needle")
    search.advance(60_000)
    assert 0 < search.count < 60_000 // 280 * 40 + 80
    assert not search.is_complete


def test_blocks_that_changed_or_came_are_looked_at_again() -> None:
    block = user("x")
    blocks: list[Block] = [block, user("x")]
    search = done(blocks, "x")
    block.text = "no hit"
    blocks.append(user("x x"))
    search.update({0, 2})
    assert not search.is_complete
    search.advance(ALL)
    assert all_hits(search) == [(1, 0), (2, 0), (2, 2)]


def test_text_that_grows_is_looked_at_when_it_has_ended() -> None:
    block = assistant("x", is_open=True)
    blocks: list[Block] = [block]
    search = done(blocks, "x")
    block.parts.append(" x")
    search.update({0})
    assert search.is_complete
    block.is_open = False
    search.update({0})
    search.advance(ALL)
    assert search.count == 2


def test_more_hits_than_can_be_kept_end_the_search() -> None:
    search = Search([user("x" * MAX_HITS), user("x")], "x")
    search.advance(ALL)
    assert search.is_full
    assert search.is_complete
