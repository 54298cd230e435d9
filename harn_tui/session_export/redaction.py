"""Takes secrets out of records before they leave the machine.

A secret can arrive in pieces: streamed text is looked at as a whole, per stream. Ids and words
of the wire stay as they are.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

from harn_tui.events.agent import AgentMessageChunk, AgentThoughtChunk, ToolCallUpdate
from harn_tui.events.host import LlmCallStart, ToolOutput
from harn_tui.events.record import Event, Record, UnknownEvent
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.logs import is_secret_name, redact

_IDS = frozenset({"session_id", "tool_call_id", "request_id", "feedback_id", "loop_id"})


class Redactor:
    """Replaces secrets by ``[redacted]``. ``environment`` ``None`` means the process's own."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        given = os.environ if environment is None else environment
        self._secrets = {name: value for name, value in given.items() if is_secret_name(name)}

    def text(self, text: str) -> str:
        """Return the text without its secrets."""
        return redact(text, self._secrets)

    def value(self, value: JsonValue) -> JsonValue:
        """Return the JSON value with every text in it redacted, keys included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {self.text(key): self.value(item) for key, item in value.items()}
        return value

    def records(self, records: Iterable[Record]) -> list[Record]:
        """Return the records without their secrets; places, times and ids stay."""
        # Streams first: a piece that is redacted by itself hides that the next one goes on.
        redacted = list(records)
        self._redact_streams(redacted)
        return [replace(r, event=self._event(r.event)) for r in redacted]

    def _event(self, event: Event) -> Event:
        if isinstance(event, UnknownEvent):
            payload: JsonObject = {
                self.text(key): item if key in _IDS or key == "type" else self.value(item)
                for key, item in event.payload.items()
            }
            return replace(event, payload=payload)
        changes: dict[str, Any] = {}
        for item in fields(event):
            value = getattr(event, item.name)
            # The words of the wire are texts of a class of their own.
            if item.name in _IDS or type(value) not in (str, list, dict):
                continue
            changes[item.name] = self.value(value)
        if isinstance(event, ToolCallUpdate) and event.raw_input_partial is not None:
            # Half a secret is one, too; what it grew into comes with the whole arguments.
            changes["raw_input_partial"] = None
        return replace(event, **changes) if changes else event

    def _redact_streams(self, records: list[Record]) -> None:
        """Redact what only the joined pieces of one stream show to be a secret."""
        streams: dict[tuple[str, ...], list[int]] = {}
        for place, record in enumerate(records):
            event = record.event
            if isinstance(event, LlmCallStart):
                for ended in [k for k in streams if k[0] != ToolOutput.type]:
                    self._redact_stream(records, streams.pop(ended))
            key = _stream_of(event)
            if key is not None:
                streams.setdefault(key, []).append(place)
        for places in streams.values():
            self._redact_stream(records, places)

    def _redact_stream(self, records: list[Record], places: list[int]) -> None:
        pieces = [_piece(records[place].event) for place in places]
        joined = "".join(pieces)
        whole = self.text(joined)
        if whole == joined:
            return
        for number, place in enumerate(places):
            records[place] = replace(
                records[place], event=_with_piece(records[place].event, "" if number else whole)
            )


def _stream_of(event: Event) -> tuple[str, ...] | None:
    if isinstance(event, AgentMessageChunk | AgentThoughtChunk):
        return (event.type,)
    if isinstance(event, ToolOutput):
        return (event.type, event.tool_call_id, event.stream)
    return None


def _piece(event: Event) -> str:
    if isinstance(event, AgentMessageChunk | AgentThoughtChunk):
        return event.content
    return event.chunk if isinstance(event, ToolOutput) else ""


def _with_piece(event: Event, text: str) -> Event:
    if isinstance(event, AgentMessageChunk | AgentThoughtChunk):
        return replace(event, content=text)
    return replace(event, chunk=text) if isinstance(event, ToolOutput) else event
