from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harn_tui.store.index.query import parse_query
from harn_tui.store.state_file import SessionState, save_state
from tests.unit.store.index.stored import (
    NOON,
    NOON_MS,
    Stored,
    asked,
    call,
    failure,
    result,
    said,
    start,
    turn,
)

DAY_MS = 86_400_000


@pytest.fixture
def two(stored: Stored) -> Stored:
    stored.add(
        "one",
        [
            start("one", "/code/project/api"),
            asked("one", "Mend the flaky retry test, please"),
            turn("one"),
            said("one", "I look at the re"),
            said("one", "try code first."),
            call("one", "read_file", {"path": "src/net/retry_policy.py"}),
            result("one", "read_file", "def backoff(attempt): return 2 ** attempt"),
            turn("one", 2),
            call("one", "run_command", {"command": "pytest -k retry"}),
            failure("one", "run_command", "2 tests failed: Überlauf"),
        ],
        start_ms=NOON_MS - 3 * DAY_MS,
    )
    stored.add(
        "two",
        [start("two", "/code/other"), asked("two", "What is a backoff?"), said("two", "A wait.")],
    )
    return stored


def test_a_word_is_found_with_session_event_turn_and_excerpt(two: Stored) -> None:
    (hit,) = two.search("attempt").hits

    assert (hit.session.session_id, hit.event_index, hit.turn) == ("one", 6, 1)
    assert hit.time_ms == NOON_MS - 3 * DAY_MS + 6_000
    assert "def backoff(attempt)" in hit.excerpt


def test_all_words_have_to_be_in_one_event(two: Stored) -> None:
    assert two.places("flaky test") == [("one", None), ("one", 1)]
    assert two.places("flaky backoff") == []


def test_what_was_said_last_comes_first(two: Stored) -> None:
    assert two.places("backoff") == [("two", None), ("two", 1), ("one", 6)]


def test_a_streamed_message_is_one_text_at_its_first_event(two: Stored) -> None:
    assert two.places('"retry code"') == [("one", 3)]


def test_a_phrase_is_word_for_word(two: Stored) -> None:
    assert two.places('"tests failed"') == [("one", 9)]
    assert two.places('"failed tests"') == []


def test_a_star_goes_on_as_it_likes(two: Stored) -> None:
    assert two.places("attem*") == [("one", 6)]
    assert two.places("attem") == []


def test_accents_and_case_do_not_matter(two: Stored) -> None:
    assert two.places("uberlauf") == two.places("ÜBERLAUF") == [("one", 9)]


@pytest.mark.parametrize(
    ("query", "events"),
    [
        ("tool:read_file", [6, 5]),
        ("tool:READ_FILE backoff", [6]),
        ("tool:run* is:error", [9]),
        ("is:error", [9]),
        ("tool:read", []),
        ("file:retry_policy.py", [5]),
        ("file:src/net", [5]),
        ("file:else.py", []),
        ("by:me flaky", [1]),
        ("by:me code", []),
        ("retry before:yesterday tool:run_command", [8]),
        ("retry after:1d", []),
        ("retry after:2026-03-02 before:2026-03-03 by:me", [1]),
        ("in:api tool:read_file", [6, 5]),
        ("in:/code/project tool:read_file", [6, 5]),
        ("in:project/api tool:read_file", [6, 5]),
        ("in:proj tool:read_file", []),
        ("in:/code/proj tool:read_file", []),
    ],
)
def test_facets_narrow_what_is_found(two: Stored, query: str, events: list[int]) -> None:
    assert two.places(query) == [("one", index) for index in events]


def test_a_folder_alone_finds_what_was_said_there(two: Stored) -> None:
    assert two.places("in:other") == [("two", 2), ("two", 1)]


def test_a_given_title_is_found(two: Stored) -> None:
    state = SessionState(title="Release of the parser")
    save_state(two.directory / "two" / "state.json", state)

    assert two.places("parser release") == [("two", None)]


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("is:odd", "is:odd is not known"),
        ("before:whenever", "before:whenever is no time"),
        ("->", "no letter or digit"),
        ("tool:", "tool: needs something"),
        ('in:""', "in: needs something"),
    ],
)
def test_what_cannot_be_used_of_a_query_is_told(two: Stored, query: str, problem: str) -> None:
    found = two.search(query)

    assert found.hits == []
    assert problem in " ".join(found.problems)


def test_an_unknown_facet_is_a_word(two: Stored) -> None:
    assert two.places("failed:") == [("one", 9)]


def test_too_many_places_are_cut_and_told(stored: Stored) -> None:
    for number in range(12):
        name = f"s{number}"
        stored.add(name, [start(name), *(turn(name), said(name, "the word")) * 8])

    found = stored.search("word")

    assert len(found.hits) == 50
    assert "Only the newest 50" in " ".join(found.problems)


def test_a_log_that_changed_under_the_index_gives_an_empty_excerpt_and_no_error(
    two: Stored,
) -> None:
    two.search("attempt")
    log = two.directory / "one" / "event_log.jsonl"
    log.unlink()

    assert [hit.excerpt for hit in two.search("attempt").hits] == []


_ODD = st.lists(
    st.one_of(
        st.sampled_from("\"*:()^-+{}~\\\0\n'% ,.;[]"),
        st.sampled_from(["AND", "OR", "NOT", "NEAR(", "text", "tool:", "in:", "before:", "is:"]),
        st.characters(),
    ),
    max_size=30,
).map("".join)


@given(_ODD)
@example('" OR text : "a')
@example("NEAR(a b, 5)")
@example("\ud800 in:~nobody/\0")
@example("before:9999-99 after:99999999w before:9999-12-31")
def test_no_query_whatever_is_typed_raises(odd_queries: Stored, text: str) -> None:
    odd_queries.search(text)
    parse_query(text, now=NOON.replace(year=9999), cwd=Path("/"), is_being_typed=True)


@pytest.fixture(scope="module")
def odd_queries(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    stored = Stored(tmp_path_factory.mktemp("odd"))
    stored.add("one", [start("one"), asked("one", 'a "quoted" word AND (more) * \u4e2d')])
    return stored


def test_while_it_is_typed_the_last_word_may_be_the_start_of_one() -> None:
    def phrases(text: str) -> list[str]:
        query = parse_query(text, now=NOON, cwd=Path("/"), is_being_typed=True)
        return query.phrases

    assert phrases("some wor") == ["some", "wor*"]
    assert phrases("some word ") == ["some", "word"]
    assert phrases('"some wor"') == ["some wor"]
    assert phrases("some tool:rea") == ["some"]
