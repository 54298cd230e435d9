"""Builds a session of ours from what another program's session tells, step by step.

A reader says in order what happened; the draft writes the events that our own loop would have
written: runs, turns, model calls, tool calls with exactly one end each, and the messages of the
history, in which every call is answered. So an imported session replays and resumes as any
other. Memory holds the reply that is open and nothing else of the session.
"""

import re

from harn_tui.events.agent import (
    FeedbackInjected,
    Plan,
    TranscriptCompacted,
    TurnEnd,
    TurnStart,
)
from harn_tui.events.host import (
    LlmCallStart,
    LoopEnd,
    LoopStart,
    MessageRecorded,
    Notice,
    SessionStart,
    UserMessage,
)
from harn_tui.events.record import Event
from harn_tui.ids import IMPORTED_LOOP
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import (
    SUMMARY_KIND,
    HostMessageMode,
    LoopStatus,
    NoticeLevel,
    ToolErrorCategory,
    ToolKind,
)
from harn_tui.session_import.record_log import RecordLog
from harn_tui.session_import.reply import DraftReply
from harn_tui.session_import.source_file import BadLine
from harn_tui.session_import.source_values import blocks_text, has_images
from harn_tui.session_import.tool_kinds import tool_kind

NO_REQUEST = "(The imported file does not hold what was asked here.)"
"""What stands before a reply that begins a file: servers refuse a history that begins with one."""

_TITLE_CHARACTERS = 200
_LONGEST_NAME = 64
_NAME_CHARACTERS = re.compile(r"[^A-Za-z0-9_-]")
_USAGE_KEYS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")


