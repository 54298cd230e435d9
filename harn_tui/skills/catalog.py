"""Lists skills for a model, within a budget."""

from collections.abc import Iterable
from typing import Final

from harn_tui.skills.skill import Skill

CATALOG_BUDGET: Final = 2000
_MOST_SHORT: Final = 160


def render_catalog(skills: Iterable[Skill], budget: int = CATALOG_BUDGET) -> str:
    """Return one line for each skill that a model may load, by id, at most ``budget`` bytes.

    What does not fit is counted in a last line. The same skills give the same text in any order.
    """
    lines = sorted(_line(skill) for skill in skills if skill.is_model_invocable)
    for kept in range(len(lines), -1, -1):
        omitted = len(lines) - kept
        note = [f"({omitted} more skills are not listed.)"] if omitted else []
        text = "\n".join([*lines[:kept], *note])
        if len(text.encode("utf-8", "surrogatepass")) <= budget:
            return text
    return ""


def _line(skill: Skill) -> str:
    text = " ".join((skill.short or skill.description).split())
    short = text if len(text) <= _MOST_SHORT else text[: _MOST_SHORT - 1] + "…"
    return f"- {skill.skill_id}: {short}" if short else f"- {skill.skill_id}"
