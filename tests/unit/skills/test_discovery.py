from pathlib import Path

from harn_tui.skills.discovery import (
    Discovery,
    FolderSource,
    GivenSource,
    ShadowedSkill,
    SkillLayer,
    discover_skills,
)
from harn_tui.skills.skill import Skill
from harn_tui.skills.skill_set import NotResolved, SkillSet
from tests.unit.skills.builders import write_skill


def ids(found: Discovery) -> list[str]:
    return [skill.skill_id for skill in found.skills]


def two_layers(tmp_path: Path) -> tuple[FolderSource, FolderSource]:
    write_skill(tmp_path / "user" / "deploy", "short: of the user")
    write_skill(tmp_path / "cli" / "deploy", "short: of the command line")
    return (
        FolderSource(SkillLayer.USER, tmp_path / "user"),
        FolderSource(SkillLayer.CLI, tmp_path / "cli"),
    )


def test_a_higher_layer_shadows_a_lower_one_and_the_loser_is_reported(tmp_path: Path) -> None:
    found = discover_skills(two_layers(tmp_path))
    (skill,) = found.skills
    assert skill.short == "of the command line"
    assert found.shadowed == (
        ShadowedSkill(
            "deploy",
            used=f"cli: {tmp_path / 'cli/deploy/SKILL.md'}",
            shadowed=f"user: {tmp_path / 'user/deploy/SKILL.md'}",
        ),
    )


def test_another_order_inverts_the_priority(tmp_path: Path) -> None:
    found = discover_skills(two_layers(tmp_path), order=[SkillLayer.USER])
    assert [skill.short for skill in found.skills] == ["of the user"]


def test_a_disabled_layer_is_left_out(tmp_path: Path) -> None:
    found = discover_skills(two_layers(tmp_path), disabled=[SkillLayer.CLI])
    assert [skill.short for skill in found.skills] == ["of the user"]
    assert found.shadowed == ()


def test_a_namespace_keeps_two_skills_of_one_name_apart(tmp_path: Path) -> None:
    user, cli = two_layers(tmp_path)
    found = discover_skills([user, FolderSource(cli.layer, cli.folder, "acme/ops")])
    assert ids(found) == ["acme/ops/deploy", "deploy"]


def test_skills_of_a_host_take_part(tmp_path: Path) -> None:
    given = GivenSource(SkillLayer.HOST, (Skill("hosted"), Skill("deploy", source="host")))
    found = discover_skills([given, *two_layers(tmp_path)])
    assert ids(found) == ["deploy", "hosted"]
    assert [entry.shadowed for entry in found.shadowed][-1] == "host"


def test_only_folders_right_below_the_source_are_skills(tmp_path: Path) -> None:
    write_skill(tmp_path / "one", "short: x")
    write_skill(tmp_path / "group" / "two", "short: x")
    write_skill(tmp_path / ".hidden", "short: x")
    (tmp_path / "file.md").write_text("x")
    found = discover_skills([FolderSource(SkillLayer.USER, tmp_path)])
    assert (ids(found), found.notices) == (["one"], ())


def test_a_source_may_itself_be_a_skill(tmp_path: Path) -> None:
    write_skill(tmp_path / "deploy", "short: x")
    write_skill(tmp_path / "deploy" / "inner", "short: x")
    found = discover_skills([FolderSource(SkillLayer.CLI, tmp_path / "deploy")])
    assert ids(found) == ["deploy"]


def test_a_source_that_is_not_there_has_no_skills(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    sources = [FolderSource(SkillLayer.USER, tmp_path / name) for name in ("missing", "file")]
    found = discover_skills(sources)
    assert (len(found.skills), found.notices) == (0, ())


def test_a_broken_skill_is_a_notice_and_the_others_are_found(tmp_path: Path) -> None:
    write_skill(tmp_path / "bad", "short: [")
    write_skill(tmp_path / "good", "short: x\ncolour: red")
    found = discover_skills([FolderSource(SkillLayer.USER, tmp_path)])
    assert ids(found) == ["good"]
    broken, unknown_key = found.notices
    assert str(tmp_path / "bad") in broken
    assert "`colour`" in unknown_key


def test_an_unreadable_skill_is_a_notice(tmp_path: Path) -> None:
    folder = tmp_path / "loop"
    folder.mkdir()
    (folder / "SKILL.md").symlink_to(folder / "SKILL.md")
    write_skill(tmp_path / "good", "short: x")
    found = discover_skills([FolderSource(SkillLayer.USER, tmp_path)])
    assert ids(found) == ["good"]
    assert "cannot be read" in found.notices[0]


def test_links_and_dots_do_not_lead_out_of_the_source(tmp_path: Path) -> None:
    write_skill(tmp_path / "elsewhere" / "secret", "short: x")
    skills = tmp_path / "skills"
    skills.mkdir()
    (skills / "linked").symlink_to(tmp_path / "elsewhere" / "secret")
    dotted = FolderSource(SkillLayer.USER, skills / ".." / "skills")
    found = discover_skills([dotted])
    assert len(found.skills) == 0
    assert "leads out of" in found.notices[0]


def test_a_link_within_the_source_is_fine(tmp_path: Path) -> None:
    write_skill(tmp_path / "one", "short: x")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    found = discover_skills([FolderSource(SkillLayer.USER, tmp_path)])
    assert ids(found) == ["one", "two"]


def test_a_bare_name_means_the_only_skill_that_has_it() -> None:
    skills = SkillSet([Skill("a1", "x"), Skill("b1", "x"), Skill("b1", "y"), Skill("deploy")])
    resolved = [skills.resolve(name) for name in ("a1", "y/b1", "deploy")]
    assert [s.skill_id for s in resolved if isinstance(s, Skill)] == ["x/a1", "y/b1", "deploy"]
    ambiguous, unknown = skills.resolve("b1"), skills.resolve("deplo")
    assert isinstance(ambiguous, NotResolved)
    assert "x/b1, y/b1" in ambiguous.message
    assert isinstance(unknown, NotResolved)
    assert "Did you mean 'deploy'" in unknown.message


def test_an_id_wins_over_a_bare_name() -> None:
    skills = SkillSet([Skill("a1", "x", short="in x"), Skill("a1", short="plain")])
    resolved = skills.resolve("a1")
    assert isinstance(resolved, Skill)
    assert resolved.short == "plain"
