import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import HarnError
from harn_tui.prompt_lines.slash import command_asked_for, command_being_typed, read_values

KNOWN = ("help", "git:review", "git:review all", "odd:a/b")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/help", ("help", "")),
        ("/help me", ("help", "me")),
        ("/helper", ("helper", "")),
        ("/git:review all x=1", ("git:review all", "x=1")),
        ("/git:review x=1 \n", ("git:review", "x=1")),
        ("/odd:a/b", ("odd:a/b", "")),
        ("/tmp is full", ("tmp", "is full")),
        ("/usr/bin has it", None),
        ("/", None),
        ("// a comment", None),
        ("/* a comment", None),
        ("/1 of it", None),
        (" /help", None),
        ("help", None),
        ("see /help", None),
    ],
)
def test_text_that_asks_for_a_command(text: str, expected: tuple[str, str] | None) -> None:
    assert command_asked_for(text, KNOWN) == expected


@given(st.text(max_size=40))
def test_no_text_behind_a_space_asks_for_a_command(text: str) -> None:
    assert command_asked_for(f" {text}", KNOWN) is None


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("/", ""),
        ("/he", "he"),
        ("/git:re x", "git:re x"),
        ("a/", None),
        ("//", None),
        ("/a\n", None),
    ],
)
def test_name_that_is_being_typed(text: str, typed: str | None) -> None:
    assert command_being_typed(text, len(text)) == typed


@pytest.mark.parametrize(
    ("text", "names", "values"),
    [
        ("", ("a",), {}),
        ("a=1 b='two words'", ("a", "b"), {"a": "1", "b": "two words"}),
        ("just one", ("topic",), {"topic": "just one"}),
        ("x=y", ("topic",), {"topic": "x=y"}),
        ("topic=x=y", ("topic",), {"topic": "x=y"}),
        ("'a b'", ("topic",), {"topic": "a b"}),
    ],
)
def test_values_of_arguments(text: str, names: tuple[str, ...], values: dict[str, str]) -> None:
    assert read_values(text, names) == values


@pytest.mark.parametrize(
    ("text", "names", "words"),
    [
        ("c=1", ("a", "b"), "Its arguments: a, b"),
        ("a=1", ("a", "b"), "It needs b"),
        ("a='1", ("a", "b"), "not closed"),
        ("x", (), "Its arguments: none"),
    ],
)
def test_wrong_arguments_are_told(text: str, names: tuple[str, ...], words: str) -> None:
    with pytest.raises(HarnError) as caught:
        read_values(text, names, required=names)
    assert words in str(caught.value)
