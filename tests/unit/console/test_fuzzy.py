import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.console.completion.fuzzy import Texts, fold, matched_places, score

PATHS = [
    "README.md",
    "docs/prompt.md",
    "harn_tui/console/prompt/prompt.py",
    "harn_tui/console/prompt/pastes.py",
    "tests/unit/console/test_prompt.py",
    "harn_tui/loop/preflight.py",
    "Makefile",
]
TEXTS = st.text(alphabet=st.sampled_from("abAB/._-ßİ "), max_size=20)


def best(query: str, paths: list[str] = PATHS, bonus: dict[str, int] | None = None) -> list[str]:
    return Texts(paths).best(query, bonus or {}, 10)[0]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("readme", "README.md"),
        ("prompt", "docs/prompt.md"),
        ("prompt.py", "harn_tui/console/prompt/prompt.py"),
        ("mf", "Makefile"),
        ("testprompt", "tests/unit/console/test_prompt.py"),
        ("loop/pre", "harn_tui/loop/preflight.py"),
        ("paste", "harn_tui/console/prompt/pastes.py"),
    ],
)
def test_what_was_meant_comes_first(query: str, first: str) -> None:
    assert best(query)[0] == first


def test_nearer_and_shorter_comes_first_while_nothing_is_typed() -> None:
    assert set(best("")[:2]) == {"Makefile", "README.md"}


def test_what_was_used_goes_before_what_fits_alike() -> None:
    assert best("prompt", bonus={"tests/unit/console/test_prompt.py": 400})[0].startswith("tests/")


def test_letters_in_another_order_do_not_fit() -> None:
    assert best("emdaer") == []


@given(TEXTS, TEXTS)
def test_only_texts_that_hold_the_letters_in_order_fit(query: str, text: str) -> None:
    rest = iter(fold(text))
    holds = all(letter in rest for letter in fold(query))
    assert (score(fold(query), fold(text)) is not None) == holds


@given(TEXTS, TEXTS)
def test_places_shown_as_matched_are_in_the_text(query: str, text: str) -> None:
    assert all(0 <= place < len(text) for place in matched_places(query, text))


def test_matched_places_spell_the_query() -> None:
    text = "harn_tui/Console/prompt.py"
    places = sorted(matched_places("cnpr", text))
    assert "".join(text[place] for place in places).lower() == "cnpr"


def test_many_paths_are_matched_quickly() -> None:
    paths = [f"src/package_{n % 97}/module_{n}/file_{n * 7919}.py" for n in range(50_000)]
    texts = Texts(paths)
    begin = time.thread_time()
    found, fitting = texts.best("pmf79", {}, 50)
    assert len(found) == 50
    narrowed, _ = texts.best("pmf791", {}, 50, fitting)
    assert narrowed == texts.best("pmf791", {}, 50)[0]
    assert time.thread_time() - begin < 3
