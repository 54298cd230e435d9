"""Scores skills against a prompt by what is said about them.

A keyword is a word of the prompt that stands, whole, in a skill's description or its
``when_to_use``. Words that say nothing do not count (docs/skills.md, matching).
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from harn_tui.skills.match_options import SkillMatchOptions
from harn_tui.skills.path_globs import glob_matches
from harn_tui.skills.skill import Skill

NAME_SCORE: Final = 2.0
PATH_SCORE: Final = 1.5
_HALF_SCORE_HITS: Final = 1.5
_LEAST_BYTES: Final = 3
_MOST_PROMPT_CHARACTERS: Final = 100_000

_WORD = re.compile(r"[^\W_]+")
_EMPTY_WORDS: Final = frozenset(
    _WORD.findall(
        """
        about after all also and any are ask asks because been before being but can could did
        does doing done each else for from get gets give had has have here how into its just let
        like make makes may more most must need needs not now off one only other our out over
        please same shall should some such than that the their them then there these they this
        those through too under use used user uses using very want wants was way well were what
        when where which while who why will with would you your
        """
    )
)


@dataclass(frozen=True, slots=True)
class SkillMatch:
    """A skill that fits a prompt. ``reason`` says by what, in words for people."""

    skill: Skill
    score: float
    reason: str


def prompt_tokens(prompt: str) -> list[str]:
    """Return the words of ``prompt`` that can count, in lower case and as often as they occur."""
    words = _WORD.findall(prompt[:_MOST_PROMPT_CHARACTERS].lower())
    return [
        word
        for word in words
        if len(word.encode("utf-8", errors="surrogatepass")) >= _LEAST_BYTES
        and word not in _EMPTY_WORDS
    ]


def match_by_metadata(
    prompt: str,
    skills: Iterable[Skill],
    options: SkillMatchOptions,
    working_files: Sequence[str] = (),
) -> tuple[SkillMatch, ...]:
    """Return the best matches of at least ``min_score``, of equal ones the earlier first."""
    counts = Counter(prompt_tokens(prompt))
    lowered = prompt[:_MOST_PROMPT_CHARACTERS].lower()
    found = [_scored(skill, counts, lowered, working_files) for skill in skills if skill.can_match]
    kept = [match for match in found if match.score > 0 and match.score >= options.min_score]
    return tuple(sorted(kept, key=lambda match: -match.score)[: options.top_n])


def _scored(
    skill: Skill, counts: Counter[str], lowered: str, working_files: Sequence[str]
) -> SkillMatch:
    hits = _hits(counts, skill.description) + _hits(counts, skill.when_to_use)
    score = hits / (hits + _HALF_SCORE_HITS)
    reasons = [f"{hits} keyword hit(s)"] if hits else []
    if _mentions(lowered, skill.name.lower()):
        score += NAME_SCORE
        reasons.append(f"prompt mentions '{skill.name}'")
    globs = sum(
        any(glob_matches(pattern, path) for path in working_files) for pattern in skill.paths
    )
    if globs:
        score += PATH_SCORE * globs
        reasons.append(f"{globs} path glob(s) matched")
    return SkillMatch(skill, score, "; ".join(reasons))


def _hits(counts: Counter[str], text: str) -> int:
    return sum(counts[word] for word in set(_WORD.findall(text.lower())) if word in counts)


def _mentions(lowered: str, name: str) -> bool:
    """Whether ``name`` stands in the prompt with no letter or digit right beside it."""
    if name not in lowered:
        return False
    return re.search(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", lowered) is not None
