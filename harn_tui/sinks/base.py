"""What receives events."""

from collections.abc import Sequence
from typing import Protocol

from harn_tui.events.record import Event


class EventSink(Protocol):
    """Receives every event of one session, in order.

    ``handle_event`` is called on the emitter's own stack: it never awaits, never blocks, and
    what it raises is caught and logged by the fan-out, never seen by the loop.
    """

    def handle_event(self, event: Event) -> None:
        """Take one event."""
        ...


class CollectingSink:
    """Keeps every event in a list; for embedding programs and tests."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def handle_event(self, event: Event) -> None:
        """Append the event to ``events``."""
        self.events.append(event)


class MultiSink:
    """Hands each event to several sinks in order."""

    def __init__(self, sinks: Sequence[EventSink] = ()) -> None:
        self._sinks: tuple[EventSink, ...] = tuple(sinks)

    def push(self, sink: EventSink) -> None:
        """Add a sink; it sees the events emitted after this one."""
        self._sinks = (*self._sinks, sink)

    def __len__(self) -> int:
        return len(self._sinks)

    def handle_event(self, event: Event) -> None:
        """Hand the event to the sinks that are registered at this moment."""
        for sink in self._sinks:
            sink.handle_event(event)
