"""The session as plain sentences, one a line, each said once: for screen readers and logs."""

from collections.abc import Callable

from harn_tui.events.agent import AgentMessageChunk, AgentThoughtChunk, ToolCallUpdate
from harn_tui.events.host import (
    FeedbackStateChanged,
    LlmCallEnd,
    LlmCallStart,
    LlmRetry,
    LoopEnd,
    LoopStart,
    ModelSwitch,
    Notice,
    PermissionDecision,
    PermissionRequest,
    QuestionAnswered,
    QuestionAsked,
    SessionStart,
)
from harn_tui.events.record import Record
from harn_tui.kinds import Boundary, Decision, DecisionScope, FeedbackState, LoopStatus, SwitchState
from harn_tui.view.durations import duration_words
from harn_tui.view.fold import apply
from harn_tui.view.model import QueuedLine, SessionView, ThoughtBlock, ToolBlock
from harn_tui.view.plain import one_line, printable
from harn_tui.view.tool_line import spoken_tool

_EXCERPT_CHARACTERS = 200
_WHERE = {
    Boundary.NEXT_PREFLIGHT: "before the next model call",
    Boundary.AFTER_RUN: "after this run",
    Boundary.NOW: "now",
}
_SCOPES = {
    DecisionScope.ONCE: "this once",
    DecisionScope.SESSION: "for this session",
    DecisionScope.ALWAYS: "always",
}
_ENDS = {
    LoopStatus.DONE: "The run is done.",
    LoopStatus.CANCELLED: "The run was stopped. What was queued waits; /resume sends it.",
}


