"""What a run told: the shape of its requests, its hooks, and laws that hold for every run."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from harn_tui.events.record import Event
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LifecycleEvent
from harn_tui.loop.config import LoopRequest
from harn_tui.loop.lifecycle_hooks import LifecycleHooks
from harn_tui.store.history import MessageFold
from tests.conformance.loop_driver import Run, Setup

TURN_EVENTS = (LifecycleEvent.PRE_AGENT_TURN, LifecycleEvent.POST_AGENT_TURN)
"""The events whose hooks are told of a turn, and of nothing else."""

_WRAPPED = re.compile(r'<runtime_(?:feedback|injection) kind="([^"]*)">\n')


def shape(messages: Iterable[JsonObject]) -> list[str]:
    """Return for each message the kind of feedback that it wraps, or else its role."""
    found: list[str] = []
    for message in messages:
        wrapped = _WRAPPED.match(str(message["content"]))
        found.append(wrapped[1] if wrapped else str(message["role"]))
    return found


def told(messages: Iterable[JsonObject], kind: str) -> list[str]:
    """Return the contents of the messages that wrap feedback of ``kind``."""
    listed = list(messages)
    pairs = zip(listed, shape(listed), strict=True)
    return [str(message["content"]) for message, found in pairs if found == kind]


def text_call(name: str, **arguments: str) -> str:
    """Return a call as the text format writes it."""
    return f"<tool_call>\n{name}({json.dumps(arguments)})\n</tool_call>"


def broken_call(name: str) -> str:
    """Return a call of the text format that cannot be read."""
    return f'<tool_call>\n{name}({{"path": }})\n</tool_call>'


class HookLog:
    """Keeps the payloads of every hook of a run, and how many events were out before each."""

    def __init__(self, setup: Setup) -> None:
        self.payloads: list[JsonObject] = []
        self.events_before: list[int] = []
        self._setup = setup
        hooks = LifecycleHooks()
        for event in TURN_EVENTS:
            hooks.add(event, "*", self._keep)
        setup.extra["hooks"] = hooks

    def _keep(self, payload: JsonObject) -> None:
        self.payloads.append(payload)
        self.events_before.append(len(self._setup.sink.events))

    def after_turns(self) -> list[JsonObject]:
        """Return the ``turn`` of each ``PostAgentTurn`` payload."""
        found = [p["turn"] for p in self.payloads if p["event"] == LifecycleEvent.POST_AGENT_TURN]
        assert all(isinstance(turn, dict) for turn in found)
        return [dict(turn) for turn in found if isinstance(turn, dict)]


def transcript_events(run: Run, kind: str) -> list[Any]:
    """Return the events of ``kind`` in the transcript of the result."""
    events: Any = run.result.transcript["events"]
    return [event for event in events if event["kind"] == kind]


def hold_frames(events: Sequence[Event]) -> None:
    """Hold a run to its frames: one loop_end and the last event, each turn and call ended once."""
    types = [event.type for event in events]
    assert types.count("loop_start") == types.count("loop_end") == 1
    assert types[-1] == "loop_end"
    starts: list[Any] = [event for event in events if event.type == "turn_start"]
    ends: list[Any] = [event for event in events if event.type == "turn_end"]
    assert [start.iteration for start in starts] == [end.iteration for end in ends]
    assert [start.iteration for start in starts] == list(range(len(starts)))
    frames = [kind for kind in types if kind in {"turn_start", "turn_end"}]
    assert frames == ["turn_start", "turn_end"] * len(starts)
    assert types.count("llm_call_start") == types.count("llm_call_end")
    updates: list[Any] = [event for event in events if event.type == "tool_call_update"]
    calls: list[Any] = [event for event in events if event.type == "tool_call"]
    ended = Counter(update.tool_call_id for update in updates if update.status.is_terminal)
    assert set(ended) == {call.tool_call_id for call in calls}
    assert set(ended.values()) <= {1}


def hold_answers(messages: Sequence[JsonObject]) -> None:
    """Hold a history to this: the results of a turn's calls follow it at once, one for each."""
    open_ids: list[str] = []
    for message in messages:
        if message["role"] == "tool":
            assert message["tool_call_id"] in open_ids, "a result without a call"
            open_ids.remove(str(message["tool_call_id"]))
            continue
        assert not open_ids, f"calls without a result: {open_ids}"
        calls = message.get("tool_calls")
        if isinstance(calls, list):
            open_ids = [str(call["id"]) for call in calls if isinstance(call, dict)]
    assert not open_ids, f"calls without a result: {open_ids}"


def past(count: int, chars: int = 400) -> LoopRequest:
    """Return a request behind ``count`` turns of talk, each message of ``chars`` characters."""
    turns: list[JsonObject] = [
        {"role": role, "content": f"{role} {number} ".ljust(chars, ".")}
        for number in range(count)
        for role in ("user", "assistant")
    ]
    return LoopRequest("go on", history=tuple(turns))


def hold_to_log(run: Run, request: LoopRequest | None = None) -> None:
    """Hold a log to it: folded, it is the history that the run ended with."""
    fold = MessageFold(request.history if request else ())
    for event in run.events:
        fold.take(event)
    assert fold.messages == list(run.result.messages)
