"""What a person thinks of the hunks, kept for as long as the session is open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from harn_tui.console.review.changes import HunkKey


class HunkDecision(StrEnum):
    """Whether a hunk may stay."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``decision`` is ``None`` while there is none; ``is_sent`` when the model was told."""

    decision: HunkDecision | None = None
    comment: str = ""
    is_sent: bool = False

    @property
    def is_none(self) -> bool:
        """Whether nothing was said about the hunk."""
        return self.decision is None and not self.comment

    @property
    def asks_for_something(self) -> bool:
        """Whether the model has to be told: of a rejection or of a comment."""
        return self.decision is HunkDecision.REJECTED or bool(self.comment)


_NONE = Verdict()


class Verdicts:
    """A verdict for each hunk. Whoever changes one takes back that it was sent."""

    def __init__(self) -> None:
        self._verdicts: dict[HunkKey, Verdict] = {}

    def of(self, key: HunkKey) -> Verdict:
        """Return what was said about a hunk."""
        return self._verdicts.get(key, _NONE)

    def decide(self, key: HunkKey, decision: HunkDecision) -> None:
        """Accept or reject a hunk."""
        self._put(key, replace(self.of(key), decision=decision))

    def comment(self, key: HunkKey, text: str) -> None:
        """Say something about a hunk; blank text takes the comment away."""
        self._put(key, replace(self.of(key), comment=text.strip()))

    def clear(self, key: HunkKey) -> None:
        """Take back whatever was said about a hunk."""
        self._verdicts.pop(key, None)

    def mark_sent(self, keys: Iterable[HunkKey]) -> None:
        """Remember that the model was told."""
        for key in keys:
            self._verdicts[key] = replace(self.of(key), is_sent=True)

    def _put(self, key: HunkKey, verdict: Verdict) -> None:
        if verdict.is_none:
            self.clear(key)
        elif verdict != self.of(key):
            self._verdicts[key] = replace(verdict, is_sent=False)
