"""Reads a folder with a ``SKILL.md``."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from harn_tui.errors import ConfigError
from harn_tui.skills.bounded_file import read_bounded_text
from harn_tui.skills.front_matter import split_front_matter
from harn_tui.skills.skill import UNSIGNED, Provenance
from harn_tui.skills.skill_fields import ReadSkill, SkillOrigin, skill_from_fields

SKILL_FILE: Final = "SKILL.md"
_MOST_BYTES: Final = 64 * 1024
_MOST_SHORT: Final = 200

VerifySignature: TypeAlias = Callable[[Path, str], Provenance]
"""Gets a skill's folder and the text of its file; says who signed exactly that text."""


@dataclass(frozen=True, slots=True)
class SkillFolder:
    """Where a skill is read from. ``within`` is a resolved folder that it may not lead out of."""

    folder: Path
    within: Path
    layer: str
    namespace: str = ""


def read_skill(place: SkillFolder, verify: VerifySignature | None = None) -> ReadSkill:
    """Return the skill of a folder, called like the folder unless it says otherwise.

    Without ``verify`` nothing counts as signed. A skill without ``short``, as other agents write
    them, is listed by the first line of its description. Raises FileNotFoundError when the
    folder holds no skill, and ConfigError when it holds one that cannot be used.
    """
    path = place.folder / SKILL_FILE
    text = read_bounded_text(path, within=place.within, most_bytes=_MOST_BYTES)
    parts = split_front_matter(text)
    if parts.fields is None:
        raise ConfigError(
            "It has no front matter.", hint="Begin it with `---`, `short: …`, `---`, each a line."
        )
    fields = dict(parts.fields)
    _fill_short(fields)
    origin = SkillOrigin(
        source=f"{place.layer}: {path}",
        namespace=place.namespace,
        directory=place.folder,
        provenance=verify(place.folder, text) if verify is not None else UNSIGNED,
    )
    return skill_from_fields(fields, origin, default_name=place.folder.name, body=parts.body)


def _fill_short(fields: dict[str, object]) -> None:
    if fields.get("short"):
        return
    description = fields.get("description")
    lines = description.strip().splitlines() if isinstance(description, str) else []
    if not lines:
        raise ConfigError("It has no `short`.", hint="Add one line that says what it is for.")
    fields["short"] = lines[0][:_MOST_SHORT]
