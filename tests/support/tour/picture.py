"""What one picture of the tour is made from."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from harn_tui.events.record import Event

Moment = Callable[[Event], bool]
"""Holds for the event with which the picture's moment has come."""


class View(Enum):
    """Which screen of the program is shown."""

    CONSOLE = "the console on a session that is at work"
    REPLAY = "the replay of a session"
    PICKER = "the list of stored sessions"


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: a recorded session up to a moment, and the keys pressed then.

    ``name`` is that of the file, ``session`` that of the log in ``sessions/``. ``until`` holds for
    the event after which the session stands still, ``None`` for its end; ``occurrence`` counts the
    events for which it holds, from 1. ``later_ms`` pass after it. ``keys`` are Textual's names,
    and ``typed`` goes into the prompt before them. ``shows`` is on the screen when it is right.
    ``size`` is in columns and rows.
    """

    name: str
    title: str
    session: str
    shows: str
    until: Moment | None = None
    occurrence: int = 1
    later_ms: int = 1_000
    typed: str = ""
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = (100, 30)
    theme: str = "harn-dark"
    view: View = View.CONSOLE
