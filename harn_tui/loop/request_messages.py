"""The messages of one request, without copying the history that they begin with."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import overload

from harn_tui.json_types import JsonObject


class RequestMessages(Sequence[JsonObject]):
    """The history as it stands now, then ``tail``.

    ``history`` may grow afterwards, which this does not see; it must never be changed otherwise.
    """

    __slots__ = ("_history", "_length", "_tail")

    def __init__(self, history: Sequence[JsonObject], tail: Sequence[JsonObject] = ()) -> None:
        self._history = history
        self._length = len(history)
        self._tail = tuple(tail)

    def __len__(self) -> int:
        return self._length + len(self._tail)

    def __iter__(self) -> Iterator[JsonObject]:
        return chain(islice(self._history, self._length), self._tail)

    @overload
    def __getitem__(self, index: int) -> JsonObject: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[JsonObject, ...]: ...

    def __getitem__(self, index: int | slice) -> JsonObject | tuple[JsonObject, ...]:
        if isinstance(index, slice):
            return tuple(self)[index]
        position = index + len(self) if index < 0 else index
        if not 0 <= position < len(self):
            raise IndexError(f"message {index} of {len(self)}")
        if position < self._length:
            return self._history[position]
        return self._tail[position - self._length]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # like a list: equal by content, which is JSON

    def __repr__(self) -> str:
        return f"RequestMessages({list(self)!r})"
