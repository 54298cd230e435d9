"""The one sink of a stored session: numbers its events, logs them, and passes them on.

Each event is stamped once, so that log and live listeners agree on index and time. Listeners get
every event at once; the log gets consecutive deltas of one stream as a single record, at most
one a second, which has the index and time of its first delta, as every live delta of it has.
Folding the live records and folding the log therefore give the same picture.

A listener may emit: its event is taken after the one it was called with, so that every listener
sees records in the order of their indices. Events from other threads are taken on the event
loop that the recorder belongs to.
"""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TypeVar

from harn_tui.errors import StoreError
from harn_tui.events.agent import ToolCallUpdate
from harn_tui.events.codec import encode_record
from harn_tui.events.host import (
    FeedbackStateChanged,
    LoopEnd,
    Notice,
    PermissionDecision,
    QuestionAnswered,
    UserMessage,
)
from harn_tui.events.record import Event, Record
from harn_tui.kinds import FeedbackState, NoticeLevel
from harn_tui.sinks.coalesce import OpenRecord, merge_key
from harn_tui.sinks.line_writer import LineWriter

MERGE_WINDOW_MS = 1_000
"""How long deltas may wait for the log: what a crash can lose of a streamed text."""

_log = logging.getLogger("agent.sink")
_T = TypeVar("_T")


class Recorder:
    """Records the session ``session_id`` through ``writer``; ``None`` keeps no log.

    ``first_index`` continues an existing log. ``clock_ms`` gives Unix-epoch milliseconds. The
    recorder belongs to the event loop it is made in, or else to the first one that it is used
    in; without any, deltas wait for the next event instead of for a timer.
    """

    def __init__(
        self,
        session_id: str,
        writer: LineWriter | None,
        *,
        first_index: int = 0,
        clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._session_id = session_id
        self._writer = writer
        self._next_index = first_index
        self._clock_ms = clock_ms
        self._listeners: tuple[Callable[[Record], None], ...] = ()
        self._line_listeners: tuple[Callable[[str], None], ...] = ()
        self._lock = threading.RLock()
        self._inbox: deque[Event] = deque()
        self._is_taking = False
        self._is_closed = False
        self._open: OpenRecord | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_thread = 0
        self._belong_to_running_loop()
        if writer is not None:
            writer.watch(self._log_failed, self._log_recovered)

    @property
    def next_index(self) -> int:
        """Index of the next record."""
        return self._next_index

    def subscribe(self, listener: Callable[[Record], None]) -> Callable[[], None]:
        """Call ``listener`` with every record from the next event on; return what ends that."""
        self._listeners = (*self._listeners, listener)

        def unsubscribe() -> None:
            self._listeners = _without(self._listeners, listener)

        return unsubscribe

    def subscribe_lines(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call ``listener`` with exactly the log's lines, without line ends; return what ends it.

        Lines come in order, and also while the log itself cannot be written.
        """
        self._line_listeners = (*self._line_listeners, listener)

        def unsubscribe() -> None:
            self._line_listeners = _without(self._line_listeners, listener)

        return unsubscribe

    def handle_event(self, event: Event) -> None:
        """Take one event. Any thread may call; one beside the event loop's hands it over."""
        self._inbox.append(event)
        if self._loop is None:
            self._belong_to_running_loop()
        elif threading.get_ident() != self._loop_thread and self._hand_over(self._loop):
            return
        self._take_inbox()

    def flush(self) -> None:
        """Log the deltas that are waiting for more of their kind."""
        with self._lock:
            self._take_inbox()
            self._flush_open()

    async def close(self) -> None:
        """Log what is waiting, flush it to disk and close the log; later events are dropped.

        Raises StoreError when the end of the log could not be written.
        """
        with self._lock:
            if self._is_closed:
                return
            self.flush()
            self._is_closed = True
        if self._writer is not None:
            await asyncio.to_thread(self._writer.close)

    def _belong_to_running_loop(self) -> None:
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        self._loop_thread = threading.get_ident()

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> bool:
        try:
            loop.call_soon_threadsafe(self._take_inbox)
        except RuntimeError:  # the loop is closed: its thread takes nothing more
            return False
        return True

    def _take_inbox(self) -> None:
        with self._lock:
            if self._is_taking:  # called by a listener: the outer call goes on
                return
            self._is_taking = True
            try:
                while self._inbox:
                    self._take(self._inbox.popleft())
            finally:
                self._is_taking = False

    def _take(self, event: Event) -> None:
        if self._is_closed:
            _log.warning("event after close session_id=%s event=%s", event.session_id, event.type)
            return
        now_ms = self._clock_ms()
        key = merge_key(event)
        opened = self._open
        if opened is not None:
            is_due = not 0 <= now_ms - opened.opened_at_ms < MERGE_WINDOW_MS
            if not is_due and opened.accepts(key, event):
                self._call(self._listeners, opened.add(event))
                return
            self._flush_open()
        record = Record(self._next_index, now_ms, None, event)
        self._next_index += 1
        if key is None:
            self._write(record)
        else:
            self._open = OpenRecord(key, record)
            self._start_timer()
        self._call(self._listeners, record)

    def _start_timer(self) -> None:
        if self._loop is not None and threading.get_ident() == self._loop_thread:
            self._timer = self._loop.call_later(MERGE_WINDOW_MS / 1_000, self.flush)

    def _flush_open(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        opened, self._open = self._open, None
        if opened is not None:
            self._write(opened.merged())

    def _write(self, record: Record) -> None:
        if self._writer is None and not self._line_listeners:
            return
        line = encode_record(record)
        if self._writer is not None:
            self._append(self._writer, line)
            if _must_reach_disk(record.event):
                self._writer.request_sync()
        self._call(self._line_listeners, line)

    def _append(self, writer: LineWriter, line: str) -> None:
        try:
            writer.append(line)
        except StoreError:
            _log.exception("log closed under its recorder session_id=%s", self._session_id)

    def _call(self, listeners: tuple[Callable[[_T], None], ...], value: _T) -> None:
        for listener in listeners:
            try:
                listener(value)
            except Exception:  # noqa: BLE001 - boundary: a front end must not break the loop
                _log.exception("listener failed session_id=%s", self._session_id)

    def _log_failed(self, problem: str) -> None:
        self._notify(
            NoticeLevel.ERROR,
            f"The session log cannot be written ({problem}). "
            "Events are kept in memory and written as soon as that is possible.",
        )

    def _log_recovered(self) -> None:
        self._notify(NoticeLevel.INFO, "The session log is written again; nothing was lost.")

    def _notify(self, level: NoticeLevel, text: str) -> None:
        if not self._is_closed:
            self.handle_event(Notice(self._session_id, level, text))


def _must_reach_disk(event: Event) -> bool:
    """Return whether a power cut after this event must not lose it."""
    if isinstance(event, FeedbackStateChanged):
        return event.state is FeedbackState.QUEUED
    if isinstance(event, ToolCallUpdate):
        return event.status.is_terminal
    return isinstance(event, UserMessage | PermissionDecision | QuestionAnswered | LoopEnd)


def _without(
    listeners: tuple[Callable[[_T], None], ...], listener: Callable[[_T], None]
) -> tuple[Callable[[_T], None], ...]:
    remaining = list(listeners)
    if listener in remaining:
        remaining.remove(listener)
    return tuple(remaining)
