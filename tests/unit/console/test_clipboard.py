import stat
from pathlib import Path

import pytest

from harn_tui.console.clipboard import (
    CLIPBOARD_VARIABLE,
    MAX_OSC52_BYTES,
    Copied,
    amount_of,
    clipboard_command,
    copy_text,
)


def program(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_the_variable_names_the_command_or_none() -> None:
    assert clipboard_command({CLIPBOARD_VARIABLE: "xclip -i 'a b'"}) == ["xclip", "-i", "a b"]
    assert clipboard_command({CLIPBOARD_VARIABLE: "off", "DISPLAY": ":0"}) == []
    assert clipboard_command({}) == []


def test_the_program_of_the_desktop_is_used_where_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "wl-copy", "cat >/dev/null")
    program(tmp_path, "xclip", "cat >/dev/null")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert clipboard_command({"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}) == ["wl-copy"]
    assert clipboard_command({"DISPLAY": ":0"})[0] == "xclip"


def test_over_ssh_the_clipboard_of_the_server_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "xclip", "cat >/dev/null")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert clipboard_command({"DISPLAY": ":0", "SSH_CONNECTION": "a b c d"}) == []


async def test_a_command_gets_the_text_and_the_terminal_too(tmp_path: Path) -> None:
    target = tmp_path / "clipboard"
    command = program(tmp_path, "keep", f"cat > {target}")
    sent: list[str] = []
    done = await copy_text("zwei\nZeilen ü", sent.append, {CLIPBOARD_VARIABLE: str(command)})
    assert target.read_text(encoding="utf-8") == "zwei\nZeilen ü"
    assert sent == ["zwei\nZeilen ü"]
    assert done == Copied("Copied 2 lines, 13 characters with keep")


@pytest.mark.parametrize(
    ("script", "words"), [("exit 3", "failed with exit code 3"), (None, "did not start")]
)
async def test_a_command_that_fails_is_told_beside_what_the_terminal_got(
    tmp_path: Path, script: str | None, words: str
) -> None:
    command = tmp_path / "missing" if script is None else program(tmp_path, "fail", script)
    sent: list[str] = []
    done = await copy_text("x", sent.append, {CLIPBOARD_VARIABLE: str(command)})
    assert sent == ["x"]
    assert done.has_failed
    assert words in done.notice
    assert "the terminal may refuse it" in done.notice


async def test_a_variable_that_is_no_command_line_is_told() -> None:
    sent: list[str] = []
    done = await copy_text("x", sent.append, {CLIPBOARD_VARIABLE: "'open"})
    assert sent == ["x"]
    assert "is not a command" in done.notice


async def test_too_much_for_a_terminal_is_not_sent_and_told() -> None:
    sent: list[str] = []
    done = await copy_text("x" * (MAX_OSC52_BYTES + 1), sent.append, {})
    assert sent == []
    assert done.has_failed
    assert done.notice.startswith("Not copied: 74,001 characters is more than terminals take")


async def test_lone_surrogates_are_no_reason_to_fail() -> None:
    sent: list[str] = []
    await copy_text("a\ud800b", sent.append, {})
    assert sent == ["a?b"]


@pytest.mark.parametrize(
    ("text", "words"),
    [("x", "1 character"), ("xy", "2 characters"), ("a\nb", "2 lines, 3 characters")],
)
def test_the_amount_is_said_in_words(text: str, words: str) -> None:
    assert amount_of(text) == words
