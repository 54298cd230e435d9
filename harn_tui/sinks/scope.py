"""The stack of sinks of the loops that are running in this context.

Only the top hears an event, so a nested loop with a sink of its own never speaks upward; one
without leaves its parent's on top. Tasks started inside a loop inherit its stack, and
``asyncio.to_thread`` carries it along. A task that outlives the loop it came from finds its
entry ended: for it the stack is as good as empty, and nothing reaches the parent's sink either.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from harn_tui.sinks.base import EventSink
from harn_tui.sinks.registry import current_registry


class _LoopEntry:
    """One loop's place on the stack; ``is_running`` until that loop is left."""

    __slots__ = ("is_running", "sink")

    def __init__(self, sink: EventSink) -> None:
        self.sink = sink
        self.is_running = True


_stack: ContextVar[tuple[_LoopEntry, ...]] = ContextVar("loop_sinks", default=())


@contextmanager
def loop_sink(session_id: str, sink: EventSink | None) -> Iterator[None]:
    """Let ``sink`` hear the loop that runs inside, and own ``session_id`` meanwhile.

    ``None`` changes nothing: the enclosing loop's sink, if any, stays on top. Enter and leave
    in one coroutine, never in an asynchronous generator, whose context is its caller's.
    """
    if sink is None:
        yield
        return
    entry = _LoopEntry(sink)
    disown = current_registry().own_session(session_id, sink)
    token = _stack.set((*_stack.get(), entry))
    try:
        yield
    finally:
        entry.is_running = False
        disown()
        _stack.reset(token)


def top_loop_sink() -> EventSink | None:
    """Return the sink of the innermost running loop, ``None`` outside every loop."""
    stack = _stack.get()
    return stack[-1].sink if stack and stack[-1].is_running else None
