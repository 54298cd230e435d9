"""Parses a whole reply in the text format (docs/tool_formats.md)."""

import re
from collections.abc import Collection, Mapping
from typing import Final

from harn_tui.tagged_text.canonical import render_block, render_call_block
from harn_tui.tagged_text.grammar import (
    ASSISTANT_PROSE,
    DONE,
    THINK,
    TOOL_CALL,
    USER_RESPONSE,
    closing,
    opening,
)
from harn_tui.tagged_text.json_calls import find_json_calls
from harn_tui.tagged_text.problems import (
    EMPTY_DONE,
    NO_BLOCK,
    NONE_UNAVAILABLE,
    call_problem,
    loose_tag_violation,
    stray_violation,
    tag_problem,
    unclosed_violation,
    unwrapped_violation,
)
from harn_tui.tagged_text.reply import TaggedReply, TextCall
from harn_tui.tagged_text.reply_scanner import ReplyScanner
from harn_tui.tagged_text.scan_events import (
    BlockEnded,
    BlockOpened,
    BlockUnclosed,
    CallEnded,
    CallTagEnded,
    CallTagOpened,
    LooseTag,
    ScanEvent,
)
from harn_tui.tagged_text.scan_rules import reply_rules

MOST_VIOLATIONS: Final = 20

_FENCE_LINE: Final = re.compile(r"^[ \t]*```.*$", re.MULTILINE)
_THOUGHT: Final = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_REST_OF_LINE: Final = re.compile(r"[^<\n]*")
_END_OF_ANGLES: Final = re.compile(r"\s{0,16}/?>")


def parse_tagged_reply(
    text: str, tools: Collection[str], unavailable: Mapping[str, str] = NONE_UNAVAILABLE
) -> TaggedReply:
    """Return what ``text`` says; ``tools`` are the known names, such as the keys of their schemas.

    ``unavailable`` has the names of tools that exist and cannot be called, with what to tell a
    model that calls them. Never raises: what cannot be understood is listed in ``errors`` and
    ``violations``.
    """
    return _ReplyParser(text, tools, unavailable).parse()


