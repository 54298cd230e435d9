"""Fuzzy matching: how well a few typed letters fit a name or a path.

Better is: in the last part of a path, in one piece, at the beginning of a word, nearer, shorter.
Takes a few microseconds a text, whatever is typed.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from heapq import nlargest
from itertools import islice

MAX_QUERY = 100
MAX_TEXTS = 1 << 17
_STEP = 256
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


class Texts:
    """Many texts to match against, kept as plain strings: nothing here burdens the collector."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts: list[str] = []
        self._folded: list[str] = []
        for number, text in enumerate(islice(texts, MAX_TEXTS)):
            self._texts.append(text)
            self._folded.append(fold(text))
            if number % _STEP == 0:
                time.sleep(0)

    def __len__(self) -> int:
        return len(self._texts)

    def best(
        self, query: str, bonus: Mapping[str, int], limit: int, within: Sequence[int] | None = None
    ) -> tuple[list[str], Sequence[int]]:
        """Return the best ``limit`` texts, best first, and the numbers of all that fit.

        ``bonus`` is added to the scores of some texts. ``within`` are the numbers to look at,
        ``None`` for all. May run in a thread: it lets others run every few hundred texts.
        """
        wanted = fold(query)
        fitting: list[int] = []
        ranks: list[int] = []
        for step, number in enumerate(range(len(self._texts)) if within is None else within):
            points = score(wanted, self._folded[number])
            if points is not None:
                fitting.append(number)
                points += bonus.get(self._texts[number], 0)
                ranks.append(points * MAX_TEXTS - number)  # of equals the first in the list
            if step % _STEP == 0:
                time.sleep(0)
        return [self._texts[-rank % MAX_TEXTS] for rank in nlargest(limit, ranks)], fitting
