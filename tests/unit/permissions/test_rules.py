"""Permission rules: parsing of plain data and verdicts."""

from pathlib import Path

import pytest

from harn_tui.errors import ConfigError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import PermissionVerdict, ToolKind
from harn_tui.permissions.grants import SessionGrants
from harn_tui.permissions.rules import PermissionRules

ALLOW, DENY, ASK = PermissionVerdict.ALLOW, PermissionVerdict.DENY, PermissionVerdict.ASK
KINDS = {
    "read_file": ToolKind.READ,
    "search_files": ToolKind.SEARCH,
    "write_file": ToolKind.EDIT,
    "run_command": ToolKind.EXECUTE,
}


def verdict_of(
    data: JsonValue,
    tool: str,
    arguments: JsonObject | None = None,
    *,
    cwd: Path | None = None,
    remembered: SessionGrants | None = None,
) -> PermissionVerdict:
    rules = PermissionRules.parse(data, cwd=cwd)
    kind = KINDS.get(tool, ToolKind.OTHER)
    return rules.decide(tool, kind, arguments or {}, remembered).verdict


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (ToolKind.READ, ALLOW),
        (ToolKind.SEARCH, ALLOW),
        (ToolKind.THINK, ALLOW),
        (ToolKind.FETCH, ALLOW),
        (ToolKind.EDIT, ASK),
        (ToolKind.DELETE, ASK),
        (ToolKind.MOVE, ASK),
        (ToolKind.EXECUTE, ASK),
        (ToolKind.OTHER, ASK),
    ],
)
def test_without_a_rule_the_kind_of_the_tool_decides(
    kind: ToolKind, expected: PermissionVerdict
) -> None:
    verdict = PermissionRules().decide("any", kind, {})
    assert verdict.verdict is expected
    assert verdict.rule is None
    assert "any" in verdict.reason


@pytest.mark.parametrize(
    ("data", "tool", "arguments", "expected"),
    [
        ({"allow": ["write_file"]}, "write_file", {"path": "a"}, ALLOW),
        ({"allow": ["write_*"]}, "write_file", {"path": "a"}, ALLOW),
        ({"allow": ["*"], "deny": ["write_file"]}, "write_file", {"path": "a"}, DENY),
        ({"allow": ["*"], "ask": ["write_file"]}, "write_file", {"path": "a"}, ASK),
        ({"ask": ["*"], "deny": ["*"]}, "read_file", {"path": "a"}, DENY),
        ({"ask": ["read_file"]}, "read_file", {"path": "a"}, ASK),
        ({"allow": {"write_file": None}}, "write_file", {"path": "a"}, ALLOW),
        ({"allow": {"write_file": True}}, "write_file", {"path": "a"}, ALLOW),
        ({"allow": {"write_file": False}}, "write_file", {"path": "a"}, ASK),
        ({"deny": {"read_file": False}}, "read_file", {"path": "a"}, ALLOW),
        ({"deny": {"read_file": ["*secret*"]}}, "read_file", {"path": "a/secret.txt"}, DENY),
        ({"deny": {"read_file": "*secret*"}}, "read_file", {"path": "secret"}, DENY),
        ({"deny": {"read_file": ["*secret*"]}}, "read_file", {"path": "README"}, ALLOW),
        ({"deny": {"*": ["*secret*"]}}, "mcp", {"a": {"b": ["x", "my secret"]}}, DENY),
        ({"deny": {"mcp": ['*"count": 3*']}}, "mcp", {"count": 3}, DENY),
        ({"allow": {"write_file": ["src/*"]}}, "write_file", {"path": "src/a"}, ALLOW),
        ({"allow": {"write_file": ["src/*"]}}, "write_file", {"path": "doc/a"}, ASK),
        ({"allow": {"read_file": ["src/*"]}}, "read_file", {"path": "doc/a"}, ASK),
        (
            {"deny": {"write_file": {"arg_key": "path", "patterns": ["*.env"]}}},
            "write_file",
            {"path": "x.env", "content": ""},
            DENY,
        ),
        (
            {"deny": {"write_file": {"key": "path", "allow": "*.env"}}},
            "write_file",
            {"path": "a", "content": "x.env"},
            ASK,
        ),
        ({"deny": {"mcp": {"key": "gone", "patterns": ["*"]}}}, "mcp", {"a": "b"}, ASK),
        ({"deny": {"mcp": {"key": "n", "patterns": ["3"]}}}, "mcp", {"n": 3}, DENY),
    ],
)
def test_tools_4_5_rules_decide_as_written(
    data: JsonValue, tool: str, arguments: JsonObject, expected: PermissionVerdict
) -> None:
    assert verdict_of(data, tool, arguments) is expected