class Spoken:
    """Folds the records and says what is new through ``say``, which gets one line at a time.

    A line is never changed afterwards. The reply is said line by line as its lines end.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self.view = SessionView()
        self._say = say
        self._unsaid = ""
        self._is_replying = False

    def fold_past(self, records: list[Record]) -> None:
        """Take what happened before, silently, and say how much that was."""
        for record in records:
            apply(self.view, record)
        if records:
            turns = "1 turn" if self.view.turn == 1 else f"{self.view.turn} turns"
            self._say(f"Resumed a session of {turns}.")

    def take(self, record: Record) -> None:
        """Say what is to be said of one record."""
        event = record.event
        # Who goes over to a model at once is told by whoever did it.
        was_waited_for = self.view.next_model is not None
        apply(self.view, record)
        if isinstance(event, ModelSwitch) and not was_waited_for:
            return
        if isinstance(event, AgentMessageChunk):
            self._say_reply(event.content)
            return
        if isinstance(event, AgentThoughtChunk):
            return
        self.end_reply()
        for line in self._sentences(event):
            self._say(printable(line))

    def end_reply(self) -> None:
        """Say the part of the reply whose line has not ended."""
        if self._unsaid.strip():
            self._say(self._prefix() + printable(self._unsaid))
        self._unsaid, self._is_replying = "", False

    def question(self) -> list[str]:
        """Return the approval that was asked for first, in lines; empty when none waits."""
        if not self.view.permissions:
            return []
        waiting = self.view.permissions
        pending = waiting[0]
        who = f"The agent {pending.source} asks: " if pending.source else ""
        count = f" ({len(waiting)} wait)" if len(waiting) > 1 else ""
        return [
            f"Approval needed{count}. {who}{pending.tool_name}: {pending.summary}",
            f"Asked because {pending.reason}",
            *([f"The command: {pending.confinement}."] if pending.confinement else []),
            "Answer with 1 to allow it once, 2 for this session, 3 to refuse; a note may follow.",
        ]

    def asked(self) -> list[str]:
        """Return the model's oldest question, in lines; empty when none waits."""
        if not self.view.questions:
            return []
        pending = self.view.questions[0]
        who = f"The agent {pending.source} asks" if pending.source else "The model asks"
        lines = [f"{who}: {one_line(pending.question, 10 * _EXCERPT_CHARACTERS)}"]
        for number, (label, description) in enumerate(pending.options, start=1):
            lines.append(f"Option {number}: {label}{f', {description}' if description else ''}")
        words = " or in your own words" if pending.takes_text and pending.options else ""
        how = "/answer TEXT" if not pending.options else f"/answer and its number{words}"
        several = "; several numbers with commas" if pending.allows_several else ""
        return [*lines, f"Answer with {how}{several}. /decline refuses."]

    def queue(self) -> list[str]:
        """Return the lines that wait."""
        lines = [_queued_words(line) for line in self.view.queue]
        return lines or ["No line is waiting."]

    def _say_reply(self, text: str) -> None:
        *ended, self._unsaid = (self._unsaid + text).split("\n")
        for line in ended:
            if line.strip():
                self._say(self._prefix() + printable(line))

    def _prefix(self) -> str:
        prefix = "" if self._is_replying else "Assistant: "
        self._is_replying = True
        return prefix

    def _sentences(self, event: object) -> list[str]:
        match event:
            case SessionStart():
                return [f"Session {event.session_id}, model {event.model}, in {event.cwd}."]
            case ModelSwitch(state=SwitchState.ACTIVE):
                return [f"The model from here on: {event.model} ({event.provider})."]
            case LoopStart():
                return ["The run begins."]
            case LlmCallStart():
                return [f"Model call {event.call}."]
            case LlmCallEnd():
                return self._thoughts()
            case ToolCallUpdate():
                return self._tool(event)
            case FeedbackStateChanged():
                return self._feedback(event)
            case LlmRetry():
                wait = f"in {duration_words(event.delay_ms)}" if event.delay_ms else "at once"
                return [f"The model failed, retry {event.attempt} {wait}: {event.message}"]
            case Notice():
                return [f"{event.level.value.capitalize()}: {event.text}"]
            case LoopEnd():
                ended = f"The run ended: {event.status.value}, {event.reason}"
                return [_ENDS.get(event.status, ended)]
            case _:
                return self._asking(event)

    def _asking(self, event: object) -> list[str]:
        match event:
            case PermissionRequest():
                return self.question() if len(self.view.permissions) == 1 else []
            case PermissionDecision():
                word = "Allowed" if event.decision is Decision.ALLOW else "Refused"
                return [f"{word} {_SCOPES[event.scope]}.", *self.question()]
            case QuestionAsked():
                return self.asked() if len(self.view.questions) == 1 else []
            case QuestionAnswered():
                return [f"The question was {event.outcome.value}.", *self.asked()]
            case _:
                return []

    def _thoughts(self) -> list[str]:
        """Say that there was reasoning in the call that ended, and for how long."""
        for block in reversed(self.view.blocks):
            if isinstance(block, ThoughtBlock) and block.call == self.view.call:
                spent = (block.ended_at_ms or block.started_at_ms) - block.started_at_ms
                return [f"It thought for {duration_words(spent)}."]
            if getattr(block, "call", self.view.call) != self.view.call:
                break
        return []

    def _tool(self, event: ToolCallUpdate) -> list[str]:
        number = self.view.tools_by_id.get(event.tool_call_id)
        block = None if number is None else self.view.blocks[number]
        if not isinstance(block, ToolBlock) or not (
            event.status.is_terminal or block.running_since_ms is not None
        ):
            return []
        return [f"Tool {spoken_tool(block)}"]

    def _feedback(self, event: FeedbackStateChanged) -> list[str]:
        match event.state:
            case FeedbackState.QUEUED if event.content is not None and self.view.is_running:
                return [f"Queued: it enters {_WHERE[event.boundary]}."]
            case FeedbackState.DELIVERED if event.boundary is not Boundary.AFTER_RUN:
                return [f"Your line was delivered before call {event.call}."]
            case FeedbackState.UNDELIVERED:
                return ["A line was not delivered: the run ended first."]
            case _:
                return []


def _queued_words(line: QueuedLine) -> str:
    text = one_line(line.text, _EXCERPT_CHARACTERS)
    return f"Waiting, {line.state.value}, enters {_WHERE[line.boundary]}: {text}"
