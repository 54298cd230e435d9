"""Finds the skills of all layers, and decides which of two with one name counts.

Whatever is wrong with one skill is told in a notice; the others are found all the same.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeAlias

from harn_tui.errors import ConfigError
from harn_tui.skills.skill import Skill
from harn_tui.skills.skill_file import SKILL_FILE, SkillFolder, VerifySignature, read_skill
from harn_tui.skills.skill_set import SkillSet

_MOST_FOLDERS: Final = 500


class SkillLayer(StrEnum):
    """Where skills come from, the layer that wins first."""

    CLI = "cli"
    ENV = "env"
    PROJECT = "project"
    MANIFEST = "manifest"
    USER = "user"
    PACKAGE = "package"
    SYSTEM = "system"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A folder of skills, one level deep, or one that is itself a skill.

    ``namespace`` is put before the namespaces of its skills.
    """

    layer: SkillLayer
    folder: Path
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class GivenSource:
    """Skills that a program made itself."""

    layer: SkillLayer
    skills: tuple[Skill, ...]


SkillSource: TypeAlias = FolderSource | GivenSource


@dataclass(frozen=True, slots=True)
class ShadowedSkill:
    """A skill that lost its id to another one; both say in words where they came from."""

    skill_id: str
    used: str
    shadowed: str


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found. ``notices`` are sentences on what could not be used, or not wholly."""

    skills: SkillSet
    shadowed: tuple[ShadowedSkill, ...] = ()
    notices: tuple[str, ...] = ()


def discover_skills(
    sources: Iterable[SkillSource],
    *,
    order: Sequence[SkillLayer] = (),
    disabled: Iterable[SkillLayer] = (),
    verify: VerifySignature | None = None,
) -> Discovery:
    """Return the skills of ``sources``, the first one of each id.

    Layers of ``order`` come first and in that order, the others behind them as usual; those of
    ``disabled`` are left out. Within a layer the sources keep their order, and folders are taken
    by name. Reads files, so it does not belong on the event loop.
    """
    ranks = {layer: rank for rank, layer in enumerate(dict.fromkeys((*order, *SkillLayer)))}
    left_out = frozenset(disabled)
    used = [source for source in sources if source.layer not in left_out]
    chosen: dict[str, Skill] = {}
    shadowed: list[ShadowedSkill] = []
    notices: list[str] = []
    for source in sorted(used, key=lambda source: ranks[source.layer]):
        for skill in _skills(source, verify, notices):
            winner = chosen.setdefault(skill.skill_id, skill)
            if winner is not skill:
                shadowed.append(ShadowedSkill(skill.skill_id, winner.source, skill.source))
    return Discovery(SkillSet(chosen.values()), tuple(shadowed), tuple(notices))


def _skills(
    source: SkillSource, verify: VerifySignature | None, notices: list[str]
) -> Iterator[Skill]:
    if isinstance(source, GivenSource):
        yield from source.skills
        return
    for folder in _folders(source, notices):
        try:
            read = read_skill(folder, verify)
        except FileNotFoundError:
            continue
        except ConfigError as error:
            notices.append(f"The skill in {folder.folder} is left out: {error}")
            continue
        notices += [f"The skill in {folder.folder}: {warning}" for warning in read.warnings]
        yield read.skill


def _folders(source: FolderSource, notices: list[str]) -> list[SkillFolder]:
    """Return the folders that may hold a skill; a source that is not there has none."""
    try:
        within = source.folder.resolve(strict=True)
        if (within / SKILL_FILE).exists():
            return [SkillFolder(source.folder, within, source.layer.value, source.namespace)]
        with os.scandir(within) as entries:
            names = sorted(entry.name for entry in entries if _may_hold_skill(entry))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, RuntimeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a usable path"
        notices.append(f"Skills in {source.folder} cannot be read: {reason}.")
        return []
    if len(names) > _MOST_FOLDERS:
        notices.append(
            f"{source.folder} holds more than {_MOST_FOLDERS} folders; the rest is left."
        )
    return [
        SkillFolder(source.folder / name, within, source.layer.value, source.namespace)
        for name in names[:_MOST_FOLDERS]
    ]


def _may_hold_skill(entry: os.DirEntry[str]) -> bool:
    return not entry.name.startswith(".") and entry.is_dir()