@pytest.mark.parametrize(
    ("patterns", "command", "expected"),
    [
        (["git *"], "git status", ALLOW),
        (["git *"], "git status && git diff 2>&1", ALLOW),
        (["git *"], "git status; rm -rf x", ASK),
        (["git *"], "git status | sh", ASK),
        (["git *"], "git status\nrm x", ASK),
        (["git *"], "git log $(rm x)", ASK),
        (["git *"], "git log > x", ASK),
        (["git *"], "A=1 git log", ASK),
        (["git *", "tail *"], "git log | tail -3", ALLOW),
        (["*"], "git log > x; rm y", ALLOW),
        (["make > log"], "make > log", ALLOW),
        (["make > *"], "make > log", ALLOW),
        (["make *"], "make x > log", ASK),
        (["git *"], "timeout 5 nice git log | xargs -n1 git show", ALLOW),
        (["git *"], "xargs -a .env git show", ASK),
        (["git *"], "bash -c 'git log && git diff'", ALLOW),
        (["git *"], "bash --rcfile x -ic 'git log'", ASK),
        (["git *"], "env git log", ASK),
        (["git *"], "sudo git log", ASK),
        (["sudo git *"], "sudo git log", ALLOW),
        (["sudo git *"], "sudo git log; git log", ASK),
        (["sudo *"], "sudo git log", ASK),
        (["timeout *"], "timeout 5 rm x", ASK),
        (["find *"], "find . -name x", ALLOW),
        (["find *"], "find . -exec rm {} +", ASK),
        (["find *", "rm *"], "find . -exec rm {} +", ALLOW),
        (["git *"], "git --no-pager log", ALLOW),
        (["git log *"], "git -C /other log -1", ASK),
        (["git *"], "git log $X", ALLOW),
        (["cat src/*"], "cat src/a", ALLOW),
        (["cat src/*"], "cat src/$X", ASK),
        (["cat src/*"], "cat src/../a", ASK),
        (["cat src/*"], "cat src/{a,../../b}", ASK),
        (["git *"], "/tmp/git log", ASK),
        (["git *"], "X=1", ASK),
        (["git *"], "for i in 1 2; do git log; done", ALLOW),
        (["git *"], "[[ -n $X ]] && git log 2>/dev/null", ALLOW),
        (["git commit *"], "git commit -m \"$(cat <<'A'\nx\nA\n)\"", ASK),
        (["git commit *", "cat"], "git commit -m \"$(cat <<'A'\nx\nA\n)\"", ALLOW),
    ],
)
def test_a_pattern_allows_a_command_only_when_all_of_it_matches(
    patterns: list[JsonValue], command: str, expected: PermissionVerdict
) -> None:
    data: JsonValue = {"allow": {"run_command": patterns}}
    assert verdict_of(data, "run_command", {"command": command}) is expected


@pytest.mark.parametrize("command", ["rm x", "cd y && rm x", "A=1 rm x", "if a; then rm x; fi"])
def test_a_pattern_denies_a_command_when_any_part_of_it_matches(command: str) -> None:
    data: JsonValue = {"allow": ["*"], "deny": {"run_command": ["rm *"]}}
    assert verdict_of(data, "run_command", {"command": command}) is DENY


def test_a_command_as_a_list_of_words_is_the_line_that_it_stands_for() -> None:
    data: JsonValue = {"allow": {"run": ["git *"]}, "deny": {"run": ["rm *"]}}
    for words, expected in (
        (["git", "log"], ALLOW),
        (["rm", "x"], DENY),
        (["env", "rm", "x"], DENY),
        (["git", "log; rm x"], ALLOW),
        (["bash", "-c", "git log; rm x"], DENY),
        (["ls"], ASK),
    ):
        assert verdict_of(data, "run", {"command": list[JsonValue](words)}) is expected


def test_a_granted_pattern_does_not_cover_what_a_deny_rule_may_be_about() -> None:
    grants = SessionGrants()
    grants.remember_pattern("run_command", "*")
    data: JsonValue = {"deny": {"run_command": ["rm *"]}}
    for command, expected in (("ls", ALLOW), ("$X y", ASK), ("rm x", DENY)):
        found = verdict_of(data, "run_command", {"command": command}, remembered=grants)
        assert found is expected
    assert verdict_of({}, "run_command", {"command": "$X y"}, remembered=grants) is ALLOW


def test_content_that_looks_like_an_allowed_path_allows_nothing() -> None:
    data: JsonValue = {"allow": {"write_file": ["src/*"]}}
    assert verdict_of(data, "write_file", {"path": "x", "content": "src/a"}) is ASK


def test_tools_10_11_dots_do_not_lead_out_of_an_allowed_folder(tmp_path: Path) -> None:
    data: JsonValue = {"allow": {"write_file": ["src/**"]}}
    for cwd in (None, tmp_path):
        assert verdict_of(data, "write_file", {"path": "src/../x"}, cwd=cwd) is ASK
        assert verdict_of(data, "write_file", {"path": "y/../src/x"}, cwd=cwd) is ALLOW


