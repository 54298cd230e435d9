"""Reads rollouts of Codex: envelopes of today's versions, and the bare items of older ones.

Newer files tell many things twice, once as what the model was sent (``response_item``) and once
as what the screen showed (``event_msg``). The first to come counts; its twin is only counted.
"""

from collections.abc import Iterable

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import LoopStatus, NoticeLevel
from harn_tui.session_import.draft import SessionDraft
from harn_tui.session_import.plan_entries import plan_from_entries
from harn_tui.session_import.source_file import BadLine, SourceLine
from harn_tui.session_import.source_values import (
    arguments_of,
    blocks_text,
    count_of,
    object_of,
    objects_of,
    text_of,
    time_ms_of,
)

_CONTEXT_STARTS = ("<environment_context>", "<user_instructions>", "# AGENTS.md instructions")
_PLAN_TOOL = "update_plan"
_CALLS = {
    "function_call": "arguments",
    "custom_tool_call": "input",
    "local_shell_call": "action",
    "tool_search_call": "arguments",
    "tool_call": "arguments",
}
_RESULTS = frozenset(
    {
        "function_call_output",
        "custom_tool_call_output",
        "tool_search_output",
        "tool_result",
        "function_result",
    }
)


def read_codex_rollout(lines: Iterable[SourceLine | BadLine], draft: SessionDraft) -> None:
    """Build the session that the lines tell of."""
    draft.provider = "openai"
    reader = _Reader(draft)
    for line in lines:
        if isinstance(line, BadLine):
            draft.bad_line(line)
        else:
            reader.take(line.members)
    draft.finish()


