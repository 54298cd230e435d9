"""Searches tools by any of the strategies, and always answers."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.tools.tool_search.bm25 import rank_by_words
from harn_tui.tools.tool_search.candidates import SearchCandidate
from harn_tui.tools.tool_search.options import Strategy
from harn_tui.tools.tool_search.regex_search import BadPatternError, rank_by_pattern

log = logging.getLogger(__name__)

_MOST_QUERY_CHARACTERS: Final = 4096

AskHost: TypeAlias = Callable[[JsonObject], Awaitable[JsonValue]]
"""Sends the parameters of ``tool_search/query`` and returns its result; may raise anything."""


@dataclass(frozen=True, slots=True)
class SearchOutcome:
    """What a search found, best first. ``diagnostic`` says why it found nothing, or not more."""

    tool_names: tuple[str, ...] = ()
    diagnostic: str | None = None

    @property
    def text(self) -> str:
        """The outcome as a model reads it."""
        result: JsonObject = {"tool_names": list(self.tool_names)}
        if self.diagnostic is not None:
            result["diagnostic"] = self.diagnostic
        return json.dumps(result, ensure_ascii=False)


async def search_tools(
    query: str,
    candidates: Sequence[SearchCandidate],
    strategy: Strategy,
    ask_host: AskHost | None = None,
) -> SearchOutcome:
    """Return what ``query`` finds among ``candidates``; never raises.

    The strategies ``semantic`` and ``host`` need ``ask_host``.
    """
    if not query.strip():
        return SearchOutcome(diagnostic="empty query: say what the tool is to do")
    if not candidates:
        return SearchOutcome(diagnostic="empty corpus: there are no tools to search")
    if strategy in {"semantic", "host"}:
        return await _ask(query, candidates, strategy, ask_host)
    try:
        names = await asyncio.to_thread(_ranked, query, candidates, strategy)
    except BadPatternError as error:
        return SearchOutcome(diagnostic=str(error))
    if not names:
        return SearchOutcome(diagnostic="no match: try other or fewer words")
    return SearchOutcome(names)


def _ranked(
    query: str, candidates: Sequence[SearchCandidate], strategy: Strategy
) -> tuple[str, ...]:
    if strategy == "regex":
        return tuple(name for name, _ in rank_by_pattern(query, candidates))
    words = query[:_MOST_QUERY_CHARACTERS]
    return tuple(name for name, _ in rank_by_words(words, candidates))


async def _ask(
    query: str,
    candidates: Sequence[SearchCandidate],
    strategy: Strategy,
    ask_host: AskHost | None,
) -> SearchOutcome:
    if ask_host is None:
        return SearchOutcome(diagnostic=f"no host: nobody can search by the strategy {strategy}")
    names = [candidate.name for candidate in candidates]
    question: JsonObject = {"strategy": strategy, "query": query, "candidates": [*names]}
    try:
        reply = await ask_host(question)
    except Exception as error:  # noqa: BLE001 - boundary: a host's failure is the search's answer
        log.warning("host failed to search tools error=%s", type(error).__name__)
        return SearchOutcome(diagnostic="host error: the search failed")
    return _read_reply(reply, frozenset(names))


def _read_reply(reply: JsonValue, known: frozenset[str]) -> SearchOutcome:
    """Return what a host's reply names, in its order, unknown names and repeats left out."""
    fields = reply if isinstance(reply, dict) else {}
    inner = fields.get("result")
    if "tool_names" not in fields and isinstance(inner, dict):
        fields = inner
    names = fields.get("tool_names")
    diagnostic = fields.get("diagnostic")
    said = diagnostic if isinstance(diagnostic, str) and diagnostic else None
    if not isinstance(names, list):
        return SearchOutcome(diagnostic=said or "host error: the answer cannot be read")
    found = tuple(dict.fromkeys(n for n in names if isinstance(n, str) and n in known))
    return SearchOutcome(found, said or (None if found else "no match: the host found nothing"))
