"""Reads sessions of Claude Code: one line a message, a block or a fact, in the order written.

The blocks of one reply come on lines of their own that share the message's id, with results of
its first calls between them. What a sub-agent said in a file of its parent's is kept as events
of its own and stays out of the history; a file that is a sub-agent's own is a session.
"""

from collections.abc import Iterable

from harn_tui.events.run_reasons import INTERRUPTED_BY_PERSON
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import LoopStatus, NoticeLevel
from harn_tui.session_import.draft import SessionDraft
from harn_tui.session_import.plan_entries import plan_from_entries
from harn_tui.session_import.source_file import BadLine, SourceLine
from harn_tui.session_import.source_values import (
    arguments_of,
    blocks_text,
    cost_of,
    count_of,
    list_of,
    object_of,
    objects_of,
    text_of,
    time_ms_of,
)

_PLAN_TOOL = "TodoWrite"
_INTERRUPTED = "[Request interrupted by user"
_CONTEXT_STARTS = ("<command-", "<local-command-", "<system-reminder>", "Caveat: The messages")
_TITLES = {"summary": "summary", "custom-title": "customTitle", "ai-title": "aiTitle"}


def read_claude_code(lines: Iterable[SourceLine | BadLine], draft: SessionDraft) -> None:
    """Build the session that the lines tell of."""
    reader = _Reader(draft)
    for line in lines:
        if isinstance(line, BadLine):
            draft.bad_line(line)
        else:
            reader.take(line.members)
    draft.finish()


class _Reader:
    """Takes the lines of one file; knows whether the file is a sub-agent's own."""

    def __init__(self, draft: SessionDraft) -> None:
        self._draft = draft
        self._is_agents_own: bool | None = None
        self._title_rank = 0
        self._compaction, self._tokens_before = "auto", 0
        draft.provider = "anthropic"

    def take(self, members: JsonObject) -> None:
        """Take one line."""
        draft, kind = self._draft, text_of(members.get("type"))
        draft.log.set_time(time_ms_of(members.get("timestamp")))
        draft.cwd = draft.cwd or text_of(members.get("cwd"))
        message = object_of(members.get("message"))
        if kind in {"user", "assistant"} and isinstance(message.get("content"), str | list):
            is_side = members.get("isSidechain") is True
            if self._is_agents_own is None:
                self._is_agents_own = is_side
            if is_side and not self._is_agents_own:
                draft.generic(f"sidechain.{kind}", members)
            elif kind == "assistant":
                self._take_reply(members, message)
            else:
                self._take_user(members, message)
        elif kind in _TITLES:
            self._take_title(kind, members)
        elif kind == "system":
            self._take_system(members)
        else:
            draft.generic(kind, members)

    def _take_reply(self, members: JsonObject, message: JsonObject) -> None:
        draft = self._draft
        draft.model = text_of(message.get("model")) or draft.model
        key = text_of(message.get("id")) or text_of(members.get("uuid")) or None
        content = message.get("content")
        blocks = [content] if isinstance(content, str) else list_of(content)
        for block in blocks:
            self._take_block(block, key)
        self._take_usage(members, object_of(message.get("usage")))
        if draft.reply is not None and isinstance(message.get("stop_reason"), str):
            draft.reply.stop_reason = text_of(message.get("stop_reason"))

    def _take_block(self, block: JsonValue, key: str | None) -> None:
        draft, members = self._draft, object_of(block)
        match members.get("type"):
            case "thinking":
                draft.think(text_of(members.get("thinking")), key=key)
            case "tool_use" | "server_tool_use":
                name, arguments = text_of(members.get("name")), arguments_of(members.get("input"))
                draft.call(text_of(members.get("id")), name, arguments, key=key)
                if name == _PLAN_TOOL:
                    draft.plan(plan_from_entries(objects_of(arguments.get("todos")), name))
            case "text":
                draft.say(text_of(members.get("text")), key=key, apart=True)
            case _ if isinstance(block, str):
                draft.say(block, key=key, apart=True)
            case other:
                draft.generic(f"block.{text_of(other)}", members or {"value": block})

    def _take_usage(self, members: JsonObject, usage: JsonObject) -> None:
        if not usage:
            return
        read = count_of(usage.get("cache_read_input_tokens"))
        written = count_of(usage.get("cache_creation_input_tokens"))
        self._draft.usage(
            sent=count_of(usage.get("input_tokens")) + read + written,
            received=count_of(usage.get("output_tokens")),
            cache_read=read,
            cache_write=written,
            cost_usd=cost_of(members.get("costUSD")),
        )

    def _take_user(self, members: JsonObject, message: JsonObject) -> None:
        draft, content = self._draft, message.get("content")
        said: list[JsonValue] = []
        for block in [content] if isinstance(content, str) else list_of(content):
            if isinstance(block, dict) and block.get("type") == "tool_result":
                self._take_result(members, block)
            else:
                said.append(block)
        text = blocks_text(said)
        if not text.strip():
            return
        if members.get("isCompactSummary") is True:
            draft.compacted(
                text, mode=self._compaction, tokens_before=self._tokens_before, tokens_after=0
            )
        elif text.startswith(_INTERRUPTED):
            draft.context("interrupt", text)
            draft.end_run(LoopStatus.CANCELLED, INTERRUPTED_BY_PERSON)
        elif members.get("isMeta") is True or text.startswith(_CONTEXT_STARTS):
            draft.context("context", text)
        else:
            draft.request(content if isinstance(content, str) else said)

    def _take_result(self, members: JsonObject, block: JsonObject) -> None:
        failed = block.get("is_error") is True
        call_id = block.get("tool_use_id")
        result = object_of(members.get("toolUseResult"))
        duration = count_of(result.get("durationMs")) or None
        known = self._draft.result(
            call_id if isinstance(call_id, str) else None,
            block.get("content"),
            failed=failed,
            duration_ms=duration,
        )
        if not known:
            self._draft.generic("result_without_call", block)

    def _take_title(self, kind: str, members: JsonObject) -> None:
        """A title that a person gave beats one that a model made, which beats a summary."""
        rank = list(_TITLES).index(kind) if kind != "custom-title" else len(_TITLES)
        title = text_of(members.get(_TITLES[kind])).strip()
        if title and rank >= self._title_rank:
            self._draft.title, self._title_rank = title[:200], rank
        self._draft.generic(kind, members)

    def _take_system(self, members: JsonObject) -> None:
        text = text_of(members.get("content"))
        level = text_of(members.get("level"))
        compaction = object_of(members.get("compactMetadata"))
        if compaction:
            self._compaction = text_of(compaction.get("trigger")) or "auto"
            self._tokens_before = count_of(compaction.get("preTokens"))
        if text and level in {"warning", "error"}:
            self._draft.notice(NoticeLevel(level), text)
        else:
            self._draft.generic(f"system.{text_of(members.get('subtype'))}".rstrip("."), members)
