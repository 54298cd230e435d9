"""Leaves whole lines out of text that streams in: completion markers and made-up tool results.

A line is held back only as long as it may turn out to be one of these.
"""

import re
from typing import Final

LONGEST_MARGIN: Final = 256
"""A marker with more white space around it on its line is taken for text."""

_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")
_RESULT_BEGINS: Final = "[result of "
_RESULT_OPENING: Final = re.compile(r"\[result of (?P<name>[^\]\n]{1,128})\]")
_RESULT_OPENING_SO_FAR: Final = re.compile(r"\[result of [^\]\n]{0,128}\]?\s{0,16}")


class SentinelLines:
    """Drops the lines that hold nothing but ``sentinel``; ``None`` or blank drops none."""

    def __init__(self, sentinel: str | None) -> None:
        self._sentinel = (sentinel or "").strip()
        self._held = ""
        self._is_line_start = True

    def feed(self, text: str) -> str:
        """Return what can be passed on."""
        if not self._sentinel:
            return text
        return "".join(map(self._take, _LINE.findall(text)))

    def finish(self) -> str:
        """Return what is held back, unless it is a marker."""
        held, self._held = self._held, ""
        return "" if held.strip() == self._sentinel else held

    def _take(self, piece: str) -> str:
        """Take a line or a part of one."""
        is_end = piece.endswith("\n")
        if not self._is_line_start:
            self._is_line_start = is_end
            return piece
        line, self._held = self._held + piece, ""
        if is_end:
            return "" if self._is_marker(line) else line
        if self._may_become_marker(line):
            self._held = line
            return ""
        self._is_line_start = False
        return line

    def _is_marker(self, line: str) -> bool:
        return line.strip() == self._sentinel and self._is_short(line)

    def _may_become_marker(self, line: str) -> bool:
        start = line.lstrip()
        may_become = self._sentinel.startswith(start) or start.rstrip() == self._sentinel
        return may_become and self._is_short(line)

    def _is_short(self, line: str) -> bool:
        return len(line.removesuffix("\n")) <= len(self._sentinel) + LONGEST_MARGIN


class ResultLines:
    """Drops ``[result of NAME]`` … ``[end of NAME result]``, which only the runtime may write.

    A result that is not ended is text after all and comes out at the end.
    """

    def __init__(self) -> None:
        self._held: list[str] = []
        self._line = ""
        self._is_line_start = True
        self._endings: tuple[str, ...] = ()
        self._longest_ending = 0

    def feed(self, text: str) -> str:
        """Return what can be passed on."""
        return "".join(map(self._take, _LINE.findall(text)))

    def finish(self) -> str:
        """Return what is held back, unless it is a complete result."""
        return "" if self._is_ending(self._line) else "".join(self._held)

    def _take(self, piece: str) -> str:
        if self._endings:
            self._take_inside(piece)
            return ""
        is_end = piece.endswith("\n")
        if not self._is_line_start:
            self._is_line_start = is_end
            return piece
        line = "".join((*self._held, piece))
        self._held.clear()
        opening = _RESULT_OPENING.fullmatch(line.strip()) if is_end else None
        if opening is not None and _may_open_result(line):
            self._held.append(line)
            name = opening["name"]
            self._endings = (f"[end of {name} result]", f"[end of {name}]")
            self._longest_ending = len(self._endings[0]) + LONGEST_MARGIN
            return ""
        if not is_end and _may_open_result(line):
            self._held.append(line)
            return ""
        self._is_line_start = is_end
        return line

    def _take_inside(self, piece: str) -> None:
        self._held.append(piece)
        if len(self._line) <= self._longest_ending:
            self._line += piece
        if not piece.endswith("\n"):
            return
        line, self._line = self._line, ""
        if self._is_ending(line):
            self._held.clear()
            self._endings = ()

    def _is_ending(self, line: str) -> bool:
        is_short = len(line.removesuffix("\n")) <= self._longest_ending
        return is_short and line.strip() in self._endings


def _may_open_result(line: str) -> bool:
    start = line.lstrip(" \t")
    if len(line) - len(start) > LONGEST_MARGIN:
        return False
    return _RESULT_BEGINS.startswith(start) or bool(_RESULT_OPENING_SO_FAR.fullmatch(start))
