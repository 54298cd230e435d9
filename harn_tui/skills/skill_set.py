"""The skills that a run may use, by id and by name."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from harn_tui.skills.skill import Skill


@dataclass(frozen=True, slots=True)
class NotResolved:
    """Why a name stands for no skill, in words for the model."""

    message: str


class SkillSet:
    """Skills in the order in which they were given; of two with one id the first counts."""

    def __init__(self, skills: Iterable[Skill] = ()) -> None:
        self._skills: dict[str, Skill] = {}
        for skill in skills:
            self._skills.setdefault(skill.skill_id, skill)

    def __iter__(self) -> Iterator[Skill]:
        return iter(self._skills.values())

    def __len__(self) -> int:
        return len(self._skills)

    def get(self, skill_id: str) -> Skill | None:
        """Return the skill with exactly this id, or ``None``."""
        return self._skills.get(skill_id)

    def resolve(self, name: str) -> Skill | NotResolved:
        """Return the skill that ``name`` means: an id, or a name that only one skill has."""
        known = self._skills.get(name)
        if known is not None:
            return known
        found = [skill for skill in self if skill.name == name]
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(sorted(skill.skill_id for skill in found))
            return NotResolved(f"Several skills are called {name!r}. Use one of: {ids}.")
        near = get_close_matches(name, [*self._skills, *(skill.name for skill in self)], n=1)
        meant = f" Did you mean {near[0]!r}?" if near else ""
        return NotResolved(f"There is no skill {name!r}.{meant}")
