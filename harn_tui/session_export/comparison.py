"""Two sessions side by side, aligned by turn: where they part, and what each one took."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import zip_longest

from harn_tui.events.agent import (
    AgentMessageChunk,
    FeedbackInjected,
    ToolCall,
    ToolCallUpdate,
    TurnStart,
)
from harn_tui.events.host import LlmCallEnd, LlmRetry, LoopEnd, LoopStart, UserMessage
from harn_tui.events.record import Event, Record
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.view.fold import apply
from harn_tui.view.model import SessionView


@dataclass(slots=True)
class Turn:
    """One turn: what came in before it, what the model said and called, what that gave.

    Calls are (tool, arguments) and ``results`` their outcomes, by the order of the calls.
    """

    came_in: list[str] = field(default_factory=list)
    said: str = ""
    calls: dict[str, tuple[str, JsonValue]] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)
    tokens: int = 0
    started_at_ms: int = 0
    ended_at_ms: int = 0

    def parts(self) -> dict[str, JsonValue]:
        """Return what is compared, by the name of the part, in the order that things happen."""
        return {
            "request": [" ".join(text.split()) for text in self.came_in],
            "calls": [[name, arguments] for name, arguments in self.calls.values()],
            "reply": " ".join(self.said.split()),
            "results": [self.results.get(call_id, "") for call_id in self.calls],
        }


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two sessions. ``active_ms`` is the time that its runs took together.

    ``cost_usd`` is ``None`` when a call had no price. ``files`` has lines (added, removed).
    """

    session_id: str
    model: str
    turns: list[Turn]
    status: str | None
    active_ms: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    tools: Counter[str]
    failed_calls: int
    files: dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where two sessions part: the turn, from 1, which part of it, and that part of each."""

    turn: int
    part: str
    left: JsonValue
    right: JsonValue


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides, and where they part; ``divergence`` is ``None`` when all turns are the same."""

    left: Side
    right: Side
    divergence: Divergence | None
    differing_turns: list[int]


def compare(left: Iterable[Record], right: Iterable[Record]) -> Comparison:
    """Return how two sessions compare. Times, ids and numbers of tokens make no difference."""
    sides = _Reader().read(left), _Reader().read(right)
    divergence: Divergence | None = None
    differing: list[int] = []
    for number, (one, other) in enumerate(zip_longest(sides[0].turns, sides[1].turns), start=1):
        found = _difference(number, one, other)
        if found is not None:
            differing.append(number)
            divergence = divergence or found
    return Comparison(*sides, divergence, differing)


def _difference(number: int, left: Turn | None, right: Turn | None) -> Divergence | None:
    if left is None or right is None:
        return Divergence(number, "end", left is not None, right is not None)
    one, other = left.parts(), right.parts()
    for part, value in one.items():
        if value != other[part]:
            return Divergence(number, part, value, other[part])
    return None


class _Reader:
    """Reads the records of one session into its turns and its sums."""

    def __init__(self) -> None:
        self._view = SessionView()
        self._turns: list[Turn] = []
        self._came_in: list[str] = []
        self._in_turn = False
        self._tools: Counter[str] = Counter()
        self._failed = 0
        self._active_ms = 0
        self._run_started_ms: int | None = None

    def read(self, records: Iterable[Record]) -> Side:
        """Return the side that the records are."""
        for record in records:
            apply(self._view, record)
            self._take(record.event, record.emitted_at_ms)
        view, totals = self._view, self._view.totals
        return Side(
            session_id=view.session_id,
            model=view.model,
            turns=self._turns,
            status=view.last_status,
            active_ms=self._active_ms,
            input_tokens=totals.input_tokens,
            output_tokens=totals.output_tokens,
            cost_usd=totals.cost_usd,
            tools=self._tools,
            failed_calls=self._failed,
            files={file.path: (file.added, file.removed) for file in view.files.values()},
        )

    def _take(self, event: Event, at_ms: int) -> None:
        match event:
            case UserMessage() | FeedbackInjected():
                self._hear(event.content)
            case TurnStart():
                self._turns.append(Turn(self._came_in, started_at_ms=at_ms))
                self._came_in, self._in_turn = [], True
            case LoopStart():
                self._run_started_ms, self._in_turn = at_ms, False
            case LoopEnd():
                self._active_ms += at_ms - (self._run_started_ms or at_ms)
                self._in_turn = False
            case _ if self._turns:
                self._take_in_turn(self._turns[-1], event, at_ms)

    def _hear(self, text: str) -> None:
        """A line that comes at the start of a turn is part of it, any other of the next one."""
        if self._in_turn and self._turns and not self._turns[-1].said:
            self._turns[-1].came_in.append(text)
        else:
            self._came_in.append(text)

    def _take_in_turn(self, turn: Turn, event: Event, at_ms: int) -> None:
        turn.ended_at_ms = at_ms
        match event:
            case AgentMessageChunk():
                turn.said += event.content
            case LlmRetry():
                turn.said = ""
                turn.calls.clear()
            case LlmCallEnd():
                counted = (event.usage.get(k) for k in ("input_tokens", "output_tokens"))
                turn.tokens += sum(n for n in counted if type(n) is int)
            case ToolCall() if not event.parsing:
                turn.calls[event.tool_call_id] = (event.tool_name, event.raw_input)
            case ToolCallUpdate() if event.status.is_terminal:
                output = event.raw_output
                text = output.get("text") if isinstance(output, dict) else None
                turn.results[event.tool_call_id] = str(text or event.error or "")
                self._tools[event.tool_name] += 1
                self._failed += event.error is not None


def comparison_object(comparison: Comparison) -> JsonObject:
    """Return the comparison as a JSON object."""
    found = comparison.divergence
    divergence: JsonObject | None = None
    if found is not None:
        divergence = {
            "turn": found.turn,
            "part": found.part,
            "left": found.left,
            "right": found.right,
        }
    return {
        "same": found is None,
        "first_divergence": divergence,
        "differing_turns": [*comparison.differing_turns],
        "left": _side_object(comparison.left),
        "right": _side_object(comparison.right),
    }


def _side_object(side: Side) -> JsonObject:
    files: JsonObject = {
        path: {"added": added, "removed": removed} for path, (added, removed) in side.files.items()
    }
    return {
        "session_id": side.session_id,
        "model": side.model,
        "turns": len(side.turns),
        "status": side.status,
        "active_ms": side.active_ms,
        "input_tokens": side.input_tokens,
        "output_tokens": side.output_tokens,
        "cost_usd": side.cost_usd,
        "tools": {**side.tools},
        "failed_calls": side.failed_calls,
        "files": files,
    }
