"""The driver reads what is typed, sleeps meanwhile, and ends when it is told to."""

import os
import pty
import queue
import selectors
import termios
import tty
from threading import Thread
from types import SimpleNamespace
from typing import Any, cast

import pytest
from textual.app import App
from textual.events import Key
from textual.message import Message

from harn_tui.console.patient_driver import PatientDriver

WAIT_S = 20.0


class KeptMessages(PatientDriver):
    """Keeps what it would tell the app."""

    def __init__(self, fileno: int, app: object = None) -> None:
        super().__init__(cast("App[Any]", app))
        self.fileno = fileno
        self.taken: queue.Queue[Message] = queue.Queue()

    def process_message(self, message: Message) -> None:
        self.taken.put(message)

    def next_key(self) -> str:
        message = self.taken.get(timeout=WAIT_S)
        assert isinstance(message, Key)
        return message.key


class Typing:
    """A driver at work on a pseudo-terminal."""

    def __init__(self, driver: KeptMessages, master: int) -> None:
        self.driver = driver
        self._master = master
        self.thread = Thread(target=driver.run_input_thread)
        self.thread.start()

    def type(self, data: bytes) -> None:
        os.write(self._master, data)

    def end(self) -> None:
        self.driver.exit_event.set()
        self.thread.join(WAIT_S)
        assert not self.thread.is_alive()


@pytest.fixture
async def typing(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("signal.signal", lambda *_: None)
    master, slave = pty.openpty()
    tty.setraw(slave)
    started = Typing(KeptMessages(slave), master)
    yield started
    started.end()
    for file in (master, slave):
        os.close(file)


async def test_keys_arrive_cut_anywhere(typing: Typing) -> None:
    for byte in "aж\x1b[A\r".encode():
        typing.type(bytes([byte]))
    assert [typing.driver.next_key() for _ in range(4)] == ["a", "ж", "up", "enter"]


async def test_a_lone_escape_needs_no_other_key(typing: Typing) -> None:
    typing.type(b"\x1b")
    assert typing.driver.next_key() == "escape"


async def test_it_ends_and_begins_again(typing: Typing) -> None:
    typing.end()
    typing.driver.exit_event.clear()
    again = Thread(target=typing.driver.run_input_thread)
    again.start()
    typing.type(b"b")
    assert typing.driver.next_key() == "b"
    typing.driver.exit_event.set()
    again.join(WAIT_S)
    assert not again.is_alive()


async def test_it_sleeps_for_as_long_as_nothing_is_due(
    typing: Typing, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float | None] = []
    real = selectors.SelectSelector.select

    def select(self: selectors.SelectSelector, timeout: float | None = None) -> Any:
        waits.append(timeout)
        return real(self, timeout)

    monkeypatch.setattr(selectors.SelectSelector, "select", select)
    typing.type(b"a")
    typing.type(b"\x1b")
    assert [typing.driver.next_key() for _ in range(2)] == ["a", "escape"]
    typing.end()
    assert set(waits[-1:]) == {None}
    assert all(wait is None or wait < 1.0 for wait in waits)


class Written:
    """Takes the place of the thread that writes to the terminal."""

    def write(self, text: str) -> None: ...
    def flush(self) -> None: ...
    def stop(self) -> None: ...


async def test_others_find_the_terminal_as_it_was_before_the_first_keys_were_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("signal.signal", lambda *_: None)
    master, slave = pty.openpty()
    usual = termios.tcgetattr(slave)
    tty.setraw(slave)
    driver = KeptMessages(slave, SimpleNamespace(terminal_mode=usual))
    driver.attrs_before = termios.tcgetattr(slave)
    driver._writer_thread = cast("Any", Written())
    driver.suspend_application_mode()
    assert termios.tcgetattr(slave) == usual
    # What another program leaves stays as it is from then on.
    silent = termios.tcgetattr(slave)
    silent[3] &= ~termios.ECHO
    driver.attrs_before = silent
    driver.suspend_application_mode()
    assert termios.tcgetattr(slave) == silent
    for file in (master, slave):
        os.close(file)
