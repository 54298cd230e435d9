"""Reads the skills that a program gives as entries of a registry."""

from collections.abc import Mapping, Sequence
from typing import Any

from harn_tui.errors import ConfigError
from harn_tui.skills.skill import Skill
from harn_tui.skills.skill_fields import SkillOrigin, skill_from_fields

_REGISTRY = "skill_registry"
_SOURCE = "host"


def skills_from_entries(value: object) -> tuple[tuple[Skill, ...], tuple[str, ...]]:
    """Return the skills of a registry or of a list of entries, and notices on their fields.

    A registry is ``{"_type": "skill_registry", "skills": [entry, …]}``; ``None`` has no skills.
    An entry has the fields of docs/skills.md, and its hooks are coroutine functions. Raises
    ConfigError for anything else.
    """
    if value is None:
        return (), ()
    skills: list[Skill] = []
    notices: list[str] = []
    for place, entry in enumerate(_entries(value), start=1):
        where = f"Entry {place} of the skills"
        if not isinstance(entry, Mapping):
            raise ConfigError(f"{where} is no table.", hint="Give it a `name` and a `prompt`.")
        fields: dict[str, Any] = {str(key): item for key, item in entry.items()}
        try:
            read = skill_from_fields(fields, SkillOrigin(_SOURCE, has_hooks=True))
        except ConfigError as error:
            raise ConfigError(f"{where}: {error.message}", hint=error.hint) from error
        skills.append(read.skill)
        notices += [f"{where}: {warning}" for warning in read.warnings]
    return tuple(skills), tuple(notices)


def _entries(value: object) -> Sequence[object]:
    if isinstance(value, Mapping) and value.get("_type") == _REGISTRY:
        value = value.get("skills", [])
    if isinstance(value, list | tuple):
        return value
    raise ConfigError(
        "The skills are neither a registry nor a list.", hint=f"A registry has `_type` {_REGISTRY}."
    )
