"""The log of what went to the model and what came back, for people who build agents.

JSON Lines, one entry a fact, keys sorted, ``null`` for what is not known (docs/llm_transcript.md).
A system prompt and a list of tools are written only when they differ from the last ones.
"""

import hashlib
import json
import time
from collections.abc import Callable, Sequence

from harn_tui.feedback.item import FeedbackItem
from harn_tui.ids import new_uuid7
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.loop.reply import Reply
from harn_tui.providers.base import Completion, CompletionRequest, ToolCallRequest, Usage

WriteLine = Callable[[str], None]


class LlmTranscript:
    """Writes the entries of one loop. Without ``write`` every method does nothing at once.

    ``session_id`` tells the loops apart whose lines one file has.
    ``write`` takes a line without its end; it must not block, and is not expected to raise.
    """

    def __init__(
        self,
        write: WriteLine | None = None,
        *,
        session_id: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._write = write
        self._session_id = session_id
        self._clock = clock
        self._hashes: dict[str, str] = {}

    def prompt(self, request: CompletionRequest) -> None:
        """Write the system prompt and the tools of ``request`` where they are new."""
        if self._write is None:
            return
        self._once("system_prompt", "content", request.system)
        schemas: list[JsonValue] = [
            {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
            for tool in request.tools
        ]
        self._once("tool_schemas", "schemas", schemas)

    def message(self, iteration: int | None, message: JsonObject) -> None:
        """Write a message that entered the history in ``iteration``, counted from 1."""
        if self._write is None:
            return
        self._entry(
            "message",
            iteration=iteration,
            role=message.get("role"),
            content=message.get("content"),
            tool_calls=message.get("tool_calls"),
            tool_call_id=message.get("tool_call_id"),
            name=message.get("tool_name"),
        )

    def request(
        self, iteration: int, provider: str, tool_format: str, request: CompletionRequest
    ) -> str:
        """Write that an attempt goes out, its messages not among it; return the attempt's id."""
        call_id = new_uuid7()
        if self._write is None:
            return call_id
        budget = request.thinking_budget_tokens
        self._entry(
            "provider_call_request",
            iteration=iteration,
            call_id=call_id,
            model=request.model,
            provider=provider,
            max_tokens=request.max_tokens,
            temperature=request.temperature,
            thinking={"enabled": budget is not None, "budget_tokens": budget},
            tool_choice=request.tool_choice,
            tool_format=tool_format,
            native_tool_count=len(request.tools),
            message_count=len(request.messages),
        )
        return call_id

    def response(
        self,
        iteration: int,
        call_id: str,
        provider: str,
        completion: Completion,
        *,
        cost_usd: float | None,
        response_ms: int,
    ) -> None:
        """Write what an attempt brought."""
        if self._write is None:
            return
        usage = completion.usage or Usage()
        self._entry(
            "provider_call_response",
            iteration=iteration,
            call_id=call_id,
            provider=provider,
            model=completion.model,
            text=completion.text,
            tool_calls=_calls(completion.tool_calls),
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cost_usd=cost_usd,
            cache_read_tokens=usage.cache_read_tokens,
            cache_write_tokens=usage.cache_write_tokens,
            cache_hit=usage.cache_read_tokens > 0,
            thinking=completion.thinking,
            response_ms=response_ms,
        )

    def interpreted(self, iteration: int, tool_format: str, reply: Reply) -> None:
        """Write what the loop made of a reply."""
        if self._write is None:
            return
        self._entry(
            "interpreted_response",
            iteration=iteration,
            call_id=f"iteration-{iteration}",
            tool_format=tool_format,
            prose=reply.interpreted_text,
            tool_calls=_calls(reply.calls),
            tool_parse_errors=list(reply.parse_errors),
        )

    def feedback(self, iteration: int, item: FeedbackItem) -> None:
        """Write a line of feedback that the next request carries."""
        if self._write is not None:
            self._entry(
                "feedback_injected",
                iteration=iteration,
                session_id=item.session_id,
                kind=item.kind,
                content=item.content,
            )

    def empty_retry(
        self, iteration: int, attempt: int, provider: str, model: str, error: str
    ) -> None:
        """Write that a reply was empty and is asked for again; ``attempt`` counts from 1."""
        if self._write is not None:
            self._entry(
                "empty_completion_retry",
                iteration=iteration,
                attempt=attempt,
                provider=provider,
                model=model,
                error=error,
            )

    def _once(self, kind: str, key: str, value: JsonValue) -> None:
        text = json.dumps(value, sort_keys=True, ensure_ascii=False)
        digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
        if self._hashes.get(kind) != digest:
            self._hashes[kind] = digest
            self._entry(kind, **{key: value, "hash": digest})

    def _entry(self, kind: str, /, **members: JsonValue) -> None:
        if self._write is None:
            return
        entry = {
            "type": kind,
            "timestamp": f"{self._clock():.3f}",
            "span_id": None,
            "session_id": self._session_id,
            **members,
        }
        self._write(json.dumps(entry, sort_keys=True, ensure_ascii=False))


def _calls(calls: Sequence[ToolCallRequest]) -> list[JsonValue]:
    return [{"id": call.id, "name": call.name, "arguments": call.arguments} for call in calls]
