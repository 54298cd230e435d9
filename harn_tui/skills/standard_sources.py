"""The places where skills are looked for when nobody says otherwise."""

import importlib.util
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from harn_tui.entry_points import installed_entry_points
from harn_tui.skills.discovery import FolderSource, SkillLayer

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

PROJECT_FOLDER: Final = Path(".harn") / "skills"
USER_FOLDER: Final = "skills"
SEARCH_PATH_VARIABLE: Final = "HARN_SKILLS_PATH"
PACKAGE_GROUP: Final = "harn_tui.skills"


def standard_sources(
    *,
    cwd: Path,
    user_directory: Path,
    environment: Mapping[str, str],
    extra_folders: Iterable[Path] = (),
    has_project: bool = True,
    packages: "Iterable[EntryPoint] | None" = None,
) -> tuple[FolderSource, ...]:
    """Return where skills are looked for, in no order that matters.

    These are ``extra_folders`` (layer cli), those of ``HARN_SKILLS_PATH``, ``.harn/skills`` in
    ``cwd`` unless ``has_project`` is false, ``skills`` in ``user_directory``, and the folders of
    installed packages. ``packages`` ``None`` means the entry points of this Python.
    """
    found = installed_entry_points(PACKAGE_GROUP) if packages is None else packages
    search_path = environment.get(SEARCH_PATH_VARIABLE, "").split(os.pathsep)
    sources = [FolderSource(SkillLayer.CLI, folder) for folder in extra_folders]
    sources += [
        FolderSource(SkillLayer.ENV, Path(text).expanduser())
        for text in search_path
        if text.strip()
    ]
    if has_project:
        sources.append(FolderSource(SkillLayer.PROJECT, cwd / PROJECT_FOLDER))
    sources.append(FolderSource(SkillLayer.USER, user_directory / USER_FOLDER))
    return (*sources, *_package_sources(found))


def _package_sources(packages: "Iterable[EntryPoint]") -> Iterator[FolderSource]:
    """Yield the folder that each entry point names, its name being the namespace.

    ``acme = "acme_tools.skills"`` names the folder ``skills`` within the package. The package is
    only looked up: none of its code runs.
    """
    for package in sorted(packages, key=lambda entry: (entry.name, entry.value)):
        top, *inner = package.module.split(".")
        try:
            spec = importlib.util.find_spec(top)
        except (ImportError, ValueError):
            continue
        for location in (spec.submodule_search_locations if spec else None) or ():
            folder = Path(location).joinpath(*inner)
            yield FolderSource(SkillLayer.PACKAGE, folder, package.name)
