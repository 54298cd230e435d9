import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.tools.tool_search.bm25 import rank_by_words, tokens
from harn_tui.tools.tool_search.candidates import SearchCandidate, search_candidate
from tests.unit.tools.tool_search.builders import corpus, tool


def names(query: str, candidates: list[SearchCandidate], limit: int = 20) -> list[str]:
    return [name for name, _ in rank_by_words(query, candidates, limit)]


def test_the_worked_figures_of_a_weather_query_come_out() -> None:
    candidates = corpus(get_weather="", lookup="Look up the current weather")
    first, second = rank_by_words("weather", candidates)
    assert (first[0], second[0]) == ("get_weather", "lookup")
    assert first[1] == pytest.approx(0.23525, abs=1e-5)
    assert second[1] == pytest.approx(0.14884, abs=1e-5)


def test_the_formula_is_okapi_with_k1_of_1_5_and_b_of_0_75() -> None:
    candidates = corpus(a1="x x y", b1="y z z z z", c1="q")
    ((name, score),) = rank_by_words("x", candidates)
    lengths = [4, 6, 2]
    average = sum(lengths) / 3
    weight = math.log((3 - 1 + 0.5) / (1 + 0.5) + 1)
    expected = weight * 2 * 2.5 / (2 + 1.5 * (1 - 0.75 + 0.75 * 4 / average))
    assert name == "a1"
    assert score == pytest.approx(expected)


def test_words_are_parted_at_underscores_and_hyphens_and_not_at_capitals() -> None:
    assert tokens("get_user-data fetchURL v2.1") == ["get", "user", "data", "fetchurl", "v2", "1"]


def test_a_word_in_a_name_ranks_above_one_in_a_long_description() -> None:
    candidates = corpus(
        other="can among many further things which it does also deploy", deploy_service="ships"
    )
    assert names("deploy", candidates) == ["deploy_service", "other"]


def test_what_holds_no_word_of_the_query_is_left_out() -> None:
    assert names("weather", corpus(a1="weather", b1="time")) == ["a1"]
    assert names("??", corpus(a1="x")) == []
    assert names("x", []) == []


def test_ties_are_broken_by_name_and_results_are_bounded() -> None:
    candidates = corpus(**{f"t{number}": "same words" for number in (3, 1, 2)})
    assert names("same", candidates) == ["t1", "t2", "t3"]
    many = corpus(**{f"t{number:02}": "same" for number in range(30)})
    assert len(names("same", many)) == 20
    assert names("same", many, 3) == ["t00", "t01", "t02"]


def test_parameters_are_found_beside_name_and_description() -> None:
    found = search_candidate(tool("x1", "Does", city="City name", query=None, odd=""))
    assert found == SearchCandidate("x1", "x1\nDoes\ncity: City name\nquery\nodd: ")


def test_the_name_of_a_server_is_found() -> None:
    candidates = [search_candidate(tool("open_issue", namespace="tracker"), "github")]
    assert candidates[0].text == "open_issue\ntracker\nmcp:github\ngithub"
    assert names("github", candidates) == names("tracker", candidates) == ["open_issue"]


WORDS = st.text("abc d", max_size=12)


@given(WORDS, st.lists(WORDS, max_size=6))
def test_scores_are_positive_sorted_and_of_candidates_that_hold_a_word(
    query: str, texts: list[str]
) -> None:
    candidates = [SearchCandidate(f"n{place}", text) for place, text in enumerate(texts)]
    ranked = rank_by_words(query, candidates)
    keys = [(-score, name) for name, score in ranked]
    assert keys == sorted(keys)
    assert all(score > 0 for _, score in ranked)
    holding = {c.name for c in candidates if set(tokens(c.text)) & set(tokens(query))}
    assert {name for name, _ in ranked} == holding


@given(WORDS, st.lists(WORDS, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_does_not_matter(
    query: str, texts: list[str], chance: random.Random
) -> None:
    candidates = [SearchCandidate(f"n{place}", text) for place, text in enumerate(texts)]
    shuffled = list(candidates)
    chance.shuffle(shuffled)
    assert names(query, shuffled) == names(query, candidates)
