"""Reads trajectories of SWE-agent: the history of messages, and the steps with their times."""

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import LoopStatus
from harn_tui.session_import.chat_messages import COMMAND_TOOL, ChatMessages
from harn_tui.session_import.draft import SessionDraft
from harn_tui.session_import.source_values import object_of, objects_of, text_of

_DURATION = "execution_time"
_LONGEST_S = 1e9
_SUBMITTED = "submitted"


def read_swe_agent(document: JsonValue, draft: SessionDraft) -> None:
    """Build the session that the trajectory tells of."""
    members = object_of(document)
    config = members.get("replay_config")
    agent = object_of(object_of(config).get("agent"))
    draft.model = text_of(object_of(agent.get("model")).get("name"))
    steps = objects_of(members.get("trajectory"))
    history = objects_of(members.get("history"))
    if history:
        _read_history(history, steps, draft)
    else:
        _read_steps(steps, draft)
    info = object_of(members.get("info"))
    status = text_of(info.get("exit_status"))
    is_done = status.startswith(_SUBMITTED) or not status
    draft.end_run(LoopStatus.DONE if is_done else LoopStatus.FAILED, status or "the steps end")
    for name, value in members.items():
        if name not in {"history", "trajectory"}:
            draft.generic(name, value if isinstance(value, dict) else {"value": value})
    draft.finish()


def _read_history(history: list[JsonObject], steps: list[JsonObject], draft: SessionDraft) -> None:
    chat = ChatMessages(draft)
    actions = 0
    for message in history:
        role = text_of(message.get("role"))
        if message.get("is_demo") is True or role not in {"user", "assistant", "tool"}:
            draft.generic(f"message.{text_of(message.get('message_type')) or role}", message)
        elif role == "assistant":
            chat.take_assistant(message, command=text_of(message.get("action")))
            actions += 1
        elif role == "tool":
            step = steps[actions - 1] if 0 < actions <= len(steps) else {}
            chat.take_result(message, duration_ms=_duration_ms(step))
        else:
            chat.take_user(message.get("content"))


def _read_steps(steps: list[JsonObject], draft: SessionDraft) -> None:
    for step in steps:
        draft.close_reply()
        draft.say(text_of(step.get("response")) or text_of(step.get("thought")))
        action = text_of(step.get("action"))
        if action:
            draft.call("", COMMAND_TOOL, {"command": action})
            draft.result(None, step.get("observation"), duration_ms=_duration_ms(step))


def _duration_ms(step: JsonObject) -> int | None:
    seconds = step.get(_DURATION)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    return int(seconds * 1_000) if 0 <= seconds < _LONGEST_S else None
