"""What a headless run says to a person: the reply on stdout, its progress on stderr."""

from collections.abc import Callable

from harn_tui.events.agent import AgentMessageChunk, ToolCallUpdate
from harn_tui.events.host import (
    FeedbackStateChanged,
    LlmCallEnd,
    LlmRetry,
    LoopEnd,
    ModelSwitch,
    Notice,
    PermissionDecision,
    PermissionRequest,
    QuestionAnswered,
    QuestionAsked,
)
from harn_tui.events.record import Record
from harn_tui.json_types import JsonValue
from harn_tui.kinds import Boundary, FeedbackState, LoopStatus, SwitchState, ToolCallStatus
from harn_tui.view.fold import apply
from harn_tui.view.model import SessionView, ToolBlock
from harn_tui.view.plain import one_line, printable
from harn_tui.view.tool_line import spoken_tool, tool_line

_EXCERPT_CHARS = 200
_TOLD_OTHERWISE = frozenset({LoopStatus.DONE, LoopStatus.ERROR})
_STEERED = Boundary.NEXT_PREFLIGHT


class TextProgress:
    """Writes the assistant's text to ``write_text`` and one line a step to ``write_line``."""

    def __init__(
        self, write_text: Callable[[str], None], write_line: Callable[[str], None]
    ) -> None:
        self._write_text = write_text
        self._write_line = write_line
        self._is_mid_line = False
        self._view = SessionView()

    def take(self, record: Record) -> None:
        """Say what is to be said of one record."""
        event = record.event
        if isinstance(event, AgentMessageChunk):
            self._write_text(printable(event.content))
            self._is_mid_line = not event.content.endswith("\n")
            return
        apply(self._view, record)
        if isinstance(event, LlmCallEnd):
            self.end_line()
            return
        if isinstance(event, ToolCallUpdate):
            self._say_tool(event)
            return
        line = _describe(event)
        if line is not None:
            self.end_line()
            self._write_line(printable(line))

    def _say_tool(self, event: ToolCallUpdate) -> None:
        """Say that a call runs or has ended, in the words of the screen."""
        number = self._view.tools_by_id.get(event.tool_call_id)
        block = None if number is None else self._view.blocks[number]
        if event.status is ToolCallStatus.PENDING or not isinstance(block, ToolBlock):
            return
        self.end_line()
        self._write_line(printable(f"{tool_line(block).glyph} {spoken_tool(block)}"))

    def end_line(self) -> None:
        """Finish the line of text that is being written."""
        if self._is_mid_line:
            self._write_text("\n")
            self._is_mid_line = False


def _describe(event: object) -> str | None:
    match event:
        case PermissionRequest():
            who = f"agent {event.source}: " if event.source else ""
            risks = f" (risks: {', '.join(event.risks)})" if event.risks else ""
            held = f" ({event.confinement})" if event.confinement else ""
            return f"? {who}{event.tool_name} asks for permission: {event.summary}{risks}{held}"
        case PermissionDecision():
            return f"  {event.decision.value} ({event.scope.value})"
        case QuestionAsked():
            return _question_line(event)
        case QuestionAnswered():
            answers = f": {'; '.join(map(str, event.answers))}" if event.answers else ""
            return f"  {event.outcome.value}{answers}"
        case LlmRetry():
            return f"retry {event.attempt} in {event.delay_ms / 1000:.1f} s: {event.message}"
        case FeedbackStateChanged(state=FeedbackState.DELIVERED) if event.boundary is _STEERED:
            return f"feedback delivered before call {event.call}"
        case ModelSwitch(state=SwitchState.ACTIVE):
            return f"the model from here on: {event.model} ({event.provider})"
        case Notice():
            return f"{event.level.value}: {event.text}"
        case LoopEnd() if event.status not in _TOLD_OTHERWISE:
            return f"the run ended: {event.status.value} ({event.reason})"
        case _:
            return None


def _question_line(event: QuestionAsked) -> str:
    who = f"agent {event.source}: " if event.source else ""
    labels = [_label(option) for option in event.options]
    choices = "".join(f"  {number} {label}" for number, label in enumerate(labels, 1))
    return f"? {who}{one_line(event.question, _EXCERPT_CHARS)}{choices}"


def _label(option: JsonValue) -> str:
    return str(option.get("label", "")) if isinstance(option, dict) else str(option)
