"""Ranks texts by the words of a query (Okapi BM25)."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from harn_tui.tools.tool_search.candidates import SearchCandidate

K1: Final = 1.5
B: Final = 0.75
MOST_RESULTS: Final = 20

_WORD = re.compile(r"[^\W_]+")


def tokens(text: str) -> list[str]:
    """Return the runs of letters and digits in lower case, so that ``_`` and ``-`` part words."""
    return _WORD.findall(text.lower())


def rank_by_words(
    query: str, candidates: Sequence[SearchCandidate], limit: int = MOST_RESULTS
) -> list[tuple[str, float]]:
    """Return name and score of the best candidates, at most ``limit``, ties by name.

    Candidates that hold no word of the query are left out. A word that the query repeats counts
    each time.
    """
    documents = [(candidate.name, Counter(tokens(candidate.text))) for candidate in candidates]
    lengths = [counts.total() for _, counts in documents]
    average = sum(lengths) / len(lengths) if lengths else 0.0
    wanted = Counter(tokens(query))
    weights = {
        word: count * _inverse_frequency(len(documents), sum(word in c for _, c in documents))
        for word, count in wanted.items()
    }
    scored = []
    for (name, counts), length in zip(documents, lengths, strict=True):
        relative = length / average if average else 0.0
        score = sum(weight * _saturated(counts[word], relative) for word, weight in weights.items())
        if score > 0:
            scored.append((name, score))
    scored.sort(key=lambda entry: (-entry[1], entry[0]))
    return scored[:limit]


def _inverse_frequency(documents: int, holding: int) -> float:
    return math.log((documents - holding + 0.5) / (holding + 0.5) + 1)


def _saturated(count: int, relative_length: float) -> float:
    return count * (K1 + 1) / (count + K1 * (1 - B + B * relative_length))
