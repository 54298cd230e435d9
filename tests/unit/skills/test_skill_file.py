import os
from pathlib import Path

import pytest

from harn_tui.errors import ConfigError
from harn_tui.skills.skill import Provenance
from harn_tui.skills.skill_fields import ReadSkill, SkillOrigin, skill_from_fields
from harn_tui.skills.skill_file import SkillFolder, read_skill
from tests.unit.skills.builders import write_skill


def read(folder: Path, *, namespace: str = "") -> ReadSkill:
    return read_skill(SkillFolder(folder, folder.parent.resolve(), "project", namespace))


def test_every_field_of_a_file_is_read(tmp_path: Path) -> None:
    front = """\
name: ship
short: Ship it
description: Deploy the service
when-to-use: A release is due
paths: [infra/**, "*.tf"]
allowed-tools: [read_file, "namespace:cloud"]
mcp: github
requires_mcp: [github, slack]
model: fast
effort: high
invocation: explicit
disable-model-invocation: true
user_invocable: false
require-signature: yes
trusted_signers: [abc]
"""
    read_one = read(write_skill(tmp_path / "deploy", front, "Do $1."))
    skill = read_one.skill
    assert read_one.warnings == ()
    assert (skill.name, skill.short, skill.description) == ("ship", "Ship it", "Deploy the service")
    assert (skill.when_to_use, skill.prompt) == ("A release is due", "Do $1.")
    assert skill.paths == ("infra/**", "*.tf")
    assert skill.allowed_tools == ("read_file", "namespace:cloud")
    assert skill.requires_mcp == ("github", "slack")
    assert (skill.model, skill.effort, skill.invocation) == ("fast", "high", "explicit")
    assert not skill.is_model_invocable
    assert not skill.is_user_invocable
    assert skill.must_be_signed
    assert skill.trusted_signers == ("abc",)
    assert skill.directory == tmp_path / "deploy"
    assert skill.source == f"project: {tmp_path / 'deploy' / 'SKILL.md'}"


def test_a_skill_is_called_like_its_folder_and_has_the_defaults(tmp_path: Path) -> None:
    skill = read(write_skill(tmp_path / "deploy", "short: x")).skill
    assert (skill.name, skill.invocation) == ("deploy", "auto")
    assert skill.is_model_invocable
    assert skill.is_user_invocable
    assert skill.can_match


def test_namespaces_of_source_and_file_are_joined(tmp_path: Path) -> None:
    skill = read(write_skill(tmp_path / "deploy", "short: x\nnamespace: ops"), namespace="acme")
    assert skill.skill.skill_id == "acme/ops/deploy"


def test_a_missing_short_is_taken_from_the_description(tmp_path: Path) -> None:
    skill = read(write_skill(tmp_path / "a1", "description: |\n  First line.\n  Second.")).skill
    assert skill.short == "First line."


def test_a_skill_without_short_and_description_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="`short`"):
        read(write_skill(tmp_path / "a1", "name: a1"))


def test_a_file_without_front_matter_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "a1"
    folder.mkdir()
    (folder / "SKILL.md").write_text("# Just text\n")
    with pytest.raises(ConfigError, match="front matter"):
        read(folder)


def test_unknown_keys_warn_and_name_the_nearest(tmp_path: Path) -> None:
    read_one = read(write_skill(tmp_path / "a1", "short: x\nalowed_tools: [a]\nlicense: MIT"))
    assert read_one.warnings == (
        "`alowed_tools` is no key of a skill. Did you mean `allowed_tools`?",
    )


@pytest.mark.parametrize("hooks", ["hooks: {on_activate: rm}", "hooks: [rm]", "on_activate: rm"])
def test_hooks_of_a_file_are_left_out_with_a_warning(tmp_path: Path, hooks: str) -> None:
    read_one = read(write_skill(tmp_path / "a1", f"short: x\n{hooks}"))
    assert read_one.skill.on_activate is None
    assert "cannot run anything" in read_one.warnings[0]


def test_a_file_cannot_vouch_for_itself(tmp_path: Path) -> None:
    front = "short: x\nprovenance: {signed: true, trusted: true}"
    read_one = read(write_skill(tmp_path / "a1", front))
    assert not read_one.skill.provenance.is_signed
    assert "`provenance`" in read_one.warnings[0]


def test_a_verifier_says_who_signed_the_text(tmp_path: Path) -> None:
    folder = write_skill(tmp_path / "a1", "short: x", "Hello.")
    vouched = Provenance(is_signed=True, is_trusted=True, signer_fingerprint="abc")

    def verify(directory: Path, text: str) -> Provenance:
        return vouched if directory == folder and "Hello." in text else Provenance()

    place = SkillFolder(folder, tmp_path.resolve(), "user")
    assert read_skill(place, verify).skill.provenance == vouched


@pytest.mark.parametrize(
    ("front", "part"),
    [
        ("short: x\nallowed_tools: ['mcp:github']", "mcp:github"),
        ("short: x\nallowed_tools: ['namespace:']", "namespace:"),
        ("short: x\nname: a/b", "name"),
        ("short: x\nname: '../up'", "name"),
        ("short: x\nnamespace: a/../b", "namespace"),
        ("short: x\npaths: {a: b}", "paths"),
        ("short: x\npaths: [[a]]", "paths"),
        ("short: [x]", "short"),
        ("short: x\nuser-invocable: maybe", "true or false"),
    ],
)
def test_wrong_values_are_refused(tmp_path: Path, front: str, part: str) -> None:
    with pytest.raises(ConfigError, match=part):
        read(write_skill(tmp_path / "a1", front))


def test_an_unknown_invocation_keeps_matching_away(tmp_path: Path) -> None:
    read_one = read(write_skill(tmp_path / "a1", "short: x\ninvocation: whenever"))
    assert read_one.skill.invocation == "explicit"
    assert read_one.warnings


def test_a_link_out_of_the_folder_of_skills_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text("---\nshort: x\n---\nsecret")
    folder = tmp_path / "skills" / "a1"
    folder.mkdir(parents=True)
    (folder / "SKILL.md").symlink_to(secret)
    with pytest.raises(ConfigError, match="leads out of"):
        read(folder)


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    folder = tmp_path / "a1"
    folder.mkdir()
    os.mkfifo(folder / "SKILL.md")
    with pytest.raises(ConfigError, match="regular file"):
        read(folder)


def test_a_large_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="64 KiB"):
        read(write_skill(tmp_path / "a1", "short: x", "x" * 70_000))


def test_an_entry_of_a_program_is_read_like_a_file() -> None:
    fields = {"name": "a1", "prompt": "Do it.", "user-invocable": False, "paths": ["*.py"]}
    skill = skill_from_fields(fields, SkillOrigin("program")).skill
    assert (skill.name, skill.prompt, skill.is_user_invocable) == ("a1", "Do it.", False)
