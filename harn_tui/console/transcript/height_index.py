"""Row heights of a growing list with position lookups in O(log n): a Fenwick tree."""

from array import array
from collections.abc import Iterable


class HeightIndex:
    """Heights in rows, by position.

    ``offset(i)`` is the row where item ``i`` begins; ``find(row)`` is its inverse. Reading and
    changing one height, appending and both lookups cost O(log n).
    """

    __slots__ = ("_heights", "_sums", "_top_bit")

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._heights = array("l", heights)
        self._sums = _build(self._heights)
        self._top_bit = 1 << max(0, len(self._heights).bit_length() - 1)

    def __len__(self) -> int:
        return len(self._heights)

    def __getitem__(self, position: int) -> int:
        return self._heights[position]

    @property
    def total(self) -> int:
        """Rows of all items."""
        return self.offset(len(self._heights))

    def set(self, position: int, height: int) -> int:
        """Set the height at ``position`` and return the difference to the old one."""
        delta = height - self._heights[position]
        if delta:
            self._heights[position] = height
            sums, index, size = self._sums, position + 1, len(self._sums)
            while index < size:
                sums[index] += delta
                index += index & -index
        return delta

    def append(self, height: int) -> None:
        """Add one item at the end."""
        index = len(self._heights) + 1
        total, child, stop = height, index - 1, index - (index & -index)
        while child > stop:
            total += self._sums[child]
            child -= child & -child
        self._heights.append(height)
        self._sums.append(total)
        if index >= self._top_bit << 1:
            self._top_bit <<= 1

    def offset(self, position: int) -> int:
        """Return the rows before ``position``, which may be the length of the list."""
        sums, total = self._sums, 0
        while position > 0:
            total += sums[position]
            position &= position - 1
        return total

    def find(self, row: int) -> tuple[int, int]:
        """Return the item that holds ``row`` and the row inside of it.

        Items without rows are passed over. A row at or after the end gives the length of the
        list and what remains.
        """
        index, step, size = 0, self._top_bit, len(self._sums)
        row = max(0, row)
        while step:
            following = index + step
            if following < size and self._sums[following] <= row:
                index = following
                row -= self._sums[following]
            step >>= 1
        return index, row

    def truncate(self, length: int) -> None:
        """Drop all items from ``length`` on."""
        if length < len(self._heights):
            del self._heights[length:]
            del self._sums[length + 1 :]
            self._top_bit = 1 << max(0, length.bit_length() - 1)


def _build(heights: "array[int]") -> "array[int]":
    sums = array("l", bytes(array("l").itemsize))
    sums.extend(heights)
    size = len(sums)
    for index in range(1, size):
        parent = index + (index & -index)
        if parent < size:
            sums[parent] += sums[index]
    return sums
