"""Read what was appended to a list of deltas, without joining all of it again."""

from collections.abc import Sequence


class DeltaReader:
    """Remembers how much of a list of text parts was read.

    The list only grows at its end, but may at any time be collapsed into fewer parts with the
    same joined text.
    """

    __slots__ = ("_chars", "_last", "_seen")

    def __init__(self) -> None:
        self._seen = 0
        self._chars = 0
        self._last: str | None = None

    def read(self, parts: Sequence[str]) -> str | None:
        """Return the text after what was read before: O(new), or O(all) after a collapse.

        ``None`` when there is less text than was read: it was replaced, so start over.
        """
        count, seen = len(parts), self._seen
        if seen <= count and (seen == 0 or parts[seen - 1] is self._last):
            new = "".join(parts[seen:])
        else:
            text = "".join(parts)
            if len(text) < self._chars:
                return None
            new = text[self._chars :]
        self._seen = count
        self._last = parts[-1] if count else None
        self._chars += len(new)
        return new
