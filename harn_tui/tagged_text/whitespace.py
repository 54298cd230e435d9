"""Tidies the white space of text that streams in."""

import re
from typing import Final

_RUN: Final = re.compile(r"\s+|\S+")
_BLANK_LINES: Final = re.compile(r"\n{3,}")
_FENCE: Final = "```"


class TidyWhitespace:
    """Trims the text, ends lines with LF, and leaves one blank line where there are more.

    Blank lines within fenced code stay. White space is held back until text follows it.
    """

    def __init__(self) -> None:
        self._pending: list[str] = []
        self._has_text = False
        self._is_fenced = False
        self._line_start: str | None = ""

    def feed(self, text: str) -> str:
        """Return what can be passed on."""
        parts: list[str] = []
        for run in _RUN.findall(text):
            if run.isspace():
                self._pending.append(run)
                if "\n" in run:
                    self._line_start = ""
                elif self._line_start:
                    self._line_start = None
            else:
                parts += (self._flush(), run)
                self._note_fence(run)
        return "".join(parts)

    def _flush(self) -> str:
        blanks = "".join(self._pending).replace("\r\n", "\n")
        self._pending.clear()
        if not self._has_text:
            self._has_text = True
            return ""
        return blanks if self._is_fenced else _BLANK_LINES.sub("\n\n", blanks)

    def _note_fence(self, run: str) -> None:
        """Follow the beginning of the line: a fence may be cut anywhere."""
        if self._line_start is None:
            return
        self._line_start += run[: len(_FENCE)]
        if self._line_start.startswith(_FENCE):
            self._is_fenced = not self._is_fenced
            self._line_start = None
        elif not _FENCE.startswith(self._line_start):
            self._line_start = None
