from hypothesis import given
from hypothesis import strategies as st

from harn_tui.tools.tool_search.promotions import Promotion, Promotions, tool_tokens
from tests.unit.tools.tool_search.builders import tool

SIZES = {"a": 10, "b": 10, "c": 10, "d": 25, "huge": 99}


def test_tokens_are_a_quarter_of_the_bytes_rounded_up() -> None:
    text = '{"name":"x1","description":"é","parameters":{"type":"object","properties":{}}}'
    assert tool_tokens(tool("x1", "é")) == -(-len(text.encode()) // 4)


def test_what_is_found_is_loaded_once() -> None:
    promotions = Promotions(SIZES)
    assert promotions.promote(["a", "b", "a"]) == Promotion(added=("a", "b"))
    assert promotions.promote(["b", "c"]) == Promotion(added=("c",))
    assert promotions.names == ("a", "b", "c")


def test_unknown_names_are_passed_over() -> None:
    assert Promotions(SIZES).promote(["nobody"]) == Promotion()


def test_over_the_budget_the_oldest_go_first() -> None:
    promotions = Promotions(SIZES, 25)
    promotions.promote(["a"])
    promotions.promote(["b"])
    assert promotions.promote(["c"]) == Promotion(added=("c",), evicted=("a",))
    assert promotions.names == ("b", "c")


def test_a_tool_larger_than_the_whole_budget_is_skipped_and_evicts_nothing() -> None:
    promotions = Promotions(SIZES, 25)
    promotions.promote(["a"])
    assert promotions.promote(["huge", "b"]) == Promotion(added=("b",), left_out=("huge",))
    assert promotions.names == ("a", "b")


def test_a_worse_match_never_replaces_a_better_one_of_the_same_search() -> None:
    promotions = Promotions(SIZES, 25)
    found = promotions.promote(["a", "d", "b", "c"])
    assert found == Promotion(added=("a", "b"), left_out=("d", "c"))


def test_what_is_found_again_counts_as_the_newest() -> None:
    promotions = Promotions(SIZES, 25)
    promotions.promote(["a"])
    promotions.promote(["b"])
    assert promotions.promote(["a", "c"]) == Promotion(added=("c",), evicted=("b",))
    assert promotions.names == ("a", "c")


def test_a_loaded_tool_makes_room_for_a_better_match() -> None:
    promotions = Promotions(SIZES, 25)
    promotions.promote(["a", "b"])
    found = promotions.promote(["c", "b", "a"])
    assert found == Promotion(added=("c",), evicted=("a",), left_out=("a",))
    assert promotions.names == ("c", "b")


SEARCHES = st.lists(st.lists(st.sampled_from(sorted(SIZES)), max_size=5), max_size=6)


@given(SEARCHES, st.one_of(st.none(), st.integers(1, 120)))
def test_the_budget_holds_after_every_search(searches: list[list[str]], budget: int | None) -> None:
    promotions = Promotions(SIZES, budget)
    for search in searches:
        before = promotions.names
        result = promotions.promote(search)
        assert budget is None or promotions.tokens <= budget
        assert set(promotions.names) == (set(before) | set(result.added)) - set(result.evicted)
        assert len(set(promotions.names)) == len(promotions.names)
        assert set(result.evicted) & set(search) <= set(result.left_out)
        assert set(search) <= set(promotions.names) | set(result.left_out)


@given(SEARCHES, st.integers(1, 120))
def test_the_best_match_is_loaded_whenever_it_fits_the_budget(
    searches: list[list[str]], budget: int
) -> None:
    promotions = Promotions(SIZES, budget)
    for search in searches:
        promotions.promote(search)
        if search and SIZES[search[0]] <= budget:
            assert search[0] in promotions.names
