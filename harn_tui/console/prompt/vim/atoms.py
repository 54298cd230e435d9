"""Tokens of a prompt as single characters, so that vim mode moves over and deletes them whole."""

from collections.abc import Callable, Sequence

_FIRST = 0x100000
"""A private character that nobody types stands for the first token, the next for the second.

Not one of plane 15: fonts for terminals have their icons there, which people do type.
"""


class Atoms:
    """``find_tokens`` gives start and end of each token in a text."""

    def __init__(self, find_tokens: Callable[[str], Sequence[tuple[int, int]]]) -> None:
        self._find_tokens = find_tokens
        self._tokens: list[str] = []

    def inner(self, text: str) -> str:
        """Return ``text`` with one character for each token."""
        pieces, place = [], 0
        for start, end in sorted(self._find_tokens(text)):
            pieces += [text[place:start], self._character(text[start:end])]
            place = end
        return "".join([*pieces, text[place:]]) if pieces else text

    def inner_place(self, text: str, place: int) -> int:
        """Return where the character at ``place`` of ``text`` is; a token's are all at its own."""
        for start, end in sorted(self._find_tokens(text), reverse=True):
            if place >= end:
                place -= end - start - 1
            elif place > start:
                place = start
        return place

    def outer(self, text: str) -> str:
        """Return an inner ``text`` with its tokens in full."""
        if not self._tokens or text.isascii():
            return text
        last = len(self._tokens)
        return "".join(
            self._tokens[ord(one) - _FIRST] if 0 <= ord(one) - _FIRST < last else one
            for one in text
        )

    def _character(self, token: str) -> str:
        if token not in self._tokens:
            self._tokens.append(token)
        return chr(_FIRST + self._tokens.index(token))
