"""Reads trajectories of mini-swe-agent: a list of messages, with or without what is around it."""

import re

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import LoopStatus
from harn_tui.session_import.chat_messages import ChatMessages
from harn_tui.session_import.draft import SessionDraft
from harn_tui.session_import.source_values import (
    cost_of,
    count_of,
    object_of,
    objects_of,
    text_of,
    time_ms_of,
)

_COMMAND = re.compile(r"```(?:mswea_bash_command|bash)\s*\n(.*?)\n```", re.DOTALL)
_RETURN_CODE = re.compile(r"<returncode>(-?\d{1,9})</returncode>")


def read_mini_swe_agent(document: JsonValue, draft: SessionDraft) -> None:
    """Build the session that the trajectory tells of."""
    around = object_of(document)
    messages = objects_of(around.get("messages") if around else document)
    info = object_of(around.get("info"))
    config = object_of(info.get("config"))
    draft.model = text_of(object_of(config.get("model")).get("model_name"))
    draft.cwd = text_of(object_of(config.get("environment")).get("cwd"))
    draft.log.set_time(next(filter(None, map(_time_ms, messages)), None))
    chat = ChatMessages(draft)
    for message in messages:
        _take(message, chat, draft)
    status = text_of(info.get("exit_status"))
    is_done = status in {"", "Submitted"}
    draft.end_run(LoopStatus.DONE if is_done else LoopStatus.FAILED, status or "the messages end")
    for name, value in around.items():
        if name != "messages":
            draft.generic(name, value if isinstance(value, dict) else {"value": value})
    draft.finish()


def _take(message: JsonObject, chat: ChatMessages, draft: SessionDraft) -> None:
    role, content = text_of(message.get("role")), message.get("content")
    extra = object_of(message.get("extra"))
    draft.log.set_time(_time_ms(message))
    if role == "assistant":
        found = _COMMAND.search(text_of(content))
        chat.take_assistant(message, command=found[1] if found else None)
        _take_usage(extra, draft)
    elif role == "tool":
        chat.take_result(message)
    elif role == "user":
        code = _RETURN_CODE.search(text_of(content)[:200])
        chat.take_user(content, failed=code is not None and int(code[1]) != 0)
    else:
        draft.generic(f"message.{role}", message)


def _take_usage(extra: JsonObject, draft: SessionDraft) -> None:
    usage = object_of(object_of(extra.get("response")).get("usage"))
    cost = cost_of(extra.get("cost"))
    if usage or cost is not None:
        sent = usage.get("prompt_tokens", usage.get("input_tokens"))
        received = usage.get("completion_tokens", usage.get("output_tokens"))
        draft.usage(sent=count_of(sent), received=count_of(received), cost_usd=cost)


def _time_ms(message: JsonObject) -> int | None:
    extra = object_of(message.get("extra"))
    return time_ms_of(extra.get("timestamp", message.get("timestamp")))
