"""The provider that plays a script instead of asking a model (docs/scripted_provider.md).

An entry without ``match`` is played once, in order, before any pattern is tried; then the first
entry whose ``match`` glob fits the conversation is played, once if ``consume_match`` is set. The
format of an entry is described in ``providers.script_entry``.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from harn_tui.errors import ProviderError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import ProviderErrorCategory
from harn_tui.providers.base import (
    Accepted,
    Completion,
    CompletionRequest,
    Delta,
    OnDelta,
    TextDelta,
    ThoughtDelta,
    ToolArgumentsDelta,
    ToolCallStarted,
    Usage,
)
from harn_tui.providers.reply_stream import cut_reply_error
from harn_tui.providers.script_entry import (
    ScriptedCall,
    ScriptedError,
    ScriptEntry,
    parse_entry,
    read_script,
)
from harn_tui.providers.stop_reasons import neutral_stop_reason
from harn_tui.providers.tool_arguments import tool_call_from_text

DEFAULT_OUTPUT_TOKENS = 30
_QUOTED_CHARS = 200


class ScriptedProvider:
    """Plays entries. ``requests`` holds every request that was made, oldest first."""

    def __init__(
        self, entries: Iterable[Mapping[str, JsonValue] | ScriptEntry], name: str = "scripted"
    ) -> None:
        """Take entries as decoded JSON objects. Raises ScriptEntryError for a wrong one."""
        self._name = name
        self._queue = [
            entry if isinstance(entry, ScriptEntry) else parse_entry(entry) for entry in entries
        ]
        self._size = _PromptSize()
        self.requests: list[CompletionRequest] = []

    @classmethod
    def from_file(cls, path: Path, name: str = "scripted") -> "ScriptedProvider":
        """Return a provider that plays a JSON Lines file. Raises ConfigError."""
        return cls(read_script(path), name)

    @property
    def name(self) -> str:
        """The configured name."""
        return self._name

    @property
    def is_paced(self) -> bool:
        """A script does not recover by being waited for."""
        return False

    async def complete(self, request: CompletionRequest, on_delta: OnDelta) -> Completion:
        """Play the entry that fits the request (docs in ``providers.base.Provider``)."""
        self.requests.append(request)
        entry = self._take(request.messages)
        if entry is None:
            prompt = match_text(request.messages)
            raise ProviderError(
                f"No --llm-mock fixture matched prompt: {_quoted(prompt)}",
                category=ProviderErrorCategory.INVALID_REQUEST,
                hint='Add an entry to the script, or one with "match": "*".',
            )
        await asyncio.sleep(entry.delay_ms / 1000)
        if entry.error is not None and entry.cut_after_chars is None:
            raise _provider_error(entry.error)
        on_delta(Accepted())
        calls = _numbered(entry)
        await _stream(entry, calls, on_delta)
        return Completion(
            text=entry.text,
            thinking=entry.thinking,
            tool_calls=tuple(
                tool_call_from_text(call.id, call.name, call.arguments) for call in calls
            ),
            usage=self._usage(entry, request.messages) if entry.has_usage else None,
            stop_reason=neutral_stop_reason(entry.stop_reason or "stop", has_calls=bool(calls)),
            model=entry.model or request.model,
            prefill_sent=entry.takes_prefill and bool(request.prefill),
        )

    async def aclose(self) -> None:
        """Nothing is open."""

    def _take(self, messages: Sequence[JsonObject]) -> ScriptEntry | None:
        for index, entry in enumerate(self._queue):
            if entry.match is None:
                return self._queue.pop(index)
        prompt = match_text(messages)
        for index, entry in enumerate(self._queue):
            if entry.match is not None and glob_matches(entry.match, prompt):
                return self._queue.pop(index) if entry.consume_match else entry
        return None

    def _usage(self, entry: ScriptEntry, messages: Sequence[JsonObject]) -> Usage:
        is_given = entry.input_tokens is not None
        return Usage(
            input_tokens=entry.input_tokens or 0 if is_given else self._size.of(messages),
            output_tokens=(
                DEFAULT_OUTPUT_TOKENS if entry.output_tokens is None else entry.output_tokens
            ),
            cache_read_tokens=entry.cache_read_tokens,
            cache_write_tokens=entry.cache_write_tokens,
        )


class _PromptSize:
    """The bytes of ``match_text``, counted on from the last request that this one begins with."""

    def __init__(self) -> None:
        self._last: JsonObject | None = None
        self._count = 0
        self._bytes = 0
        self._has_text = False

    def of(self, messages: Sequence[JsonObject]) -> int:
        """Return the size of the text of ``messages``, which are not changed once sent."""
        count = self._count
        if not count or len(messages) < count or messages[count - 1] is not self._last:
            self._count, self._bytes, self._has_text = 0, 0, False
        for index in range(self._count, len(messages)):
            for text in _strings(messages[index]):
                self._bytes += self._has_text + len(text.encode("utf-8", "replace"))
                self._has_text = True
        self._count = len(messages)
        self._last = messages[-1] if messages else None
        return self._bytes


def match_text(messages: Iterable[JsonObject]) -> str:
    """Return what patterns are matched against: every non-empty string within the messages.

    Keys are walked in sorted order, so a plain message gives its content and then its role.
    """
    return "\n".join(text for message in messages for text in _strings(message))


def glob_matches(pattern: str, text: str) -> bool:
    """Whether ``pattern``, in which only ``*`` is special, fits the whole of ``text``."""
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == text
    *middle, last = rest
    if not text.startswith(first):
        return False
    position = len(first)
    for part in middle:
        found = text.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    return len(text) - len(last) >= position and text.endswith(last)


def _strings(value: JsonValue) -> Iterable[str]:
    if isinstance(value, str):
        if value:
            yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for key in sorted(value):
            yield from _strings(value[key])


def _quoted(prompt: str) -> str:
    shown = prompt[:_QUOTED_CHARS] + ("..." if len(prompt) > _QUOTED_CHARS else "")
    return json.dumps(shown, ensure_ascii=False)


def _provider_error(error: ScriptedError) -> ProviderError:
    return ProviderError(
        error.message,
        category=error.category,
        status=error.status,
        retry_after_s=error.retry_after_s,
    )


def _numbered(entry: ScriptEntry) -> list[ScriptedCall]:
    """Return the calls with the ids of docs/scripted_provider.md: one running number a reply."""
    if entry.keeps_ids:
        return list(entry.calls)
    return [
        ScriptedCall(f"mock_call_{number}", call.name, call.arguments)
        for number, call in enumerate(entry.calls, start=1)
    ]


async def _stream(entry: ScriptEntry, calls: list[ScriptedCall], on_delta: OnDelta) -> None:
    """Pass the reply on in pieces; raises the cut, or the error in its place, when one is due."""
    left = entry.cut_after_chars
    failure = cut_reply_error() if entry.error is None else _provider_error(entry.error)
    for delta, length in _deltas(entry, calls):
        if left is not None and length > left:
            raise failure
        left = None if left is None else left - length
        on_delta(delta)
        await asyncio.sleep(entry.chunk_ms / 1000)
    if entry.cut_after_chars is not None:
        raise failure


def _deltas(entry: ScriptEntry, calls: list[ScriptedCall]) -> Iterable[tuple[Delta, int]]:
    """Yield each delta with the number of characters that it streams."""
    for piece in _pieces(entry.thinking, entry):
        yield ThoughtDelta(piece), len(piece)
    for piece in _pieces(entry.text, entry):
        yield TextDelta(piece), len(piece)
    for index, call in enumerate(calls):
        yield ToolCallStarted(index, call.id, call.name), 0
        for piece in _pieces(call.arguments, entry):
            yield ToolArgumentsDelta(index, piece), len(piece)


def _pieces(text: str, entry: ScriptEntry) -> Iterable[str]:
    for start in range(0, len(text), entry.chunk_chars):
        yield text[start : start + entry.chunk_chars]
