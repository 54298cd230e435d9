"""What is still going on at a place of a log, and the events that end it there."""

from dataclasses import dataclass, field

from harn_tui.events.agent import ToolCall, ToolCallUpdate, TurnEnd, TurnStart
from harn_tui.events.host import (
    FeedbackStateChanged,
    LlmCallEnd,
    LlmCallStart,
    LlmRetry,
    LoopEnd,
    LoopStart,
    MessageRecorded,
    SessionStart,
)
from harn_tui.events.record import Event
from harn_tui.json_types import JsonObject
from harn_tui.kinds import FeedbackState, LoopStatus, ToolCallStatus, ToolErrorCategory
from harn_tui.store.history import MessageFold

_USAGE_KEYS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
_WAITING = frozenset({FeedbackState.QUEUED, FeedbackState.HELD, FeedbackState.CLAIMED})


@dataclass(slots=True)
class _Run:
    """What is open of the run that is active. ``of_attempt`` are calls that a retry would void."""

    loops: list[str] = field(default_factory=list)
    turn: TurnStart | None = None
    turns: int = 0
    call: LlmCallStart | None = None
    tools: dict[str, str] = field(default_factory=dict)
    of_attempt: list[str] = field(default_factory=list)
    usage: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_USAGE_KEYS, 0))


class OpenEnds:
    """Follows a log event by event; ``closing_events`` ends what is open."""

    def __init__(self) -> None:
        self._messages = MessageFold()
        self._lines: dict[str, FeedbackStateChanged] = {}
        self._run = _Run()

    def take(self, event: Event) -> None:
        """Take the next event of the log."""
        self._messages.take(event)
        match event:
            case SessionStart():
                self._run = _Run()
                self._lines.clear()
            case LoopStart():
                self._run.loops.append(event.loop_id)
            case LoopEnd():
                self._end_loop(event.loop_id)
            case TurnStart():
                self._run.turn, self._run.turns = event, self._run.turns + 1
            case TurnEnd():
                self._run.turn = None
            case FeedbackStateChanged():
                self._take_line(event)
            case _:
                self._take_call(event)

    def _take_call(self, event: Event) -> None:
        run = self._run
        match event:
            case LlmCallStart():
                run.call, run.of_attempt = event, []
            case LlmCallEnd():
                run.call = None
                self._count(event.usage)
            case LlmRetry():
                for call_id in run.of_attempt:
                    run.tools.pop(call_id, None)
                run.of_attempt = []
            case ToolCall() if not event.parsing:
                run.tools[event.tool_call_id] = event.tool_name
                run.of_attempt.append(event.tool_call_id)
            case ToolCallUpdate() if event.status.is_terminal:
                run.tools.pop(event.tool_call_id, None)

    def closing_events(self, session_id: str, at_ms: int, reason: str) -> list[Event]:
        """Return what ends everything that is open, at ``at_ms``, for ``reason``, a sentence.

        Tool calls fail and are answered, runs end as cancelled, waiting lines are withdrawn.
        """
        events: list[Event] = [
            ToolCallUpdate(
                session_id,
                call_id,
                name,
                ToolCallStatus.FAILED,
                error=reason,
                error_category=ToolErrorCategory.CANCELLED,
            )
            for call_id, name in self._run.tools.items()
        ]
        events += [MessageRecorded(session_id, message) for message in self._missing_results()]
        if self._run.call is not None:
            events.append(LlmCallEnd(session_id, self._run.call.call, {}, partial=True))
        if self._run.turn is not None:
            info: JsonObject = {"iteration": self._run.turn.iteration, "failed": True}
            events.append(TurnEnd(session_id, self._run.turn.iteration, info))
        events += [
            LoopEnd(
                session_id,
                loop_id,
                LoopStatus.CANCELLED,
                reason,
                self._run.turns,
                dict(self._run.usage),
            )
            for loop_id in reversed(self._run.loops)
        ]
        events += [
            FeedbackStateChanged(session_id, feedback_id, FeedbackState.WITHDRAWN, line.boundary)
            for feedback_id, line in self._lines.items()
        ]
        return events

    def _missing_results(self) -> list[JsonObject]:
        """Return the results that are made up for calls of the last reply, in their order.

        Those of earlier replies are made up whenever the log is read.
        """
        known = self._messages.messages
        last = max((n for n, m in enumerate(known) if m["role"] == "assistant"), default=None)
        if last is None:
            return []
        answered = {str(m.get("tool_call_id")) for m in known[last:] if m["role"] == "tool"}
        after = MessageFold(known[last:]).resumed().messages
        return [
            message
            for message in after
            if message["role"] == "tool" and str(message["tool_call_id"]) not in answered
        ]

    def _end_loop(self, loop_id: str) -> None:
        if loop_id not in self._run.loops:
            return
        del self._run.loops[self._run.loops.index(loop_id) :]
        if not self._run.loops:
            self._run = _Run()

    def _count(self, usage: JsonObject) -> None:
        for key in _USAGE_KEYS:
            value = usage.get(key)
            if type(value) is int:
                self._run.usage[key] += value

    def _take_line(self, event: FeedbackStateChanged) -> None:
        if event.state in _WAITING:
            self._lines[event.feedback_id] = event
        else:
            self._lines.pop(event.feedback_id, None)
