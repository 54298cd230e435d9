"""Narrows the list of sessions to what is typed: by title, folder and id, letters with gaps."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harn_tui.store.listing import SessionSummary

_IN_TITLE, _ELSEWHERE, _WITH_GAPS = range(3)


class Narrowing:
    """The sessions that a person may choose, those of ``here`` first, without agents'."""

    def __init__(self, newest_first: Sequence[SessionSummary], here: str) -> None:
        own = [session for session in newest_first if session.worker_name is None]
        self._sessions = [s for s in own if s.cwd == here] + [s for s in own if s.cwd != here]
        self._texts = [_texts(session) for session in self._sessions]
        self._here = here

    def find(self, typed: str, *, is_here_only: bool) -> list[SessionSummary]:
        """Return the sessions that have every word of ``typed``, the best first.

        Letters side by side in the title count most, letters with gaps least.
        """
        words = typed.casefold().split()
        patterns = [".*?".join(map(re.escape, word)) for word in words]
        with_gaps = [re.compile(pattern) for pattern in patterns]
        found: list[tuple[int, int]] = []
        for place, texts in enumerate(self._texts):
            if is_here_only and self._sessions[place].cwd != self._here:
                continue
            total = 0
            for word, pattern in zip(words, with_gaps, strict=True):
                score = _score(word, pattern, texts)
                if score is None:
                    break
                total += score
            else:
                found.append((total, place))
        found.sort()
        return [self._sessions[place] for _, place in found]


def _texts(session: SessionSummary) -> tuple[str, str]:
    title = (session.title or "").casefold().replace("\n", " ")
    rest = f"{session.cwd or ''}\n{session.folder.session_id}\n{session.model or ''}".casefold()
    return title, rest


def _score(word: str, with_gaps: re.Pattern[str], texts: tuple[str, str]) -> int | None:
    title, rest = texts
    if word in title:
        return _IN_TITLE
    if word in rest:
        return _ELSEWHERE
    return _WITH_GAPS if with_gaps.search(title) or with_gaps.search(rest) else None
