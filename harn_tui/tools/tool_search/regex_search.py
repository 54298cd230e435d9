"""Ranks texts by how often an expression matches them.

The expression comes from a model, so it may be one that takes forever. This is the one file that
knows the ``regex`` package, whose matcher gives up when its time is over.
"""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from harn_tui.late_import import late_module
from harn_tui.tools.tool_search.bm25 import MOST_RESULTS
from harn_tui.tools.tool_search.candidates import SearchCandidate

if TYPE_CHECKING:
    import regex
else:
    regex = late_module("regex")

MOST_PATTERN_CHARACTERS: Final = 256
_TIME_LIMIT_S: Final = 0.25


class BadPatternError(ValueError):
    """An expression that cannot be used; says why in words for the model."""


def rank_by_pattern(
    pattern: str, candidates: Sequence[SearchCandidate], limit: int = MOST_RESULTS
) -> list[tuple[str, int]]:
    """Return name and number of matches of the best candidates, ties by name.

    Letters match in either case. Blocks for a quarter of a second at most, so it belongs into a
    thread. Raises BadPatternError for an expression that is too long, none, or too slow.
    """
    if len(pattern) > MOST_PATTERN_CHARACTERS:
        raise BadPatternError(
            f"regex too long: {len(pattern)} characters, at most {MOST_PATTERN_CHARACTERS}"
        )
    try:
        expression = regex.compile(pattern, regex.IGNORECASE)
    except (regex.error, ValueError, OverflowError, RecursionError) as error:
        raise BadPatternError(f"regex compile error: {error}") from error
    deadline = time.monotonic() + _TIME_LIMIT_S
    scored = []
    for candidate in candidates:
        left = deadline - time.monotonic()
        try:
            if left <= 0:
                raise TimeoutError
            found = expression.finditer(candidate.text, timeout=left, concurrent=True)
            count = sum(1 for match in found if match.end() > match.start())
        except TimeoutError as error:
            raise BadPatternError("regex too slow: use a simpler expression") from error
        if count:
            scored.append((candidate.name, count))
    scored.sort(key=lambda entry: (-entry[1], entry[0]))
    return scored[:limit]
