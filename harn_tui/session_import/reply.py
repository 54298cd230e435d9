"""One reply of the model while it is put together: its text, its calls and their results.

It writes its own events as they become known. What it comes to in the history, the messages, is
complete once it is closed.
"""

from dataclasses import dataclass

from harn_tui.events.agent import AgentMessageChunk, AgentThoughtChunk, ToolCall, ToolCallUpdate
from harn_tui.events.host import LlmCallEnd, ToolOutput
from harn_tui.ids import tool_call_event_id
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import OutputStream, ToolCallStatus, ToolErrorCategory, ToolKind
from harn_tui.session_import.record_log import RecordLog
from harn_tui.session_import.source_values import blocks_text, has_images
from harn_tui.session_import.tool_kinds import edit_details

NO_RESULT = "interrupted: the imported file holds no result of this call."
"""Content of the result that is made up for a call without one."""


@dataclass(slots=True)
class DraftCall:
    """A tool call. ``result`` is what the model got, ``None`` while there is none."""

    call_id: str
    name: str
    arguments: JsonObject
    started_at_ms: int
    result: JsonValue = None
    failed: bool = False

    @property
    def is_answered(self) -> bool:
        """Whether there is a result."""
        return self.result is not None

    @property
    def event_id(self) -> str:
        """The id that events carry for it."""
        return tool_call_event_id(self.call_id)


class DraftReply:
    """A reply that is open. ``key`` is its id in the source, ``None`` where it has none.

    ``usage`` and ``cost_usd`` may be set until ``is_ended``: then ``llm_call_end`` is written.
    """

    def __init__(self, log: RecordLog, key: str | None, number: int, iteration: int) -> None:
        self.key = key
        self.iteration = iteration
        self.usage: dict[str, int] = {}
        self.cost_usd: float | None = None
        self.stop_reason: str | None = None
        self.is_ended = False
        self._log = log
        self._number = number
        self._started_at_ms = log.time_ms
        self._first_token_at_ms: int | None = None
        self._text: list[str] = []
        self._calls: list[DraftCall] = []

    @property
    def takes_more(self) -> bool:
        """Whether what the model does next may belong to it, where the source does not tell."""
        return not self._calls or not all(call.is_answered for call in self._calls)

    def find(self, call_id: str | None) -> DraftCall | None:
        """Return the call with the id; without an id the oldest one that has no result."""
        for call in self._calls:
            if call.call_id == call_id or (call_id is None and not call.is_answered):
                return call
        return None

    def think(self, text: str) -> None:
        """The model reasoned."""
        self._note_token()
        self._log.add(AgentThoughtChunk(self._log.session_id, text))

    def say(self, text: str, *, apart: bool) -> None:
        """The model said ``text``; ``apart`` puts a blank line before it, if there was any."""
        self._note_token()
        if apart and any(part.strip() for part in self._text):
            text = f"\n\n{text}"
        self._text.append(text)
        self._log.add(AgentMessageChunk(self._log.session_id, text))

    def call(self, call_id: str, name: str, arguments: JsonObject, kind: ToolKind | None) -> None:
        """The model called a tool, which runs from now on."""
        self._note_token()
        call = DraftCall(call_id, name, arguments, self._log.time_ms)
        self._calls.append(call)
        session_id, pending = self._log.session_id, ToolCallStatus.PENDING
        self._log.add(ToolCall(session_id, call.event_id, name, kind, pending, arguments))
        self._log.add(ToolCallUpdate(session_id, call.event_id, name, ToolCallStatus.IN_PROGRESS))

    def update_call(self, call_id: str, arguments: JsonObject) -> bool:
        """Give a call that is known its arguments; return whether it is."""
        call = self.find(call_id)
        if call is None:
            return False
        if arguments and not call.is_answered and arguments != call.arguments:
            call.arguments = arguments
            status, session_id = ToolCallStatus.IN_PROGRESS, self._log.session_id
            self._log.add(
                ToolCallUpdate(session_id, call.event_id, call.name, status, raw_input=arguments)
            )
        return True

    def output(self, call: DraftCall, chunk: str) -> None:
        """A running call printed ``chunk``."""
        stream = OutputStream.STDOUT
        self._log.add(ToolOutput(self._log.session_id, call.event_id, chunk, stream))

    def answer(
        self,
        call: DraftCall,
        content: JsonValue,
        *,
        category: ToolErrorCategory | None,
        details: JsonObject | None = None,
        duration_ms: int | None = None,
    ) -> None:
        """A call returned ``content``; ``category`` says why it failed, ``None`` that it did not.

        A change of a file is read from the call's arguments where there are no ``details``.
        """
        if self.usage:
            self._end_model_call()
        text = blocks_text(content)
        call.result, call.failed = content if has_images(content) else text, category is not None
        raw: JsonObject = {"text": text, "tool_use_id": call.call_id}
        told = details or ({} if call.failed else edit_details(call.arguments))
        if told:
            raw["details"] = told
        if duration_ms is None and self._log.time_ms > call.started_at_ms:
            duration_ms = self._log.time_ms - call.started_at_ms
        self._log.add(
            ToolCallUpdate(
                self._log.session_id,
                call.event_id,
                call.name,
                ToolCallStatus.FAILED if call.failed else ToolCallStatus.COMPLETED,
                raw_output=raw,
                error=text if call.failed else None,
                duration_ms=duration_ms,
                error_category=category,
            )
        )

    def close(self) -> None:
        """End it: calls without a result get one that says so."""
        self._end_model_call()
        for call in self._calls:
            if not call.is_answered:
                self.answer(call, NO_RESULT, category=ToolErrorCategory.CANCELLED)

    def messages(self) -> list[JsonObject]:
        """Return what enters the history: the reply, then the result of each of its calls."""
        text = "".join(self._text)
        if not text.strip() and not self._calls:
            return []
        message: JsonObject = {"role": "assistant", "content": text}
        if self._calls:
            message["tool_calls"] = [
                {"id": call.call_id, "name": call.name, "arguments": call.arguments}
                for call in self._calls
            ]
        results: list[JsonObject] = [
            {
                "role": "tool",
                "tool_call_id": call.call_id,
                "tool_name": call.name,
                "content": call.result,
            }
            for call in self._calls
        ]
        return [message, *results]

    def turn_info(self) -> JsonObject:
        """Return what ``turn_end`` tells of the calls."""
        results: list[JsonValue] = [
            {
                "rejected": False,
                "status": "error" if call.failed else "ok",
                "tool_name": call.name,
            }
            for call in self._calls
        ]
        return {
            "failed": any(call.failed for call in self._calls),
            "iteration": self.iteration,
            "tool_count": len(self._calls),
            "tool_names": [call.name for call in self._calls],
            "successful_tool_names": [call.name for call in self._calls if not call.failed],
            "tool_results": results,
        }

    def _note_token(self) -> None:
        if self._first_token_at_ms is None:
            self._first_token_at_ms = self._log.time_ms

    def _end_model_call(self) -> None:
        if self.is_ended:
            return
        self.is_ended = True
        first, started = self._first_token_at_ms, self._started_at_ms
        self._log.add(
            LlmCallEnd(
                self._log.session_id,
                self._number,
                {**self.usage},
                self.cost_usd,
                duration_ms=self._log.time_ms - started,
                time_to_first_token_ms=None if first is None else first - started,
                stop_reason=self.stop_reason or ("tool_calls" if self._calls else "stop"),
            )
        )
