"""Ambient state of a running loop: which session it belongs to."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

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
