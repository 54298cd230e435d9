"""What a scripted server says in one reply: chunks of the OpenAI streaming form, and mishaps."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Chunk:
    """One ``data:`` line."""

    data: bytes


@dataclass(frozen=True)
class Pause:
    """Time between two chunks, in seconds, on a schedule that does not drift."""

    seconds: float


@dataclass(frozen=True)
class Stall:
    """Silence until the test releases the server."""


@dataclass(frozen=True)
class Cut:
    """The connection breaks here."""


@dataclass(frozen=True)
class Malformed:
    """Bytes sent as they are, in the place of a chunk."""

    data: bytes


Step: TypeAlias = Chunk | Pause | Stall | Cut | Malformed


@dataclass(frozen=True)
class ToolCall:
    """A tool call of a reply. ``arguments`` may be text, to send what is not JSON."""

    name: str
    arguments: dict[str, Any] | str
    id: str = ""


@dataclass(frozen=True)
class Reply:
    """One scripted reply; build it with the class methods and refine it with the others.

    ``tokens`` are the pieces of text, one chunk each. ``cached`` says how many of the input tokens
    were read from and written to a cache. ``tokens_per_second`` ``None`` sends them
    as fast as the client reads. ``mishap`` comes after ``mishap_after`` chunks of content, and
    ``goes_on`` says whether anything comes after it.
    """

    tokens: tuple[str, ...] = ()
    thoughts: tuple[str, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    tokens_per_second: float | None = None
    usage: tuple[int, int] | None = (100, 20)
    cached: tuple[int, int] = (0, 0)
    finish_reason: str | None = None
    status: int = 200
    error: str = ""
    error_code: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    mishap: Step | None = None
    mishap_after: int = 0
    goes_on: bool = True

    @classmethod
    def text(cls, text: str, *, tokens_per_second: float | None = None) -> "Reply":
        """A reply that streams ``text``, a word and the space before it at a time."""
        return cls(tokens=_words(text), tokens_per_second=tokens_per_second)

    @classmethod
    def words(cls, count: int, *, tokens_per_second: float | None = None) -> "Reply":
        """A reply of ``count`` numbered words, ``word0 word1 …``, one token each."""
        tokens = tuple(f"word{number} " for number in range(count))
        return cls(tokens=tokens, tokens_per_second=tokens_per_second)

    @classmethod
    def tools(cls, *calls: ToolCall, text: str = "") -> "Reply":
        """A reply that calls tools, after ``text`` if there is any."""
        return cls(tokens=_words(text), calls=calls)

    @classmethod
    def failure(
        cls, status: int, message: str, *, retry_after: str | None = None, code: str = ""
    ) -> "Reply":
        """A reply with an HTTP status other than 200 and an error body."""
        headers = (("Retry-After", retry_after),) if retry_after is not None else ()
        return cls(status=status, error=message, error_code=code, headers=headers)

    def thinking(self, text: str) -> "Reply":
        """Stream ``text`` as reasoning before anything else."""
        return replace(self, thoughts=_words(text))

    def at(self, tokens_per_second: float) -> "Reply":
        """Stream at this pace."""
        return replace(self, tokens_per_second=tokens_per_second)

    def using(self, input_tokens: int, output_tokens: int) -> "Reply":
        """Report these tokens at the end."""
        return replace(self, usage=(input_tokens, output_tokens))

    def caching(self, read: int, written: int = 0) -> "Reply":
        """Report that so many of the input tokens were read from and written to a cache."""
        return replace(self, cached=(read, written))

    def without_usage(self) -> "Reply":
        """Report no usage, as many servers do."""
        return replace(self, usage=None)

    def finishing(self, reason: str) -> "Reply":
        """End with this ``finish_reason`` instead of the natural one."""
        return replace(self, finish_reason=reason)

    def cut_after(self, chunks: int) -> "Reply":
        """Break the connection after ``chunks`` pieces of content."""
        return replace(self, mishap=Cut(), mishap_after=chunks)

    def stalled_after(self, chunks: int) -> "Reply":
        """Fall silent after ``chunks`` pieces, until the server is released."""
        return replace(self, mishap=Stall(), mishap_after=chunks)

    def malformed_after(self, chunks: int, data: bytes = b'data: {"choices":[{"del\n\n') -> "Reply":
        """Send ``data`` as it is after ``chunks`` pieces, then go on."""
        return replace(self, mishap=Malformed(data), mishap_after=chunks)

    def failing_after(self, chunks: int, message: str, code: int = 500) -> "Reply":
        """Send an error event in the middle of the stream, as some servers do, and break off."""
        data = json.dumps({"error": {"code": code, "message": message, "type": "server_error"}})
        return replace(self.malformed_after(chunks, f"data: {data}\n\n".encode()), goes_on=False)

    def truncated_after(self, chunks: int) -> "Reply":
        """End politely after ``chunks`` pieces, without finish, usage or ``[DONE]``."""
        return replace(self, mishap=Pause(0.0), mishap_after=chunks, goes_on=False)

    def error_body(self) -> dict[str, Any]:
        """Return the JSON body of a failure."""
        kind = "rate_limit_error" if self.status == 429 else "server_error"
        return {"error": {"message": self.error, "type": kind, "code": self.error_code or None}}

    def steps(self, model: str, number: int) -> Iterator[Step]:
        """Yield what goes over the wire, in order; ``number`` makes the call ids unique."""
        yield _delta(model, {"role": "assistant", "content": None})
        pause = Pause(1 / self.tokens_per_second) if self.tokens_per_second else None
        for sent, delta in enumerate(self._deltas(number)):
            if self.mishap is not None and sent == self.mishap_after:
                yield self.mishap
                if not self.goes_on:
                    return
            if pause is not None:
                yield pause
            yield _delta(model, delta)
        yield from self._ending(model, number)

    def _deltas(self, number: int) -> Iterator[dict[str, Any]]:
        for thought in self.thoughts:
            yield {"reasoning_content": thought}
        for token in self.tokens:
            yield {"content": token}
        for index, call in enumerate(self.calls):
            yield from _call_deltas(f"call_{number}_{index}", index, call)

    def _ending(self, model: str, number: int) -> Iterator[Step]:
        count = len(tuple(self._deltas(number)))
        if self.mishap is not None and self.mishap_after >= count:
            yield self.mishap
            if not self.goes_on:
                return
        reason = self.finish_reason or ("tool_calls" if self.calls else "stop")
        yield _delta(model, {}, finish_reason=reason)
        if self.usage is not None:
            yield Chunk(_encode({"model": model, "choices": [], "usage": self._usage(*self.usage)}))
        yield Chunk(b"[DONE]")

    def _usage(self, input_tokens: int, output_tokens: int) -> dict[str, Any]:
        usage: dict[str, Any] = {
            "prompt_tokens": input_tokens,
            "completion_tokens": output_tokens,
            "total_tokens": input_tokens + output_tokens,
        }
        if any(self.cached):
            read, written = self.cached
            usage["prompt_tokens_details"] = {"cached_tokens": read, "cache_write_tokens": written}
        return usage


def _call_deltas(fallback_id: str, index: int, call: ToolCall) -> Iterator[dict[str, Any]]:
    """Announce the call, then send its arguments in two pieces, as real servers split them."""
    raw = call.arguments if isinstance(call.arguments, str) else json.dumps(call.arguments)
    call_id = call.id or fallback_id
    function = {"name": call.name, "arguments": ""}
    yield {
        "tool_calls": [{"index": index, "id": call_id, "type": "function", "function": function}]
    }
    middle = len(raw) // 2
    for piece in (raw[:middle], raw[middle:]):
        if piece:
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def _delta(model: str, delta: dict[str, Any], finish_reason: str | None = None) -> Chunk:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return Chunk(
        _encode({"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": model,
                 "choices": [choice]})
    )  # fmt: skip


def _encode(members: dict[str, Any]) -> bytes:
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def _words(text: str) -> tuple[str, ...]:
    if not text:
        return ()
    first, *others = text.split(" ")
    return tuple(piece for piece in (first, *(f" {word}" for word in others)) if piece)
