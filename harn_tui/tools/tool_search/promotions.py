"""Keeps the tools that searches have loaded, within a budget."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harn_tui.tools.base import Tool


@dataclass(frozen=True, slots=True)
class Promotion:
    """What one search loaded, what had to go for it, and what found no room."""

    added: tuple[str, ...] = ()
    evicted: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def tool_tokens(tool: Tool) -> int:
    """Return the estimated tokens of a tool in a request: a quarter of the bytes of its JSON."""
    body = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return math.ceil(len(text.encode("utf-8", errors="surrogatepass")) / 4)


class Promotions:
    """The loaded tools by name, in the order in which they were loaded.

    ``sizes`` gives the tokens of each tool that may be loaded, ``budget`` bounds their sum,
    ``None`` for no bound.
    """

    def __init__(self, sizes: Mapping[str, int], budget: int | None = None) -> None:
        self._sizes = dict(sizes)
        self._budget = budget
        self._names: list[str] = []

    @property
    def names(self) -> tuple[str, ...]:
        """The loaded tools, the oldest first."""
        return tuple(self._names)

    @property
    def tokens(self) -> int:
        """The tokens of all loaded tools."""
        return sum(self._sizes[name] for name in self._names)

    def promote(self, names: Iterable[str]) -> Promotion:
        """Load the tools that a search found, best first.

        For room the oldest go first, and of this search's own the worst: a worse match never
        keeps a better one out. What is loaded already counts as found just now.
        """
        room = math.inf if self._budget is None else self._budget
        fitting: list[str] = []
        left_out: list[str] = []
        for name in dict.fromkeys(names):
            size = self._sizes.get(name)
            if size is None:
                continue
            if size <= room:
                room -= size
                fitting.append(name)
            else:
                left_out.append(name)
        older = [name for name in self._names if name not in fitting and name not in left_out]
        evicted = [name for name in self._names if name in left_out]
        while sum(self._sizes[name] for name in older) > room:
            evicted.append(older.pop(0))
        added = tuple(name for name in fitting if name not in self._names)
        self._names = [*older, *fitting]
        return Promotion(added, tuple(evicted), tuple(left_out))
