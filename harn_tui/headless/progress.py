"""What a headless run says to a person: the reply on stdout, its progress on stderr."""

from collections.abc import Callable

from harn_tui.events.agent import AgentMessageChunk, ToolCallUpdate
from harn_tui.events.host import (
    FeedbackStateChanged,
    LlmCallEnd,
    LlmRetry,
    LoopEnd,
    Notice,
    PermissionDecision,
    PermissionRequest,
)
from harn_tui.events.record import Record
from harn_tui.kinds import Boundary, FeedbackState, LoopStatus, ToolCallStatus
from harn_tui.view.plain import printable

_EXCERPT_CHARS = 200
_STEERED = Boundary.NEXT_PREFLIGHT


class TextProgress:
    """Writes the assistant's text to ``write_text`` and one line a step to ``write_line``."""

    def __init__(
        self, write_text: Callable[[str], None], write_line: Callable[[str], None]
    ) -> None:
        self._write_text = write_text
        self._write_line = write_line
        self._is_mid_line = False

    def take(self, record: Record) -> None:
        """Say what is to be said of one record."""
        event = record.event
        if isinstance(event, AgentMessageChunk):
            self._write_text(printable(event.content))
            self._is_mid_line = not event.content.endswith("\n")
            return
        if isinstance(event, LlmCallEnd):
            self.end_line()
            return
        line = _describe(event)
        if line is not None:
            self.end_line()
            self._write_line(printable(line))

    def end_line(self) -> None:
        """Finish the line of text that is being written."""
        if self._is_mid_line:
            self._write_text("\n")
            self._is_mid_line = False


def _describe(event: object) -> str | None:
    match event:
        case ToolCallUpdate(status=ToolCallStatus.IN_PROGRESS):
            return f"· {event.tool_name} …"
        case ToolCallUpdate(status=ToolCallStatus.COMPLETED):
            return f"✓ {event.tool_name} ({event.duration_ms or 0} ms)"
        case ToolCallUpdate(status=ToolCallStatus.FAILED):
            return f"✗ {event.tool_name}: {(event.error or 'failed').strip()[:_EXCERPT_CHARS]}"
        case PermissionRequest():
            return f"? {event.tool_name} asks for permission: {event.summary}"
        case PermissionDecision():
            return f"  {event.decision.value} ({event.scope.value})"
        case LlmRetry():
            return f"retry {event.attempt} in {event.delay_ms / 1000:.1f} s: {event.message}"
        case FeedbackStateChanged(state=FeedbackState.DELIVERED) if event.boundary is _STEERED:
            return f"feedback delivered before call {event.call}"
        case Notice():
            return f"{event.level.value}: {event.text}"
        case LoopEnd() if event.status is not LoopStatus.DONE:
            return f"the run ended: {event.status.value} ({event.reason})"
        case _:
            return None
