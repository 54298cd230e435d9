"""Reads one call from behind its ``name(`` to its end, however the text was cut.

A call that cannot be parsed is still read to its end where that can be found, so that text inside
it is never taken for another call: what a model wanted to write into a file must not run.
"""

import re
from enum import Enum, auto
from typing import Final

from harn_tui.json_types import JsonObject
from harn_tui.tagged_text.cursor import Cursor
from harn_tui.tagged_text.grammar import CLOSE_CALL, FENCE, OPEN_CALL
from harn_tui.tagged_text.lexer import ValueLexer
from harn_tui.tagged_text.object_builder import ObjectBuilder, SyntaxProblemError
from harn_tui.tagged_text.tokens import Token, TokenKind

_BLANKS: Final = re.compile(r"\s+")
_INDENT: Final = re.compile(r"[ \t]{0,64}")
_NAMED_ARGUMENT: Final = re.compile(r"[\w$]{1,64}[ \t]{0,8}=")
_NAMED_ARGUMENT_SO_FAR: Final = re.compile(r"[\w$]{1,64}[ \t]{0,8}")
_OPENS_TEXT: Final = frozenset("\"'`[<")
_CALL_TAGS: Final = (OPEN_CALL, CLOSE_CALL)


class _State(Enum):
    START = auto()
    OBJECT = auto()
    PARENTHESIS = auto()
    SKIPPING = auto()
    ENDED = auto()


class CallReader:
    """One call; ``read`` it until it says that it has ended.

    Then either ``arguments`` is set or ``problem``. ``is_line_start`` tells whether what follows
    begins a line. With ``is_example`` the call is only read over, at most to the end of the fenced
    block that it stands in.
    """

    def __init__(self, *, is_example: bool = False) -> None:
        self.arguments: JsonObject | None = None
        self.problem: str | None = None
        self.is_line_start = False
        self._lexer = ValueLexer()
        self._builder = ObjectBuilder()
        self._state = _State.SKIPPING if is_example else _State.START
        self._stops = (*_CALL_TAGS, FENCE) if is_example else _CALL_TAGS
        self._depth = 1
        self._is_skipped_line_new = False

    def read(self, cursor: Cursor) -> bool:
        """Take what there is; true when the call has ended, false when more input is needed."""
        while self._state is not _State.ENDED:
            if not self._step(cursor):
                if not cursor.is_final:
                    return False
                self._end_of_input()
        return True

    def _step(self, cursor: Cursor) -> bool:
        match self._state:
            case _State.START:
                return self._start(cursor)
            case _State.OBJECT:
                return self._read_object(cursor)
            case _State.PARENTHESIS:
                return self._close(cursor)
            case _:
                return self._skip(cursor)

    def _start(self, cursor: Cursor) -> bool:
        self._skip_blanks(cursor)
        if cursor.is_at_limit:
            return False
        character = cursor.text[cursor.index]
        if character == "{":
            cursor.index += 1
            self._state = _State.OBJECT
            return True
        is_named = _NAMED_ARGUMENT.match(cursor.text, cursor.index, cursor.limit) is not None
        is_open = _NAMED_ARGUMENT_SO_FAR.fullmatch(cursor.text, cursor.index, cursor.limit)
        if not is_named and is_open and not cursor.is_final:
            return False
        self.problem = "the arguments must be one object literal, as in name({ key: value })"
        if is_named or character in _OPENS_TEXT:
            self._state = _State.SKIPPING
        else:
            self._end(is_line_start=self.is_line_start)
        return True

    def _read_object(self, cursor: Cursor) -> bool:
        token = self._lexer.next(cursor)
        if token is None:
            return False
        depth = self._builder.depth
        try:
            self._builder.take(token)
        except SyntaxProblemError as error:
            self.problem = str(error)
            self._depth = depth + 1
            self._state = _State.SKIPPING
            self._count(token)
        else:
            if self._builder.depth == 0:
                self._state = _State.PARENTHESIS
                self.is_line_start = False
        return True

    def _close(self, cursor: Cursor) -> bool:
        self._skip_blanks(cursor)
        if cursor.is_at_limit:
            return False
        character = cursor.text[cursor.index]
        if character == ")":
            cursor.index += 1
            self.arguments = self._builder.arguments
            self._end(is_line_start=False)
            return True
        self.problem = f"expected `)` after the object, found `{character}`"
        if character == ",":
            self._state = _State.SKIPPING
        else:
            self._end(is_line_start=self.is_line_start)
        return True

    def _skip_blanks(self, cursor: Cursor) -> None:
        blanks = _BLANKS.match(cursor.text, cursor.index, cursor.limit)
        if blanks is not None:
            cursor.index = blanks.end()
            self.is_line_start |= "\n" in blanks[0]

    def _skip(self, cursor: Cursor) -> bool:
        """Read over one line, or the rest of one, of a call that cannot be parsed."""
        if self._is_skipped_line_new:
            is_stop = self._is_stop(cursor)
            if is_stop is None:
                return False
            if is_stop:
                self._end(is_line_start=True)
                return True
            self._is_skipped_line_new = False
        line_end = cursor.text.find("\n", cursor.index)
        cursor.limit = len(cursor.text) if line_end < 0 else line_end + 1
        while self._state is not _State.ENDED and (token := self._lexer.next(cursor)) is not None:
            self._count(token)
        cursor.limit = len(cursor.text)
        self._is_skipped_line_new = line_end >= 0
        return line_end >= 0 or self._state is _State.ENDED

    def _is_stop(self, cursor: Cursor) -> bool | None:
        """Whether the line at the cursor shows that the call is over; ``None`` while that is open.

        A lost quote would otherwise hide all calls that follow.
        """
        indent = _INDENT.match(cursor.text, cursor.index)
        start = cursor.index if indent is None else indent.end()
        rest = cursor.text[start : start + max(map(len, self._stops))]
        if rest.startswith(self._stops):
            return True
        is_short = start + len(rest) == len(cursor.text) and not cursor.is_final
        if is_short and any(stop.startswith(rest) for stop in self._stops):
            return None
        return False

    def _count(self, token: Token) -> None:
        if token.kind is TokenKind.MARK:
            self._depth += (token.text in "([{") - (token.text in ")]}")
            if self._depth <= 0:
                self._end(is_line_start=False)

    def _end_of_input(self) -> None:
        if self.problem is None:
            self.problem = self._lexer.unfinished or "the call is not closed; it must end in `})`"
        self._end(is_line_start=False)

    def _end(self, *, is_line_start: bool) -> None:
        self._state = _State.ENDED
        self.is_line_start = is_line_start
