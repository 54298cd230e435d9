"""Takes the power out of pasted text before the terminal parser sees it.

Terminals bracket a paste (xterm, bracketed paste mode), but pass escape characters inside it on;
Textual's parser would take those for keys: a paste could send lines, interrupt or quit.
"""

import time
from collections.abc import Iterable

from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver
from textual.message import Message

from harn_tui.console.burst_guard import PASTE_END, PASTE_START, BurstGuard
from harn_tui.console.terminal_background import BackgroundAnswers, TerminalBackground

_START, _END = PASTE_START, PASTE_END
_KEPT_CONTROLS = frozenset("\t\n\r")


class PasteFilter:
    """Removes control characters from between the marks of a paste, across any chunks.

    Keys outside a paste go through at once, so that a lone Escape never waits for the next key.
    """

    def __init__(self) -> None:
        self._is_pasting = False
        self._recent = ""
        self._held = ""

    @property
    def is_pasting(self) -> bool:
        """Whether what comes next begins within a paste."""
        return self._is_pasting

    def feed(self, data: str) -> str:
        """Return ``data`` as the parser may see it; inside a paste, half an end mark waits."""
        parts: list[str] = []
        while data or self._held:
            part, data = self._take_paste(data) if self._is_pasting else self._take_keys(data)
            parts.append(part)
            if not data:
                break
        return "".join(parts)

    def _take_keys(self, data: str) -> tuple[str, str]:
        """Return what comes up to the end of a start mark, and what is left."""
        seen = self._recent + data
        at = seen.find(_START)
        if at < 0:
            self._recent = seen[1 - len(_START) :]
            return data, ""
        end = at + len(_START) - len(self._recent)
        self._recent = ""
        self._is_pasting = True
        return data[:end], data[end:]

    def _take_paste(self, data: str) -> tuple[str, str]:
        """Return the harmless text up to the end of an end mark, and what is left."""
        text, found, rest = (self._held + data).partition(_END)
        self._held = ""
        if found:
            self._is_pasting = False
            return _without_controls(text) + _END, rest
        for size in range(min(len(_END) - 1, len(text)), 0, -1):
            if text.endswith(_END[:size]):
                self._held = _END[:size]
                return _without_controls(text[:-size]), ""
        return _without_controls(text), ""


def _without_controls(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(
        character
        for character in text
        if character in _KEPT_CONTROLS
        or not ("\x00" <= character < " " or "\x7f" <= character <= "\x9f")
    )


class FilteringParser(XTermParser):
    """Textual's parser behind a paste filter."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._paste_filter = PasteFilter()
        self._burst_guard = BurstGuard(time.monotonic)
        self._answers = BackgroundAnswers()

    @property
    def _is_between_keys(self) -> bool:
        """Whether what comes next begins neither within a paste nor within a sequence.

        The parser knows the second: within a key's sequence it waits for more, until a time at
        which a lone Escape is one. What was read before would not tell those apart.
        """
        is_within = self._paste_filter.is_pasting or self._answers.is_waiting
        return not is_within and self._timeout_time is None

    def feed(self, data: str) -> Iterable[Message]:
        """Parse ``data``; an empty string means the end of the input."""
        if data and self._is_between_keys:
            data = self._burst_guard.feed(data)
        filtered = self._paste_filter.feed(data)
        if data and not filtered:
            return
        # Inside a paste there is no escape character left, so that none can hold an answer.
        filtered, backgrounds = self._answers.feed(filtered)
        yield from map(TerminalBackground, backgrounds)
        if filtered or not data:
            yield from super().feed(filtered)


def filter_pastes() -> None:
    """Put the filter before the parser of every driver started from now on."""
    setattr(linux_driver, "XTermParser", FilteringParser)  # noqa: B010 - not exported
