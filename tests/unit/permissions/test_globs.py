"""The one glob of permission rules."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.permissions.globs import glob_matches, matches_everything

ALPHABET = "ab/.*?"


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("src/*", "src/a/b.rs", True),
        ("src/**", "src/a.rs", True),
        ("src/**", "src/a/b.rs", True),
        ("src/**", "src", False),
        ("**", "x", True),
        ("*foo*", "afoob", True),
        ("a*b", "axb", True),
        ("a*b", "axbc", False),
        ("read*", "read", True),
        ("*_file", "read_file", True),
        ("", "x", False),
        ("*", "anything\nat all", True),
        ("src/**/x.py", "src/x.py", True),
        ("src/**/x.py", "src/a/b/x.py", True),
        ("src/**/x.py", "srcx.py", False),
        ("**/x.py", "x.py", True),
        ("**/x.py", "a/x.py", True),
        ("**/**/x.py", "x.py", True),
        ("a?c", "abc", True),
        ("[ab]x", "bx", True),
        ("[!ab]x", "bx", False),
        ("[*]", "*", True),
        ("[*]", "a", False),
        ("Read", "read", False),
    ],
)
def test_tools_10_28_one_glob_knows_stars_in_every_place(
    pattern: str, text: str, expected: bool
) -> None:
    assert glob_matches(pattern, text) is expected


@given(st.text(ALPHABET, max_size=12), st.text(ALPHABET, max_size=12))
def test_a_pattern_without_a_double_star_means_what_fnmatch_means(pattern: str, text: str) -> None:
    if "**/" not in pattern:
        assert glob_matches(pattern, text) == fnmatchcase(text, pattern)


@given(st.text("ab/.", max_size=20))
def test_a_text_without_special_characters_matches_itself_only(text: str) -> None:
    assert glob_matches(text, text)
    assert not glob_matches(text, text + "c")


@given(st.text("ab/", max_size=8), st.text("ab/", max_size=8), st.text(max_size=30))
def test_a_star_stands_for_any_text(head: str, tail: str, middle: str) -> None:
    assert glob_matches(f"{head}*{tail}", head + middle + tail)
    assert glob_matches(f"{head}**{tail}", head + middle + tail)


@given(st.lists(st.sampled_from(["a", "b.py", "cc"]), max_size=5))
def test_a_double_star_folder_stands_for_any_number_of_folders(folders: list[str]) -> None:
    path = "/".join(["src", *folders, "x.py"])
    assert glob_matches("src/**/x.py", path)
    assert glob_matches("**/x.py", path)


def test_many_stars_on_a_long_text_take_no_exponential_time() -> None:
    assert not glob_matches("*a" * 30 + "b", "a" * 20_000)


def test_too_many_folder_stars_are_refused() -> None:
    with pytest.raises(ValueError, match="more than 6"):
        glob_matches("**/a/" * 7 + "x", "x")


def test_only_stars_match_everything() -> None:
    assert matches_everything("*")
    assert matches_everything("**")
    assert not matches_everything("")
    assert not matches_everything("*a")
