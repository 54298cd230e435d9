"""Finds the skills of a session and the instructions of its project."""

import os
from dataclasses import dataclass
from pathlib import Path

from harn_tui.paths import config_directory
from harn_tui.skills.discovery import discover_skills
from harn_tui.skills.project_instructions import project_instructions
from harn_tui.skills.signatures import are_signatures_required
from harn_tui.skills.skill_set import SkillSet
from harn_tui.skills.standard_sources import standard_sources


@dataclass(frozen=True, slots=True)
class WiredSkills:
    """``instructions`` belong into the system prompt; ``warnings`` are told to the person."""

    skills: SkillSet
    must_be_signed: bool
    instructions: str
    warnings: tuple[str, ...]


def wire_skills(cwd: Path, *, is_trusted: bool) -> WiredSkills:
    """Return what was found for a session in ``cwd``; reads files.

    A folder that is not trusted puts no words into the conversation: neither its skills nor its
    ``AGENTS.md`` count.
    """
    sources = standard_sources(
        cwd=cwd,
        user_directory=config_directory(),
        environment=os.environ,
        has_project=is_trusted,
    )
    found = discover_skills(sources)
    project = project_instructions(cwd) if is_trusted else None
    return WiredSkills(
        skills=found.skills,
        must_be_signed=are_signatures_required(os.environ),
        instructions=project.text if project else "",
        warnings=(*found.notices, *(project.notices if project else ())),
    )
