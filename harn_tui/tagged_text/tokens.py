"""The tokens that the arguments of a call are made of."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final


class TokenKind(Enum):
    """What a token is. ``text`` of the token holds…"""

    MARK = auto()
    """…one of ``{ } [ ] ( ) : ,``."""
    TEXT = auto()
    """…the value of a quoted string, a template or a heredoc."""
    WORD = auto()
    """…a number, a name or a literal such as ``true``."""
    OTHER = auto()
    """…a character that means nothing here."""
    PROBLEM = auto()
    """…a sentence on what is wrong; reading can go on behind it."""
    NOTHING = auto()
    """A comment ended."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token of a call's arguments."""

    kind: TokenKind
    text: str = ""

    def is_mark(self, mark: str) -> bool:
        """Whether this is the punctuation ``mark``."""
        return self.kind is TokenKind.MARK and self.text == mark

    def __str__(self) -> str:
        if self.kind is TokenKind.TEXT:
            return "a string"
        return f"`{self.text[:40]}`"


NOTHING: Final = Token(TokenKind.NOTHING)
