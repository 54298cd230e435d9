import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harn_tui.tools.tool_search.candidates import SearchCandidate
from harn_tui.tools.tool_search.regex_search import BadPatternError, rank_by_pattern
from tests.unit.tools.tool_search.builders import corpus


def names(pattern: str, candidates: list[SearchCandidate]) -> list[str]:
    return [name for name, _ in rank_by_pattern(pattern, candidates)]


def test_letters_match_in_either_case() -> None:
    assert names("WEATHER", corpus(get_weather="", other="")) == ["get_weather"]


def test_alternatives_are_understood() -> None:
    candidates = corpus(edit_file="", create_file="", read_file="")
    assert names("edit|create", candidates) == ["create_file", "edit_file"]


def test_more_matches_rank_higher_and_ties_are_broken_by_name() -> None:
    candidates = corpus(b1="log", c1="log log log", a1="log")
    assert rank_by_pattern("log", candidates) == [("c1", 3), ("a1", 1), ("b1", 1)]


def test_at_most_twenty_are_found() -> None:
    many = corpus(**{f"t{number:02}": "x" for number in range(30)})
    assert len(rank_by_pattern("x", many)) == 20


def test_an_expression_that_matches_nothing_everywhere_finds_nothing() -> None:
    assert names("z*", corpus(a1="b")) == []


def test_an_invalid_expression_is_told() -> None:
    with pytest.raises(BadPatternError, match="regex compile error"):
        rank_by_pattern("(", corpus(a1=""))


def test_an_expression_that_is_too_long_is_refused() -> None:
    with pytest.raises(BadPatternError, match="too long"):
        rank_by_pattern("a" * 300, corpus(a1=""))


@pytest.mark.parametrize("pattern", [r"(\w+\s?)+$", r"((a{1,1000}){1,1000}){1,1000}b"])
def test_an_expression_that_would_take_forever_is_given_up(pattern: str) -> None:
    candidates = corpus(a1="word " * 400 + "!", b1="a" * 3000)
    began = time.process_time()
    with pytest.raises(BadPatternError, match="too slow"):
        rank_by_pattern(pattern, candidates)
    assert time.process_time() - began < 5


@settings(deadline=None)
@given(st.text(alphabet="()[]{}?*+|\\^$.-<=!:PLia01,", max_size=12))
def test_any_expression_is_answered_or_refused(pattern: str) -> None:
    try:
        ranked = rank_by_pattern(pattern, corpus(a1="ab ia 01"))
    except BadPatternError:
        return
    assert all(count > 0 for _, count in ranked)
