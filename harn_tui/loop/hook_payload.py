"""What hooks are told: the payloads of their events (docs/loop.md, hooks and callbacks)."""

from enum import StrEnum

from harn_tui.json_types import JsonObject
from harn_tui.kinds import LifecycleEvent


class TextTurnEnd(StrEnum):
    """How a turn without tool calls ended; what a hook reads of it is in ``flags``."""

    SENTINEL_HIT = "sentinel_hit"
    """A completion was accepted."""
    PARSE_ERROR = "parse_error"
    """Nothing in the turn could be read as a call, though it tried to be one."""
    ACTION_REQUIRED = "action_required"
    """A call was demanded, and the turn had none."""
    ANSWERED = "answered"
    """A loop that is not persistent ends with the answer."""
    HOST_INPUT = "host_input"
    """A message of the host came in, and the run goes on with it."""
    CONTINUE = "continue"
    """The model was nudged."""
    STUCK = "stuck"
    """One turn without a call too many."""
    IDLE = "idle"
    """A daemon has nothing to wake for."""
    WATCHDOG = "watchdog"
    """A daemon idled too often in vain."""
    DAEMON_WAKE = "daemon_wake"
    """A daemon idled, and woke."""

    @property
    def flags(self) -> JsonObject:
        """The keys that this end adds to the payload's ``turn``."""
        match self:
            case TextTurnEnd.SENTINEL_HIT:
                return {self.value: True}
            case TextTurnEnd.PARSE_ERROR | TextTurnEnd.ACTION_REQUIRED:
                return {self.value: True, "failed": True}
            case TextTurnEnd.ANSWERED:
                return {}
            case _:
                return {"status": self.value}


def before_turn(session_id: str, *, iteration: int, total_iterations: int) -> JsonObject:
    """Return the payload of ``PreAgentTurn``.

    ``iteration`` counts the turns of this run from 0, ``total_iterations`` from 1 and with those
    of the runs that it continues.
    """
    turn: JsonObject = {"iteration": iteration, "total_iterations": total_iterations}
    return _payload(LifecycleEvent.PRE_AGENT_TURN, session_id, turn)


def after_tool_turn(session_id: str, turn_info: JsonObject) -> JsonObject:
    """Return the payload of ``PostAgentTurn`` for a turn with calls; its ``turn`` is the same
    ``turn_info`` that ``turn_end`` carries.
    """
    return _payload(LifecycleEvent.POST_AGENT_TURN, session_id, turn_info)


def after_text_turn(session_id: str, *, iteration: int, text: str, end: TextTurnEnd) -> JsonObject:
    """Return the payload of ``PostAgentTurn`` for a turn that called no tool."""
    turn: JsonObject = {"iteration": iteration, "failed": False, "text": text, **end.flags}
    return _payload(LifecycleEvent.POST_AGENT_TURN, session_id, turn)


def before_tool(session_id: str, tool_name: str, arguments: JsonObject) -> JsonObject:
    """Return the payload of ``PreToolUse``: the call as it would run."""
    tool: JsonObject = {"name": tool_name, "args": arguments}
    return {
        "event": LifecycleEvent.PRE_TOOL_USE.value,
        "session": {"id": session_id},
        "tool": tool,
    }


def after_tool(
    session_id: str, tool_name: str, arguments: JsonObject, *, text: str, is_ok: bool
) -> JsonObject:
    """Return the payload of ``PostToolUse``: the call as it ran, and what the model would read."""
    tool: JsonObject = {"name": tool_name, "args": arguments}
    return {
        "event": LifecycleEvent.POST_TOOL_USE.value,
        "session": {"id": session_id},
        "tool": tool,
        "result": {"text": text, "ok": is_ok},
    }


def _payload(event: LifecycleEvent, session_id: str, turn: JsonObject) -> JsonObject:
    return {"event": event.value, "session": {"id": session_id}, "turn": turn}
