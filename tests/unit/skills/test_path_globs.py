import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import ConfigError
from harn_tui.skills.path_globs import check_glob, glob_matches

ROWS = [
    ("infra/**", "infra/", True),
    ("infra/**", "infra/x", True),
    ("infra/**", "infra", False),
    ("**/*.rs", "main.rs", True),
    ("src/**/*.rs", "src/main.rs", True),
    ("docs/**/*.md", "docs/a/b.md", True),
    ("*.rs", "a/b.rs", False),
    ("*", "a/b", False),
    ("**", "a/b", True),
    ("?.rs", "a.rs", True),
    ("?.rs", "é.rs", False),
    ("a**b", "a/x/b", True),
    ("", "", True),
    ("", "a", False),
]
"""The table of verified globs (tools 5.4)."""


@pytest.mark.parametrize(("pattern", "path", "expected"), ROWS)
def test_tools_5_4_skill_globs_match_as_the_table_says(
    pattern: str, path: str, expected: bool
) -> None:
    assert glob_matches(pattern, path) is expected


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("**/main.rs", "domain.rs", False),
        ("**/main.rs", "src/domain.rs", False),
        ("src/**/x", "srcs/x", False),
        ("a/**/b/**/c", "a/b/c", True),
        ("a/**/b/**/c", "a/1/2/b/3/c", True),
        ("*", "", True),
        ("?", "/", False),
        ("??.rs", "é.rs", True),
        ("src/[ab].py", "src/[ab].py", True),
        ("src/[ab].py", "src/a.py", False),
        ("README", "README.md", False),
        ("a+b.(c)", "a+b.(c)", True),
    ],
)
def test_folders_are_matched_whole_and_other_characters_mean_themselves(
    pattern: str, path: str, expected: bool
) -> None:
    assert glob_matches(pattern, path) is expected


def as_expression(pattern: str) -> re.Pattern[str]:
    """The same language, for a matcher that may take its time."""
    parts = re.split(r"((?:(?<=/)|^)\*\*/|\*\*|\*|\?)", pattern)
    meaning = {"**/": r"(?:[^/]*/)*", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}
    return re.compile("".join(meaning.get(p, re.escape(p)) for p in parts), re.DOTALL)


@given(
    st.lists(st.sampled_from(["a", "b", "/", "*", "**", "**/", "?", "."]), max_size=7),
    st.text("ab/.", max_size=9),
)
def test_matching_agrees_with_the_plain_definition(parts: list[str], path: str) -> None:
    pattern = "".join(parts)
    # Of three stars in a row the first two belong together, as the definition reads them too.
    assert glob_matches(pattern, path) == bool(as_expression(pattern).fullmatch(path))


def test_a_pattern_full_of_stars_takes_no_time() -> None:
    began = time.process_time()
    assert not glob_matches("**a" * 100, "a" * 99 + "/" * 300)
    assert time.process_time() - began < 1


def test_paths_may_hold_any_character() -> None:
    assert glob_matches("*\udcff", "x\udcff")


def test_a_pattern_of_absurd_length_is_refused() -> None:
    with pytest.raises(ConfigError, match="512 bytes"):
        check_glob("a" * 600)
