import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from harn_tui.skills.discovery import FolderSource, SkillLayer, discover_skills
from harn_tui.skills.standard_sources import PACKAGE_GROUP, standard_sources
from tests.unit.skills.builders import write_skill


def sources(tmp_path: Path, **given: object) -> tuple[FolderSource, ...]:
    arguments: dict[str, object] = {
        "cwd": tmp_path / "project",
        "user_directory": tmp_path / "user",
        "environment": {},
        "packages": (),
        **given,
    }
    return standard_sources(**arguments)  # type: ignore[arg-type]  # each test gives right ones


def test_skills_are_looked_for_in_project_and_user_folders(tmp_path: Path) -> None:
    assert sources(tmp_path) == (
        FolderSource(SkillLayer.PROJECT, tmp_path / "project/.harn/skills"),
        FolderSource(SkillLayer.USER, tmp_path / "user/skills"),
    )


def test_a_project_that_is_not_trusted_can_be_left_out(tmp_path: Path) -> None:
    assert [s.layer for s in sources(tmp_path, has_project=False)] == [SkillLayer.USER]


def test_further_folders_come_from_the_command_line_and_the_environment(tmp_path: Path) -> None:
    found = sources(
        tmp_path, environment={"HARN_SKILLS_PATH": "/a::/b"}, extra_folders=(Path("/c"),)
    )
    assert [(s.layer.value, str(s.folder)) for s in found[:3]] == [
        ("cli", "/c"),
        ("env", "/a"),
        ("env", "/b"),
    ]


def test_a_package_gives_skills_without_being_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "acme_skill_pack"
    write_skill(package / "skills" / "deploy", "short: x")
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    entries = (
        EntryPoint("acme", "acme_skill_pack.skills", PACKAGE_GROUP),
        EntryPoint("gone", "no_such_package_at_all.skills", PACKAGE_GROUP),
    )
    found = discover_skills(sources(tmp_path, packages=entries))
    assert [skill.skill_id for skill in found.skills] == ["acme/deploy"]
    assert "acme_skill_pack" not in sys.modules
