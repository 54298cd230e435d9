"""A list that shares its items with others until it is asked for one."""

from collections.abc import Callable, Sequence
from typing import SupportsIndex, TypeVar, overload

T = TypeVar("T")


class OwnCopies(list[T]):
    """Items of ``items``, each replaced by a copy when it is first looked up by its place.

    So whoever looks an item up may change it. Iterating and slicing copies nothing: what they
    give is only to be read. What is appended or assigned is taken as it is.
    """

    def __init__(self, items: Sequence[T], copy: Callable[[T], T]) -> None:
        super().__init__(items)
        self._copy = copy
        self._is_shared = bytearray(b"\x01") * len(self)

    @overload
    def __getitem__(self, place: SupportsIndex) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> list[T]: ...
    def __getitem__(self, place: SupportsIndex | slice) -> T | list[T]:
        """Return the item at ``place``, which belongs to this list alone, or a slice."""
        if isinstance(place, slice):
            return super().__getitem__(place)
        item = super().__getitem__(place)
        number = place.__index__()
        if number < 0:
            number += len(self)
        if number < len(self._is_shared) and self._is_shared[number]:
            self._is_shared[number] = 0
            item = self._copy(item)
            self[number] = item
        return item
