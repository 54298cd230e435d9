"""Puts a changed list of messages back among the events that are no messages."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.transcripts.call_pairs import result_id
from harn_tui.transcripts.transcript_event import TranscriptEvent, message_event


@dataclass(frozen=True, slots=True)
class Entry:
    """One event in its place. ``message`` is what it stands for, ``None`` when it is no message."""

    event: TranscriptEvent
    message: JsonObject | None = None

    @classmethod
    def of_message(cls, message: JsonObject) -> "Entry":
        """Return a new entry for ``message``. Raises UsageError when it has no role."""
        return cls(message_event(message), message)


def interleaved(entries: Sequence[Entry], messages: Sequence[JsonObject]) -> list[Entry]:
    """Return ``entries`` with ``messages`` in the place of those that it has.

    What is no message stays. A message that was there keeps its event and its place; a new one
    stands right before the next that was there, or at the end: a summary follows the events of
    the time that it sums up.
    """
    places = _Places(entries)
    result: list[Entry] = []
    fresh: list[Entry] = []
    position = 0
    for message in messages:
        place = places.take(message, position)
        if place is None:
            fresh.append(Entry.of_message(message))
            continue
        result += [entry for entry in entries[position:place] if entry.message is None]
        result += fresh
        result.append(Entry(entries[place].event, message))
        fresh, position = [], place + 1
    result += [entry for entry in entries[position:] if entry.message is None]
    return result + fresh


class _Places:
    """Where each message stands: the same object, else an equal one for a caller with copies."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._same: dict[int, deque[int]] = {}
        self._alike: dict[tuple[JsonValue, ...], deque[int]] = {}
        self._entries = entries
        for place, entry in enumerate(entries):
            if entry.message is not None:
                self._same.setdefault(id(entry.message), deque()).append(place)
                self._alike.setdefault(_traits(entry.message), deque()).append(place)

    def take(self, message: JsonObject, position: int) -> int | None:
        """Return the first place of ``message`` at or behind ``position``, ``None`` if none."""
        for place in _from(self._same.get(id(message)), position):
            return place
        for place in _from(self._alike.get(_traits(message)), position):
            if self._entries[place].message == message:
                return place
        return None


def _from(places: deque[int] | None, position: int) -> Iterator[int]:
    """Yield the places at or behind ``position`` and forget those before it."""
    if places is None:
        return
    while places and places[0] < position:
        places.popleft()
    yield from places


def _traits(message: JsonObject) -> tuple[JsonValue, ...]:
    """Return what equal messages have in common, cheap to hash."""
    content = message.get("content")
    return message.get("role"), content if isinstance(content, str) else None, result_id(message)
