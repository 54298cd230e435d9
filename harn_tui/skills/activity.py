"""Which skills are in use during a run: those that were matched and those that were loaded."""

from collections.abc import Iterable, Sequence

from harn_tui.json_types import JsonObject
from harn_tui.skills.changes import (
    SkillActivated,
    SkillChange,
    SkillDeactivated,
    SkillScoped,
    SkillsMatched,
)
from harn_tui.skills.host_matching import AskHost, Selection, select_skills
from harn_tui.skills.load_skill import LoadSkillAnswer, answer_load_skill
from harn_tui.skills.match_options import SkillMatchOptions
from harn_tui.skills.prompt_block import active_skills_block
from harn_tui.skills.saved_skills import SavedSkills
from harn_tui.skills.scope import ToolScope, tool_scope
from harn_tui.skills.signatures import signature_fault
from harn_tui.skills.skill import Skill
from harn_tui.skills.skill_set import SkillSet
from harn_tui.skills.substitution import SkillContext

RESTORED_REASON = "restored from the session"


class SkillActivity:
    """The skills of one run. Every change is returned as values, in the order of its events."""

    def __init__(
        self,
        skills: SkillSet,
        options: SkillMatchOptions | None = None,
        *,
        context: SkillContext | None = None,
        working_files: Sequence[str] = (),
        must_be_signed: bool = False,
    ) -> None:
        self._skills = skills
        self._options = options or SkillMatchOptions()
        self._context = context or SkillContext()
        self._working_files = tuple(working_files)
        self._must_be_signed = must_be_signed
        self._active: tuple[Skill, ...] = ()
        self._loaded: dict[str, Skill] = {}
        self._has_restored = False

    @property
    def active(self) -> tuple[Skill, ...]:
        """The skills that were matched, best first."""
        return self._active

    @property
    def loaded(self) -> tuple[Skill, ...]:
        """The skills that the model loaded, in that order."""
        return tuple(self._loaded.values())

    def must_match(self, iteration: int) -> bool:
        """Whether skills are to be matched before the turn with this number, from 0.

        In the first turn, unless the session brought active skills that stay; in later ones
        only when matches do not stay.
        """
        if not len(self._skills):
            return False
        if not self._options.is_sticky:
            return True
        return iteration == 0 and not self._has_restored

    async def match(
        self, prompt: str, iteration: int, ask_host: AskHost | None = None
    ) -> tuple[Selection, tuple[SkillChange, ...]]:
        """Match skills to ``prompt`` and make them the active ones.

        Returns what was selected, with its warning if any, and the changes.
        """
        selection = await select_skills(
            prompt,
            [skill for skill in self._skills if skill.can_match and self._is_admissible(skill)],
            self._options,
            working_files=self._working_files,
            ask_host=ask_host,
        )
        return selection, self.adopt(selection, iteration)

    def adopt(self, selection: Selection, iteration: int) -> tuple[SkillChange, ...]:
        """Make the selected skills the active ones, instead of those that were."""
        matched = SkillsMatched(
            strategy=selection.strategy,
            iteration=iteration,
            is_reassessment=iteration > 0,
            candidates=selection.matches,
            working_files=self._working_files,
        )
        before = {skill.skill_id for skill in self._active}
        after = {match.skill.skill_id for match in selection.matches}
        changes: list[SkillChange] = [matched]
        changes += [
            SkillDeactivated(skill, iteration)
            for skill in self._active
            if skill.skill_id not in after
        ]
        for match in selection.matches:
            if match.skill.skill_id not in before:
                changes += _activation(match.skill, iteration, match.reason)
        self._active = tuple(match.skill for match in selection.matches)
        return tuple(changes)

    def restore(self, saved: SavedSkills) -> tuple[SkillChange, ...]:
        """Take up the skills of an earlier run, before the first turn of this one.

        They are activated like any others. Skills that are gone, or may no longer be used, are
        dropped.
        """
        found = self._known(saved.active)
        active = [skill for skill in found if skill.can_match]
        self._loaded = {s.skill_id: s for s in self._known(saved.loaded) if s.is_model_invocable}
        self._active = tuple(active)
        self._has_restored = bool(active)
        return tuple(
            change for skill in active for change in _activation(skill, 0, RESTORED_REASON)
        )

    def load(self, arguments: JsonObject) -> LoadSkillAnswer:
        """Answer a call of ``load_skill``; the skill's tools count from the next scope on."""
        answer = answer_load_skill(
            arguments, self._skills, self._context, must_be_signed=self._must_be_signed
        )
        if answer.is_ok and answer.skill is not None:
            self._loaded.setdefault(answer.skill.skill_id, answer.skill)
        return answer

    def scope(self, system_tools: Iterable[str] = ()) -> ToolScope:
        """Return which tools may be called now; take it once a turn and use it throughout."""
        return tool_scope((*self._active, *self.loaded), system_tools=system_tools)

    def prompt_block(self) -> str:
        """Return the part of the system prompt for the active skills, empty without any."""
        return active_skills_block(self._active, self._context)

    def saved(self) -> SavedSkills:
        """Return what the session keeps for the next run."""
        return SavedSkills(tuple(skill.skill_id for skill in self._active), tuple(self._loaded))

    def _known(self, skill_ids: Iterable[str]) -> list[Skill]:
        found = (self._skills.get(skill_id) for skill_id in skill_ids)
        return [skill for skill in found if skill is not None and self._is_admissible(skill)]

    def _is_admissible(self, skill: Skill) -> bool:
        return signature_fault(skill, must_be_signed=self._must_be_signed) is None


def _activation(skill: Skill, iteration: int, reason: str) -> list[SkillChange]:
    changes: list[SkillChange] = [SkillActivated(skill, iteration, reason)]
    if skill.allowed_tools:
        changes.append(SkillScoped(skill, skill.allowed_tools))
    return changes
