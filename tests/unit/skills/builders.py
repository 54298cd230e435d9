"""Skills in memory and in folders."""

from pathlib import Path

from harn_tui.skills.skill import Skill
from harn_tui.skills.skill_set import SkillSet

DEPLOY = Skill(
    "deploy",
    short="Ship it",
    description="Deploy the service to production",
    when_to_use="A release is due, or someone says deploy",
    prompt="Follow the runbook.",
    paths=("infra/**",),
    allowed_tools=("read_file", "namespace:cloud"),
)
TESTING = Skill("testing", description="Run the test suite", when_to_use="Tests fail")


def skill_set(*skills: Skill) -> SkillSet:
    return SkillSet(skills or (DEPLOY, TESTING))


def write_skill(folder: Path, front: str, body: str = "Body.") -> Path:
    """Write ``folder/SKILL.md`` and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "SKILL.md").write_text(f"---\n{front}\n---\n{body}\n", encoding="utf-8")
    return folder
