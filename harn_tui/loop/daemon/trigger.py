"""The events that wait for a daemon to be idle, each handed out until it is settled."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from harn_tui.errors import HarnError
from harn_tui.json_types import JsonObject, JsonValue

DEFAULT_CAPACITY = 1024


class TriggerQueueFullError(HarnError):
    """An event that was refused because too many wait already."""


@dataclass(frozen=True, slots=True)
class TriggerEvent:
    """One event; ``seq`` counts from 0, ``enqueued_at`` is RFC 3339."""

    seq: int
    enqueued_at: str
    payload: JsonValue

    def as_json(self) -> JsonObject:
        """Return the form that the file of a daemon's facts holds."""
        return {"seq": self.seq, "enqueued_at": self.enqueued_at, "payload": self.payload}

    @classmethod
    def from_json(cls, value: JsonValue) -> "TriggerEvent":
        """Return the event that ``as_json`` gave. Raises ValueError for anything else."""
        match value:
            case {"seq": int(seq), "enqueued_at": str(enqueued_at), "payload": payload}:
                return cls(seq, enqueued_at, payload)
        raise ValueError("an event must have `seq`, `enqueued_at` and `payload`")


def _utc_now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class TriggerQueue:
    """First in, first out, one event out at a time; safe to use from any thread.

    An event that was handed out is kept until ``settle``: ``requeue`` puts it back to the front,
    so that each is handed out at least once. It counts towards ``capacity`` until then.
    """

    def __init__(
        self,
        capacity: int = DEFAULT_CAPACITY,
        *,
        now: Callable[[], str] = _utc_now,
        pending: Iterable[TriggerEvent] = (),
        inflight: TriggerEvent | None = None,
        next_seq: int = 0,
    ) -> None:
        self._lock = threading.Lock()
        self._capacity = capacity
        self._now = now
        self._pending = deque(pending)
        self._inflight = inflight
        self._next_seq = next_seq

    def push(self, payload: JsonValue) -> TriggerEvent:
        """Queue an event. Raises TriggerQueueFullError when there is no room for it."""
        with self._lock:
            if len(self._pending) + (self._inflight is not None) >= self._capacity:
                raise TriggerQueueFullError(
                    f"The daemon's queue is full: {self._capacity} events wait.",
                    hint="Try again when the daemon has handled some.",
                )
            event = TriggerEvent(self._next_seq, self._now(), payload)
            self._next_seq += 1
            self._pending.append(event)
        return event

    def take(self) -> TriggerEvent | None:
        """Hand out the oldest event; ``None`` when there is none or one is out already."""
        with self._lock:
            if self._inflight is None and self._pending:
                self._inflight = self._pending.popleft()
                return self._inflight
        return None

    def settle(self, seq: int) -> bool:
        """State that the event that is out was handled; false when ``seq`` is not that one."""
        with self._lock:
            is_out = self._inflight is not None and self._inflight.seq == seq
            if is_out:
                self._inflight = None
        return is_out

    def requeue(self) -> bool:
        """Put the event that is out back to the front; false when none is."""
        with self._lock:
            if self._inflight is None:
                return False
            self._pending.appendleft(self._inflight)
            self._inflight = None
        return True

    def __len__(self) -> int:
        """Return how many events wait, the one that is out not counted."""
        with self._lock:
            return len(self._pending)

    def as_json(self) -> JsonObject:
        """Return the queue's keys of ``daemon.meta.json``."""
        with self._lock:
            return {
                "event_queue_capacity": self._capacity,
                "next_event_seq": self._next_seq,
                "pending_events": [event.as_json() for event in self._pending],
                "inflight_event": self._inflight.as_json() if self._inflight else None,
            }

    @classmethod
    def from_json(cls, value: JsonValue, *, now: Callable[[], str] = _utc_now) -> "TriggerQueue":
        """Return the queue that ``as_json`` gave; other keys of the file are passed over.

        An event that was out when the file was written still is: ``requeue`` it if nobody
        handles it any more. Raises ValueError for what is no queue.
        """
        match value:
            case {
                "event_queue_capacity": int(capacity),
                "next_event_seq": int(next_seq),
                "pending_events": list(pending),
                "inflight_event": inflight,
            }:
                return cls(
                    capacity,
                    now=now,
                    pending=map(TriggerEvent.from_json, pending),
                    inflight=None if inflight is None else TriggerEvent.from_json(inflight),
                    next_seq=next_seq,
                )
        raise ValueError("a daemon's queue must have its capacity, next number and events")
