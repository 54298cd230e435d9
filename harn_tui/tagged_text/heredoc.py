"""Reads heredocs: text over several lines, kept exactly as it is.

``<<TAG`` ends a line, the text follows, and the first line that begins with TAG ends it. Models
also write ``"<<TAG`` and forget that they opened a quote; that is read in the same way.
"""

import re
from typing import Final

from harn_tui.tagged_text.cursor import Cursor
from harn_tui.tagged_text.tokens import Token, TokenKind

_TAG = r"[^\W\d]\w{0,63}"
_OPENING: Final = re.compile(rf"<<(?P<quote>['\"]?)(?P<tag>{_TAG})(?P=quote)[ \t]{{0,16}}\r?\n")
_OPENING_SO_FAR: Final = re.compile(rf"<(?:<(?:['\"]?(?:{_TAG}(?:['\"]?[ \t]{{0,16}}\r?)?)?)?)?")
_QUOTED_OPENING: Final = re.compile(rf"\"<<(?P<tag>{_TAG})\r?\n")
_QUOTED_OPENING_SO_FAR: Final = re.compile(rf"\"(?:<(?:<(?:{_TAG}\r?)?)?)?")
_HAS_TAG: Final = re.compile(rf"<<['\"]?{_TAG}")
_INDENT: Final = re.compile(r"[ \t]+")


class HeredocReader:
    """Reads from behind the opening line up to and including the closing tag."""

    def __init__(self, tag: str, *, is_quoted: bool) -> None:
        self._tag = tag
        self._is_quoted = is_quoted
        self._parts: list[str] = []
        self._parts_before_line = 0
        self._is_line_start = True

    @property
    def unfinished(self) -> str:
        """What to say when the input ends inside."""
        return (
            f"the heredoc <<{self._tag} is not closed: "
            f"{self._tag} must stand at the start of a line of its own"
        )

    def read(self, cursor: Cursor) -> Token | None:
        """Return the text as a token, ``None`` when more input is needed."""
        while not cursor.is_at_limit:
            if self._is_line_start:
                closes = self._closes(cursor)
                if closes is None:
                    return None
                if closes:
                    return self._close(cursor)
                self._is_line_start = False
            self._take_line(cursor)
        return None

    def _closes(self, cursor: Cursor) -> bool | None:
        """Whether the line at the cursor is the closing one; ``None`` while that is open."""
        indent = _INDENT.match(cursor.text, cursor.index, cursor.limit)
        if indent is not None:
            self._parts.append(indent[0])
            cursor.index = indent.end()
        end = cursor.index + len(self._tag)
        if cursor.limit <= end and cursor.could_become(self._tag):
            return None
        if not cursor.text.startswith(self._tag, cursor.index, cursor.limit):
            return False
        following = cursor.text[end : end + 1]
        return not (following.isalnum() or following in {"_", "$"})

    def _take_line(self, cursor: Cursor) -> None:
        line_end = cursor.text.find("\n", cursor.index, cursor.limit)
        end = cursor.limit if line_end < 0 else line_end + 1
        self._parts.append(cursor.text[cursor.index : end])
        cursor.index = end
        if line_end >= 0:
            self._is_line_start = True
            self._parts_before_line = len(self._parts)

    def _close(self, cursor: Cursor) -> Token:
        cursor.index += len(self._tag)
        if self._is_quoted and cursor.text.startswith('"', cursor.index, cursor.limit):
            cursor.index += 1
        text = "".join(self._parts[: self._parts_before_line])
        return Token(TokenKind.TEXT, text.removesuffix("\n").removesuffix("\r"))


def open_heredoc(cursor: Cursor) -> HeredocReader | Token | None:
    """Read the opening line at the cursor, which stands on ``<``.

    Returns the reader of the text, a token when this is no heredoc or a broken one, and ``None``
    when more input is needed.
    """
    match = _OPENING.match(cursor.text, cursor.index, cursor.limit)
    if match is not None:
        cursor.index = match.end()
        return HeredocReader(match["tag"], is_quoted=False)
    if not cursor.is_final and _OPENING_SO_FAR.fullmatch(cursor.text, cursor.index, cursor.limit):
        return None
    if not cursor.text.startswith("<<", cursor.index, cursor.limit):
        cursor.index += 1
        return Token(TokenKind.OTHER, "<")
    has_tag = _HAS_TAG.match(cursor.text, cursor.index, cursor.limit) is not None
    cursor.index += 2
    return Token(
        TokenKind.PROBLEM,
        "the tag of a heredoc must end its line; the text begins on the next one"
        if has_tag
        else "`<<` must be followed by the tag of a heredoc, such as EOF",
    )


def open_quoted_heredoc(cursor: Cursor) -> HeredocReader | bool | None:
    """Read ``"<<TAG`` at the cursor, which stands on the quote.

    ``False`` means an ordinary string, ``None`` that more input is needed.
    """
    match = _QUOTED_OPENING.match(cursor.text, cursor.index, cursor.limit)
    if match is not None:
        cursor.index = match.end()
        return HeredocReader(match["tag"], is_quoted=True)
    is_open = _QUOTED_OPENING_SO_FAR.fullmatch(cursor.text, cursor.index, cursor.limit) is not None
    return None if is_open and not cursor.is_final else False
