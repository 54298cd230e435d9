"""Lets a host choose skills, and takes from its answer only what it may choose."""

import logging
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.skills.match_options import METADATA, SkillMatchOptions
from harn_tui.skills.matching import SkillMatch, match_by_metadata
from harn_tui.skills.skill import Skill

log = logging.getLogger(__name__)

DEFAULT_REASON: Final = "host match"

AskHost: TypeAlias = Callable[[JsonObject], Awaitable[JsonValue]]
"""Sends the parameters of ``skill/match`` and returns its result; may raise anything."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The skills that fit a prompt, best first. ``warning`` tells of a host that did not help."""

    matches: tuple[SkillMatch, ...]
    strategy: str
    warning: str | None = None


async def select_skills(
    prompt: str,
    skills: Sequence[Skill],
    options: SkillMatchOptions,
    *,
    working_files: Sequence[str] = (),
    ask_host: AskHost | None = None,
) -> Selection:
    """Return the skills for ``prompt``, chosen as ``options`` say.

    Without a host, and when it fails or answers with something else, metadata decides.
    """
    warning = options.warning
    if options.strategy != METADATA:
        matches, warning = await _ask(prompt, skills, options, working_files, ask_host)
        if matches is not None:
            return Selection(matches, options.strategy)
    by_metadata = match_by_metadata(prompt, skills, options, working_files)
    return Selection(by_metadata, METADATA, warning)


async def _ask(
    prompt: str,
    skills: Sequence[Skill],
    options: SkillMatchOptions,
    working_files: Sequence[str],
    ask_host: AskHost | None,
) -> tuple[tuple[SkillMatch, ...] | None, str | None]:
    if ask_host is None:
        return None, f"No host can match skills ({options.strategy}); metadata is used instead."
    question: JsonObject = {
        "strategy": options.strategy,
        "prompt": prompt,
        "working_files": list(working_files),
        "candidates": [_candidate(skill) for skill in skills if skill.can_match],
    }
    try:
        reply = await ask_host(question)
    except Exception as error:  # noqa: BLE001 - boundary: a host's failure must not end the run
        log.warning("host failed to match skills error=%s", type(error).__name__)
        return None, "The host failed to match skills; metadata is used instead."
    items = _items(reply)
    if items is None:
        return None, "The host's skill matches cannot be read; metadata is used instead."
    return _read_matches(items, skills)[: options.top_n], None


def _candidate(skill: Skill) -> JsonObject:
    return {
        "name": skill.skill_id,
        "description": skill.description,
        "when_to_use": skill.when_to_use,
        "paths": list(skill.paths),
    }


def _items(reply: JsonValue) -> list[JsonValue] | None:
    """Return the list of a reply in any of the forms that hosts use, ``None`` without one."""
    if isinstance(reply, list):
        return reply
    if not isinstance(reply, dict):
        return None
    inner = reply.get("result")
    held = inner.get("matches") if isinstance(inner, dict) else None
    for value in (reply.get("matches"), reply.get("skills"), held):
        if isinstance(value, list):
            return value
    return None


def _read_matches(items: list[JsonValue], skills: Sequence[Skill]) -> tuple[SkillMatch, ...]:
    """Return the matches that name a skill which may be matched, each once and best first."""
    known = {skill.skill_id: skill for skill in skills if skill.can_match}
    found: dict[str, SkillMatch] = {}
    for item in items:
        fields = item if isinstance(item, dict) else {"name": item}
        skill = known.get(str(fields.get("name")))
        score = _score(fields.get("score", 1.0))
        if skill is None or score <= 0:
            continue
        reason = fields.get("reason")
        reason = reason if isinstance(reason, str) and reason.strip() else DEFAULT_REASON
        found.setdefault(skill.skill_id, SkillMatch(skill, score, reason))
    return tuple(sorted(found.values(), key=lambda match: -match.score))


def _score(value: JsonValue) -> float:
    """Return ``value`` when it can be a score, else 0."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    try:
        score = float(value)
    except OverflowError:
        return 0.0
    return score if math.isfinite(score) else 0.0