class SessionDraft:
    """The session that is being built; its events go to ``log``.

    ``model``, ``provider`` and ``cwd`` may be set by a reader at any time; the first event takes
    what is known then. ``title`` is what the source calls the session, else its first request.
    """

    def __init__(self, log: RecordLog) -> None:
        self.log = log
        self.model = ""
        self.provider = log.kind.value
        self.cwd = ""
        self.title: str | None = None
        self.reply: DraftReply | None = None
        self._is_started = False
        self._runs = 0
        self._is_running = False
        self._iteration = 0
        self._calls = 0
        self._made_up_ids = 0
        self._messages = 0
        self._usage = dict.fromkeys(_USAGE_KEYS, 0)

    def request(self, content: JsonValue) -> None:
        """A person asked for something: what was running is over, and a run begins."""
        text = blocks_text(content)
        self.end_run()
        self._begin_run()
        if self.title is None:
            self.title = text.strip()[:_TITLE_CHARACTERS] or None
        mode = HostMessageMode.WAIT_FOR_COMPLETION
        self._add(UserMessage(self._id, text, mode))
        kept: JsonValue = content if has_images(content) else text
        self._record({"role": "user", "content": kept, "kind": "user"})

    def context(self, kind: str, text: str) -> None:
        """Something that was not a person's own words entered the conversation as the user's."""
        self.close_reply()
        self._begin_run()
        self._add(FeedbackInjected(self._id, kind, text))
        self._record({"role": "user", "content": text, "kind": kind})

    def think(self, text: str, *, key: str | None = None) -> None:
        """The model reasoned; shown, and not part of the history."""
        if text:
            self._reply(key).think(text)

    def say(self, text: str, *, key: str | None = None, apart: bool = False) -> None:
        """The model said ``text``; ``apart`` puts a blank line before what it goes on with."""
        if text:
            self._reply(key).say(text, apart=apart)

    def call(
        self,
        call_id: str,
        name: str,
        arguments: JsonObject,
        *,
        key: str | None = None,
        kind: ToolKind | None = None,
    ) -> None:
        """The model called a tool. A missing id is made up; a known one brings new arguments."""
        if self.reply is not None and call_id and self.reply.update_call(call_id, arguments):
            return
        if not call_id:
            self._made_up_ids += 1
            call_id = f"imported_{self._made_up_ids}"
        kind = kind or tool_kind(name)
        self._reply(key).call(call_id, _sendable_name(name), arguments, kind)

    def result(
        self,
        call_id: str | None,
        content: JsonValue,
        *,
        failed: bool = False,
        details: JsonObject | None = None,
        duration_ms: int | None = None,
    ) -> bool:
        """A call returned ``content``; return whether there is such a call without a result.

        ``call_id`` ``None`` means the oldest one that waits. ``details`` are told to people
        only; a change of a file is read from the call's arguments where there are none.
        """
        call = self.reply.find(call_id) if self.reply else None
        if self.reply is None or call is None or call.is_answered:
            return False
        category = ToolErrorCategory.TOOL_ERROR if failed else None
        self.reply.answer(
            call, content, category=category, details=details, duration_ms=duration_ms
        )
        return True

    def usage(
        self,
        *,
        sent: int = 0,
        received: int = 0,
        cache_read: int = 0,
        cache_write: int = 0,
        cost_usd: float | None = None,
    ) -> bool:
        """The open reply used these tokens; later figures replace earlier ones.

        ``sent`` counts all tokens of the request, cached ones included. Returns whether there
        is a reply whose end is not written.
        """
        if self.reply is None or self.reply.is_ended:
            return False
        self.reply.usage = {
            "input_tokens": sent,
            "output_tokens": received,
            "cache_read_tokens": cache_read,
            "cache_write_tokens": cache_write,
        }
        if cost_usd is not None:
            self.reply.cost_usd = cost_usd
        return True

    def plan(self, plan: JsonObject) -> None:
        """The plan changed (docs/events.md, plan)."""
        self._add(Plan(self._id, plan))

    def notice(self, level: NoticeLevel, text: str) -> None:
        """Something that a person should see."""
        self._add(Notice(self._id, level, text))

    def generic(self, source_type: str, content: JsonObject) -> None:
        """Something that has no counterpart here; kept whole and counted."""
        self._start()
        self.log.add_generic(source_type, content)

    def event(self, event: Event) -> None:
        """Something that the source tells in our own words; written as it is."""
        self._is_started = self._is_started or isinstance(event, SessionStart)
        self._add(event)

    def bad_line(self, line: BadLine) -> None:
        """A line that could not be read; kept with its beginning and counted."""
        self._start()
        self.log.add_bad_line(line)

    def compacted(self, summary: str, *, mode: str, tokens_before: int, tokens_after: int) -> None:
        """All messages so far were replaced by ``summary``."""
        self.close_reply()
        self._begin_run()
        strategy = self.log.kind.value
        self._add(
            TranscriptCompacted(
                self._id, mode, strategy, self._messages, tokens_before, tokens_after, keep_first=0
            )
        )
        self._messages = 0
        self._record({"role": "user", "content": summary, "kind": SUMMARY_KIND})

    def close_reply(self) -> None:
        """The open reply is complete: it enters the history, and its turn ends."""
        reply, self.reply = self.reply, None
        if reply is None:
            return
        reply.close()
        for message in reply.messages():
            self._record(message)
        for name, count in reply.usage.items():
            self._usage[name] += count
        self._add(TurnEnd(self._id, reply.iteration, reply.turn_info()))

    def end_run(
        self, status: LoopStatus = LoopStatus.DONE, reason: str = "the imported run ended"
    ) -> None:
        """The run that is open, if any, is over."""
        self.close_reply()
        if not self._is_running:
            return
        self._is_running = False
        usage: JsonObject = {**self._usage}
        self._usage = dict.fromkeys(_USAGE_KEYS, 0)
        self._add(LoopEnd(self._id, self._loop_id, status, reason, self._iteration, usage))

    def finish(self) -> None:
        """The source is at its end."""
        self.end_run()
        self._start()

    @property
    def session_id(self) -> str:
        """The id of the new session."""
        return self._id

    @property
    def _id(self) -> str:
        return self.log.session_id

    @property
    def _loop_id(self) -> str:
        return f"{IMPORTED_LOOP}{self._runs}"

    def _add(self, event: Event) -> None:
        self._start()
        self.log.add(event)

    def _start(self) -> None:
        if not self._is_started:
            self._is_started = True
            model, provider = self.model, self.provider
            self.log.add(SessionStart(self._id, self.cwd, model, provider, "native"))

    def _begin_run(self) -> None:
        if not self._is_running:
            self._is_running = True
            self._runs += 1
            self._iteration = 0
            self._add(LoopStart(self._id, self._loop_id))

    def _reply(self, key: str | None) -> DraftReply:
        """Return the reply that what the model does now belongs to, opening it if need be."""
        reply = self.reply
        if reply is not None:
            if reply.key == key if key is not None else reply.takes_more:
                return reply
            self.close_reply()
        if not self._messages:
            self.context("import", NO_REQUEST)
        self._begin_run()
        self._calls += 1
        turn, number = self._iteration, self._calls
        self._iteration += 1
        self._add(TurnStart(self._id, turn))
        self._add(LlmCallStart(self._id, number, turn, self.model, self._messages, 0))
        self.reply = DraftReply(self.log, key, number, turn)
        return self.reply

    def _record(self, message: JsonObject) -> None:
        self._messages += 1
        self._add(MessageRecorded(self._id, message))


def _sendable_name(name: str) -> str:
    """Return the name in the characters that every model server takes for a tool."""
    return _NAME_CHARACTERS.sub("_", name)[:_LONGEST_NAME] or "tool"
