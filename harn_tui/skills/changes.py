"""What happens to skills, as values; the loop makes events of them."""

from dataclasses import dataclass
from typing import TypeAlias

from harn_tui.skills.matching import SkillMatch
from harn_tui.skills.skill import Skill


@dataclass(frozen=True, slots=True)
class SkillsMatched:
    """Skills were matched to a prompt, whatever came of it; ``is_reassessment`` after the first."""

    strategy: str
    iteration: int
    is_reassessment: bool
    candidates: tuple[SkillMatch, ...]
    working_files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SkillDeactivated:
    """``skill`` is no longer active: its servers are released, its hook runs."""

    skill: Skill
    iteration: int


@dataclass(frozen=True, slots=True)
class SkillActivated:
    """``skill`` is active now. ``reason`` says why, in words for people."""

    skill: Skill
    iteration: int
    reason: str


@dataclass(frozen=True, slots=True)
class SkillScoped:
    """The skill that was just activated lists the tools that it allows."""

    skill: Skill
    allowed_tools: tuple[str, ...]


SkillChange: TypeAlias = SkillsMatched | SkillDeactivated | SkillActivated | SkillScoped
