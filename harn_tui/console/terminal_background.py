"""Asks the terminal for the colour of its background, and keeps the answer out of the keys.

The question is the sequence OSC 11 of xterm. It is asked after the first frame and nothing waits
for the answer; terminals that do not know it say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from harn_tui.console.terminal_writer import write_to_terminal
from harn_tui.console.themes import DARK_THEME, LIGHT_THEME

ANSWER_SECONDS = 1.0
"""After this, the background counts as dark; a later answer still counts."""

_QUESTION = "\x1b]11;?\x1b\\"
_ANSWER = re.compile(r"\x1b\]11;([^\x07\x1b]{0,64})(?:\x07|\x1b\\)")
_COLOUR = re.compile(r"rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})(?:/.*)?")
_PART = re.compile(r"\x1b\]11;(?:[a-z]{0,4}:?[0-9a-fA-F/]{0,40}\x1b?)?|\x1b\]11?")
"""The beginning of an answer, as far as it may be cut."""

_SHORTEST_HELD = 3
"""Characters of a beginning answer that are held back: fewer may be a key, Alt and ``]``."""


class TerminalBackground(Message):
    """The terminal said whether its background is light."""

    def __init__(self, is_light: bool) -> None:
        super().__init__()
        self.is_light = is_light


class BackgroundAnswers:
    """Takes answers out of what the terminal sends, wherever that is cut into chunks."""

    def __init__(self) -> None:
        self._held = ""

    @property
    def is_waiting(self) -> bool:
        """Whether the beginning of an answer is held, and what comes next may be its end."""
        return bool(self._held)

    def feed(self, data: str) -> tuple[str, list[bool]]:
        """Return what is left of ``data``, and for each answer whether the background is light."""
        held, self._held = self._held, ""
        seen = held + data
        found: list[bool] = []
        for answer in _ANSWER.finditer(seen):
            is_light = is_light_colour(answer[1])
            if is_light is not None:
                found.append(is_light)
        rest = _ANSWER.sub("", seen)
        at = rest.rfind("\x1b]")
        if at >= 0 and len(rest) - at >= _SHORTEST_HELD and _PART.fullmatch(rest, at):
            rest, self._held = rest[:at], rest[at:]
        elif held and rest.startswith(held):
            # Somebody types, and the end of the answer never came: it must not hold the keys.
            rest = rest.removeprefix(held)
        return rest, found


def is_light_colour(colour: str) -> bool | None:
    """Return whether an X11 colour such as ``rgb:ffff/ffff/ffff`` is light; ``None`` for others."""
    match = _COLOUR.fullmatch(colour)
    if match is None:
        return None
    red, green, blue = (int(part, 16) / ((1 << 4 * len(part)) - 1) for part in match.groups())
    return 0.299 * red + 0.587 * green + 0.114 * blue > 0.5


class UsualTheme:
    """The theme for who chose none: light on a light background, else dark.

    ``on_known`` is called when it is settled, and again when a late answer changes it.
    """

    def __init__(self, app: App[Any], on_known: Callable[[], None]) -> None:
        self._app = app
        self._on_known = on_known
        self.name: str | None = None
        """``None`` while the terminal has not answered."""

    def ask(self, term: str) -> None:
        """Ask the terminal, if it is one that can answer. ``term`` is its kind."""
        driver = getattr(self._app, "_driver", None)
        if not isinstance(driver, LinuxDriver) or self._app.no_color or term == "linux":
            self._settle(DARK_THEME)
            return
        write_to_terminal(self._app, _QUESTION)
        self._app.set_timer(ANSWER_SECONDS, self._give_up)

    def take(self, message: TerminalBackground) -> None:
        """Take an answer."""
        self._settle(LIGHT_THEME if message.is_light else DARK_THEME)

    def _give_up(self) -> None:
        if self.name is None:
            self._settle(DARK_THEME)

    def _settle(self, name: str) -> None:
        if name != self.name:
            self.name = name
            self._on_known()
