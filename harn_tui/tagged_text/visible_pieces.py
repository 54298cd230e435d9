"""Leaves out of a reply what is meant for the program, while it streams in.

Tags go, and with them the bodies of calls, of ``<done>``, of ``<think>`` and of tool results that
a model made up. A block that is never closed hides nothing for good: at the end its text is shown,
unless a call or thoughts stand in it.
"""

import re
from dataclasses import dataclass
from typing import Final

from harn_tui.tagged_text.grammar import ASSISTANT_PROSE, BLOCKS, DONE, THINK, USER_RESPONSE
from harn_tui.tagged_text.reply_scanner import ReplyScanner
from harn_tui.tagged_text.scan_events import (
    BlockEnded,
    BlockOpened,
    BlockText,
    BlockUnclosed,
    CallEnded,
    CallTagEnded,
    CallTagOpened,
    LooseTag,
    ScanEvent,
    StrayText,
)
from harn_tui.tagged_text.scan_rules import OpaqueBlock, ScanRules, opaque_block

TOOL_RESULT: Final = "tool_result"
FOREIGN_CALL: Final = "|tool_call|"

_TOOL_RESULT_OPENING: Final = re.compile(r"<tool_result(?:[ \t][^<>\n]{0,200})?>")
_HIDDEN_TAGS: Final = frozenset({*BLOCKS, THINK, TOOL_RESULT, FOREIGN_CALL})
_VISIBLE_BLOCKS: Final = frozenset({ASSISTANT_PROSE, USER_RESPONSE})
_BEGINS_TAG: Final = re.compile(r"<[/|\w]{0,40}\Z")

VISIBLE_RULES: Final = ScanRules(
    None,
    (
        opaque_block(DONE),
        opaque_block(THINK),
        opaque_block(FOREIGN_CALL),
        OpaqueBlock(TOOL_RESULT, _TOOL_RESULT_OPENING, f"</{TOOL_RESULT}>", f"<{TOOL_RESULT}>"),
    ),
)


@dataclass(frozen=True, slots=True)
class VisiblePiece:
    """Text to be shown; ``is_response`` within ``<user_response>``."""

    text: str
    is_response: bool


class VisiblePieces:
    """One reply in pieces."""

    def __init__(self, rules: ScanRules = VISIBLE_RULES) -> None:
        self._rules = rules
        self._scanner = ReplyScanner(rules)
        self._pieces: list[VisiblePiece] = []
        self._is_response = False
        self._is_in_tag = False
        self._in_tag: list[str | None] = []
        self._in_block: list[str] = []
        self._shown_end = ""
        self._has_gap = False

    def feed(self, delta: str) -> list[VisiblePiece]:
        """Return what of ``delta`` can be shown already, and what was held back before."""
        return self._take_all(self._scanner.feed(delta))

    def finish(self) -> list[VisiblePiece]:
        """Return what was held back and is to be shown after all."""
        return self._take_all(self._scanner.finish())

    def _take_all(self, events: list[ScanEvent]) -> list[VisiblePiece]:
        for event in events:
            self._take(event)
        pieces, self._pieces = self._pieces, []
        return pieces

    def _take(self, event: ScanEvent) -> None:
        match event:
            case StrayText(is_in_call_tag=True):
                self._in_tag.append(event.text)
            case StrayText():
                self._show(event.text)
            case CallEnded():
                self._in_tag.append(None)
            case CallTagOpened():
                self._is_in_tag = True
                self._in_tag.clear()
            case CallTagEnded():
                self._end_tag(event)
            case BlockOpened():
                self._in_block.clear()
            case BlockText():
                self._in_block.append(event.text)
            case BlockEnded():
                self._leave_gap()
            case BlockUnclosed():
                self._reveal_block(event)
            case LooseTag():
                self._take_tag(event)
            case _:
                pass

    def _end_tag(self, tag: CallTagEnded) -> None:
        self._is_in_tag = False
        self._leave_gap()
        if tag.is_closed or tag.calls:
            return
        for text in self._in_tag:
            if text is None:
                self._leave_gap()
            else:
                self._show(text)
        self._leave_gap()

    def _reveal_block(self, block: BlockUnclosed) -> None:
        self._leave_gap()
        if block.tag == THINK:
            return
        # It was no block, so what seemed to be its body may hold tags of its own.
        inner = VisiblePieces(self._rules.without(block.tag))
        for piece in inner.feed("".join(self._in_block)) + inner.finish():
            self._is_response = piece.is_response
            self._show(piece.text)

    def _take_tag(self, tag: LooseTag) -> None:
        name = tag.name.lower()
        if name not in _HIDDEN_TAGS:
            if self._is_in_tag:
                self._in_tag.append(tag.text)
            else:
                self._show(tag.text)
        elif self._is_in_tag:
            self._in_tag.append(None)
        else:
            self._leave_gap()
            if name in _VISIBLE_BLOCKS:
                self._show("\n\n")
                self._is_response = name == USER_RESPONSE and not tag.is_closing

    def _leave_gap(self) -> None:
        """Note that something was left out here."""
        if self._is_in_tag:
            self._in_tag.append(None)
        else:
            self._has_gap = True

    def _show(self, text: str) -> None:
        if not text:
            return
        if self._has_gap and _BEGINS_TAG.search(self._shown_end):
            # What stood on both sides of the gap must not become a tag.
            text = " " + text
        self._has_gap = False
        self._shown_end = (self._shown_end + text)[-48:]
        self._pieces.append(VisiblePiece(text, self._is_response))
