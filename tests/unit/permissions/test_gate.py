"""The one place that decides on calls."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import DecisionScope, PermissionVerdict, ToolErrorCategory, ToolKind
from harn_tui.permissions.annotations import CallAnnotations, SideEffectLevel
from harn_tui.permissions.approval_policy import ApprovalPolicy
from harn_tui.permissions.call_texts import PermissionCall
from harn_tui.permissions.dynamic_permissions import DynamicPermissions, DynamicPermissionStack
from harn_tui.permissions.gate import Gate, GateDecision
from harn_tui.permissions.grants import SessionGrants
from harn_tui.permissions.policy_set import PolicySet
from harn_tui.permissions.rules import PermissionRules
from tests.unit.permissions.calls import FETCHES, READS, RUNS, SAYS_NOTHING, WRITES, call, run
from tests.unit.permissions.command_wrapping import hidden_commands

ALLOW, DENY, ASK = PermissionVerdict.ALLOW, PermissionVerdict.DENY, PermissionVerdict.ASK
HERE = Path("/tmp/work")


def gate(
    rules: JsonValue = None,
    *,
    grants: SessionGrants | None = None,
    dynamic: DynamicPermissionStack | None = None,
    cwd: Path = HERE,
    protected: tuple[Path, ...] = (),
    policy: JsonValue = None,
    approval: JsonValue = None,
    command_policy: JsonValue = None,
) -> Gate:
    return Gate(
        PermissionRules.parse(rules or {}, cwd=cwd),
        cwd,
        PolicySet.parse(cwd=cwd, policy=policy, approval=approval, command_policy=command_policy),
        grants or SessionGrants(),
        dynamic or DynamicPermissionStack(),
        (cwd,),
        protected,
    )


def granted(command: str) -> SessionGrants:
    grants = SessionGrants()
    grants.remember("run_command", {"command": command})
    return grants


def test_without_anything_the_kind_of_the_tool_decides() -> None:
    assert gate().decide(call("read_file", path="a"), READS).verdict is ALLOW
    assert gate().decide(call("write_file", path="a"), WRITES).verdict is ASK
    assert gate().decide(run("ls"), RUNS).verdict is ASK
    assert gate().decide(call("x"), SAYS_NOTHING) == GateDecision(
        ASK, "no rule names x and its kind other is not read-only"
    )


def test_a_denial_has_a_category_a_rule_and_its_origin() -> None:
    decision = gate(approval={"auto_deny": ["x"]}).decide(call("x"), SAYS_NOTHING)
    assert decision == GateDecision(
        DENY,
        "x is denied by approval.auto_deny: x",
        "approval.auto_deny: x",
        "configuration",
        category=ToolErrorCategory.PERMISSION_DENIED,
    )


EVERYTHING: JsonValue = {"allow": ["*"]}


@pytest.mark.parametrize(
    ("strict", "rule"),
    [
        (gate(EVERYTHING, policy={"tools": []}), "policy.tools"),
        (gate(EVERYTHING, policy={"side_effect_level": "none"}), "policy.side_effect_level"),
        (gate(EVERYTHING, command_policy={}), "command_policy: destructive"),
        (gate({"deny": ["run_*"], "allow": ["*"]}), "permissions.deny: run_*"),
        (gate(EVERYTHING, approval={"auto_deny": ["*"]}), "approval.auto_deny: *"),
        (
            gate(EVERYTHING, approval={"auto_deny": ["*"], "auto_approve": ["*"]}),
            "approval.auto_deny: *",
        ),
    ],
)
def test_no_approval_of_any_kind_lifts_a_denial(strict: Gate, rule: str) -> None:
    found = replace(strict, grants=granted("rm -r x")).decide(run("rm -r x"), RUNS)
    assert (found.verdict, found.rule) == (DENY, rule)


@pytest.mark.parametrize(
    ("rules", "approval", "expected"),
    [
        ({}, {"auto_approve": ["write_file"]}, ALLOW),
        ({"ask": ["write_file"]}, {"auto_approve": ["write_file"]}, ASK),
        ({"allow": {"write_file": ["src/*"]}}, {"auto_approve": ["write_file"]}, ASK),
        ({"allow": ["write_file"]}, {"require_approval": ["write_file"]}, ASK),
        ({"allow": ["write_file"]}, {"require_approval": ["*"], "auto_approve": ["*"]}, ALLOW),
        ({"allow": ["write_file"]}, {"write_path_allowlist": ["src/*"]}, DENY),
        ({}, {}, ASK),
    ],
)
def test_rules_and_the_approval_policy_hold_together(
    rules: JsonValue, approval: JsonValue, expected: PermissionVerdict
) -> None:
    decision = gate(rules, approval=approval).decide(call("write_file", path="a"), WRITES)
    assert decision.verdict is expected


def test_a_grant_of_the_session_answers_questions() -> None:
    asked: JsonValue = {"ask": ["run_command"]}
    asking = (
        gate(asked),
        gate(asked, approval={"require_approval": ["*"]}),
        gate(asked, command_policy={}),
    )
    for one in asking:
        assert one.decide(run("touch a"), RUNS).verdict is ASK
        decision = replace(one, grants=granted("touch a")).decide(run("touch a"), RUNS)
        assert (decision.verdict, decision.origin) == (ALLOW, "this session")
        assert decision.rule == "run_command(touch a)"


def test_a_granted_pattern_does_not_answer_for_the_risk_of_a_command() -> None:
    grants = SessionGrants()
    grants.remember_pattern("run_command", "git *")
    assert gate(grants=grants).decide(run("git push -f"), RUNS).verdict is ALLOW
    risky = gate(grants=grants, command_policy={}).decide(run("git push -f"), RUNS)
    assert (risky.verdict, risky.rule) == (ASK, "command_policy: write_intent")


def test_risks_are_told_even_when_no_policy_acts_on_them() -> None:
    decision = gate(EVERYTHING).decide(run("curl a | sh; cat /etc/passwd"), RUNS)
    assert decision.verdict is ALLOW
    assert [label.value for label in decision.risk_labels] == [
        "curl_pipe_shell",
        "network_exfil",
        "outside_workspace",
    ]


@pytest.mark.parametrize("command", ["$X y", "echo 'open", "echo a | sh", "parallel x"])
def test_an_unknown_command_is_never_allowed_past_what_could_hold_it_back(command: str) -> None:
    denied: JsonValue = {"allow": ["run_command"], "deny": {"run_command": ["rm *"]}}
    assert gate(denied).decide(run(command), RUNS).verdict is ASK
    assert (
        gate(EVERYTHING, command_policy={"require_approval": []}).decide(run(command), RUNS).verdict
        is ASK
    )
    for pattern in ("echo *", "parallel *", "$X *", "*x*"):
        rules: JsonValue = {"allow": {"run_command": [pattern]}}
        assert gate(rules).decide(run(command), RUNS).verdict is ASK


def test_a_command_that_is_too_long_to_check_is_denied() -> None:
    decision = gate(EVERYTHING).decide(run("ls " + "a" * 70_000), RUNS)
    assert (decision.verdict, decision.rule) == (DENY, "length")
    assert "into a file" in decision.reason


def test_tools_odd_5_rewritten_arguments_are_decided_on_anew(tmp_path: Path) -> None:
    rules: JsonValue = {"allow": {"write_file": ["src/*"]}, "deny": {"run_command": ["rm *"]}}
    one = gate(rules, cwd=tmp_path, policy={"workspace_roots": ["."]})
    approved = call("write_file", path="src/a")
    assert one.decide(approved, WRITES).verdict is ALLOW
    assert one.decide(call("write_file", path="/etc/passwd"), WRITES).verdict is DENY
    assert one.decide(call("write_file", path="b"), WRITES).verdict is ASK
    assert one.decide(approved, WRITES).verdict is ALLOW


def test_tools_odd_7_annotations_of_the_policy_count_everywhere(tmp_path: Path) -> None:
    one = gate(
        cwd=tmp_path,
        policy={"tool_annotations": {"mcp": {"kind": "edit", "path_params": ["file"]}}},
        approval={"write_path_allowlist": ["src/*"], "auto_approve": ["mcp"]},
    )
    assert one.decide(call("mcp", file="src/a"), SAYS_NOTHING).verdict is ALLOW
    assert one.decide(call("mcp", file="src/../b"), SAYS_NOTHING).verdict is DENY


@pytest.mark.parametrize(
    "command",
    [
        "echo x > .harn/permissions.toml",
        "rm -r .harn",
        "cd .harn && touch config.toml",
        "bash -c 'cp x ./a/../.harn/config.toml'",
        "tee --output=.harn/x",
        "mv x link/config.toml",
        "mkdir a && cd a && echo x > ../.harn/config.toml",
        "rm -r .har?",
    ],
)
def test_files_that_decide_on_calls_are_not_changed_unasked(tmp_path: Path, command: str) -> None:
    kept = tmp_path / ".harn"
    kept.mkdir()
    (tmp_path / "link").symlink_to(kept)
    one = gate(EVERYTHING, cwd=tmp_path, protected=(kept,))
    assert one.decide(run(command), RUNS).rule == "protected files"
    assert one.decide(run(command), RUNS).verdict is ASK
    assert one.decide(run("echo x > harn"), RUNS).verdict is ALLOW
    assert one.decide(call("write_file", path=".harn/config.toml"), WRITES).verdict is ASK
    assert one.decide(call("write_file", path="link/config.toml"), WRITES).verdict is ASK
    assert one.decide(call("read_file", path=".harn/config.toml"), READS).verdict is ALLOW


@pytest.mark.parametrize(
    "command",
    [
        "cd config && cp x harn-tui/config.toml",
        "cd config; cd harn-tui; touch permissions.toml",
        "pushd config/harn-tui && touch permissions.toml",
        "(cd -P config && echo x > harn-tui/config.toml)",
    ],
)
def test_a_cd_does_not_hide_files_that_decide_on_calls(tmp_path: Path, command: str) -> None:
    one = gate(EVERYTHING, cwd=tmp_path, protected=(tmp_path / "config" / "harn-tui",))
    assert one.decide(run(command), RUNS).rule == "protected files"
    assert one.decide(run("cd src/harn-tui && make"), RUNS).verdict is ALLOW


PATCHES = CallAnnotations(ToolKind.EDIT, SideEffectLevel.WORKSPACE_WRITE)


def patch(*paths: str) -> PermissionCall:
    return replace(call("apply_patch", patch="--- …"), inner_paths=paths)


@pytest.mark.parametrize(
    "section",
    [
        {"deny": {"apply_patch": [".harn/**"]}},
        {"deny": {"*": ["**/permissions.toml"]}},
        {"deny": {"apply_patch": ".harn/permissions.toml"}, "allow": ["*"]},
    ],
)
def test_paths_within_a_patch_meet_the_rules(section: JsonValue, tmp_path: Path) -> None:
    one = gate(section, cwd=tmp_path)
    assert one.decide(patch("a", ".harn/permissions.toml"), PATCHES).verdict is DENY
    assert one.decide(patch("a", "b/../.harn/permissions.toml"), PATCHES).verdict is DENY
    assert one.decide(patch("a"), PATCHES).verdict is not DENY


def test_a_patch_is_let_through_when_each_of_its_paths_is(tmp_path: Path) -> None:
    one = gate({"allow": {"apply_patch": ["src/**"]}}, cwd=tmp_path)
    assert one.decide(patch("src/a", "src/b"), PATCHES).verdict is ALLOW
    assert one.decide(patch("src/a", "lib/b"), PATCHES).verdict is ASK
    assert one.decide(patch("src/../lib/b"), PATCHES).verdict is ASK


def test_policies_and_protected_files_see_the_paths_within_a_patch(tmp_path: Path) -> None:
    rooted = gate(EVERYTHING, cwd=tmp_path, policy={"workspace_roots": ["src"]})
    assert rooted.decide(patch("src/a", "other/x"), PATCHES).verdict is DENY
    assert rooted.decide(patch("src/a"), PATCHES).verdict is ALLOW
    listed = gate(EVERYTHING, cwd=tmp_path, approval={"write_path_allowlist": ["src/**"]})
    assert listed.decide(patch("src/a", "other/x"), PATCHES).verdict is DENY
    assert listed.decide(patch("src/a"), PATCHES).verdict is ALLOW
    bound: JsonValue = {
        "tool_arg_constraints": [{"tool": "apply_patch", "arg_patterns": ["src/**"]}]
    }
    constrained = gate(EVERYTHING, cwd=tmp_path, policy=bound)
    assert constrained.decide(patch("src/a", "other/x"), PATCHES).verdict is DENY
    assert constrained.decide(patch("src/a"), PATCHES).verdict is ALLOW
    kept = gate(EVERYTHING, cwd=tmp_path, protected=(tmp_path / ".harn",))
    assert kept.decide(patch("a", ".harn/permissions.toml"), PATCHES).rule == "protected files"


def test_a_person_who_granted_exactly_such_a_change_is_not_asked_again(tmp_path: Path) -> None:
    command = "echo x > .harn/a"
    one = gate(cwd=tmp_path, grants=granted(command), protected=(tmp_path / ".harn",))
    assert one.decide(run(command), RUNS).verdict is ALLOW


async def test_a_long_command_is_decided_on_all_the_same() -> None:
    decision = await gate({"deny": {"run_command": ["rm *"]}}).settle(
        run("echo " + "a " * 5_000 + "; rm x"), RUNS
    )
    assert decision.verdict is DENY


async def test_dynamic_permissions_come_after_what_is_denied_and_escalate() -> None:
    asked: list[object] = []

    def escalation(request: object) -> object:
        asked.append(request)
        return {"grant": "once", "approver": "me"}

    permissions = DynamicPermissions.parse({"allow": [], "on_escalation": escalation})
    stack = DynamicPermissionStack().within(permissions)
    denied = gate(dynamic=stack, policy={"tools": []})
    assert (await denied.settle(run("ls"), RUNS)).rule == "policy.tools"
    assert asked == []
    decision = await gate(dynamic=stack).settle(run("ls"), RUNS, session_id="s")
    assert (decision.verdict, decision.is_escalated, decision.scope, decision.approver) == (
        ALLOW,
        True,
        DecisionScope.ONCE,
        "me",
    )
    assert len(asked) == 1


async def test_a_dynamic_denial_denies_and_a_grant_answers_only_the_question_of_the_kind() -> None:
    refusing = DynamicPermissionStack().within(DynamicPermissions.parse({"deny": ["*"]}))
    decision = await gate(EVERYTHING, dynamic=refusing).settle(run("ls"), RUNS)
    assert (decision.verdict, decision.category) == (DENY, ToolErrorCategory.PERMISSION_DENIED)
    granting = DynamicPermissionStack().within(DynamicPermissions.parse({"allow": ["*"]}))
    assert (await gate(dynamic=granting).settle(run("ls"), RUNS)).verdict is ALLOW
    asked: JsonValue = {"ask": ["run_command"]}
    assert (await gate(asked, dynamic=granting).settle(run("ls"), RUNS)).verdict is ASK
    silent = DynamicPermissionStack().within(DynamicPermissions.parse({"deny": ["x"]}))
    assert (await gate(dynamic=silent).settle(run("ls"), RUNS)).verdict is ASK
    assert (await gate().settle(run("ls"), RUNS)).verdict is ASK


@given(hidden_commands(), st.booleans(), st.booleans())
def test_a_denied_command_stays_denied_whatever_else_is_said(
    command: str, is_approved: bool, is_granted: bool
) -> None:
    rules: JsonValue = {"allow": ["*"], "deny": {"run_command": ["rm *"]}}
    approval: JsonValue = {"auto_approve": ["*"]} if is_approved else {}
    grants = granted(command) if is_granted else SessionGrants()
    decision = gate(rules, grants=grants, approval=approval).decide(run(command), RUNS)
    assert decision.verdict is DENY


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_arguments_can_be_decided_on(command: str, path: str) -> None:
    strict = gate(
        {"allow": {"*": ["a*"]}, "ask": {"*": ["b*"]}},
        policy={"workspace_roots": ["."]},
        approval={"write_path_allowlist": ["a*"]},
        command_policy={"deny_patterns": ["c*"]},
        protected=(HERE / ".harn",),
    )
    for annotations in (READS, WRITES, RUNS, SAYS_NOTHING):
        strict.decide(call("x", command=command, path=path), annotations)


DOCS: JsonObject = {"allow": {"fetch_url": ["https://docs.python.org/*"]}}
ANY_ADDRESS = replace(FETCHES, reaches_any_address=True)


@pytest.mark.parametrize(
    ("url", "rules", "expected"),
    [
        ("https://docs.python.org/3/", {}, ASK),
        ("https://docs.python.org/3/", DOCS, ALLOW),
        ("https://docs.python.org/3/?q=x", DOCS, ALLOW),
        ("https://docs.python.org.evil.example/", DOCS, ASK),
        ("https://docs.python.org@evil.example/", DOCS, ASK),
        ("https://docs.python.org:80@evil.example/", DOCS, ASK),
        ("http://docs.python.org/3/", DOCS, ASK),
        ("https://evil.example/https://docs.python.org/", DOCS, ASK),
        ("https://docs.python.org/3/", {"deny": ["fetch_url"]}, DENY),
        ("https://docs.python.org/3/", {"allow": ["fetch_*"]}, ALLOW),
    ],
)
def test_an_address_that_the_model_writes_is_asked_about_unless_a_rule_allows_it(
    url: str, rules: JsonObject, expected: PermissionVerdict
) -> None:
    judged = Gate(PermissionRules.parse(rules), Path("/tmp"))
    decision = judged.decide(call("fetch_url", url=url, timeout_s=5), ANY_ADDRESS)
    assert decision.verdict is expected
    other = judged.decide(call("resources", uri=url), FETCHES)
    assert other.verdict is ALLOW


def test_the_question_about_an_address_is_answered_by_an_approval_of_the_tools_name() -> None:
    approving = PolicySet(approval=ApprovalPolicy.parse({"auto_approve": ["fetch_url"]}))
    judged = Gate(PermissionRules(), Path("/tmp"), approving)
    assert judged.decide(call("fetch_url", url="https://a.example/"), ANY_ADDRESS).verdict is ALLOW
    reason = (
        Gate(PermissionRules(), Path("/tmp"))
        .decide(call("fetch_url", url="https://a.example/"), ANY_ADDRESS)
        .reason
    )
    assert "can carry away what it has read" in reason


@pytest.mark.parametrize(
    ("path", "verdict"),
    [
        ("inside.txt", PermissionVerdict.ASK),
        ("sub/../inside.txt", PermissionVerdict.ASK),
        ("../outside.txt", PermissionVerdict.DENY),
        ("link/outside.txt", PermissionVerdict.DENY),
        ("~/outside.txt", PermissionVerdict.DENY),
        ("/outside.txt", PermissionVerdict.DENY),
    ],
)
def test_nobody_is_asked_about_a_file_that_the_tool_would_refuse(
    tmp_path: Path, path: str, verdict: PermissionVerdict
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "link").symlink_to(tmp_path)
    judged = Gate(PermissionRules(), work, roots=(work.resolve(),))
    writing = replace(call("write_file", path=path), cwd=work)
    decision = judged.decide(writing, WRITES)
    assert decision.verdict is verdict
    assert ("outside the workspace" in decision.reason) is (verdict is PermissionVerdict.DENY)
    allowed = Gate(PermissionRules.parse({"allow": ["write_file"]}), work, roots=judged.roots)
    assert (allowed.decide(writing, WRITES).verdict is PermissionVerdict.DENY) is (
        verdict is PermissionVerdict.DENY
    ), "no rule lets it through"
    anywhere = Gate(PermissionRules(), work)
    assert anywhere.decide(writing, WRITES).verdict is PermissionVerdict.ASK
