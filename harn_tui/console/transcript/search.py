"""Finds a text in all blocks, a bounded slice at a time, from the reader's place onwards.

Hits are kept by block, so that the next one, its number and their count cost O(log n).
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from typing import NamedTuple

from harn_tui.console.transcript.block_bodies import is_growing, is_hidden
from harn_tui.console.transcript.height_index import HeightIndex
from harn_tui.console.transcript.search_facets import Facets, Fit
from harn_tui.console.transcript.searched_text import searched_text
from harn_tui.view.model import Block

MAX_HITS = 100_000
"""Hits that are kept; a search with more says so and stops."""

_CHUNK_CHARS = 32_768
_BLOCK_COST = 200
"""What looking at a block costs at least, in characters."""

_HIT_COST = 50
"""What keeping a hit costs, in characters."""


class Hit(NamedTuple):
    """A place in the searched text of a block."""

    block: int
    start: int


def pattern_of(needle: str) -> re.Pattern[str]:
    """Return what finds ``needle`` as it is; case counts only when it has a capital letter.

    What finds an empty one finds nothing.
    """
    if not needle:
        return re.compile(r"(?!)")
    has_capital = any(character.isupper() for character in needle)
    return re.compile(re.escape(needle), re.NOFLAG if has_capital else re.IGNORECASE)


class Search:
    """One needle over a growing list of blocks, or over those that fit ``facets``.

    An empty ``needle``, which needs facets, finds each of these blocks once.
    """

    def __init__(
        self, blocks: Sequence[Block], needle: str, start: int = 0, facets: Facets | None = None
    ) -> None:
        self.needle = needle
        self.facets = facets
        self.pattern = pattern_of(needle)
        self._blocks = blocks
        self._starts: dict[int, array[int]] = {}
        self._counts = HeightIndex([0] * len(blocks))
        self._pending = _Pending(len(blocks), start)
        self._text: tuple[int, str] | None = None
        self._position = 0
        self._found = array("l")
        self.count = 0

    @property
    def is_complete(self) -> bool:
        """Whether every block was looked at, or there are more hits than are kept."""
        return self._pending.is_empty or self.is_full

    @property
    def is_full(self) -> bool:
        """Whether there are more hits than are kept."""
        return self.count >= MAX_HITS

    def advance(self, chars: int) -> None:
        """Look at about ``chars`` more characters."""
        while chars > 0 and not self.is_complete:
            chars -= self._scan_chunk(self._pending.first)

    def update(self, changed: Collection[int]) -> None:
        """Look again, later, at blocks that changed and at those that are new.

        Text that still grows is looked at when it has ended.
        """
        for _ in range(len(self._counts), len(self._blocks)):
            self._counts.append(0)
        for index in changed:
            if 0 <= index < len(self._blocks) and not is_growing(self._blocks[index]):
                self._pending.again(index)
                if self._text is not None and self._text[0] == index:
                    self._text = None

    def after(self, block: int, start: int) -> Hit | None:
        """Return the first hit after a place, else the first of all."""
        starts = self._starts.get(block)
        if starts is not None and (at := bisect_right(starts, start)) < len(starts):
            return Hit(block, starts[at])
        return self._nth(self._counts.offset(min(block + 1, len(self._counts))))

    def before(self, block: int, start: int) -> Hit | None:
        """Return the last hit before a place, else the last of all."""
        starts = self._starts.get(block)
        if starts is not None and (at := bisect_left(starts, start)):
            return Hit(block, starts[at - 1])
        return self._nth(self._counts.offset(min(block, len(self._counts))) - 1)

    def number(self, hit: Hit) -> int:
        """Return which one of all hits it is, from 1."""
        return self._counts.offset(hit.block) + self.number_in_block(hit) + 1

    def number_in_block(self, hit: Hit) -> int:
        """Return which one of its block's hits it is, from 0."""
        return bisect_left(self._starts.get(hit.block, ()), hit.start)

    def count_in_block(self, block: int) -> int:
        """Return how many hits a block has."""
        return len(self._starts.get(block, ()))

    def _nth(self, number: int) -> Hit | None:
        if not self.count:
            return None
        block, at = self._counts.find(number % self.count)
        return Hit(block, self._starts[block][at])

    def _scan_chunk(self, index: int) -> int:
        cost = _BLOCK_COST
        if self._text is None or self._text[0] != index:
            text, read = self._begin(self._blocks[index])
            self._text = (index, text)
            cost += read
        text, begin, before = self._text[1], self._position, len(self._found)
        end = begin + _CHUNK_CHARS
        reach = end + len(self.needle) - 1
        self._position = end
        for match in self.pattern.finditer(text, begin, reach):
            self._found.append(match.start())
            self._position = max(end, match.end())
        cost += min(_CHUNK_CHARS, len(text) - begin)
        cost += _HIT_COST * (len(self._found) - before)
        if self._position >= len(text):
            self._settle(index)
        return cost

    def _begin(self, block: Block) -> tuple[str, int]:
        """Take up a block, or itself as a hit; return its text and what the facets read of it."""
        facets, fit = self.facets, Fit(counts=not is_hidden(block))
        if fit.counts and facets is not None:
            fit = facets.fit(block)
        is_whole = facets is not None and not self.needle
        self._position, self._found = 0, array("l", [0] if fit.counts and is_whole else [])
        return searched_text(block) if fit.counts and not is_whole else "", fit.chars

    def _settle(self, index: int) -> None:
        found, self._text = self._found, None
        self._pending.done()
        if found:
            self._starts[index] = found
        else:
            self._starts.pop(index, None)
        self.count += self._counts.set(index, len(found))


class _Pending:
    """Blocks that were not looked at: a stretch from the reader's place round, and single ones."""

    def __init__(self, blocks: int, start: int) -> None:
        start = max(0, min(start, blocks))
        self._stretches = [range(start, blocks), range(start)]
        self._again: dict[int, None] = {}

    @property
    def is_empty(self) -> bool:
        return not self._again and not any(self._stretches)

    @property
    def first(self) -> int:
        for stretch in self._stretches:
            if stretch:
                return stretch[0]
        return next(iter(self._again))

    def done(self) -> None:
        """Take the first one off."""
        for at, stretch in enumerate(self._stretches):
            if stretch:
                self._stretches[at] = stretch[1:]
                return
        del self._again[next(iter(self._again))]

    def again(self, index: int) -> None:
        """Add one, unless the stretches hold it."""
        if not any(index in stretch for stretch in self._stretches):
            self._again[index] = None
