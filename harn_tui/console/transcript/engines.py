"""What Markdown parsing and syntax colours must provide, without importing either.

Both come with libraries that are too slow to import before the first frame; until they are
there, text is drawn plain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple, Protocol, TypeAlias

from harn_tui.console.transcript.roles import Role


class Span(NamedTuple):
    """Inline text with one look. ``emphasis`` sums the flags of ``palette``."""

    text: str
    emphasis: int = 0
    is_code: bool = False
    link: str | None = None


class ElementKind(Enum):
    """What a leaf of a Markdown document is."""

    PARAGRAPH = auto()
    HEADING = auto()
    VERBATIM = auto()
    RULE = auto()


@dataclass(frozen=True, slots=True)
class Element:
    """One leaf: ``level`` is that of a heading, ``spans`` its text (none for a rule)."""

    kind: ElementKind
    spans: tuple[Span, ...] = ()
    level: int = 0


References: TypeAlias = Mapping[str, str]
"""Link targets by label, as written in ``[label]: target`` lines."""

ColouredLine: TypeAlias = Sequence[tuple[str, Role]]


class MarkdownEngine(Protocol):
    """Parses what stands between two block boundaries."""

    def parse_leaf(self, source: str, references: References) -> list[Element]:
        """Return the leaves of ``source``, which holds no list, quote, fence or table."""
        ...

    def parse_inline(self, source: str, references: References) -> list[Span]:
        """Return the inline text of one table cell."""
        ...


class SyntaxEngine(Protocol):
    """Finds the syntax roles of source code."""

    def colour_line(self, language: str, line: str) -> ColouredLine | None:
        """Colour one line seen alone; ``None`` when the language is unknown."""
        ...

    def colour_lines(
        self, language: str, source: str, context: str
    ) -> Sequence[ColouredLine] | None:
        """Colour the lines of ``source``, read after ``context``; ``None`` as above."""
        ...


@dataclass(frozen=True, slots=True)
class Engines:
    """The engines that are loaded; ``None`` for those that are not yet."""

    markdown: MarkdownEngine | None = None
    syntax: SyntaxEngine | None = None
