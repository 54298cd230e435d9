"""What a scanner looks for in a reply."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from harn_tui.tagged_text.grammar import (
    ASSISTANT_PROSE,
    DONE,
    THINK,
    USER_RESPONSE,
    closing,
    opening,
)


@dataclass(frozen=True, slots=True)
class OpaqueBlock:
    """A kind of block whose body is not looked into.

    ``literal`` is the opening when it is always the same; a pattern is for those with attributes.
    """

    tag: str
    opening: re.Pattern[str]
    closing: str
    literal: str


@dataclass(frozen=True, slots=True)
class ScanRules:
    """``known`` are the names of tools.

    ``None`` takes every name within ``<tool_call>`` for one and looks for calls nowhere else.
    """

    known: frozenset[str] | None
    opaque: tuple[OpaqueBlock, ...]

    def without(self, tag: str) -> "ScanRules":
        """Return the same rules with ``tag`` an ordinary tag: it turned out not to be closed."""
        return ScanRules(self.known, tuple(kind for kind in self.opaque if kind.tag != tag))


def opaque_block(tag: str) -> OpaqueBlock:
    """Return the block of ``<tag>`` and ``</tag>``, without attributes."""
    literal = opening(tag)
    return OpaqueBlock(tag, re.compile(re.escape(literal)), closing(tag), literal)


def reply_rules(tools: Iterable[str]) -> ScanRules:
    """Return the rules of the grammar for replies that may call ``tools``."""
    blocks = (ASSISTANT_PROSE, USER_RESPONSE, DONE, THINK)
    return ScanRules(frozenset(tools), tuple(map(opaque_block, blocks)))
