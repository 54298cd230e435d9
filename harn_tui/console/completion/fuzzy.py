"""Fuzzy matching: how well a few typed letters fit a name or a path.

Better is: in the last part of a path, in one piece, at the beginning of a word, nearer, shorter.
Takes a few microseconds a text, whatever is typed.
"""

from collections.abc import Iterable, Mapping
from heapq import nlargest

MAX_QUERY = 100
_BOUNDARIES = frozenset("/._-: ")
_PER_LEVEL = 3
_WHOLE_NAME, _NAME_START, _NAME_WORD, _NAME_PIECE = 1000, 800, 700, 600
_PATH_WORD, _PATH_PIECE, _NAME_LETTERS, _PATH_LETTERS = 500, 400, 250, 50
_PER_BOUNDARY = 15


def fold(text: str) -> str:
    """Return ``text`` as it is compared: small and capital letters are alike."""
    return text.casefold()


def score(query: str, text: str) -> int | None:
    """Return how well the folded ``query`` fits the folded ``text``; ``None`` when it does not."""
    if len(query) > MAX_QUERY:
        return None
    size = len(text)
    name_at = text.rfind("/", 0, size - 1) + 1
    penalty = _PER_LEVEL * text.count("/", 0, size - 1) + size // 8
    if not query:
        return -penalty
    place = text.find(query, name_at)
    if place == name_at:
        is_whole = size == name_at + len(query) or text[name_at + len(query)] in "./"
        return (_WHOLE_NAME if is_whole else _NAME_START) - penalty
    if place > 0:
        return (_NAME_WORD if text[place - 1] in _BOUNDARIES else _NAME_PIECE) - penalty
    place = text.find(query)
    if place >= 0:
        starts_word = place == 0 or text[place - 1] in _BOUNDARIES
        return (_PATH_WORD if starts_word else _PATH_PIECE) - penalty
    letters = _letters(query, text, name_at)
    if letters is not None:
        return _NAME_LETTERS + _PER_BOUNDARY * letters - penalty
    letters = _letters(query, text, 0)
    return None if letters is None else _PATH_LETTERS + _PER_BOUNDARY * letters - penalty


def _letters(query: str, text: str, start: int) -> int | None:
    """Find the letters one after another; return how many begin a word (at most ten)."""
    found = 0
    place = start
    for letter in query:
        place = text.find(letter, place) + 1
        if not place:
            return None
        if place == start + 1 or text[place - 2] in _BOUNDARIES:
            found += 1
    return min(found, 10)


def matched_places(query: str, text: str) -> frozenset[int]:
    """Return the places of ``text`` to show as matched; none when folding moves letters."""
    folded, wanted = fold(text), fold(query)
    if not wanted or len(folded) != len(text):
        return frozenset()
    name_at = folded.rfind("/", 0, len(folded) - 1) + 1
    for start in (name_at, 0):
        place = folded.find(wanted, start)
        if place >= 0:
            return frozenset(range(place, place + len(wanted)))
    for start in (name_at, 0):
        places = _places(wanted, folded, start)
        if places is not None:
            return frozenset(places)
    return frozenset()


def _places(query: str, text: str, start: int) -> list[int] | None:
    places: list[int] = []
    for letter in query:
        start = text.find(letter, start) + 1
        if not start:
            return None
        places.append(start - 1)
    return places


def best_matches(
    query: str, texts: Iterable[tuple[str, str]], bonus: Mapping[str, int], limit: int
) -> list[str]:
    """Return the best ``limit`` of ``texts``, best first; equal ones in the order of their names.

    ``texts`` are pairs of folded text and text. ``bonus`` is added to the scores of some texts.
    """
    wanted = fold(query)
    scored = (
        (points + bonus.get(text, 0), text)
        for folded, text in texts
        if (points := score(wanted, folded)) is not None
    )
    found = nlargest(limit, scored, key=lambda pair: pair[0])
    return [text for _, text in sorted(found, key=lambda pair: (-pair[0], pair[1]))]
