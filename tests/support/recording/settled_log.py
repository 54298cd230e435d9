"""Makes a recorded log the same on every machine: ids, folders, times, and where texts are cut.

What happened and in which order stays as it was. Times become those of an unhurried session: a
model that takes a moment to answer and streams, tools that take theirs, a person who reads.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from harn_tui.events.agent import AgentMessageChunk, AgentThoughtChunk, ToolCallUpdate
from harn_tui.events.codec import decode_record, encode_record
from harn_tui.events.host import (
    FeedbackStateChanged,
    LlmCallEnd,
    LlmCallStart,
    LlmRetry,
    PermissionDecision,
    ToolOutput,
)
from harn_tui.events.record import Event, Record
from harn_tui.json_types import JsonValue
from harn_tui.kinds import FeedbackState, ToolCallStatus

GARDEN = "/home/gardener/garden"
_START_MS = 1_795_600_000_000
_BETWEEN_SCENES_MS = 3_600_000
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_PROCESSES = re.compile(r"processes ended: \d+(?:, \d+)*")
_WORDS = re.compile(r"(?:\S+\s*){1,5}|\s+")
_DURATIONS = frozenset({"duration_ms", "execution_duration_ms", "elapsed_ms"})
_FIRST_TOKEN_MS, _PIECE_MS, _LINE_MS, _TOOL_MS = 450, 90, 180, 35
_READING_MS, _TYPING_MS = 2_400, 900


def settled(lines: Iterable[str], folders: dict[str, str], number: int) -> list[str]:
    """Return the lines of the log as they are kept.

    ``folders`` have their names here by path. ``number`` keeps ids and times of scenes apart.
    """
    text = "\n".join(lines)
    for real, shown in folders.items():
        text = text.replace(real, shown)
    text = _PROCESSES.sub("processes ended: 4711", text)
    known: dict[str, str] = {}
    text = _ID.sub(lambda found: known.setdefault(found[0], _id(number, len(known))), text)
    records = [decode_record(line) for line in text.split("\n") if line]
    pieces = list(_cut_anew(_joined(record.event for record in records)))
    return [
        encode_record(record)
        for record in _Clock(_START_MS + number * _BETWEEN_SCENES_MS).timed(pieces)
    ]


def _id(scene: int, number: int) -> str:
    return f"01a213{scene:02x}-0000-7000-8000-{number + 1:012x}"


def _joined(events: Iterable[Event]) -> Iterator[Event]:
    """Join what was cut by the pace of this machine."""
    held: Event | None = None
    for event in events:
        match held, event:
            case (AgentMessageChunk(), AgentMessageChunk()):
                held = replace(held, content=held.content + event.content)
            case (AgentThoughtChunk(), AgentThoughtChunk()):
                held = replace(held, content=held.content + event.content)
            case (ToolOutput(), ToolOutput()) if held.tool_call_id == event.tool_call_id:
                held = replace(held, chunk=held.chunk + event.chunk)
            case _:
                if held is not None:
                    yield held
                held = event
    if held is not None:
        yield held


def _cut_anew(events: Iterable[Event]) -> Iterator[Event]:
    """Cut replies every few words and outputs at line ends."""
    for event in events:
        if isinstance(event, AgentMessageChunk | AgentThoughtChunk):
            for piece in _WORDS.findall(event.content):
                yield replace(event, content=piece)
        elif isinstance(event, ToolOutput):
            for line in event.chunk.splitlines(keepends=True):
                yield replace(event, chunk=line)
        else:
            yield event


class _Clock:
    """Gives each event its time, and the durations in events what they come to then."""

    def __init__(self, start_ms: int) -> None:
        self._now_ms = start_ms
        self._call_ms = start_ms
        self._first_ms: int | None = None
        self._tools: dict[str, int] = {}

    def timed(self, events: Iterable[Event]) -> Iterator[Record]:
        """Return the events as records."""
        for index, event in enumerate(events):
            self._now_ms += self._wait_ms(event)
            yield Record(index, self._now_ms, None, self._with_durations(event))

    def _wait_ms(self, event: Event) -> int:
        match event:
            case AgentMessageChunk() | AgentThoughtChunk():
                return _FIRST_TOKEN_MS if self._first_ms is None else _PIECE_MS
            case ToolOutput():
                return _LINE_MS
            case ToolCallUpdate() if event.status.is_terminal:
                return _TOOL_MS
            case PermissionDecision():
                return _READING_MS
            case FeedbackStateChanged() if event.state is FeedbackState.QUEUED:
                return _TYPING_MS
            case LlmRetry():
                return _FIRST_TOKEN_MS
            case _:
                return 1

    def _with_durations(self, event: Event) -> Event:
        now_ms = self._now_ms
        match event:
            case LlmCallStart():
                self._call_ms, self._first_ms = now_ms, None
            case AgentMessageChunk() | AgentThoughtChunk():
                self._first_ms = self._first_ms or now_ms
            case LlmRetry():
                self._now_ms += event.delay_ms
                self._first_ms = None
            case LlmCallEnd():
                first = self._first_ms
                return replace(
                    event,
                    duration_ms=now_ms - self._call_ms,
                    time_to_first_token_ms=None if first is None else first - self._call_ms,
                )
            case ToolCallUpdate() if event.status is ToolCallStatus.IN_PROGRESS:
                self._tools.setdefault(event.tool_call_id, now_ms)
            case ToolCallUpdate() if event.duration_ms is not None:
                return self._ended(event)
        members = json.loads(encode_record(Record(0, 0, None, event)))
        changed = _with_times(members, 0, now_ms)
        return decode_record(json.dumps(changed)).event if changed != members else event

    def _ended(self, event: ToolCallUpdate) -> Event:
        spent_ms = self._now_ms - self._tools.pop(event.tool_call_id, self._now_ms)
        executed = event.execution_duration_ms
        return replace(
            event,
            duration_ms=spent_ms,
            execution_duration_ms=None if executed is None else spent_ms,
            raw_output=_with_times(event.raw_output, spent_ms, self._now_ms),
        )


def _with_times(value: JsonValue, spent_ms: int, now_ms: int) -> JsonValue:
    """Return the value with durations of ``spent_ms`` and points in time that are ``now_ms``."""
    if isinstance(value, list):
        return [_with_times(item, spent_ms, now_ms) for item in value]
    if not isinstance(value, dict):
        return value
    settled_members: dict[str, JsonValue] = {}
    for key, item in value.items():
        if key in _DURATIONS and item is not None:
            settled_members[key] = spent_ms
        elif key.endswith("_at") and isinstance(item, str):
            moment = datetime.fromtimestamp(now_ms / 1_000, UTC)
            settled_members[key] = moment.isoformat(timespec="milliseconds")
        else:
            settled_members[key] = _with_times(item, spent_ms, now_ms)
    return settled_members
