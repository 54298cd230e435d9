"""Notices that a person has begun a line, which is the time to load what its answer needs."""

from __future__ import annotations

from collections.abc import Callable

BEGUN_CHARACTERS = 16
"""From here on a line is hardly a command, a stray key or a word that is taken back.

What is loaded then takes 0.2 s, and the rest of the line takes longer than that to type. Whoever
sends a shorter line waits for it.
"""


class LineBegun:
    """Calls what was attached once, as soon as one line has ``BEGUN_CHARACTERS``."""

    def __init__(self) -> None:
        self._is_begun = False
        self._actions: tuple[Callable[[], object], ...] = ()

    def take(self, text: Callable[[], str]) -> None:
        """Look at the prompt's text, unless a line was begun before."""
        if not self._is_begun and len(text()) >= BEGUN_CHARACTERS:
            self._is_begun = True
            self._act()

    def attach(self, *actions: Callable[[], object]) -> None:
        """Call ``actions`` when a line is begun: at once when one already is."""
        self._actions = actions
        if self._is_begun:
            self._act()

    def _act(self) -> None:
        actions, self._actions = self._actions, ()
        for action in actions:
            action()
