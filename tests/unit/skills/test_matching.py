import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import ConfigError
from harn_tui.skills.match_options import SkillMatchOptions, skill_match_options
from harn_tui.skills.matching import SkillMatch, match_by_metadata, prompt_tokens
from harn_tui.skills.skill import Skill
from tests.unit.skills.builders import DEPLOY, TESTING


def matches(
    prompt: str,
    *skills: Skill,
    files: tuple[str, ...] = (),
    top_n: int = 5,
    min_score: float = 0.5,
) -> tuple[SkillMatch, ...]:
    options = SkillMatchOptions(top_n=top_n, min_score=min_score)
    return match_by_metadata(prompt, skills or (DEPLOY, TESTING), options, files)


def names(found: tuple[SkillMatch, ...]) -> list[str]:
    return [match.skill.name for match in found]


def test_short_words_and_punctuation_are_no_tokens() -> None:
    tokens = prompt_tokens("AI: deploy, the service to prod!")
    assert {"deploy", "service", "prod"} <= set(tokens)
    assert not {"ai", "to", "the"} & set(tokens)


def test_tokens_are_counted_in_bytes_and_kept_as_often_as_they_occur() -> None:
    assert prompt_tokens("über é1 ok snake_case Case") == ["über", "é1", "snake", "case", "case"]


def test_a_skill_that_the_prompt_names_comes_first() -> None:
    found = matches("please deploy the service and run the test suite")
    assert names(found) == ["deploy", "testing"]


def test_the_score_is_the_sum_of_keywords_name_and_globs() -> None:
    (found,) = matches("deploy the service now", DEPLOY, files=("infra/main.tf", "a.py"))
    hits = 3  # deploy and service in the description, deploy in when_to_use
    assert found.score == pytest.approx(hits / (hits + 1.5) + 2.0 + 1.5)
    assert found.reason == "3 keyword hit(s); prompt mentions 'deploy'; 1 path glob(s) matched"


def test_a_repeated_word_counts_each_time() -> None:
    skill = Skill("x1", description="about parsers")
    (found,) = matches("parsers and parsers", skill)
    assert found.score == pytest.approx(2 / 3.5)


def test_each_glob_counts_once_however_many_files_it_matches() -> None:
    skill = Skill("x1", paths=("a/**", "**/*.py", "none"))
    (found,) = matches("unrelated", skill, files=("a/b.py", "a/c.py"))
    assert (found.score, found.reason) == (3.0, "2 path glob(s) matched")


def test_a_working_file_alone_activates_a_skill() -> None:
    (found,) = matches("hello there", DEPLOY, files=("infra/x.tf",))
    assert found.score >= 1.5
    assert "path" in found.reason


def test_a_skill_that_the_model_may_not_use_is_never_matched() -> None:
    hidden = Skill("deploy", description="deploy deploy", is_model_invocable=False)
    assert matches("deploy deploy", hidden) == ()


def test_tools_odd_18_an_explicit_skill_is_never_matched() -> None:
    assert matches("deploy", Skill("deploy", invocation="explicit")) == ()


def test_tools_odd_18_only_whole_words_count() -> None:
    skill = Skill("art", description="Drawing and painting")
    assert matches("start a paint draw smart party", skill, min_score=0) == ()


def test_tools_odd_18_words_that_say_nothing_do_not_count() -> None:
    skill = Skill("x1", description="Use this when the user wants that and this")
    assert matches("please use this and that when the user wants this", skill, min_score=0) == ()


def test_tools_odd_18_one_keyword_alone_is_below_the_minimum_score() -> None:
    assert matches("fix the suite", TESTING) == ()
    assert names(matches("fix the suite", TESTING, min_score=0.4)) == ["testing"]


def test_at_most_top_n_skills_match_and_the_earlier_of_equals_comes_first() -> None:
    equal = [Skill(name, paths=("**",)) for name in ("b1", "a1", "c1")]
    assert names(matches("x", *equal, files=("f",), top_n=2)) == ["b1", "a1"]


@given(st.text(max_size=80), st.text("deploy srvic", max_size=40))
def test_scores_are_bounded_and_sorted(prompt: str, description: str) -> None:
    skills = (Skill("deploy", description=description), Skill("b1", description=prompt))
    found = matches(prompt, *skills, min_score=0)
    scores = [match.score for match in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score < 3 for score in scores)
    assert all(match.reason for match in found)


@given(st.text("aeiou ", max_size=40), st.lists(st.sampled_from(["parser", "lexer"]), max_size=5))
def test_more_keywords_never_make_a_score_smaller(prompt: str, more: list[str]) -> None:
    skill = Skill("x1", description="parser lexer")
    before = matches(prompt, skill, min_score=0)
    after = matches(" ".join([prompt, *more]), skill, min_score=0)
    assert sum(m.score for m in after) >= sum(m.score for m in before)


def test_options_have_defaults_and_are_read_whole() -> None:
    assert skill_match_options(None) == SkillMatchOptions("metadata", 1, True)
    read = skill_match_options({"strategy": " HOST ", "top_n": 2, "sticky": False})
    assert (read.strategy, read.top_n, read.is_sticky) == ("host", 2, False)


def test_an_unknown_strategy_is_a_warning_and_metadata() -> None:
    read = skill_match_options({"strategy": "magic"})
    assert read.strategy == "metadata"
    assert "'magic'" in (read.warning or "")


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ([], "no table"),
        ({"topn": 1}, "Did you mean `top_n`"),
        ({"top_n": 0}, "at least 1"),
        ({"top_n": True}, "at least 1"),
        ({"sticky": "yes"}, "true or false"),
        ({"strategy": 3}, "metadata, host, embedding"),
        ({"min_score": -1}, "at least 0"),
        ({"min_score": float("nan")}, "at least 0"),
    ],
)
def test_wrong_options_are_refused(value: object, part: str) -> None:
    with pytest.raises(ConfigError, match=part):
        skill_match_options(value)
