"""How much arrived below the window since the reader left the end."""


class Unseen:
    """Counts blocks that were not in view yet; the last one again when it grew unseen."""

    __slots__ = ("_grew", "_seen")

    def __init__(self) -> None:
        self._seen = 0
        self._grew = False

    def all_seen(self, blocks: int) -> None:
        """Note that the end is in view."""
        self._seen = blocks
        self._grew = False

    def changed(self, indices: "set[int] | frozenset[int]", last_visible: int) -> None:
        """Note changes while the end is not in view."""
        if any(last_visible <= index < self._seen for index in indices):
            self._grew = True

    def scrolled(self, last_visible: int) -> None:
        """Note that blocks up to ``last_visible`` are or were in view."""
        self._seen = max(self._seen, last_visible + 1)

    def count(self, blocks: int) -> int:
        """Return the number of blocks with something new, of ``blocks`` in all."""
        return max(0, blocks - self._seen) + self._grew
