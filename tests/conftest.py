"""Every test runs in a world of its own: empty home, no keys, no network, nothing left over."""

import os
import re
import socket
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings

from harn_tui.events.record import Record
from harn_tui.logs import close_logging
from harn_tui.session.handle import SessionHandle
from harn_tui.sinks.registry import PROCESS_REGISTRY
from harn_tui.store.log_reader import read_records
from harn_tui.view.fold import apply, apply_all
from harn_tui.view.model import AssistantBlock, SessionView, UserBlock

_FOREIGN_VARIABLES = re.compile(
    r"^(?:HARN_|TEXTUAL|XDG_|OPENAI_|ANTHROPIC_|COLORTERM$|NO_COLOR$|FORCE_COLOR$|COLUMNS$|"
    r"LINES$|TERM_PROGRAM|EDITOR$|VISUAL$)|_API_KEY$|_TOKEN$|_SECRET$|_proxy$",
    re.IGNORECASE,
)
_LOOPBACK_NAMES = frozenset({"localhost", "", None})

hypothesis_settings.register_profile(
    "project", deadline=None, database=None, derandomize="CI" in os.environ
)
hypothesis_settings.load_profile("project")


class NetworkUsedError(RuntimeError):
    """A test tried to reach another machine."""


@pytest.fixture(scope="session", autouse=True)
def _session_environment() -> Iterator[None]:
    """Take away what the developer's own shell would bring into the tests."""
    patch = pytest.MonkeyPatch()
    for name in [name for name in os.environ if _FOREIGN_VARIABLES.search(name)]:
        patch.delenv(name)
    patch.setenv("TZ", "UTC")
    patch.setenv("TERM", "xterm-256color")
    time.tzset()
    yield
    patch.undo()
    time.tzset()


@pytest.fixture(scope="session", autouse=True)
def _loopback_only() -> Iterator[None]:
    """Refuse every connection that would leave this machine."""
    patch = pytest.MonkeyPatch()
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    look_up = socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _refuse_remote(self, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_remote(self, address)
        return connect_ex(self, address)

    def guarded_look_up(host: Any, *args: Any, **options: Any) -> Any:
        if not _is_loopback(host):
            raise socket.gaierror(socket.EAI_NONAME, "names are not looked up in tests")
        return look_up(host, *args, **options)

    patch.setattr(socket.socket, "connect", guarded_connect)
    patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    patch.setattr(socket, "getaddrinfo", guarded_look_up)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _own_world(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Give the test an empty home and working folder, and forget it afterwards.

    The home lies beside the test's own ``tmp_path``, which stays empty.
    """
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("HARN_TUI_HOME", str(home / "harn-tui"))
    monkeypatch.chdir(home)
    yield
    PROCESS_REGISTRY.reset_all_sinks()
    close_logging()


@pytest.fixture(autouse=True)
def _live_view_equals_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold every session that a test opens to it: the view of its log is the one it showed."""
    start, close = SessionHandle.start, SessionHandle.close
    views: dict[int, SessionView] = {}

    async def watched_start(self: SessionHandle) -> None:
        view = views[id(self)] = SessionView()
        apply_all(view, self.past_records())
        self.subscribe(partial(_fold, view))
        await start(self)

    async def watched_close(self: SessionHandle, *, leaves_approvals: bool = False) -> None:
        await close(self, leaves_approvals=leaves_approvals)
        live = views.pop(id(self), None)
        if live is not None and self.folder is not None:
            _hold_to_log(live, self.folder / "event_log.jsonl")

    monkeypatch.setattr(SessionHandle, "start", watched_start)
    monkeypatch.setattr(SessionHandle, "close", watched_close)


def _hold_to_log(live: SessionView, log: Path) -> None:
    """A session in which nothing was said leaves no log; any other one's shows what it showed."""
    if log.exists():
        replayed = SessionView()
        apply_all(replayed, read_records(log))
        assert replayed == live
    else:
        assert not any(isinstance(block, UserBlock | AssistantBlock) for block in live.blocks)


def _fold(view: SessionView, record: Record) -> None:
    apply(view, record)


def _refuse_remote(sock: socket.socket, address: Any) -> None:
    if sock.family in {socket.AF_INET, socket.AF_INET6} and not _is_loopback(address[0]):
        raise NetworkUsedError(f"a test tried to connect to {address[0]}")


def _is_loopback(host: Any) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    return host in _LOOPBACK_NAMES or host == "::1" or str(host).startswith("127.")
