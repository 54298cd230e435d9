"""Tells those who wait that something has arrived, so that nobody has to look again and again."""

import logging
import threading
from collections.abc import Callable

_log = logging.getLogger("agent.feedback")


class Arrivals:
    """The listeners of one place at which things arrive; safe to use from any thread.

    A listener is called on the thread on which the thing arrived, after it is in its place and
    perhaps with that place's lock held: it must not wait for another thread. It learns that
    something came and not what, so it looks for itself. One that fails is logged and keeps none
    of the others from being called.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: dict[object, Callable[[], None]] = {}

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` at every arrival from now on; returns the way to stop it."""
        ticket = object()
        with self._lock:
            self._listeners = {**self._listeners, ticket: listener}

        def stop() -> None:
            with self._lock:
                self._listeners = {k: v for k, v in self._listeners.items() if k is not ticket}

        return stop

    def announce(self) -> None:
        """Call the listeners that there are now, in the order in which they subscribed."""
        for listener in self._listeners.values():
            _call_isolated(listener)


def _call_isolated(listener: Callable[[], None]) -> None:
    try:
        listener()
    except Exception:  # noqa: BLE001 - boundary: who waits must not undo what arrived
        _log.exception("listener for arrivals failed")
