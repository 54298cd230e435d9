"""The last line of a text while its end has not come, however long it grows."""

from __future__ import annotations


class PendingLine:
    """Parts of a line, joined only when somebody asks for them."""

    __slots__ = ("_parts", "chars")

    def __init__(self, text: str = "") -> None:
        self._parts = [text] if text else []
        self.chars = len(text)

    def add(self, text: str) -> None:
        """Add text without a line feed."""
        if text:
            self._parts.append(text)
            self.chars += len(text)

    def take(self) -> str:
        """Return the whole line and begin the next one."""
        line = "".join(self._parts)
        self._parts, self.chars = [], 0
        return line

    def shortened(self, whole: int, cut: int) -> PendingLine:
        """Return a copy that holds only the first ``cut`` characters if there are over ``whole``.

        Its ``chars`` are those of the whole line.
        """
        kept: list[str] = []
        length = 0
        for part in self._parts:
            kept.append(part)
            length += len(part)
            if length >= max(whole, cut):
                break
        text = "".join(kept)
        copy = PendingLine(text if self.chars <= whole else text[:cut])
        copy.chars = self.chars
        return copy
