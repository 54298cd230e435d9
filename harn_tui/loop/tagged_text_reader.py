"""Shows a text-format reply while it streams: prose without its tags, calls as they appear.

What it finds is for the eye; the calls that run are those of the whole reply, and take over the
ids under which they were announced here (docs/tool_formats.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from harn_tui.config.loop_options import NATIVE_TOOL_FORMAT
from harn_tui.events.agent import ToolCall, ToolCallUpdate
from harn_tui.ids import tool_call_event_id
from harn_tui.kinds import ToolCallStatus, ToolErrorCategory
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.offered_tools import call_schemas, kind_of
from harn_tui.loop.state import LoopState
from harn_tui.loop.unknown_tool import unavailable_tools
from harn_tui.sinks.emit import emit
from harn_tui.tagged_text.candidates import (
    CandidateAborted,
    CandidateChange,
    CandidateDetector,
    CandidatePromoted,
    CandidateStarted,
)
from harn_tui.tagged_text.visible import VisibleStream


@dataclass(slots=True)
class _Candidate:
    call_id: str
    name: str
    offset: int | None = None
    """Where the call begins in the reply; ``None`` until it is complete."""


def text_reader(config: LoopConfig, state: LoopState, iteration: int) -> "TaggedTextReader | None":
    """Return the reader for a text-format loop, ``None`` for a native one."""
    if config.options.tool_format == NATIVE_TOOL_FORMAT:
        return None
    return TaggedTextReader(config, state, iteration)


class TaggedTextReader:
    """Reads one streamed reply. ``read`` and ``finish`` return the prose that can be shown.

    In a loop without tools nothing is a call, so that nothing is announced as one.
    """

    def __init__(self, config: LoopConfig, state: LoopState, iteration: int) -> None:
        self._state = state
        self._iteration = iteration
        self._schemas = call_schemas(state)
        self._sentinel = config.options.done_sentinel
        self.announced_ids: set[str] = set()
        """Ids of the calls that were announced with their name and kind."""
        self._config = config
        self._announced: dict[str, _Candidate] = {}
        self._begin()

    def restart(self) -> None:
        """Begin anew with the next attempt's text."""
        self._begin()

    def read(self, text: str) -> str:
        """Take more text; announce calls that begin or end in it."""
        if self._schemas:
            self._follow(self._detector.feed(text))
        return self._visible.feed(text)

    def finish(self) -> str:
        """Take the end of the reply."""
        if self._schemas:
            self._follow(self._detector.finish())
        return self._visible.finish()

    def take_announced(self, offsets: Sequence[int]) -> list[str | None]:
        """Return the id under which the call at each offset was announced, ``None`` for none.

        Announced calls that the whole reply does not make are closed.
        """
        by_offset = {found.offset: key for key, found in self._announced.items()}
        keys = [by_offset.get(offset) for offset in offsets]
        taken = [None if key is None else self._announced.pop(key).call_id for key in keys]
        self.close_announced("the finished reply does not make this call")
        return taken

    def close_announced(self, reason: str) -> None:
        """End the announced calls of a reply that will not be completed."""
        announced, self._announced = self._announced, {}
        for found in announced.values():
            self._emit_failed(found, reason)

    def _begin(self) -> None:
        self._detector = CandidateDetector(self._schemas, unavailable_tools(self._state))
        self._visible = VisibleStream(self._sentinel)

    def _follow(self, changes: list[CandidateChange]) -> None:
        for change in changes:
            match change:
                case CandidateStarted():
                    self._start(change)
                case CandidatePromoted():
                    self._promote(change)
                case CandidateAborted():
                    found = self._announced.pop(change.candidate_id)
                    self._emit_failed(found, change.error)

    def _start(self, change: CandidateStarted) -> None:
        index = len(self._announced)
        call_id = self._state.call_ids.mint("", self._iteration, index)
        self._announced[change.candidate_id] = _Candidate(call_id, change.tool_name)
        kind = kind_of(self._state, change.tool_name)
        if kind is not None:
            self.announced_ids.add(call_id)
        emit(
            ToolCall(
                session_id=self._state.session_id,
                tool_call_id=tool_call_event_id(call_id),
                tool_name=change.tool_name,
                kind=kind,
                status=ToolCallStatus.PENDING,
                raw_input={},
                parsing=True,
            )
        )

    def _promote(self, change: CandidatePromoted) -> None:
        found = self._announced[change.candidate_id]
        found.name, found.offset = change.tool_name, change.offset
        emit(
            ToolCallUpdate(
                session_id=self._state.session_id,
                tool_call_id=tool_call_event_id(found.call_id),
                tool_name=change.tool_name,
                status=ToolCallStatus.PENDING,
                raw_output=change.arguments,
                parsing=False,
            )
        )

    def _emit_failed(self, found: _Candidate, reason: str) -> None:
        emit(
            ToolCallUpdate(
                session_id=self._state.session_id,
                tool_call_id=tool_call_event_id(found.call_id),
                tool_name=found.name,
                status=ToolCallStatus.FAILED,
                error=reason,
                error_category=ToolErrorCategory.PARSE_ABORTED,
                parsing=False,
            )
        )
