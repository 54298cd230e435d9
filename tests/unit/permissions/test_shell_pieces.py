"""Splitting shell commands for rules."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.permissions.shell_pieces import bare_command, split_command


@pytest.mark.parametrize(
    ("command", "pieces"),
    [
        ("git status", ("git status",)),
        ("a && b || c; d | e & f\ng", ("a", "b", "c", "d", "e", "f", "g")),
        ("(a; b)", ("a", "b")),
        ("echo 'a; b' \"c && d\" e\\;f", ("echo 'a; b' \"c && d\" e\\;f",)),
        ("make 2>&1 | tail", ("make 2>&1", "tail")),
        ("make >/dev/null 2>&1", ("make >/dev/null 2>&1",)),
        ("echo $HOME '$(x)' '`y`'", ("echo $HOME '$(x)' '`y`'",)),
    ],
)
def test_a_plain_command_is_split_at_its_operators(command: str, pieces: tuple[str, ...]) -> None:
    split = split_command(command)
    assert split.commands == pieces
    assert not split.is_opaque


@pytest.mark.parametrize(
    "command",
    [
        "echo $(rm x)",
        'echo "$(rm x)"',
        "echo `rm x`",
        'echo "`rm x`"',
        "echo x > file",
        "echo x >> file",
        "echo x >/dev/nullx",
        "make &> file",
        "cat < file",
        "cat <<END\nrm x\nEND",
        "diff <(a) <(b)",
        "echo 'open",
        'echo "open',
        "echo \x00",
    ],
)
def test_what_cannot_be_seen_through_is_opaque(command: str) -> None:
    assert split_command(command).is_opaque


@given(st.lists(st.text("ab;&|$`()<>'\" \\\n", max_size=8), min_size=1, max_size=4))
def test_quoted_words_never_split_or_hide_anything(words: list[str]) -> None:
    command = shlex.join(words)
    split = split_command(command)
    assert split.commands == (command,)
    assert not split.is_opaque


@pytest.mark.parametrize(
    ("piece", "bare"),
    [
        ("A=1 B=2 rm x", "rm x"),
        ("then rm x", "rm x"),
        ("! time rm x", "rm x"),
        ("rm x", "rm x"),
        ("timeless x", "timeless x"),
    ],
)
def test_assignments_and_keywords_are_taken_off(piece: str, bare: str) -> None:
    assert bare_command(piece) == bare