@pytest.mark.parametrize("path", ["key.pem", "./key.pem", "a/../key.pem", "{cwd}/key.pem", "link"])
def test_no_other_spelling_of_a_path_gets_around_a_deny_rule(tmp_path: Path, path: str) -> None:
    (tmp_path / "key.pem").write_text("x")
    (tmp_path / "link").symlink_to("key.pem")
    data: JsonValue = {"deny": {"read_file": ["key.pem"]}}
    spelling = path.format(cwd=tmp_path)
    assert verdict_of(data, "read_file", {"path": spelling}, cwd=tmp_path) is DENY


def test_a_link_does_not_lead_out_of_an_allowed_folder(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "link").symlink_to(tmp_path)
    data: JsonValue = {"allow": {"write_file": ["src/**"]}}
    assert verdict_of(data, "write_file", {"path": "src/link/x"}, cwd=tmp_path) is ASK
    assert verdict_of(data, "write_file", {"path": f"{tmp_path}/src/x"}, cwd=tmp_path) is ALLOW


def test_a_grant_beats_ask_but_never_deny() -> None:
    arguments: JsonObject = {"command": "make"}
    grants = SessionGrants()
    grants.remember("run_command", arguments)
    cases: list[tuple[JsonValue, PermissionVerdict]] = [
        ({}, ALLOW),
        ({"ask": ["run_command"]}, ALLOW),
        ({"deny": ["run_command"]}, DENY),
    ]
    for data, expected in cases:
        assert verdict_of(data, "run_command", arguments, remembered=grants) is expected


def test_a_verdict_names_the_rule_that_made_it() -> None:
    rules = PermissionRules.parse({"deny": {"read_file": ["*secret*"]}})
    verdict = rules.decide("read_file", ToolKind.READ, {"path": "secret"})
    assert verdict.rule == "permissions.deny.read_file: *secret*"
    assert verdict.rule in verdict.reason


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ([], "permissions"),
        ({"alow": []}, "permissions.alow"),
        ({"on_escalation": True}, "permissions.on_escalation"),
        ({"allow": "write_file"}, "permissions.allow"),
        ({"allow": [3]}, "permissions.allow[0]"),
        ({"allow": [""]}, "permissions.allow[0]"),
        ({"deny": {"read_file": 3}}, "permissions.deny.read_file"),
        ({"deny": {"read_file": []}}, "permissions.deny.read_file"),
        ({"deny": {"read_file": ["a", 1]}}, "permissions.deny.read_file"),
        ({"deny": {"": True}}, "permissions.deny."),
        ({"deny": {"x": {"arg_key": "path"}}}, "permissions.deny.x"),
        ({"deny": {"x": {"patterns": ["a"]}}}, "permissions.deny.x"),
        ({"deny": {"x": {"arg_key": "a", "key": "b", "patterns": ["a"]}}}, "permissions.deny.x"),
        ({"deny": {"x": {"arg_key": 1, "patterns": ["a"]}}}, "permissions.deny.x.arg_key"),
        ({"deny": {"x": {"arg_key": "a", "patterns": {}}}}, "permissions.deny.x.patterns"),
        ({"deny": {"x": {"arg_key": "a", "pattern": "b"}}}, "permissions.deny.x.pattern"),
        ({"deny": ["**/a/" * 8]}, "permissions.deny[0]"),
    ],
)
def test_tools_10_17_a_malformed_rule_is_refused_by_name(data: JsonValue, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        PermissionRules.parse(data)
    assert key in caught.value.message


@pytest.mark.parametrize(("section", "verdict"), [("deny", DENY), ("ask", ASK)])
def test_what_holds_run_command_back_holds_start_command_back(
    section: str, verdict: PermissionVerdict
) -> None:
    rules: JsonObject = {section: {"run_command": "rm *"}, "allow": ["start_command"]}
    assert verdict_of(rules, "start_command", {"command": "rm -r src"}) is verdict
    assert verdict_of(rules, "start_command", {"command": "make test"}) is ALLOW
    assert verdict_of(rules, "start_command", {"command": "$x"}) is ASK


def test_what_lets_run_command_through_says_nothing_of_start_command() -> None:
    rules: JsonObject = {"allow": {"run_command": "make *"}}
    assert verdict_of(rules, "run_command", {"command": "make test"}) is ALLOW
    assert verdict_of(rules, "start_command", {"command": "make test"}) is ASK


def test_a_rule_for_start_command_says_nothing_of_run_command() -> None:
    rules: JsonObject = {"deny": ["start_command"], "allow": ["run_command"]}
    assert verdict_of(rules, "run_command", {"command": "make test"}) is ALLOW
