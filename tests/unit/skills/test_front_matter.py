import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import ConfigError
from harn_tui.skills.front_matter import SplitFile, split_front_matter


def test_a_file_has_front_matter_and_a_body() -> None:
    split = split_front_matter("---\nname: x\n---\nbody\n---\nmore\n")
    assert split == SplitFile({"name": "x"}, "body\n---\nmore\n")


@pytest.mark.parametrize("text", ["plain\n", "", "---\nname: x\nno end", " ---\nname: x\n---\n"])
def test_without_a_whole_front_matter_everything_is_body(text: str) -> None:
    assert split_front_matter(text) == SplitFile(None, text)


def test_a_byte_order_mark_and_windows_line_ends_are_fine() -> None:
    assert split_front_matter("\ufeff---\r\nname: x\r\n---\r\nbody") == SplitFile(
        {"name": "x"}, "body"
    )


def test_an_empty_front_matter_has_no_fields() -> None:
    assert split_front_matter("---\n---\nbody") == SplitFile({}, "body")


def test_values_stay_the_text_that_was_written() -> None:
    front = "a: no\nb: 1.0\nc: 2024-01-02\nd: '007'\ne: [1, yes]\nf: >\n  two\n  lines\ng:\n"
    split = split_front_matter(f"---\n{front}---\n")
    assert split.fields == {
        "a": "no",
        "b": "1.0",
        "c": "2024-01-02",
        "d": "007",
        "e": ["1", "yes"],
        "f": "two lines\n",
        "g": "",
    }


def test_a_tag_makes_no_object() -> None:
    split = split_front_matter("---\na: !!python/object/apply:os.getcwd []\n---\n")
    assert split.fields == {"a": []}


@pytest.mark.parametrize(
    ("front", "part"),
    [
        ("- a\n- b", "not a table"),
        ("just words", "not a table"),
        ("a: [1", "not valid YAML"),
        ("a: b: c", "line 2"),
        ("a: &x [1]\nb: [*x, *x]", "alias"),
        ("a: " + "[" * 5000, "not valid YAML"),
        ("a: " + "x" * 20000, "16 KiB"),
        ("a: \x00", "not valid YAML"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(front: str, part: str) -> None:
    with pytest.raises(ConfigError, match=part):
        split_front_matter(f"---\n{front}\n---\n")


@given(st.text(max_size=200))
def test_any_text_is_split_or_refused(front: str) -> None:
    text = f"---\n{front}\n---\nbody"
    try:
        split = split_front_matter(text)
    except ConfigError:
        return
    assert split.body in text.replace("\r\n", "\n")
