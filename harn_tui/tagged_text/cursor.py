"""The part of a reply that has arrived and is not read yet.

A reply comes in pieces that may end anywhere. A reader takes what it can decide on and leaves the
rest, at most a few hundred characters, for the next piece; nothing is looked at twice but that
rest, so reading costs the same however the text was cut.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class Cursor:
    """A place in the text.

    ``text`` begins ``base`` characters into the reply. What lies from ``index`` to ``limit`` may
    be read. ``before`` is the last character ahead of ``text``, ``""`` at the start of the reply.
    """

    text: str = ""
    index: int = 0
    limit: int = 0
    base: int = 0
    before: str = ""
    is_final: bool = False

    def feed(self, piece: str) -> None:
        """Append ``piece`` and forget what has been read."""
        if self.index:
            self.before = self.text[self.index - 1]
        self.base += self.index
        self.text = self.text[self.index :] + piece
        self.index = 0
        self.limit = len(self.text)

    @property
    def position(self) -> int:
        """Where the cursor stands, in characters from the start of the reply."""
        return self.base + self.index

    @property
    def is_at_limit(self) -> bool:
        """Whether nothing is left to read for now."""
        return self.index >= self.limit

    @property
    def previous(self) -> str:
        """The character before the cursor, ``""`` at the start of the reply."""
        return self.text[self.index - 1] if self.index else self.before

    def could_become(self, *literals: str) -> bool:
        """Whether the unread text is the beginning of a literal that more input may complete."""
        length = self.limit - self.index
        if self.is_final or not any(length <= len(literal) for literal in literals):
            return False
        rest = self.text[self.index : self.limit]
        return any(literal.startswith(rest) for literal in literals)
