"""Ambient state of a running loop: which session it belongs to, and what it was given."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from harn_tui.loop.config import LoopConfig


@dataclass(slots=True)
class RunningLoop:
    """A loop as its own tools see it; its configuration changes with the model."""

    config: LoopConfig
    loop_id: str


_running_loop: ContextVar[RunningLoop | None] = ContextVar("harn_running_loop", default=None)
_session_ids: ContextVar[tuple[str, ...]] = ContextVar("harn_session_ids", default=())


@contextmanager
def current_session(session_id: str) -> Iterator[None]:
    """Make ``session_id`` the current session inside the ``with`` block, a blank one not."""
    if not session_id.strip():
        yield
        return
    token = _session_ids.set((*_session_ids.get(), session_id))
    try:
        yield
    finally:
        _session_ids.reset(token)


def current_session_id() -> str | None:
    """Return the innermost running loop's session id, or ``None`` outside of any loop."""
    stack = _session_ids.get()
    return stack[-1] if stack else None


@contextmanager
def running_loop(loop: RunningLoop) -> Iterator[None]:
    """Make ``loop`` the innermost running one inside the ``with`` block."""
    token = _running_loop.set(loop)
    try:
        yield
    finally:
        _running_loop.reset(token)


def current_loop() -> RunningLoop | None:
    """Return the innermost running loop, or ``None`` outside of any."""
    return _running_loop.get()
