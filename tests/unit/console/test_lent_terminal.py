"""The terminal in the hands of another program: one at a time, and never left alone with it."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import pytest

from harn_tui.console import lent_terminal
from harn_tui.console.lent_terminal import run_in_terminal
from harn_tui.console.silenced_driver import is_silenced
from harn_tui.errors import HarnError

ENDS_WITH_THE_INPUT = """
import signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
print("begun", flush=True)
if "waits-for-term" in sys.argv:
    signal.sigwait({signal.SIGTERM})
    print("asked to end", flush=True)
sys.stdin.read()
print("ended", flush=True)
"""


class LendableApp:
    """Is app and driver in one; what goes on while it is suspended is in ``calls``."""

    can_suspend = True

    def __init__(self, keys: int, screen: TextIO) -> None:
        self.fileno, self._file = keys, screen
        self._driver = self
        self._writer_thread: object = object()
        self.calls: list[str] = []

    @contextmanager
    def suspend(self) -> Iterator[None]:
        self.calls.append("left")
        yield
        self.calls.append("taken again")
        self._writer_thread = object()


class Lent:
    """An app whose terminal is two pipes: ``end`` ends the program's input."""

    def __init__(self) -> None:
        self._keys, self._hand = os.pipe()
        self._glass, screen = os.pipe()
        self._screen = os.fdopen(screen, "w")
        self._seen = os.fdopen(self._glass, "r")
        self.app: Any = LendableApp(self._keys, self._screen)

    def run(self, *arguments: str) -> asyncio.Task[int]:
        words = [sys.executable, "-I", "-S", "-c", ENDS_WITH_THE_INPUT, *arguments]
        return asyncio.create_task(run_in_terminal(self.app, words))

    async def line(self) -> str:
        return (await asyncio.to_thread(self._seen.readline)).rstrip("\n")

    def end(self) -> None:
        if self._hand >= 0:
            os.close(self._hand)
            self._hand = -1

    def close(self) -> None:
        self.end()
        os.close(self._keys)
        self._screen.close()
        self._seen.close()


@pytest.fixture
def lent() -> Iterator[Lent]:
    made = Lent()
    yield made
    made.close()


async def test_the_program_has_the_terminal_until_it_ends(lent: Lent) -> None:
    task = lent.run()
    assert await lent.line() == "begun"
    assert is_silenced(lent.app)
    assert lent.app.calls == ["left"]
    lent.end()
    assert await task == 0
    assert await lent.line() == "ended"
    assert lent.app.calls == ["left", "taken again"]
    assert not is_silenced(lent.app)


async def test_a_second_program_is_refused_while_the_first_has_the_terminal(
    lent: Lent, tmp_path: Path
) -> None:
    first = lent.run()
    assert await lent.line() == "begun"
    with pytest.raises(HarnError, match="Another program has the terminal"):
        await run_in_terminal(lent.app, ["touch", str(tmp_path / "ran")])
    assert not (tmp_path / "ran").exists()
    assert lent.app.calls == ["left"]
    assert is_silenced(lent.app)
    lent.end()
    assert await first == 0
    assert await run_in_terminal(lent.app, ["touch", str(tmp_path / "ran")]) == 0
    assert (tmp_path / "ran").exists()


async def test_however_often_it_is_cancelled_it_waits_for_the_program_to_end(
    lent: Lent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lent_terminal, "_PATIENCE_S", 60.0)
    task = lent.run("waits-for-term")
    assert await lent.line() == "begun"
    task.cancel()
    assert await lent.line() == "asked to end"
    for _ in range(3):
        task.cancel()
        for _ in range(50):  # turns of the loop: what gives up would have done so
            await asyncio.sleep(0)
    assert not task.done()
    assert lent.app.calls == ["left"]
    lent.end()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await lent.line() == "ended"
    assert lent.app.calls == ["left", "taken again"]


async def test_what_cannot_be_started_is_told_and_the_terminal_taken_again(lent: Lent) -> None:
    with pytest.raises(HarnError, match="cannot be started: No such file"):
        await run_in_terminal(lent.app, ["/no/such/program"])
    assert lent.app.calls == ["left", "taken again"]
    assert not is_silenced(lent.app)
