"""Dotted keys and the lines that they stand on."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.config.key_paths import (
    KeyPath,
    dotted,
    line_numbers,
    nearest_line,
    quoted,
    split_assignment,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=1", (("a",), "1")),
        ("loop.max_nudges = 2", (("loop", "max_nudges"), " 2")),
        ('permissions.deny."a=b"=true', (("permissions", "deny", "a=b"), "true")),
        ("a.'b.c'=x=y", (("a", "b.c"), "x=y")),
        ("a=", (("a",), "")),
        ("a", None),
        ("=1", None),
        ("a b=1", None),
        ("#a=1", None),
        ("a\n.b=1", None),
        ('"\\q"=1', None),
    ],
)
def test_an_assignment_is_split_after_its_key(
    text: str, expected: tuple[KeyPath, str] | None
) -> None:
    assert split_assignment(text) == expected


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4))
def test_a_dotted_key_reads_back_as_its_path_and_prints_safely(parts: list[str]) -> None:
    key = dotted(tuple(parts))
    assert key.isprintable()
    assert split_assignment(f"{key}=1") == (tuple(parts), "1")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_quoted_text_reads_back_as_toml_and_prints_safely(text: str) -> None:
    assert quoted(text).isprintable()
    assert tomllib.loads(f"a = {quoted(text)}") == {"a": text}


DOCUMENT = '''\
# model = "not this one"
model = "m"
system = """
provider = "text, not a key"
""" # a comment with """ in it

[loop]  # [ui]
  max_nudges = 2
stop_after_successful_tools = [
  "write_file",
]
[providers."my server"]
base_url = "http://h/?a=b"
[permissions]
deny = { run = ["rm*"], edit = true }
ask.run = true
[[hooks]]
event = "PreAgentTurn"
  [[ hooks ]]
command = [
  "x",
]
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("model",), 2),
        (("system",), 3),
        (("provider",), None),
        (("loop",), 7),
        (("loop", "max_nudges"), 8),
        (("loop", "stop_after_successful_tools"), 9),
        (("providers",), 12),
        (("providers", "my server", "base_url"), 13),
        (("permissions", "deny", "run"), 15),
        (("permissions", "ask"), 16),
        (("permissions", "ask", "run"), 16),
        (("hooks",), 17),
        (("hooks", "1"), 17),
        (("hooks", "1", "event"), 18),
        (("hooks", "1", "command"), 17),
        (("hooks", "2", "command"), 20),
        (("hooks", "2", "event"), 19),
        (("hooks", "3"), 17),
        (("ui", "theme"), None),
    ],
)
def test_a_key_is_found_on_its_line(path: KeyPath, line: int | None) -> None:
    tomllib.loads(DOCUMENT)
    assert nearest_line(line_numbers(DOCUMENT), path) == line


@given(st.text(alphabet="ab[]{}='\"#.\\ \n,1", max_size=60))
def test_finding_lines_never_fails_whatever_the_text(text: str) -> None:
    last = text.count("\n") + 1
    assert all(1 <= line <= last for line in line_numbers(text).values())
