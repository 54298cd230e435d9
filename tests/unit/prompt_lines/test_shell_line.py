import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.prompt_lines.shell_line import shell_command_of


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("!ls", "ls"),
        ("! ls -l | wc", "ls -l | wc"),
        ("!make test \n", "make test"),
        ("!", None),
        ("!  ", None),
        ("!!", None),
        ("!= is unequal", None),
        ("![image](a.png)", None),
        (" !ls", None),
        ("!ls\nand tell", None),
        ("run !ls", None),
    ],
)
def test_shell_lines(text: str, command: str | None) -> None:
    assert shell_command_of(text) == command


@given(st.text(max_size=60))
def test_only_a_line_of_its_own_is_run(text: str) -> None:
    command = shell_command_of(text)
    assert command is None or (text[0] == "!" and command in text and "\n" not in command)
