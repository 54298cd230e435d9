"""Tells a model which skills are active and what they say."""

from collections.abc import Iterable

from harn_tui.skills.skill import Skill
from harn_tui.skills.substitution import SkillContext, filled_body

HEADING = "## Active skills"


def active_skills_block(skills: Iterable[Skill], context: SkillContext) -> str:
    """Return the part of the system prompt for ``skills``, empty when there are none."""
    sections = [_section(skill, context) for skill in skills]
    return "\n\n".join([HEADING, *sections]) if sections else ""


def _section(skill: Skill, context: SkillContext) -> str:
    about = [skill.description or skill.short]
    if skill.when_to_use:
        about.append(f"When to use: {skill.when_to_use}")
    if skill.allowed_tools:
        about.append(f"Tools: {', '.join(skill.allowed_tools)}")
    lines = "\n".join(line for line in about if line)
    parts = [f"### {skill.skill_id}", lines, filled_body(skill, context)]
    return "\n\n".join(part for part in parts if part.strip())
