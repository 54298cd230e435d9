"""Announces calls while the reply that writes them is still streaming in.

A candidate is started when a call seems to begin, and ends as promoted or aborted. What is
promoted is what the parser finds in the whole reply at the same offset: both read with the same
scanner (docs/tool_formats.md, candidates).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from harn_tui.json_types import JsonObject
from harn_tui.tagged_text.problems import (
    NONE_UNAVAILABLE,
    UNCLOSED_CANDIDATE,
    call_problem,
    tag_problem,
)
from harn_tui.tagged_text.reply_scanner import ReplyScanner
from harn_tui.tagged_text.scan_events import (
    CallEnded,
    CallStarted,
    CallTagEnded,
    CallTagOpened,
    ScanEvent,
)
from harn_tui.tagged_text.scan_rules import reply_rules


@dataclass(frozen=True, slots=True)
class CandidateStarted:
    """A call seems to begin. ``tool_name`` is ``""`` for a tagged one: its name comes later."""

    candidate_id: str
    tool_name: str


@dataclass(frozen=True, slots=True)
class CandidatePromoted:
    """The call is complete and will be among those of the parsed reply, at ``offset``."""

    candidate_id: str
    tool_name: str
    arguments: JsonObject
    offset: int


@dataclass(frozen=True, slots=True)
class CandidateAborted:
    """There will be no such call; ``error`` says why."""

    candidate_id: str
    tool_name: str
    error: str


CandidateChange: TypeAlias = CandidateStarted | CandidatePromoted | CandidateAborted


@dataclass(frozen=True, slots=True)
class _Candidate:
    candidate_id: str
    tool_name: str


class CandidateDetector:
    """One reply's candidates, numbered from 1; a request that is sent again needs a new one.

    ``tools`` are the known names, ``unavailable`` those of tools that exist and cannot be called,
    with the reason. Calls in fenced code, in the middle of a line, and in the other
    blocks are not announced.
    """

    def __init__(
        self, tools: Collection[str], unavailable: Mapping[str, str] = NONE_UNAVAILABLE
    ) -> None:
        self._tools = sorted(tools)
        self._unavailable = unavailable
        self._scanner = ReplyScanner(reply_rules(tools))
        self._count = 0
        self._open: _Candidate | None = None

    def feed(self, delta: str) -> list[CandidateChange]:
        """Return what ``delta`` changes."""
        return self._changes(self._scanner.feed(delta))

    def finish(self) -> list[CandidateChange]:
        """Return what the end of the reply changes: an open candidate is aborted."""
        return self._changes(self._scanner.finish())

    def _changes(self, events: list[ScanEvent]) -> list[CandidateChange]:
        changes = (self._change(event) for event in events)
        return [change for change in changes if change is not None]

    def _change(self, event: ScanEvent) -> CandidateChange | None:
        match event:
            case CallTagOpened(is_visible=True):
                return self._start("")
            case CallStarted(is_visible=True):
                return self._start(event.name)
            case CallEnded(is_in_call_tag=False):
                problem = call_problem(event, self._tools, self._unavailable)
                return self._end(event, problem, event.start)
            case CallTagEnded():
                return self._end_tag(event)
            case _:
                return None

    def _start(self, tool_name: str) -> CandidateStarted:
        self._count += 1
        self._open = _Candidate(f"text-cand-{self._count}", tool_name)
        return CandidateStarted(self._open.candidate_id, tool_name)

    def _end_tag(self, tag: CallTagEnded) -> CandidateChange | None:
        call = tag.calls[0] if tag.calls else None
        problem = UNCLOSED_CANDIDATE if not tag.is_closed else tag_problem(tag)
        if problem is None and call is not None:
            problem = call_problem(call, self._tools, self._unavailable)
            if not call.is_known and call.name not in self._unavailable:
                problem = f"Unknown tool '{call.name}' in <tool_call> body."
        return self._end(call, problem, tag.start)

    def _end(
        self, call: CallEnded | None, problem: str | None, offset: int
    ) -> CandidateChange | None:
        candidate, self._open = self._open, None
        if candidate is None:
            return None
        if problem is not None or call is None or call.arguments is None:
            return CandidateAborted(
                candidate.candidate_id, candidate.tool_name, problem or UNCLOSED_CANDIDATE
            )
        return CandidatePromoted(candidate.candidate_id, call.name, call.arguments, offset)
