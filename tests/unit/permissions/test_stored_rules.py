"""Rules in the files that a person keeps."""

import stat
from pathlib import Path

import pytest

from harn_tui.errors import ConfigError
from harn_tui.kinds import PermissionVerdict, RulePlace, ToolKind
from harn_tui.permissions.rule_files import (
    PROJECT_FILE,
    RuleFile,
    load_stored_rules,
    read_rules,
)
from harn_tui.permissions.stored_rules import RuleText, add_rule, remove_rule

ALLOW, DENY, ASK = PermissionVerdict.ALLOW, PermissionVerdict.DENY, PermissionVerdict.ASK


@pytest.fixture
def user(tmp_path: Path) -> RuleFile:
    return RuleFile(RulePlace.USER, tmp_path / "home" / "permissions.toml")


@pytest.fixture
def project(tmp_path: Path) -> RuleFile:
    return RuleFile(RulePlace.PROJECT, tmp_path / "project" / PROJECT_FILE)


def write(file: RuleFile, text: str) -> None:
    file.path.parent.mkdir(parents=True, exist_ok=True)
    file.path.write_text(text, encoding="utf-8")


def rule(
    pattern: str | None, *, tool: str = "run_command", argument: str | None = None
) -> RuleText:
    return RuleText(ALLOW, tool, pattern, argument)


def test_files_that_do_not_exist_hold_no_rules(
    user: RuleFile, project: RuleFile, tmp_path: Path
) -> None:
    stored = load_stored_rules(user, project, cwd=tmp_path, is_project_trusted=True)
    assert not stored.rules.has_rules
    assert stored.warnings == ()


def test_each_rule_knows_the_file_that_it_comes_from(
    user: RuleFile, project: RuleFile, tmp_path: Path
) -> None:
    write(user, "allow = ['write_file']")
    write(project, "[deny]\nrun_command = ['rm *']")
    rules = load_stored_rules(user, project, cwd=tmp_path, is_project_trusted=True).rules
    allowed = rules.decide("write_file", ToolKind.EDIT, {"path": "a"})
    assert (allowed.verdict, allowed.origin) == (ALLOW, f"user rules, {user.path}")
    denied = rules.decide("run_command", ToolKind.EXECUTE, {"command": "rm x"})
    assert (denied.verdict, denied.origin) == (DENY, f"project rules, {project.path}")
    assert denied.rule == "rules.deny.run_command: rm *"


def test_an_untrusted_project_may_only_hold_back(
    user: RuleFile, project: RuleFile, tmp_path: Path
) -> None:
    write(project, "allow = ['*']\ndeny = ['x']\nask = ['read_file']")
    stored = load_stored_rules(user, project, cwd=tmp_path, is_project_trusted=False)
    assert stored.rules.decide("write_file", ToolKind.EDIT, {}).verdict is ASK
    assert stored.rules.decide("x", ToolKind.READ, {}).verdict is DENY
    assert stored.rules.decide("read_file", ToolKind.READ, {}).verdict is ASK
    assert str(project.path) in stored.warnings[0]


@pytest.mark.parametrize(
    "text",
    ["allow = 3", "alow = []", "[allow]\nx = 3", "allow = [", "allow = ['']", "a" * 70_000],
)
def test_a_malformed_file_is_refused_by_name(user: RuleFile, text: str) -> None:
    write(user, text)
    with pytest.raises(ConfigError) as caught:
        read_rules(user, cwd=Path())
    assert str(user.path) in caught.value.message
    before = user.path.read_bytes()
    with pytest.raises(ConfigError):
        add_rule(user, rule("x"))
    assert user.path.read_bytes() == before


def test_a_file_that_is_not_text_is_refused(user: RuleFile) -> None:
    user.path.parent.mkdir()
    user.path.write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="UTF-8"):
        read_rules(user, cwd=Path())


@pytest.mark.parametrize(
    ("before", "added", "after"),
    [
        ("", rule("make *"), '[allow]\nrun_command = ["make *"]\n'),
        ("", rule(None), "[allow]\nrun_command = true\n"),
        (
            "# mine\n[allow]\nrun_command = [\n  'a *', # why\n]\n\n[deny]\nx = true # no\n",
            rule("make *"),
            "# mine\n[allow]\nrun_command = [\n  'a *', # why\n  \"make *\",\n]\n\n[deny]\nx = true # no\n",  # noqa: E501 - the file as it then is
        ),
        (
            "[allow]\nrun_command = 'a *'\n",
            rule("b *"),
            '[allow]\nrun_command = ["a *", "b *"]\n',
        ),
        ("[allow]\nrun_command = false\n", rule("b"), '[allow]\nrun_command = ["b"]\n'),
        ("allow = ['a']\n", rule(None), "allow = ['a', \"run_command\"]\n"),
        (
            "allow = ['a']\ndeny = ['b']\n",
            rule("b *"),
            "deny = ['b']\n\n[allow]\na = true\nrun_command = [\"b *\"]\n",
        ),
        (
            "",
            rule("src/*", tool="write_file", argument="path"),
            '[allow]\nwrite_file = {arg_key = "path", patterns = ["src/*"]}\n',
        ),
        (
            "[allow]\nwrite_file = {arg_key = 'path', patterns = ['a']}\n",
            rule("b", tool="write_file", argument="path"),
            "[allow]\nwrite_file = {arg_key = 'path', patterns = ['a', \"b\"]}\n",
        ),
    ],
)
def test_adding_a_rule_keeps_what_is_there(
    user: RuleFile, before: str, added: RuleText, after: str
) -> None:
    write(user, before)
    assert add_rule(user, added)
    assert user.path.read_text(encoding="utf-8") == after
    assert not add_rule(user, added)
    assert user.path.read_text(encoding="utf-8") == after


