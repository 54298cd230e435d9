"""Split reasoning that stands between ``<think>`` tags from the text around it.

Servers that do not parse the template of a local model pass its reasoning on as text. It is
private, so it must not be taken for the answer (docs/loop.md, correction 10.22).
"""

from dataclasses import dataclass
from typing import Final

_OPEN: Final = "<think>"
_CLOSE: Final = "</think>"
_FENCE: Final = "```"


@dataclass(frozen=True, slots=True)
class SpanPiece:
    """A piece of a reply, never empty."""

    text: str
    is_thinking: bool


class ThinkSplitter:
    """Splits text that arrives in pieces, cut anywhere.

    A span that is never closed takes the rest. A tag in fenced code or behind a backtick is talk
    about the tag. White space before the first visible text is dropped when a span came first.
    """

    def __init__(self) -> None:
        self._held = ""
        self._is_inside = False
        self._had_span = False
        self._has_visible_text = False
        self._line = ""
        self._is_in_fence = False

    def push(self, text: str) -> list[SpanPiece]:
        """Return what is known to be text or reasoning; what may begin a tag is held back."""
        pieces: list[SpanPiece] = []
        rest = self._held + text
        self._held = ""
        while rest:
            tag = _CLOSE if self._is_inside else _OPEN
            at = rest.find(tag)
            if at < 0:
                kept = len(rest) - _length_of_beginning(rest, tag)
                self._held = rest[kept:]
                self._take(rest[:kept], pieces)
                break
            self._take(rest[:at], pieces)
            rest = rest[at + len(tag) :]
            if not self._is_inside and self._is_talk:
                self._take(tag, pieces)
                continue
            self._is_inside = not self._is_inside
            self._had_span = True
        return pieces

    def flush(self) -> list[SpanPiece]:
        """Return what was held back; the reply has ended."""
        pieces: list[SpanPiece] = []
        held, self._held = self._held, ""
        self._take(held, pieces)
        return pieces

    @property
    def _is_talk(self) -> bool:
        """Whether a tag here would be part of code: behind a backtick or within a fence."""
        is_opening_line = self._line.lstrip().startswith(_FENCE)
        return self._is_in_fence or is_opening_line or self._line.endswith("`")

    def _take(self, text: str, pieces: list[SpanPiece]) -> None:
        if self._is_inside:
            if text:
                pieces.append(SpanPiece(text, is_thinking=True))
            return
        if self._had_span and not self._has_visible_text:
            text = text.lstrip()
        if not text:
            return
        self._has_visible_text = self._has_visible_text or not text.isspace()
        self._follow_lines(text)
        pieces.append(SpanPiece(text, is_thinking=False))

    def _follow_lines(self, text: str) -> None:
        """Keep the line that is being written, and whether it stands in fenced code."""
        *ended, last = text.split("\n")
        for line in ended:
            if (self._line + line).lstrip().startswith(_FENCE):
                self._is_in_fence = not self._is_in_fence
            self._line = ""
        self._line += last


def _length_of_beginning(text: str, tag: str) -> int:
    """Return how much of ``tag`` the end of ``text`` may be the beginning of."""
    for length in range(min(len(text), len(tag) - 1), 0, -1):
        if tag.startswith(text[-length:]):
            return length
    return 0
