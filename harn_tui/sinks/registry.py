"""Which sinks and subscribers hear a session, and which sink owns it.

Three kinds of listener, each found by exact session id (there is no wildcard):

* *sinks*, registered by hosts, called synchronously in registration order;
* *subscribers*, coroutines that ``aemit`` awaits after all sinks;
* the *owner*, the sink that hears what is emitted for its session outside any loop.

Lists are replaced, never changed, so whoever iterates over one holds a snapshot: what is
registered or removed during an emission affects only later emissions. All methods may be called
from any thread and from inside a sink.
"""

import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeAlias

from harn_tui.events.record import Event
from harn_tui.sinks.base import EventSink

Subscriber: TypeAlias = Callable[[Event], Awaitable[None]]
"""Awaited with each event of a session that is emitted with ``aemit``."""


@dataclass(frozen=True, slots=True)
class _Registration:
    """A registered sink; ``registrant`` is who may remove it as its own."""

    sink: EventSink
    registrant: object | None


@dataclass(frozen=True, slots=True, eq=False)
class _Ownership:
    """One claim to a session; told apart by identity, so equal sinks may own twice."""

    sink: EventSink


class SinkRegistry:
    """The listeners of every session in one process, or in one test."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._registrations: dict[str, tuple[_Registration, ...]] = {}
        self._subscribers: dict[str, tuple[Subscriber, ...]] = {}
        self._ownerships: dict[str, tuple[_Ownership, ...]] = {}
        self._failed: set[tuple[str, int]] = set()

    def register_sink(
        self, session_id: str, sink: EventSink, *, registrant: object | None = None
    ) -> None:
        """Add a sink behind those that the session has; the same one may be added twice.

        ``registrant`` names who registered it (a loop gives itself), so that
        ``unregister_all_of`` can remove exactly that. ``None``: the sink stays until it is
        cleared.
        """
        with self._lock:
            known = self._registrations.get(session_id, ())
            self._registrations[session_id] = (*known, _Registration(sink, registrant))

    def unregister_all_of(self, registrant: object) -> None:
        """Remove the sinks that ``registrant`` registered, in every session, and no others."""
        with self._lock:
            for session_id, known in list(self._registrations.items()):
                kept = tuple(entry for entry in known if entry.registrant is not registrant)
                if kept:
                    self._registrations[session_id] = kept
                else:
                    del self._registrations[session_id]

    def clear_session_sinks(self, session_id: str) -> None:
        """Remove all registered sinks of the session; subscribers and owner stay."""
        with self._lock:
            self._registrations.pop(session_id, None)
            self._failed = {entry for entry in self._failed if entry[0] != session_id}

    def reset_all_sinks(self) -> None:
        """Forget every sink, subscriber and owner of every session."""
        with self._lock:
            self._registrations.clear()
            self._subscribers.clear()
            self._ownerships.clear()
            self._failed.clear()

    def note_failure(self, session_id: str, listener: object) -> bool:
        """Note that ``listener`` failed; whether it is the first time in this session."""
        entry = (session_id, id(listener))
        with self._lock:
            is_first = entry not in self._failed
            self._failed.add(entry)
        return is_first

    def subscribe(self, session_id: str, subscriber: Subscriber) -> Callable[[], None]:
        """Add a subscriber behind those that the session has; return what removes it again."""
        with self._lock:
            self._subscribers[session_id] = (*self._subscribers.get(session_id, ()), subscriber)

        def unsubscribe() -> None:
            with self._lock:
                known = list(self._subscribers.get(session_id, ()))
                if subscriber in known:
                    known.remove(subscriber)
                    self._subscribers[session_id] = tuple(known)

        return unsubscribe

    def own_session(self, session_id: str, sink: EventSink) -> Callable[[], None]:
        """Make ``sink`` the session's owner; return what ends exactly this ownership.

        The latest ownership that has not ended counts. Ending one twice does nothing.
        """
        ownership = _Ownership(sink)
        with self._lock:
            self._ownerships[session_id] = (*self._ownerships.get(session_id, ()), ownership)

        def disown() -> None:
            with self._lock:
                known = self._ownerships.get(session_id, ())
                self._ownerships[session_id] = tuple(o for o in known if o is not ownership)
                if not self._ownerships[session_id]:
                    del self._ownerships[session_id]

        return disown

    def sinks(self, session_id: str) -> tuple[EventSink, ...]:
        """Return the registered sinks of the session in order."""
        return tuple(entry.sink for entry in self._registrations.get(session_id, ()))

    def subscribers(self, session_id: str) -> tuple[Subscriber, ...]:
        """Return the subscribers of the session in order."""
        return self._subscribers.get(session_id, ())

    def owner_sink(self, session_id: str) -> EventSink | None:
        """Return the sink that owns the session, ``None`` when nobody does."""
        known = self._ownerships.get(session_id)
        return known[-1].sink if known else None

    def session_external_sink_count(self, session_id: str) -> int:
        """Return how many sinks are registered for the session."""
        return len(self._registrations.get(session_id, ()))

    def session_closure_subscriber_count(self, session_id: str) -> int:
        """Return how many subscribers the session has."""
        return len(self._subscribers.get(session_id, ()))


PROCESS_REGISTRY = SinkRegistry()
"""The registry of the process; reach it through ``current_registry``."""

_override: ContextVar[SinkRegistry | None] = ContextVar("sink_registry", default=None)


def current_registry() -> SinkRegistry:
    """Return the registry in force here: that of ``use_registry``, else the process's."""
    registry = _override.get()
    return PROCESS_REGISTRY if registry is None else registry


@contextmanager
def use_registry(registry: SinkRegistry) -> Iterator[SinkRegistry]:
    """Put ``registry`` in force for this context and the tasks it starts."""
    token = _override.set(registry)
    try:
        yield registry
    finally:
        _override.reset(token)
