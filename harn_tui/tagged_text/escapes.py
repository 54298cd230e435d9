"""Reads backslash escapes within quoted strings and templates."""

import re
from typing import Final

from harn_tui.tagged_text.cursor import Cursor

_ESCAPE: Final = re.compile(
    r"\\(?:x(?P<two>[0-9a-fA-F]{2})|u(?P<four>[0-9a-fA-F]{4})|u\{(?P<braced>[0-9a-fA-F]{1,6})\}"
    r"|(?P<plain>\r\n|[^xu]))",
    re.DOTALL,
)
_ESCAPE_SO_FAR: Final = re.compile(r"\\(?:x[0-9a-fA-F]?|u[0-9a-fA-F]{0,3}|u\{[0-9a-fA-F]{0,6}|\r)?")
_PLAIN: Final = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "\n": "", "\r": "", "\r\n": ""}
_LAST_CODE_POINT: Final = 0x10FFFF


class EscapeError(ValueError):
    """An escape that stands for no character; the cursor stands behind it."""


def read_escape(cursor: Cursor) -> str | None:
    """Return the text that the escape at the cursor stands for, ``None`` when it is not complete.

    A backslash before a line break continues the line: ``""``. An unknown escape stands for its
    letter. Raises EscapeError for hexadecimal ones that are broken or name no character.
    """
    match = _ESCAPE.match(cursor.text, cursor.index, cursor.limit)
    is_partial = _ESCAPE_SO_FAR.fullmatch(cursor.text, cursor.index, cursor.limit) is not None
    if is_partial and not cursor.is_final:
        return None
    if match is None:
        letter = cursor.text[cursor.index : cursor.index + 2]
        cursor.index = min(cursor.index + 2, cursor.limit)
        raise EscapeError(f"`{letter}` is not followed by the hexadecimal digits of a character")
    cursor.index = match.end()
    plain = match["plain"]
    if plain is not None:
        return _PLAIN.get(plain, plain)
    return _character(int(match["two"] or match["four"] or match["braced"], 16), match[0])


def _character(code_point: int, written: str) -> str:
    if 0xD800 <= code_point <= 0xDFFF:
        raise EscapeError(
            f"`{written}` is half of a surrogate pair; write the character itself or \\u{{…}}"
        )
    if code_point > _LAST_CODE_POINT:
        raise EscapeError(f"`{written}` is not a character")
    return chr(code_point)