class _ReplyParser:
    """Collects the parts of one reply in the order in which they stand there."""

    def __init__(self, text: str, tools: Collection[str], unavailable: Mapping[str, str]) -> None:
        self._text = text
        self._tools = sorted(tools)
        self._unavailable = unavailable
        self._start, self._end = _unwrapped(text)
        self._calls: list[TextCall] = []
        self._errors: list[str] = []
        self._violations: list[str] = []
        self._violations_left_out = 0
        self._bodies: dict[str, list[str]] = {ASSISTANT_PROSE: [], USER_RESPONSE: [], DONE: []}
        self._canonical: list[str] = []
        self._at = self._start
        self._segment: list[str] = []
        self._segment_calls = 0
        self._stray_ranges: list[tuple[int, int]] = []
        self._is_in_tag = False

    def parse(self) -> TaggedReply:
        for event in self._scan():
            self._take(event)
        self._end_segment(self._end)
        if not self._calls and not self._errors:
            self._take_json_calls()
        self._note_missing_blocks()
        responses, done = self._bodies[USER_RESPONSE], self._bodies[DONE]
        if self._violations_left_out:
            self._violations.append(f"… and {self._violations_left_out} more like these.")
        return TaggedReply(
            tuple(self._calls),
            tuple(self._errors),
            tuple(self._violations),
            prose="\n\n".join(self._bodies[ASSISTANT_PROSE]),
            user_response="\n\n".join(responses) if responses else None,
            done_body=done[-1] if done else None,
            canonical="\n\n".join(self._canonical),
        )

    def _scan(self) -> list[ScanEvent]:
        """Return what stands in the text.

        A block without its end is no block: the text behind its opening tag is scanned again, with
        that tag an ordinary one. There are three kinds, so no text is scanned more than four times.
        """
        rules = reply_rules(self._tools)
        start = self._start
        events: list[ScanEvent] = []
        while True:
            scanner = ReplyScanner(rules, start=start)
            found = scanner.feed(self._text[start : self._end]) + scanner.finish()
            events += found
            last = found[-1] if found else None
            if not isinstance(last, BlockUnclosed) or last.tag == THINK:
                return events
            rules = rules.without(last.tag)
            start = last.body_start

    def _take(self, event: ScanEvent) -> None:
        match event:
            case CallEnded(is_in_call_tag=False):
                self._take_bare_call(event)
            case CallTagOpened():
                self._end_segment(event.start)
                self._is_in_tag = True
            case CallTagEnded():
                self._take_tag(event)
            case BlockOpened() if event.tag == THINK:
                self._take_gap(event.start)
            case BlockOpened():
                self._end_segment(event.start)
            case BlockEnded():
                self._take_block(event)
            case BlockUnclosed() if event.tag == THINK:
                self._at = self._end
            case BlockUnclosed():
                self._at = event.body_start
                self._violate(unclosed_violation(event.tag))
            case LooseTag() if not self._is_in_tag:
                self._take_gap(event.start)
                self._cover(event.end)
                violation = loose_tag_violation(event)
                if violation not in self._violations:
                    self._violate(violation)
            case _:
                pass

    def _take_bare_call(self, call: CallEnded) -> None:
        self._take_gap(call.start)
        self._segment_calls += self._add_call(call, call.start)
        self._at = call.end
        if call.is_in_angles and (end := _END_OF_ANGLES.match(self._text, call.end)):
            self._at = end.end()
        elif call.arguments is None and not self._ends_before_line(call):
            # What follows a broken call on its line belongs to it.
            rest = _REST_OF_LINE.match(self._text, call.end)
            self._at = call.end if rest is None else rest.end()

    def _ends_before_line(self, call: CallEnded) -> bool:
        return self._text[call.name_start : call.end].rstrip(" \t").endswith("\n")

    def _take_tag(self, tag: CallTagEnded) -> None:
        self._at = tag.end
        self._is_in_tag = False
        problem = tag_problem(tag) if tag.is_closed else None
        if problem is not None:
            self._errors.append(problem)
            return
        if not tag.is_closed and all(call.problem is None for call in tag.calls):
            self._violate(unclosed_violation(TOOL_CALL))
        for call in tag.calls:
            self._add_call(call, tag.start if tag.is_closed else call.start)

    def _add_call(self, call: CallEnded, offset: int) -> bool:
        """Keep ``call``, or what is wrong with it; whether it can run."""
        problem = call_problem(call, self._tools, self._unavailable)
        if problem is not None or call.arguments is None:
            self._errors.append(problem or call.name)
            return False
        raw = self._text[call.name_start : call.end]
        self._calls.append(TextCall(call.name, call.arguments, raw, offset))
        self._canonical.append(render_call_block(call.name, call.arguments))
        return True

    def _take_block(self, block: BlockEnded) -> None:
        self._at = block.end
        if block.tag == THINK:
            return
        body = self._text[block.body_start : block.body_end]
        body = _without_thoughts(body, closing(block.tag)).strip()
        if body:
            self._bodies[block.tag].append(body)
            self._canonical.append(render_block(block.tag, body))
        elif block.tag == DONE:
            self._violate(EMPTY_DONE)

    def _take_gap(self, end: int) -> None:
        """Keep the text up to ``end`` as stray text of the current segment."""
        if end > self._at and not self._is_in_tag:
            self._segment.append(self._text[self._at : end])
            self._cover(end)

    def _cover(self, end: int) -> None:
        """Note that the text up to ``end`` stands outside of blocks and calls."""
        start = self._at
        if self._stray_ranges and self._stray_ranges[-1][1] == start:
            start = self._stray_ranges.pop()[0]
        self._stray_ranges.append((start, end))
        self._at = end

    def _end_segment(self, end: int) -> None:
        self._take_gap(end)
        text = "".join(self._segment)
        count, self._segment_calls, self._segment = self._segment_calls, 0, []
        if count:
            self._violate(unwrapped_violation(count))
            text = _FENCE_LINE.sub("", text)
        if text.strip():
            self._violate(stray_violation(text.strip()))

    def _take_json_calls(self) -> None:
        count = 0
        for start, end in self._stray_ranges:
            text = self._text[start:end]
            for call in find_json_calls(text, self._tools, self._unavailable):
                count += 1
                if call.problem is not None:
                    self._errors.append(call.problem)
                    continue
                raw = text[call.start : call.end]
                self._calls.append(TextCall(call.name, call.arguments, raw, start + call.start))
                self._canonical.append(render_call_block(call.name, call.arguments))
        if count:
            self._violate(unwrapped_violation(count))

    def _note_missing_blocks(self) -> None:
        said_something = self._canonical or self._errors or self._violations
        visible = _THOUGHT.sub("", self._text[self._start : self._end])
        if not said_something and visible.strip():
            self._violate(NO_BLOCK)

    def _violate(self, violation: str) -> None:
        if len(self._violations) < MOST_VIOLATIONS:
            self._violations.append(violation)
        else:
            self._violations_left_out += 1


def _unwrapped(text: str) -> tuple[int, int]:
    """Return where the reply begins and ends: within backticks, if they enclose all of it."""
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    for ticks in ("```", "`"):
        inner = text[start + len(ticks) : end - len(ticks)]
        is_enclosed = text.startswith(ticks, start) and text.endswith(ticks, start, end)
        is_fence = ticks == "```" and "\n" in inner
        if is_enclosed and inner.strip() and "`" not in inner and not is_fence:
            return start + len(ticks), end - len(ticks)
    return 0, len(text)


def _without_thoughts(body: str, closing_tag: str) -> str:
    """Return ``body`` without ``<think>`` spans; their removal makes no new tag."""
    without = _THOUGHT.sub("", body)
    if closing_tag in without or opening(THINK) in without:
        return _THOUGHT.sub(" ", body)
    return without
