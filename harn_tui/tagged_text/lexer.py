"""Cuts the arguments of a call into tokens as they arrive."""

import re
from typing import Final, Protocol

from harn_tui.tagged_text.cursor import Cursor
from harn_tui.tagged_text.escapes import EscapeError, read_escape
from harn_tui.tagged_text.heredoc import open_heredoc, open_quoted_heredoc
from harn_tui.tagged_text.tokens import NOTHING, Token, TokenKind

LONGEST_WORD: Final = 256

_MARKS: Final = frozenset("{}[]():,")
_BLANKS: Final = re.compile(r"[\s\ufeff]*")
_WORD: Final = re.compile(rf"[\w$.+-]{{1,{LONGEST_WORD}}}")
_RUNS: Final = {
    '"': re.compile(r"[^\"\\]+"),
    "'": re.compile(r"[^'\\]+"),
    "`": re.compile(r"[^`\\]+"),
}


class _Reader(Protocol):
    """Reads one token that may be long."""

    @property
    def unfinished(self) -> str: ...

    def read(self, cursor: Cursor) -> Token | None: ...


class _StringReader:
    """Reads a quoted string or a template, from behind its opening quote."""

    def __init__(self, quote: str) -> None:
        self._quote = quote
        self._parts: list[str] = []

    @property
    def unfinished(self) -> str:
        return f"the string that begins with {self._quote} is not closed"

    def read(self, cursor: Cursor) -> Token | None:
        while not cursor.is_at_limit:
            run = _RUNS[self._quote].match(cursor.text, cursor.index, cursor.limit)
            if run is not None:
                self._parts.append(run[0])
                cursor.index = run.end()
            elif cursor.text[cursor.index] == self._quote:
                cursor.index += 1
                return Token(TokenKind.TEXT, "".join(self._parts))
            else:
                try:
                    character = read_escape(cursor)
                except EscapeError as error:
                    return Token(TokenKind.PROBLEM, str(error))
                if character is None:
                    return None
                self._parts.append(character)
        return None


class _CommentReader:
    """Reads over a comment, from behind its opening."""

    def __init__(self, end: str) -> None:
        self._end = end

    @property
    def unfinished(self) -> str:
        return "a comment is not closed"

    def read(self, cursor: Cursor) -> Token | None:
        found = cursor.text.find(self._end, cursor.index, cursor.limit)
        if found >= 0:
            cursor.index = found + len(self._end)
            return NOTHING
        keeps_star = len(self._end) > 1 and cursor.text.endswith("*", cursor.index, cursor.limit)
        cursor.index = cursor.limit - 1 if keeps_star else cursor.limit
        return None


class ValueLexer:
    """The tokens of one call's arguments, one after the other."""

    def __init__(self) -> None:
        self._reader: _Reader | None = None

    @property
    def unfinished(self) -> str | None:
        """What to say when the input ends here; ``None`` between tokens."""
        return None if self._reader is None else self._reader.unfinished

    def next(self, cursor: Cursor) -> Token | None:
        """Return the next token, ``None`` when more input is needed for it.

        After a PROBLEM inside a string the next call goes on within that string.
        """
        while True:
            if self._reader is None:
                token = self._start(cursor)
                if token is None and self._reader is None:
                    return None
            else:
                token = self._reader.read(cursor)
                if token is None:
                    return None
                if token.kind is not TokenKind.PROBLEM:
                    self._reader = None
            if token is not None and token.kind is not TokenKind.NOTHING:
                return token

    def _start(self, cursor: Cursor) -> Token | None:
        """Return a short token, or ``None`` after setting a reader for a long one."""
        blanks = _BLANKS.match(cursor.text, cursor.index, cursor.limit)
        if blanks is not None:
            cursor.index = blanks.end()
        if cursor.is_at_limit:
            return None
        character = cursor.text[cursor.index]
        if character in _MARKS:
            cursor.index += 1
            return Token(TokenKind.MARK, character)
        if character in _RUNS:
            self._start_string(cursor, character)
            return None
        if character == "<":
            opened = open_heredoc(cursor)
            if opened is None or isinstance(opened, Token):
                return opened
            self._reader = opened
            return None
        if character == "/":
            return self._start_comment(cursor)
        return self._word(cursor)

    def _start_string(self, cursor: Cursor, quote: str) -> None:
        heredoc = open_quoted_heredoc(cursor) if quote == '"' else False
        if heredoc is None:
            return
        if isinstance(heredoc, bool):
            cursor.index += 1
            self._reader = _StringReader(quote)
        else:
            self._reader = heredoc

    def _start_comment(self, cursor: Cursor) -> Token | None:
        for opening, end in (("//", "\n"), ("/*", "*/")):
            if cursor.text.startswith(opening, cursor.index, cursor.limit):
                cursor.index += len(opening)
                self._reader = _CommentReader(end)
                return None
        if cursor.could_become("//"):
            return None
        cursor.index += 1
        return Token(TokenKind.OTHER, "/")

    def _word(self, cursor: Cursor) -> Token | None:
        word = _WORD.match(cursor.text, cursor.index, cursor.limit)
        if word is None:
            character = cursor.text[cursor.index]
            cursor.index += 1
            return Token(TokenKind.OTHER, character)
        is_longest = len(word[0]) == LONGEST_WORD
        if word.end() == cursor.limit and not cursor.is_final and not is_longest:
            return None
        cursor.index = word.end()
        if is_longest:
            return Token(
                TokenKind.PROBLEM, f"a number or name has {LONGEST_WORD} or more characters"
            )
        return Token(TokenKind.WORD, word[0])
