import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.keys import key_bytes
from tests.support.terminal import Terminal, TerminalError, isolated_environment

PROGRAM = r"""
import os, signal, sys, termios, tty
def write(text):
    os.write(1, text.encode())
def show(*_):
    size = os.get_terminal_size()
    write(f"\x1b[1;1H\x1b[Ksize {size.columns}x{size.lines}")
signal.signal(signal.SIGWINCH, show)
before = termios.tcgetattr(0)
tty.setraw(0)
write("\x1b[?1049h\x1b[2J")
show()
while (key := os.read(0, 64)) != b"q":
    write("\x1b[?2026h\x1b[2;1H\x1b[K")
    write(f"\x1b[38;2;255;0;0mgot {key!r}\x1b[0m\x1b[?2026l")
write("\x1b[?1049l")
termios.tcsetattr(0, termios.TCSADRAIN, before)
print("goodbye")
sys.exit(7)
"""

Start = Callable[..., Terminal]


@pytest.fixture
def start(tmp_path: Path, request: pytest.FixtureRequest) -> Start:
    def start(*command: str, columns: int = 80, rows: int = 24) -> Terminal:
        terminal = Terminal(
            command or (sys.executable, "-c", PROGRAM),
            env=isolated_environment(tmp_path / "home"),
            cwd=tmp_path,
            columns=columns,
            rows=rows,
        )
        request.addfinalizer(terminal.close)
        return terminal

    return start


def test_keys_reach_the_program_and_its_screen_comes_back(start: Start) -> None:
    terminal = start()
    terminal.wait_for("size 80x24")
    terminal.press("alt+enter")
    terminal.wait_for(r"got b'\x1b\r'")
    assert terminal.cell(1, 0).fg == "ff0000"
    assert terminal.is_full_screen


def test_the_program_hears_of_a_new_size(start: Start) -> None:
    terminal = start(columns=40, rows=10)
    terminal.wait_for("size 40x10")
    terminal.resize(100, 30)
    terminal.wait_for("size 100x30")


def test_what_a_program_prints_after_its_screen_is_closed_is_seen(start: Start) -> None:
    terminal = start()
    terminal.wait_for("size")
    terminal.press("q")
    assert terminal.wait_exit() == 7
    assert terminal.printed().strip() == "goodbye"


def test_a_killed_program_reports_the_signal(start: Start) -> None:
    terminal = start()
    terminal.wait_for("size")
    terminal.kill()
    assert terminal.wait_exit() == -9


def test_a_failure_shows_the_screen(start: Start) -> None:
    terminal = start()
    terminal.wait_for(re.compile(r"size \d+"))
    with pytest.raises(TerminalError, match=r"(?s)to see 'never'.*size 80x24"):
        terminal.wait_for("never", timeout_s=0.05)


def test_waiting_ends_at_once_when_the_program_does(start: Start) -> None:
    started = time.monotonic()
    with pytest.raises(TerminalError, match="the program has ended"):
        start("true").wait_for("never", timeout_s=60)
    assert time.monotonic() - started < 50


def test_text_that_scrolled_away_is_kept(start: Start) -> None:
    terminal = start("seq", "100", rows=10)
    assert terminal.wait_exit() == 0
    assert terminal.printed().split() == [str(number) for number in range(1, 101)]


def test_the_program_sees_nothing_of_the_surrounding_environment(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_API_KEY", "from outside")
    terminal = start("env")
    terminal.wait_exit()
    assert "SOME_API_KEY" not in terminal.printed()
    assert "HARN_TUI_HOME=" in terminal.printed()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("enter", b"\r"),
        ("ctrl+c", b"\x03"),
        ("alt+y", b"\x1by"),
        ("shift+left", b"\x1b[1;2D"),
        ("ctrl+home", b"\x1b[1;5H"),
        ("ctrl+enter", b"\x1b[13;5u"),
        ("é", "é".encode()),
    ],
)
def test_keys_are_sent_as_terminals_send_them(name: str, expected: bytes) -> None:
    assert key_bytes(name) == expected


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(ValueError, match="no such key"):
        key_bytes("ctrl+nothing")