class _Reader:
    """Takes the lines of one file; remembers which texts may come a second time."""

    def __init__(self, draft: SessionDraft) -> None:
        self._draft = draft
        self._told: dict[str, tuple[str, str]] = {}  # role -> (text, what told it)

    def take(self, members: JsonObject) -> None:
        """Take one line."""
        time = members.get("timestamp", members.get("created_at"))
        self._draft.log.set_time(time_ms_of(time))
        kind, payload = text_of(members.get("type")), members.get("payload")
        if not isinstance(payload, dict):
            self._take_bare(kind, members)
        elif kind == "response_item":
            self._take_item(text_of(payload.get("type")), payload)
        elif kind == "event_msg":
            self._take_event(text_of(payload.get("type")), payload)
        elif kind == "compacted":
            self._take_compaction(payload)
        else:
            if kind in {"session_meta", "turn_context"}:
                self._take_facts(payload)
            self._draft.generic(kind, payload)

    def _take_bare(self, kind: str, members: JsonObject) -> None:
        """Take a line of an older version: the item itself, or the facts of the session."""
        self._take_facts(members)
        role = text_of(members.get("role"))
        if not kind and role:
            content = members.get("content", members.get("message"))
            self._take_message(role, blocks_text(content), "item", members)
        elif kind == "error":
            self._draft.notice(NoticeLevel.ERROR, _error_text(members))
        else:
            self._take_item(kind, members)

    def _take_facts(self, members: JsonObject) -> None:
        draft = self._draft
        draft.cwd = draft.cwd or text_of(members.get("cwd"))
        draft.model = text_of(members.get("model")) or draft.model
        draft.provider = text_of(members.get("model_provider")) or draft.provider

    def _take_item(self, kind: str, item: JsonObject) -> None:
        draft = self._draft
        if kind == "message":
            text = blocks_text(item.get("content"))
            self._take_message(text_of(item.get("role")), text, "item", item)
        elif kind == "reasoning":
            parts = objects_of(item.get("summary")) + objects_of(item.get("content"))
            text = "\n\n".join(t for part in parts if (t := text_of(part.get("text"))))
            if text:
                self._take_thought(text, "item")
            else:
                draft.generic(kind, item)
        elif kind in _CALLS:
            self._take_call(item, item.get(_CALLS[kind]))
        elif kind in _RESULTS:
            self._take_result(item)
        else:
            draft.generic(kind, item)

    def _take_message(self, role: str, text: str, source: str, members: JsonObject) -> None:
        draft = self._draft
        if role not in {"user", "assistant"}:
            draft.generic(f"message.{role}", members)
        elif self._is_twin(role, text, source):
            return
        elif role == "assistant":
            draft.say(text, apart=True)
        elif text.lstrip().startswith(_CONTEXT_STARTS):
            draft.context("context", text)
        elif text.strip():
            draft.request(members.get("content", text) if source == "item" else text)

    def _take_thought(self, text: str, source: str) -> None:
        if not self._is_twin("reasoning", text, source):
            self._draft.think(text)

    def _is_twin(self, role: str, text: str, source: str) -> bool:
        """Whether the other kind of line has just told the same, and this one only repeats it."""
        if self._told.get(role, ("", source))[1] != source and self._told[role][0] == text:
            del self._told[role]
            self._draft.log.repeated[role] += 1
            return True
        self._told[role] = (text, source)
        return False

    def _take_call(self, item: JsonObject, given: JsonValue) -> None:
        name = text_of(item.get("name")) or text_of(object_of(item.get("function")).get("name"))
        if not name:
            name = text_of(item.get("type")).removesuffix("_call")
        arguments = arguments_of(given)
        self._draft.call(text_of(item.get("call_id")), name, arguments)
        if name == _PLAN_TOOL:
            self._draft.plan(plan_from_entries(objects_of(arguments.get("plan")), name))

    def _take_result(self, item: JsonObject) -> None:
        call_id = text_of(item.get("call_id")) or None
        output = item.get("output", item.get("result", item.get("tools")))
        failed = item.get("success") is False
        if isinstance(output, dict) and "stdout" in output:
            failed = failed or bool(count_of(output.get("exitCode")))
            output = text_of(output.get("stdout")) + text_of(output.get("stderr"))
        elif isinstance(output, str):
            told = object_of(arguments_of(output) if output.startswith("{") else None)
            failed = failed or bool(count_of(object_of(told.get("metadata")).get("exit_code")))
            output = text_of(told.get("output")) or output
        if not self._draft.result(call_id, output, failed=failed):
            self._draft.generic("result_without_call", item)

    def _take_event(self, kind: str, payload: JsonObject) -> None:
        draft = self._draft
        match kind:
            case "user_message":
                self._take_message("user", text_of(payload.get("message")), "event", payload)
            case "agent_message":
                self._take_message("assistant", text_of(payload.get("message")), "event", payload)
            case "agent_reasoning":
                self._take_thought(text_of(payload.get("text")), "event")
            case "token_count":
                if not self._take_usage(object_of(payload.get("info"))):
                    draft.generic(kind, payload)
            case "turn_aborted":
                draft.end_run(LoopStatus.CANCELLED, text_of(payload.get("reason")) or "aborted")
            case "error" | "stream_error":
                draft.notice(NoticeLevel.ERROR, _error_text(payload))
            case _:
                if kind == "thread_name_updated":
                    draft.title = text_of(payload.get("thread_name")) or draft.title
                draft.generic(kind, payload)

    def _take_usage(self, info: JsonObject) -> bool:
        usage = object_of(info.get("last_token_usage"))
        return bool(usage) and self._draft.usage(
            sent=count_of(usage.get("input_tokens")),
            received=count_of(usage.get("output_tokens")),
            cache_read=count_of(usage.get("cached_input_tokens")),
            cache_write=count_of(usage.get("cache_write_input_tokens")),
        )

    def _take_compaction(self, payload: JsonObject) -> None:
        """The new history takes the place of the old one, as text where it is no summary."""
        summary = text_of(payload.get("message"))
        if not summary:
            replacement = objects_of(payload.get("replacement_history"))
            summary = "\n\n".join(blocks_text(item.get("content")) for item in replacement)
        self._draft.compacted(summary, mode="auto", tokens_before=0, tokens_after=0)


def _error_text(members: JsonObject) -> str:
    inner = object_of(members.get("error"))
    return (
        text_of(members.get("message"))
        or text_of(members.get("text"))
        or text_of(inner.get("message"))
        or "an error without a text"
    )
