"""What the project says about itself is true."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harn_tui.config.loop_options import LOOP_OPTIONS
from harn_tui.console.theme_library import ThemeLibrary
from harn_tui.events.record import EVENT_CLASSES
from tests.architecture.source import REPOSITORY, listing, modules

MOST_LINES_OF_AGENTS_MD = 200
_FOREIGN_PLACES = re.compile(
    r"(?:^|[\s\"'`(=:])/work/|\.\./shared|/tmp/v\b|/root/|/opt/pypi", re.MULTILINE
)
_TEXT_FILES = ("*.md", "*.toml", "*.py", "*.sh", "Makefile", "run")


def project() -> dict[str, Any]:
    text = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    table: dict[str, Any] = tomllib.loads(text)["project"]
    return table


def doc(name: str) -> str:
    return (REPOSITORY / "docs" / name).read_text(encoding="utf-8")


def requirements() -> list[str]:
    declared: list[str] = list(project()["dependencies"])
    for extra in project()["optional-dependencies"].values():
        declared += extra
    return [re.split(r"[\[<>=!~; ]", requirement)[0] for requirement in declared]


def own_files() -> Iterator[Path]:
    for folder in (".", "docs", ".ci"):
        for pattern in _TEXT_FILES:
            yield from (REPOSITORY / folder).glob(pattern)
    for folder in ("harn_tui", "tests", "benchmarks", "themes"):
        for pattern in ("*.py", "*.toml", "*.md", "*.tcss"):
            yield from (REPOSITORY / folder).rglob(pattern)


@pytest.mark.parametrize("name", requirements())
def test_every_dependency_is_explained(name: str) -> None:
    assert f"| {name} |" in doc("dependencies.md"), f"docs/dependencies.md has no line on {name}"


def test_the_list_of_dependencies_names_no_others() -> None:
    listed = set(re.findall(r"^\| ([a-z][a-z0-9-]*) \|", doc("dependencies.md"), re.MULTILINE))
    assert listed - set(requirements()) - {"package"} == {"hatchling"}


@pytest.mark.parametrize("tag", EVENT_CLASSES)
def test_every_event_type_is_in_the_wire_reference(tag: str) -> None:
    assert f"`{tag}`" in doc("events.md")


@pytest.mark.parametrize("name", LOOP_OPTIONS)
def test_every_loop_option_is_documented(name: str) -> None:
    assert f"`{name}`" in doc("loop.md")


def test_no_file_speaks_of_a_place_outside_the_project() -> None:
    checker = Path(__file__)
    wrong = [
        f"{path.relative_to(REPOSITORY)}: {match.group().strip()}"
        for path in own_files()
        if path != checker
        for match in _FOREIGN_PLACES.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not wrong, listing(wrong)


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{path.name} -> {target}"
        for path in (*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").glob("*.md"))
        for target in re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8"))
        if "://" not in target and not (path.parent / target).exists()
    ]
    assert not broken, listing(broken)


def test_documents_named_in_the_source_exist() -> None:
    missing = [
        f"{module.place}: {name}"
        for module in modules()
        for name in re.findall(r"\bdocs/[a-z-]+\.md", module.text)
        if not (REPOSITORY / name).is_file()
    ]
    assert not missing, listing(missing)


def test_agents_md_fits_on_a_few_pages() -> None:
    text = (REPOSITORY / "AGENTS.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) < MOST_LINES_OF_AGENTS_MD


def test_every_theme_can_be_used() -> None:
    folder = REPOSITORY / "themes"
    library = ThemeLibrary(folder)
    assert len([library.read(name) for name in library.names()]) == len(list(folder.iterdir()))


def test_the_version_is_written_once_for_people_and_once_for_programs() -> None:
    source = (REPOSITORY / "harn_tui" / "__init__.py").read_text(encoding="utf-8")
    assert f'__version__ = "{project()["version"]}"' in source
