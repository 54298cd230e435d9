"""A terminal emulator's screen: bytes in, rows of text and colours out.

pyte does the emulation. What it does not know is handled here: the alternate screen, synchronized
output (a frame is shown whole or not at all), and sequences that it would print as text.
"""

import re
from dataclasses import dataclass

import pyte

_UNKNOWN_TO_PYTE = re.compile(
    rb"\x1b\[[<>=][0-?]*[ -/]*[@-~]"  # private CSI: kitty keyboard, secondary attributes
    rb"|\x1b\[\?[0-9;]*u"
    rb"|\x1b\[[0-?]*[ -/]+[@-~]"  # CSI with an intermediate byte: mode queries, cursor style
    rb"|\x1b\[[0-9;?]*[tn]"
    rb"|\x1b\[[>?]?0?c"
    rb"|\x1b[P_^X][^\x1b]*(?:\x1b(?!\\)[^\x1b]*)*\x1b\\"  # DCS, APC, PM, SOS
    rb"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC
)
_UNFINISHED = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?|[P_^X][^\x1b]*(?:\x1b(?!\\)[^\x1b]*)*\x1b?"
    rb"|[ -/]*)?$"
)
_SCREEN_SWITCH = re.compile(rb"(\x1b\[\?(?:1049|1047|47)[hl])")
_FRAME_BEGIN = b"\x1b[?2026h"
_FRAME_END = b"\x1b[?2026l"
_LONGEST_SEQUENCE = 65_536


@dataclass(frozen=True)
class Cell:
    """One character on the screen.

    ``fg`` and ``bg`` are six hexadecimal digits, a colour's name, or ``"default"``.
    """

    text: str
    fg: str
    bg: str
    bold: bool
    reverse: bool


class Screen:
    """What a terminal of ``columns`` by ``rows`` shows after the bytes fed so far."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns = columns
        self.rows = rows
        self._main = pyte.HistoryScreen(columns, rows, history=10_000, ratio=0.5)
        self._alternate = pyte.Screen(columns, rows)
        self._shown: pyte.Screen = self._main
        self._stream = pyte.ByteStream(self._shown)
        self._held = b""

    @property
    def is_alternate(self) -> bool:
        """Whether a full-screen program has the terminal."""
        return self._shown is self._alternate

    @property
    def cursor(self) -> tuple[int, int]:
        """Row and column of the cursor, both from 0."""
        return self._shown.cursor.y, min(self._shown.cursor.x, self.columns - 1)

    def feed(self, data: bytes) -> None:
        """Take output; an unfinished sequence or frame waits for its end."""
        data = self._held + data
        data, self._held = _split_unfinished(data)
        for piece in _SCREEN_SWITCH.split(data):
            if _SCREEN_SWITCH.fullmatch(piece):
                self._switch(to_alternate=piece.endswith(b"h"))
            elif piece:
                self._stream.feed(_UNKNOWN_TO_PYTE.sub(b"", piece))

    def resize(self, columns: int, rows: int) -> None:
        """Change the size; what a program does about it comes as output."""
        self.columns, self.rows = columns, rows
        for screen in (self._main, self._alternate):
            screen.resize(rows, columns)

    def lines(self) -> list[str]:
        """Return the rows as text, white space at their ends removed."""
        return [line.rstrip() for line in self._shown.display]

    def history(self) -> list[str]:
        """Return what has scrolled off the main screen, oldest first."""
        return [
            "".join(line[column].data for column in range(self.columns)).rstrip()
            for line in self._main.history.top
        ]

    def cell(self, row: int, column: int) -> Cell:
        """Return one character with its colours; ``row`` and ``column`` count from 0."""
        char = self._shown.buffer[row][column]
        return Cell(char.data, char.fg, char.bg, char.bold, char.reverse)

    def _switch(self, *, to_alternate: bool) -> None:
        self._shown = self._alternate if to_alternate else self._main
        if to_alternate:
            self._alternate.reset()
        self._stream = pyte.ByteStream(self._shown)


def _split_unfinished(data: bytes) -> tuple[bytes, bytes]:
    """Return what can be shown now, and the unfinished frame or sequence at the end."""
    begin = data.rfind(_FRAME_BEGIN)
    if begin >= 0 and data.find(_FRAME_END, begin) < 0:
        return data[:begin], data[begin:]
    return split_unfinished_sequence(data)


def split_unfinished_sequence(data: bytes) -> tuple[bytes, bytes]:
    """Return ``data`` up to an escape sequence that has begun and not ended, and that sequence."""
    match = _UNFINISHED.search(data)
    if match and len(data) - match.start() < _LONGEST_SEQUENCE:
        return data[: match.start()], data[match.start() :]
    return data, b""
