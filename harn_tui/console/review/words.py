"""Which words of two versions of a line differ, and how alike the two are."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import takewhile
from typing import TypeAlias

MAX_COMPARED_WORDS = 100
"""Of longer middles (what differs at all) everything counts as changed."""

_MAX_CHARACTERS = 2000
_WORD = re.compile(r"\w+|\s+|[^\w\s]")

Spans: TypeAlias = tuple[tuple[int, int], ...]
"""Ranges of characters, in their order, without overlap, none of them empty."""


@lru_cache(maxsize=2048)
def changed_words(old: str, new: str) -> tuple[Spans, Spans]:
    """Return what of ``old`` is gone and what of ``new`` is new, in whole words."""
    if max(len(old), len(new)) > _MAX_CHARACTERS:
        return _whole(old), _whole(new)
    before, after = _WORD.findall(old), _WORD.findall(new)
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    before_end, after_end = len(before) - tail, len(after) - tail
    if max(before_end, after_end) - head > MAX_COMPARED_WORDS:
        return _spans(before, [(head, before_end)]), _spans(after, [(head, after_end)])
    gone: list[tuple[int, int]] = []
    come: list[tuple[int, int]] = []
    matcher = SequenceMatcher(None, before[head:before_end], after[head:after_end], autojunk=False)
    for kind, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if kind != "equal":
            gone.append((head + old_start, head + old_end))
            come.append((head + new_start, head + new_end))
    return _spans(before, gone), _spans(after, come)


def word_set(line: str) -> frozenset[str]:
    """Return the words and signs of a line, to be compared by ``likeness``."""
    return frozenset(word for word in _WORD.findall(line[:_MAX_CHARACTERS]) if not word.isspace())


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the share of words that two lines have in common, 0 to 1."""
    total = len(one) + len(other)
    return 2 * len(one & other) / total if total else 1.0


def _whole(line: str) -> Spans:
    return ((0, len(line)),) if line else ()


def _common(one: list[str], other: list[str]) -> int:
    """Return how many words are the same from the start on."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _spans(words: list[str], ranges: list[tuple[int, int]]) -> Spans:
    """Return ranges of words as ranges of characters; those without a word are left out."""
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word))
    return tuple((starts[start], starts[end]) for start, end in ranges if start < end)
