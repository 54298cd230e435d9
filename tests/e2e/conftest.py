"""A console in a pseudo-terminal, talking to a scripted server on this machine."""

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.streaming_server import StreamingServer
from tests.support.terminal import Terminal, harn_tui, isolated_environment
from tests.support.waiting import wait_until_blocking


@pytest.fixture(autouse=True)
def interrupts_are_heard() -> None:
    """Have SIGINT reach the programs that tests start: a shell's background jobs ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def server() -> Iterator[StreamingServer]:
    """A scripted model server."""
    with StreamingServer() as running:
        yield running


class Desk:
    """One person's home and working folder, and the consoles opened there."""

    def __init__(self, home: Path, folder: Path, stack: ExitStack) -> None:
        self.home = home
        self.folder = folder
        self._stack = stack

    def environment(self, **extra: str) -> dict[str, str]:
        return isolated_environment(self.home, **extra)

    def open(
        self,
        *arguments: str,
        columns: int = 100,
        rows: int = 30,
        is_light: bool = False,
        **extra: str,
    ) -> Terminal:
        """Start ``harn-tui`` with ``arguments`` in a terminal of its own."""
        terminal = Terminal(
            harn_tui(*arguments),
            env=self.environment(**extra),
            cwd=self.folder,
            columns=columns,
            rows=rows,
            is_light=is_light,
        )
        return self._stack.enter_context(terminal)

    def console(self, server: StreamingServer, *arguments: str, **options: Any) -> Terminal:
        """Start the console on ``server`` and wait until it can be used."""
        terminal = self.open("--base-url", server.base_url, "--model", "m", *arguments, **options)
        terminal.wait_for("What shall be done?")
        terminal.wait_until_gone("opening the session")
        return terminal

    def sessions(self) -> list[Path]:
        """Return the session folders, oldest first."""
        return sorted((self.home / "harn-tui" / "sessions").iterdir())

    def wait_for_log(self, text: str) -> Path:
        """Return the newest session's log once it holds ``text``."""
        log = self.sessions()[-1] / "event_log.jsonl"
        wait_until_blocking(lambda: text in log.read_text(encoding="utf-8"), 20.0)
        return log

    def events(self, number: int = -1) -> list[dict[str, Any]]:
        """Return the events of a session's log as JSON objects."""
        log = self.sessions()[number] / "event_log.jsonl"
        return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]

    def types(self, number: int = -1) -> list[str]:
        """Return the event types of a session's log."""
        return [str(event["type"]) for event in self.events(number)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk with an empty working folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    with ExitStack() as stack:
        yield Desk(tmp_path / "home", folder, stack)
