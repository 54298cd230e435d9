"""Calls a person back to a terminal that is not in front: a notification, and the window's title.

Nothing is written while the terminal has the focus, and nothing while nothing happens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from harn_tui.console.plain_text import one_line
from harn_tui.kinds import LoopStatus, Notifications

if TYPE_CHECKING:
    from harn_tui.view.model import SessionView

PROGRAM = "harn-tui"
LONGEST_TEXT = 120
"""Characters of a notification or a title; the rest is cut."""

_BELL = "\x07"
_SAVE_TITLE, _RESTORE_TITLE = "\x1b[22;2t", "\x1b[23;2t"
_OSC9_PROGRAMS = frozenset({"iTerm.app", "WezTerm", "ghostty"})
_OSC777_TERMS = ("rxvt", "foot", "contour")


def best_way(environ: Mapping[str, str]) -> Notifications:
    """Return how the terminal that ``environ`` tells of shows notifications; the bell if unsure."""
    if environ.get("TMUX") or environ.get("TERM", "").startswith(("screen", "tmux")):
        return Notifications.BELL  # a multiplexer passes the others on only when it is told to
    if environ.get("TERM_PROGRAM") in _OSC9_PROGRAMS or environ.get("KITTY_WINDOW_ID"):
        return Notifications.OSC9
    if environ.get("TERM", "").startswith(_OSC777_TERMS):
        return Notifications.OSC777
    return Notifications.BELL


class Attention:
    """Tells news of one session. ``write`` sends text to the terminal as it is."""

    def __init__(self, write: Callable[[str], None], environ: Mapping[str, str]) -> None:
        self._write = write
        self._automatic = best_way(environ)
        self._is_in_tmux = bool(environ.get("TMUX"))
        self.way = Notifications.AUTO
        """How a person wants to be called."""
        self._is_away = False
        self._has_title = False
        self._was_running = False
        self._asked: frozenset[str] = frozenset()
        self._state = ""

    def focus_changed(self, *, is_focused: bool) -> None:
        """Take back the title when the person is here; show the state of a run when they leave."""
        self._is_away = not is_focused
        if is_focused:
            self.restore_title()
        elif self._state:
            self._show_title(self._state)

    def forget(self) -> None:
        """Another session is shown: what the one before did is no news of it."""
        self._asked, self._was_running = frozenset(), False

    def note(self, view: SessionView) -> None:
        """Call for what is new in ``view``. Runs once a frame: its cost is that of what waits."""
        waiting = {
            **{one.question_id: f"a question: {one.question}" for one in view.questions},
            **{one.request_id: f"approval needed: {one.tool_name}" for one in view.permissions},
        }
        asked = frozenset(waiting)
        news = ""
        if new := [key for key in waiting if key not in self._asked]:
            news = waiting[new[-1]]
        elif self._was_running and not view.is_running:
            news = _end_words(view)
        self._asked, self._was_running = asked, view.is_running
        state = "waiting for you" if asked else "working" if view.is_running else news
        if news and self._is_away:
            self._notify(news)
            self._show_title(news)
        elif state and state != self._state and self._is_away:
            self._show_title(state)
        if view.is_running or news:
            self._state = state

    def restore_title(self) -> None:
        """Give the terminal its own title back, if it was changed."""
        if self._has_title:
            self._has_title = False
            # Terminals that keep no titles are left with the program's name, not with old news.
            self._write(f"\x1b]2;{PROGRAM}{_BELL}{_RESTORE_TITLE}")

    def _notify(self, text: str) -> None:
        if self.way is Notifications.OFF:
            return
        way = self._automatic if self.way is Notifications.AUTO else self.way
        shown = _safe(text)
        match way:
            case Notifications.OSC9:
                self._send(f"\x1b]9;{PROGRAM}: {shown}{_BELL}")
            case Notifications.OSC777:
                self._send(f"\x1b]777;notify;{PROGRAM};{shown}{_BELL}")
            case _:
                self._write(_BELL)

    def _send(self, sequence: str) -> None:
        if self._is_in_tmux:
            sequence = "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
        self._write(sequence)

    def _show_title(self, text: str) -> None:
        if self.way is Notifications.OFF:
            return
        save = "" if self._has_title else _SAVE_TITLE
        self._has_title = True
        self._write(f"{save}\x1b]2;{PROGRAM}: {_safe(text)}{_BELL}")


def _end_words(view: SessionView) -> str:
    if view.last_status in {None, LoopStatus.DONE, LoopStatus.IDLE}:
        return "done"
    return "interrupted" if view.last_status is LoopStatus.CANCELLED else (
        f"ended: {str(view.last_status).replace('_', ' ')}"
    )  # fmt: skip


def _safe(text: str) -> str:
    # A semicolon parts the fields of these sequences.
    line = one_line(text[: 4 * LONGEST_TEXT]).replace(";", ",")[:LONGEST_TEXT]
    return "".join(character if character.isprintable() else "·" for character in line)
