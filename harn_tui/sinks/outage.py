"""Tells a listener once when an outage begins and once when it ends, in that order."""

import logging
import threading
from collections.abc import Callable

_log = logging.getLogger("agent.sink")


class OutageReporter:
    """Turns a changing problem into callbacks, one at a time and with no lock held.

    ``report`` may be called from any thread and from inside a callback; what changed meanwhile
    is told by the thread that is telling already.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._problem: str | None = None
        self._is_told = False  # whether the listener's last word was that of a failure
        self._is_telling = False
        self._on_failure: Callable[[str], None] = _log_failure
        self._on_recovery: Callable[[], None] = _log_recovery

    def watch(self, on_failure: Callable[[str], None], on_recovery: Callable[[], None]) -> None:
        """Set who is told."""
        self._on_failure = on_failure
        self._on_recovery = on_recovery

    def report(self, problem: str | None) -> None:
        """State what is wrong at this moment; ``None`` when nothing is."""
        if problem is None and not self._is_told and not self._is_telling:
            return
        with self._lock:
            self._problem = problem
            if self._is_telling:
                return
            self._is_telling = True
        self._tell()

    def _tell(self) -> None:
        while True:
            with self._lock:
                problem = self._problem
                if self._is_told == (problem is not None):
                    self._is_telling = False
                    return
                self._is_told = problem is not None
            try:
                if problem is None:
                    self._on_recovery()
                else:
                    self._on_failure(problem)
            except Exception:  # noqa: BLE001 - boundary: a listener must not stop the writing
                _log.exception("log listener failed")


def _log_failure(problem: str) -> None:
    _log.error("log not written: %s", problem)


def _log_recovery() -> None:
    _log.info("log written again")
