"""Finds blocks and calls in a reply as it arrives.

One scanner serves the parser, the candidates that are announced while a reply streams in, and the
text that people see, so that they cannot disagree on where a call begins or ends. Values are read
before tags are looked for: a tag within a string or heredoc is content.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from harn_tui.tagged_text.call_reader import CallReader
from harn_tui.tagged_text.cursor import Cursor
from harn_tui.tagged_text.grammar import BLOCKS, FENCE, THINK
from harn_tui.tagged_text.openings import (
    CallOpening,
    TagOpening,
    call_at_line_start,
    call_in_angles,
    tag_at,
)
from harn_tui.tagged_text.scan_events import (
    BlockEnded,
    BlockOpened,
    BlockText,
    BlockUnclosed,
    CallEnded,
    CallStarted,
    CallTagEnded,
    CallTagOpened,
    LooseTag,
    ScanEvent,
    StrayText,
)
from harn_tui.tagged_text.scan_rules import OpaqueBlock, ScanRules

_BLANKS: Final = re.compile(r"\s+")
_REST_OF_TEXT: Final = re.compile(r"[^<\n]+")
_KEPT_TAG_TEXT: Final = 400


@dataclass(slots=True)
class _OpenCall:
    """A call that is being read; ``start`` and ``name_start`` are positions in the reply."""

    opening: CallOpening
    reader: CallReader
    start: int
    name_start: int
    is_example: bool


@dataclass(slots=True)
class _OpenTag:
    """A ``<tool_call>`` that is being read."""

    start: int
    was_fenced: bool
    calls: list[CallEnded] = field(default_factory=list)
    text: str = ""


@dataclass(slots=True)
class _OpenBlock:
    """An opaque block that is being read."""

    kind: OpaqueBlock
    body_start: int


class ReplyScanner:
    """A reply in pieces; ``start`` is the position of the first one in the whole reply."""

    def __init__(self, rules: ScanRules, *, start: int = 0) -> None:
        self._rules = rules
        self._cursor = Cursor(base=start)
        self._events: list[ScanEvent] = []
        self._stray_from = 0
        self._is_line_start = True
        self._is_fenced = False
        self._backticks = 0
        self._call: _OpenCall | None = None
        self._tag: _OpenTag | None = None
        self._block: _OpenBlock | None = None

    def feed(self, piece: str) -> list[ScanEvent]:
        """Return what ``piece`` completes."""
        self._cursor.feed(piece)
        self._stray_from = 0
        return self._run()

    def finish(self) -> list[ScanEvent]:
        """Return what the end of the reply completes or leaves open."""
        self._cursor.is_final = True
        events = self._run()
        if self._tag is not None:
            self._end_tag(self._tag, is_closed=False)
        if self._block is not None:
            block = self._block
            self._events.append(BlockUnclosed(block.kind.tag, block.body_start))
        return events + self._drain()

    def _run(self) -> list[ScanEvent]:
        cursor = self._cursor
        while not cursor.is_at_limit or (self._call is not None and cursor.is_final):
            if not self._step():
                break
        self._flush_stray()
        return self._drain()

    def _drain(self) -> list[ScanEvent]:
        events, self._events = self._events, []
        return events

    def _step(self) -> bool:
        """Take the next thing; false when more input is needed to tell what it is."""
        if self._call is not None:
            return self._read_call(self._call)
        if self._block is not None:
            return self._read_block(self._block)
        if self._cursor.text[self._cursor.index] == "<":
            return self._at_angle()
        return self._at_line_start() if self._is_line_start else self._in_line()

    def _in_line(self) -> bool:
        cursor = self._cursor
        rest = _REST_OF_TEXT.match(cursor.text, cursor.index)
        if rest is not None:
            self._backticks += rest[0].count("`")
            cursor.index = rest.end()
        else:
            cursor.index += 1
            self._begin_line()
        return True

    def _begin_line(self) -> None:
        self._is_line_start = True
        self._backticks = 0

    def _at_line_start(self) -> bool:
        cursor = self._cursor
        blanks = _BLANKS.match(cursor.text, cursor.index)
        if blanks is not None:
            cursor.index = blanks.end()
            return True
        if cursor.text.startswith(FENCE, cursor.index):
            self._is_fenced = not self._is_fenced
            self._is_line_start = False
            cursor.index += len(FENCE)
            return True
        if cursor.could_become(FENCE):
            return False
        may_call = self._rules.known is not None or self._tag is not None
        call = may_call and call_at_line_start(cursor, self._rules)
        if isinstance(call, CallOpening):
            self._open_call(call)
            return True
        self._is_line_start = call is None
        return call is not None

    def _at_angle(self) -> bool:
        """Take what begins with ``<``: a tag, a call in angle brackets, or only that character."""
        cursor = self._cursor
        tag = tag_at(cursor, self._rules)
        if isinstance(tag, TagOpening):
            if self._is_mention():
                cursor.index = tag.end
                self._is_line_start = False
            else:
                self._take_tag(tag)
            return True
        may_call = self._rules.known is not None or self._tag is not None
        call = may_call and call_in_angles(cursor, self._rules)
        if isinstance(call, CallOpening):
            self._open_call(call)
        elif tag is None or call is None:
            return False
        else:
            cursor.index += 1
            self._is_line_start = False
        return True

    def _is_mention(self) -> bool:
        """Whether the tag at the cursor begins a code span: it is talked about, not used."""
        return self._backticks % 2 == 1 and self._cursor.previous == "`"

    def _take_tag(self, tag: TagOpening) -> None:
        self._flush_stray()
        if tag.opaque is not None:
            self._open_block(tag.opaque, tag.end)
        elif tag.opens_call:
            self._open_tag(tag.end)
        elif tag.closes_call and self._tag is not None:
            self._skip_to(tag.end)
            self._end_tag(self._tag, is_closed=True)
        else:
            start = self._cursor.position
            self._skip_to(tag.end)
            self._events.append(
                LooseTag(tag.name, tag.text, start, self._cursor.position, tag.is_closing)
            )
            self._begin_line()
            self._is_line_start = tag.name.lower() in (*BLOCKS, THINK)

    def _open_call(self, opening: CallOpening) -> None:
        self._flush_stray()
        base = self._cursor.base
        start = base + opening.start
        is_example = self._is_fenced and self._tag is None and not opening.is_known
        self._call = _OpenCall(
            opening,
            CallReader(is_example=is_example),
            start,
            base + opening.name_start,
            is_example=is_example,
        )
        if opening.is_known and opening.refusal is None:
            is_visible = not (self._is_fenced or self._tag or opening.is_in_angles)
            self._events.append(CallStarted(opening.name, is_visible))
        self._skip_to(opening.end)

    def _read_call(self, call: _OpenCall) -> bool:
        has_ended = call.reader.read(self._cursor)
        self._stray_from = self._cursor.index
        if not has_ended:
            return False
        self._call = None
        self._begin_line()
        self._is_line_start = call.reader.is_line_start
        if not call.is_example:
            self._end_call(call)
        return True

    def _end_call(self, call: _OpenCall) -> None:
        opening = call.opening
        problem = opening.refusal or call.reader.problem
        ended = CallEnded(
            opening.name,
            call.start,
            call.name_start,
            self._cursor.position,
            None if problem else call.reader.arguments,
            problem,
            is_known=opening.is_known,
            is_in_call_tag=self._tag is not None,
            is_in_angles=opening.is_in_angles,
        )
        self._events.append(ended)
        if self._tag is not None:
            self._tag.calls.append(ended)

    def _open_block(self, kind: OpaqueBlock, end: int) -> None:
        if self._tag is not None and kind.tag != THINK:
            self._end_tag(self._tag, is_closed=False)
        self._events.append(BlockOpened(kind.tag, self._cursor.position))
        self._skip_to(end)
        self._block = _OpenBlock(kind, self._cursor.position)

    def _read_block(self, block: _OpenBlock) -> bool:
        cursor = self._cursor
        closing = block.kind.closing
        found = cursor.text.find(closing, cursor.index)
        body_end = found if found >= 0 else len(cursor.text)
        if found < 0 and not cursor.is_final:
            body_end = max(cursor.index, body_end - len(closing) + 1)
        if body_end > cursor.index:
            self._events.append(BlockText(cursor.text[cursor.index : body_end]))
        self._skip_to(body_end)
        if found < 0:
            return False
        at_body_end = cursor.position
        self._skip_to(found + len(closing))
        self._events.append(
            BlockEnded(block.kind.tag, block.body_start, at_body_end, cursor.position)
        )
        self._block = None
        self._begin_line()
        return True

    def _open_tag(self, end: int) -> None:
        if self._tag is not None:
            self._end_tag(self._tag, is_closed=False)
        start = self._cursor.position
        is_visible = self._is_line_start and not self._is_fenced
        self._tag = _OpenTag(start, was_fenced=self._is_fenced)
        self._events.append(CallTagOpened(start, is_visible))
        self._skip_to(end)
        self._is_fenced = False
        self._begin_line()

    def _end_tag(self, tag: _OpenTag, *, is_closed: bool) -> None:
        self._tag = None
        self._is_fenced = tag.was_fenced
        self._events.append(
            CallTagEnded(tag.start, self._cursor.position, is_closed, tuple(tag.calls), tag.text)
        )
        self._begin_line()

    def _skip_to(self, index: int) -> None:
        """Move to ``index`` over something that is not stray text."""
        self._cursor.index = index
        self._stray_from = index

    def _flush_stray(self) -> None:
        piece = self._cursor.text[self._stray_from : self._cursor.index]
        self._stray_from = self._cursor.index
        if not piece:
            return
        self._events.append(StrayText(piece, is_in_call_tag=self._tag is not None))
        if self._tag is not None and len(self._tag.text) < _KEPT_TAG_TEXT:
            self._tag.text = (self._tag.text + piece)[:_KEPT_TAG_TEXT]
