import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harn_tui.prompt_lines.code_spans import code_spans
from harn_tui.prompt_lines.mentions import (
    Mention,
    find_mentions,
    mention_being_typed,
    mention_text,
)

TEXTS = st.text(alphabet=st.sampled_from('ab@./:-1 "`~\\\n(),é'), max_size=80)
NAMES = st.text(
    alphabet=st.characters(exclude_characters="\n", exclude_categories=["Cs"]),
    min_size=1,
    max_size=30,
).filter(lambda name: bool(name.strip()))


def named(text: str) -> list[tuple[str, int | None, int | None]]:
    return [(m.target, m.first_line, m.last_line) for m in find_mentions(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see @README.md", [("README.md", None, None)]),
        ("@a.py:10-40 and @b.py:7", [("a.py", 10, 40), ("b.py", 7, 7)]),
        ("(see @docs/a.md).", [("docs/a.md", None, None)]),
        ("is it @src/a(1).txt?", [("src/a(1).txt", None, None)]),
        ('@"two words.txt":3-4!', [("two words.txt", 3, 4)]),
        (r'@"a \"b\" c"', [('a "b" c', None, None)]),
        ("@git:file:///a/b.md", [("git:file:///a/b.md", None, None)]),
        ("@src/", [("src/", None, None)]),
        ("@a.py:40-10", [("a.py", 40, 40)]),
    ],
)
def test_mentions_are_found(text: str, expected: list[tuple[str, int | None, int | None]]) -> None:
    assert named(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "write to ann@example.org",
        "a@b",
        "@",
        "@ home",
        "@@",
        r"not \@this",
        "in `@code` here",
        "``a ` @b``",
        "```\n@a.py\n```",
        "~~~ python\n@a.py",
        '@""',
        "@...",
    ],
)
def test_what_is_no_mention_is_left_alone(text: str) -> None:
    assert named(text) == []


def test_mentions_outside_of_code_are_found_beside_it() -> None:
    text = "@a `@b` @c\n```\n@d\n```\n@e ` @f"
    assert [target for target, _, _ in named(text)] == ["a", "c", "e", "f"]


@given(TEXTS)
def test_any_text_is_put_together_again_from_its_mentions_and_what_is_between(text: str) -> None:
    pieces, place = [], 0
    for mention in find_mentions(text):
        assert place <= mention.start < mention.end
        assert text[mention.start] == "@"
        pieces += [text[place : mention.start], text[mention.start : mention.end]]
        place = mention.end
    assert "".join([*pieces, text[place:]]) == text


@given(TEXTS)
def test_a_mention_written_anew_names_the_same(text: str) -> None:
    for mention in find_mentions(text):
        again = mention_text(mention.target, mention.first_line, mention.last_line)
        assert named(again) == [(mention.target, mention.first_line, mention.last_line)]


@given(NAMES, st.none() | st.integers(1, 10_000))
@example("@", None)
def test_every_name_can_be_mentioned(name: str, line: int | None) -> None:
    text = mention_text(name, line, line)
    assert [(m.target, m.first_line) for m in find_mentions(f"see {text} now")] == [(name, line)]


@given(st.emails().filter(lambda address: address.partition("@")[0][-1].isalnum()))
def test_an_address_is_no_mention(address: str) -> None:
    assert find_mentions(f"ask {address} about it") == []


@given(TEXTS)
def test_code_is_found_in_order_and_without_overlap(text: str) -> None:
    place = 0
    for start, end in code_spans(text):
        assert place <= start < end <= len(text)
        place = end


def test_name_of_several_lines_cannot_be_mentioned() -> None:
    with pytest.raises(ValueError, match="no mention"):
        mention_text("a\nb")


def test_what_looks_like_a_range_can_be_read_as_part_of_the_target() -> None:
    assert find_mentions("@db:rows:10-20")[0].whole == "db:rows:10-20"
    assert Mention(0, 5, "a", 3, 3).whole == "a:3"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@", (0, "")),
        ("see @re", (4, "re")),
        ('see @"two wo', (4, "two wo")),
        ("see @re me", None),
        ("ann@ex", None),
        ("`@co", None),
        ("(@co", (1, "co")),
        ("```\n@co", None),
        ('@"done"', None),
        ("a\n@b", (2, "b")),
    ],
)
def test_mention_that_is_being_typed(text: str, expected: tuple[int, str] | None) -> None:
    assert mention_being_typed(text, len(text)) == expected


def test_hostile_text_is_read_in_time_that_grows_with_its_length() -> None:
    texts = [
        "`" * 100_000,
        "@" * 100_000,
        '@"' * 50_000,
        "".join("`" * n + "a" for n in range(400)),
    ]
    begin = time.perf_counter()
    for text in texts:
        find_mentions(text)
    assert time.perf_counter() - begin < 2
