"""Plays keys on vim mode as its prompt does, without a prompt."""

import re
from dataclasses import dataclass, field

from harn_tui.console.prompt.vim.machine import Step, VimState, press
from harn_tui.console.prompt.vim.values import Mode, Request

_KEYS = re.compile(r"<([^>]+)>|(.)", re.DOTALL)
_NAMED = {"esc": "escape"}


def keys_of(written: str) -> list[str]:
    """Return keys as they are written: ``dw<esc>``, ``<lt>`` for a ``<``."""
    found = []
    for name, character in _KEYS.findall(written):
        found.append("<" if name == "lt" else _NAMED.get(name, name) or character)
    return found


@dataclass
class Driver:
    """A text with a cursor; ``asked`` has what the prompt around it was asked for."""

    text: str
    cursor: int
    state: VimState = field(default_factory=lambda: VimState(mode=Mode.NORMAL))
    asked: list[Request] = field(default_factory=list)

    def play(self, *keys: str) -> None:
        for key in keys:
            self.take(press(self.state, key, self.text, self.cursor), key)

    def take(self, step: Step, key: str) -> None:
        if step.change is not None:
            assert 0 <= step.change.start <= step.change.end <= len(self.text)
            self.text = step.change.apply(self.text)
        self.state, self.cursor = step.state, step.cursor
        if step.request is not None:
            self.asked.append(step.request)
        assert 0 <= self.cursor <= len(self.text)
        if not step.is_taken and self.state.mode is Mode.INSERT:
            typed = "\n" if key == "enter" else key if len(key) == 1 else ""
            self.text = f"{self.text[: self.cursor]}{typed}{self.text[self.cursor :]}"
            self.cursor += len(typed)

    @property
    def shown(self) -> str:
        return f"{self.text[: self.cursor]}|{self.text[self.cursor :]}"


def driver_at(shown: str) -> Driver:
    """Return a driver on a text whose cursor is written as ``|``."""
    at = shown.index("|")
    return Driver(shown[:at] + shown[at + 1 :], at)
