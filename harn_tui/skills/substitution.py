"""Fills in the placeholders of a skill's body."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from harn_tui.skills.skill import Skill

DIRECTORY_VARIABLE: Final = "HARN_SKILL_DIR"
SESSION_VARIABLE: Final = "HARN_SESSION_ID"

_PLACEHOLDER = re.compile(
    r"\$(?:(?P<dollar>\$)"
    r"|(?P<all>ARGUMENTS)(?![A-Za-z0-9_])"
    r"|(?P<number>[1-9][0-9]*)"
    r"|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\})"
)


@dataclass(frozen=True, slots=True)
class SkillContext:
    """What bodies may refer to. ``environment`` is what a host gives away, not the process's."""

    session_id: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


def filled_body(skill: Skill, context: SkillContext, arguments: Sequence[str] = ()) -> str:
    """Return the body of ``skill`` with its placeholders filled in, each once.

    ``$ARGUMENTS`` is all arguments, ``$1`` the first, ``${NAME}`` a variable and ``$$`` a dollar
    sign. What is not known stays as it is written, and so does a placeholder in a value.
    """
    variables = dict(context.environment)
    if context.session_id:
        variables[SESSION_VARIABLE] = context.session_id
    if skill.directory is not None:
        variables[DIRECTORY_VARIABLE] = str(skill.directory)

    def value(found: re.Match[str]) -> str:
        if found["dollar"]:
            return "$"
        if found["all"]:
            return " ".join(arguments)
        if found["name"]:
            return variables.get(found["name"], found.group())
        number = found["number"]
        # Longer numbers are no places of arguments, and int() takes long for very long ones.
        index = int(number) if len(number) < 5 else 0
        return arguments[index - 1] if 0 < index <= len(arguments) else found.group()

    return _PLACEHOLDER.sub(value, skill.prompt)
