"""How far a nested loop has come, folded from its own events."""

from collections.abc import Callable
from dataclasses import dataclass, field

from harn_tui.events.agent import ToolCall, ToolCallUpdate, TurnStart
from harn_tui.events.call_cost import cost_with
from harn_tui.events.host import (
    LlmCallEnd,
    LoopEnd,
    LoopStart,
    MessageRecorded,
    PermissionDecision,
    PermissionRequest,
    QuestionAnswered,
    QuestionAsked,
)
from harn_tui.events.record import Event
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import LoopStatus, ToolCallStatus, ToolErrorCategory
from harn_tui.tools.readable import one_line

LINE_CHARS = 200


@dataclass(slots=True)
class ChildProgress:
    """Counters and last signs of life of one nested loop.

    ``call_words(tool name, arguments)`` says what a call that runs does. ``cost_usd`` is
    ``None`` once a model call had no known price.
    """

    call_words: Callable[[str, JsonObject], str]
    loop_id: str | None = None
    status: LoopStatus | None = None
    """How it ended; ``None`` while it runs."""
    turns: int = 0
    tool_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = 0.0
    last_line: str = ""
    """The last line that the nested loop's model said."""
    refused: list[str] = field(default_factory=list)
    """The tools of the calls that were refused, in order."""
    open_questions: dict[str, str] = field(default_factory=dict)
    """What it waits for answers to, by id, its own nested loops' questions included."""
    _announced: dict[str, JsonObject] = field(default_factory=dict)
    _running: dict[str, str] = field(default_factory=dict)

    @property
    def current_call(self) -> str:
        """What the call does that began last among those that run; empty between calls."""
        return next(reversed(self._running.values()), "")

    def take(self, event: Event) -> bool:
        """Fold one event; return whether there is anything new to tell."""
        match event:
            case ToolCall():
                return self._announce(event.tool_call_id, event.raw_input)
            case ToolCallUpdate(status=ToolCallStatus.PENDING):
                return self._announce(event.tool_call_id, event.raw_input)
            case ToolCallUpdate():
                return self._take_update(event)
            case LoopStart():
                self.loop_id = event.loop_id
            case LoopEnd():
                self.status = event.status
            case TurnStart():
                self.turns += 1
            case LlmCallEnd():
                self._add_usage(event)
            case MessageRecorded(message={"role": "assistant", "content": str(text)}):
                self.last_line = _last_line(text) or self.last_line
            case _:
                return self._take_question(event)
        return True

    def _take_question(self, event: Event) -> bool:
        match event:
            case PermissionRequest():
                self.open_questions[event.request_id] = one_line(event.summary, LINE_CHARS)
            case PermissionDecision():
                self.open_questions.pop(event.request_id, None)
            case QuestionAsked():
                self.open_questions[event.question_id] = one_line(event.question, LINE_CHARS)
            case QuestionAnswered():
                self.open_questions.pop(event.question_id, None)
            case _:
                return False
        return True

    def _announce(self, tool_call_id: str, arguments: JsonValue) -> bool:
        """Keep the arguments as far as they are known; a call that only streams is no news."""
        if isinstance(arguments, dict):
            self._announced[tool_call_id] = arguments
        return False

    def _take_update(self, event: ToolCallUpdate) -> bool:
        if event.status.is_terminal:
            self._announced.pop(event.tool_call_id, None)
            self._running.pop(event.tool_call_id, None)
            if event.error_category is ToolErrorCategory.PERMISSION_DENIED:
                self.refused.append(event.tool_name)
            return True
        self.tool_calls += 1
        arguments = self._announced.get(event.tool_call_id, {})
        words = self.call_words(event.tool_name, arguments)
        self._running[event.tool_call_id] = one_line(words, LINE_CHARS)
        return True

    def _add_usage(self, event: LlmCallEnd) -> None:
        self.input_tokens += _tokens(event.usage, "input_tokens")
        self.output_tokens += _tokens(event.usage, "output_tokens")
        self.cost_usd = cost_with(self.cost_usd, event)


def _tokens(usage: JsonObject, key: str) -> int:
    value = usage.get(key)
    return value if isinstance(value, int) else 0


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return one_line(lines[-1], LINE_CHARS) if lines else ""