def test_an_added_rule_holds(user: RuleFile) -> None:
    add_rule(user, rule("git commit *"))
    rules = read_rules(user, cwd=Path())
    kind, command = ToolKind.EXECUTE, "git commit -m 'a b'"
    assert rules.decide("run_command", kind, {"command": command}).verdict is ALLOW
    assert rules.decide("run_command", kind, {"command": f"{command}; rm x"}).verdict is ASK


@pytest.mark.parametrize("before", ["'a'", "['a']"])
def test_a_pattern_of_what_a_tool_acts_on_joins_a_plain_list(user: RuleFile, before: str) -> None:
    write(user, f"[allow]\nwrite_file = {before} # mine\n")
    assert add_rule(user, rule("b", tool="write_file", argument="path"))
    assert not add_rule(user, rule("b", tool="write_file", argument="path"))
    (kept,) = read_rules(user, cwd=Path()).allow
    assert (kept.patterns, kept.argument) == (("a", "b"), None)


@pytest.mark.parametrize("odd", ["a \" ' \\ \n \t * [x] # {y}", "ünïcödé", "\x7f\x1b[31m"])
def test_any_pattern_is_kept_as_it_is(user: RuleFile, odd: str) -> None:
    add_rule(user, rule(odd))
    (kept,) = read_rules(user, cwd=Path()).allow
    assert kept.patterns == (odd,)
    assert remove_rule(user, rule(odd))


def test_a_rule_of_another_kind_is_left_to_the_person(user: RuleFile) -> None:
    write(user, "[allow]\nwrite_file = ['a']\nx = {arg_key = 'p', patterns = ['a']}\n")
    for added in (
        rule("b", tool="write_file", argument="content"),
        rule("b", tool="x", argument="q"),
    ):
        with pytest.raises(ConfigError, match="by hand"):
            add_rule(user, added)


@pytest.mark.parametrize(
    ("before", "removed", "after"),
    [
        (
            "[allow]\nrun_command = ['a', 'b'] # c\n",
            rule("a"),
            "[allow]\nrun_command = [ 'b'] # c\n",
        ),
        ("[allow]\nrun_command = 'a'\n", rule("a"), "[allow]\n"),
        ("[allow]\nrun_command = true\nx = true\n", rule(None), "[allow]\nx = true\n"),
        ("allow = ['run_command', 'x']\n", rule(None), "allow = [ 'x']\n"),
        (
            "[allow]\nw = {arg_key = 'p', patterns = ['a', 'b']}\n",
            rule("a", tool="w", argument="p"),
            "[allow]\nw = {arg_key = 'p', patterns = [ 'b']}\n",
        ),
    ],
)
def test_a_rule_can_be_taken_out(
    user: RuleFile, before: str, removed: RuleText, after: str
) -> None:
    write(user, before)
    assert remove_rule(user, removed)
    written = user.path.read_text(encoding="utf-8")
    assert written.replace("[ ", "[") == after.replace("[ ", "[")
    assert not remove_rule(user, removed)


def test_a_file_is_made_private_and_keeps_the_rights_that_it_has(
    user: RuleFile, project: RuleFile
) -> None:
    add_rule(user, rule("a"))
    add_rule(project, rule("a"))
    assert stat.S_IMODE(user.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(project.path.stat().st_mode) == 0o644
    user.path.chmod(0o640)
    add_rule(user, rule("b"))
    assert stat.S_IMODE(user.path.stat().st_mode) == 0o640
    assert [path.name for path in user.path.parent.iterdir()] == ["permissions.toml"]


def test_a_link_stays_a_link_and_one_out_of_the_project_is_not_followed(
    user: RuleFile, project: RuleFile, tmp_path: Path
) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text("")
    for file in (user, project):
        file.path.parent.mkdir(parents=True)
        file.path.symlink_to(real)
    add_rule(user, rule("a"))
    assert user.path.is_symlink()
    assert "run_command" in real.read_text()
    with pytest.raises(ConfigError, match="out of the project"):
        add_rule(project, rule("b"))


def test_a_rule_without_a_usable_pattern_cannot_be_made() -> None:
    with pytest.raises(ConfigError):
        rule("**/a/" * 8)
    with pytest.raises(ConfigError):
        rule("")
    with pytest.raises(ConfigError):
        rule("x", tool="")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    file = RuleFile(RulePlace.USER, tmp_path / "file" / "permissions.toml")
    with pytest.raises(ConfigError, match="cannot be written"):
        add_rule(file, rule("a"))
