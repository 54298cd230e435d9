"""The facets of a search in the transcript: which blocks count, in the words of all searches.

``tool:``, ``is:error``, ``by:me``, ``file:``, ``before:`` and ``after:`` mean what they mean in a
search of the stored sessions (``store/index/query.py``), and are read by the same parser.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from harn_tui.kinds import NoticeLevel, ToolCallStatus
from harn_tui.store.index.passages import BY_ME_TAG, ERROR_TAG, tool_tag, words_of
from harn_tui.store.index.query import SearchQuery, facets_apart, parse_query
from harn_tui.view.model import Block, NoticeBlock, ToolBlock, UserBlock, WorkerBlock

NAMES = frozenset({"tool", "is", "by", "file", "before", "after"})
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: ``needle`` as it is, in the blocks that ``facets`` leave.

    ``problems`` are sentences on what could not be used.
    """

    needle: str
    facets: Facets | None = None
    problems: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is looked for."""
        return not self.needle and self.facets is None


def wanted_by(typed: str, now: datetime) -> Wanted:
    """Return what ``typed`` asks for. ``now`` is local time.

    What stands in quotes is text; without a facet, all of it is, quotes included.
    """
    rest, facets = facets_apart(typed, NAMES)
    if not facets:
        is_quoted = rest != typed
        return Wanted(rest if is_quoted else typed)
    query = parse_query(facets, now=now, cwd=Path())
    problems = tuple(query.problems)
    chosen = Facets(query) if query.match or query.after_ms or query.before_ms else None
    return Wanted(rest, chosen, problems)


class Fit(NamedTuple):
    """Whether a block counts, and how many characters of it had to be read to know."""

    counts: bool
    chars: int = 0


class Facets:
    """What a block has to be. All parts of ``query`` count."""

    def __init__(self, query: SearchQuery) -> None:
        self._tags = tuple(query.tags)
        self._files = [_words(file.rstrip("*")) for file in query.files]
        self._after_ms, self._before_ms = query.after_ms, query.before_ms

    def fit(self, block: Block) -> Fit:
        """Return whether ``block`` counts, and what it took to know."""
        at_ms = block.started_at_ms
        if self._after_ms is not None and at_ms < self._after_ms:
            return Fit(counts=False)
        if self._before_ms is not None and at_ms >= self._before_ms:
            return Fit(counts=False)
        tags = _tags_of(block) if self._tags else ()
        if not all(_has_tag(tags, tag) for tag in self._tags):
            return Fit(counts=False)
        files, chars = _files_of(block) if self._files else ((), 0)
        return Fit(all(any(wanted in file for file in files) for wanted in self._files), chars)


def _has_tag(tags: Sequence[str], wanted: str) -> bool:
    if wanted.endswith("*"):
        return any(tag.startswith(wanted[:-1]) for tag in tags)
    return wanted in tags


def _tags_of(block: Block) -> Sequence[str]:
    tags: list[str] = []
    match block:
        case UserBlock():
            tags.append(BY_ME_TAG)
        case ToolBlock():
            tags.append(tool_tag(block.tool_name))
            if block.status is ToolCallStatus.FAILED or block.error is not None:
                tags.append(ERROR_TAG)
        case NoticeBlock(level=NoticeLevel.ERROR):
            tags.append(ERROR_TAG)
        case WorkerBlock() if block.error is not None:
            tags.append(ERROR_TAG)
    return tags


def _files_of(block: Block) -> tuple[Sequence[str], int]:
    """Return the files that a call names in its arguments, each as words between spaces.

    With them comes how many characters were read for that.
    """
    if not isinstance(block, ToolBlock):
        return (), 0
    found = words_of({"type": "tool_call", "raw_input": block.arguments})
    chars = found.looked_through + sum(map(len, found.files))
    return [_words(file) for file in found.files], chars


def _words(text: str) -> str:
    return f" {' '.join(_WORD.findall(text.casefold()))} "
