"""Finds a paste in what a terminal sends that does not mark pastes.

Some terminals, and some connections, know no bracketed paste: a text of several lines then looks
like typing, and each of its line ends like Enter. What tells it apart is that it comes at once:
nobody types six characters, Enter and more between two reads of the terminal.
"""

from collections.abc import Callable
from typing import Final

PASTE_START: Final = "\x1b[200~"
PASTE_END: Final = "\x1b[201~"
_ENTER: Final = "\r"
LEAST_CHARACTERS: Final = 6
"""Fewer characters before Enter may be typed while the program is busy."""
CONTINUED_S: Final = 0.12
"""What comes so soon after a paste belongs to it, when it is text too.

The end of a long paste may be a few characters, so no read is too short. A lone Enter is a key.
"""


class BurstGuard:
    """Puts the marks of a paste around a burst. ``now_s`` is a clock that never goes back.

    The first read is left alone: it has what was typed while the program was starting. A text
    and Enter at its end alone, which programs send that type for a person, is typing as well.
    """

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._is_first = True
        self._paste_until_s = 0.0

    def feed(self, data: str) -> str:
        """Return ``data``, one read of the terminal, marked when it is a paste."""
        is_first, self._is_first = self._is_first, False
        if is_first or not _is_text(data):
            self._paste_until_s = 0.0
            return data
        now_s = self._now_s()
        is_continued = now_s < self._paste_until_s and data != _ENTER
        if not is_continued and not _has_enter_inside(data):
            return data
        self._paste_until_s = now_s + CONTINUED_S
        return f"{PASTE_START}{data}{PASTE_END}"


def _is_text(data: str) -> bool:
    return data.replace("\r", "").replace("\t", "").isprintable()


def _has_enter_inside(data: str) -> bool:
    before, enter, behind = data.partition("\r")
    return bool(enter) and len(before) >= LEAST_CHARACTERS and bool(behind.strip("\r"))
