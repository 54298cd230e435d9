"""The approval policy."""

from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import ConfigError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import PermissionVerdict, ToolKind
from harn_tui.permissions.annotations import CallAnnotations
from harn_tui.permissions.approval_policy import NO_OPINION, ApprovalPolicy
from tests.unit.permissions.calls import READS, RUNS, SAYS_NOTHING, WRITES, call, run

ALLOW, DENY, ASK = PermissionVerdict.ALLOW, PermissionVerdict.DENY, PermissionVerdict.ASK


@pytest.mark.parametrize(
    ("data", "tool", "expected"),
    [
        ({}, "x", ALLOW),
        ({"auto_deny": ["dangerous_*"], "auto_approve": ["*"]}, "dangerous_x", DENY),
        ({"auto_deny": ["dangerous_*"], "auto_approve": ["*"]}, "x", ALLOW),
        ({"require_approval": ["w*"]}, "write", ASK),
        ({"require_approval": ["w*"], "auto_approve": ["write"]}, "write", ALLOW),
        ({"auto_approve": []}, "x", ALLOW),
    ],
)
def test_lists_count_in_their_order(data: JsonObject, tool: str, expected: object) -> None:
    assert ApprovalPolicy.parse(data).decide(call(tool), SAYS_NOTHING).verdict is expected


def test_a_call_that_nothing_names_is_told_from_an_approved_one() -> None:
    policy = ApprovalPolicy.parse({"auto_approve": ["a"]})
    assert policy.decide(call("b"), SAYS_NOTHING) is NO_OPINION
    assert policy.decide(call("a"), SAYS_NOTHING).rule == "approval.auto_approve"


def test_a_denial_names_its_pattern() -> None:
    verdict = ApprovalPolicy.parse({"auto_deny": ["x*"]}).decide(call("xy"), SAYS_NOTHING)
    assert verdict.rule == "approval.auto_deny: x*"


@pytest.mark.parametrize(
    ("path", "is_allowed"),
    [
        ("src/a", True),
        ("./src/a", True),
        ("src/../src/a", True),
        ("{cwd}/src/a", True),
        ("src/../b", False),
        ("src/link/b", False),
        ("b", False),
        ("../src/a", False),
        ("/src/a", False),
    ],
)
def test_tools_odd_11_only_where_a_path_really_leads_is_compared(
    tmp_path: Path, path: str, is_allowed: bool
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "link").symlink_to(tmp_path)
    policy = ApprovalPolicy.parse({"write_path_allowlist": ["src/*"]})
    verdict = policy.decide(call("w", tmp_path, path=path.format(cwd=tmp_path)), WRITES)
    assert (verdict.verdict is ALLOW) is is_allowed
    assert is_allowed or verdict.rule == "approval.write_path_allowlist"


def test_tools_odd_11_a_tool_whose_paths_are_unknown_does_not_pass_the_allowlist() -> None:
    policy = ApprovalPolicy.parse({"write_path_allowlist": ["*"], "auto_approve": ["*"]})
    assert policy.decide(call("x", file="a"), SAYS_NOTHING).verdict is DENY
    assert policy.decide(call("w"), WRITES).verdict is DENY
    assert policy.decide(run("make"), RUNS).verdict is ASK


def test_the_allowlist_says_nothing_of_tools_that_only_read() -> None:
    policy = ApprovalPolicy.parse({"write_path_allowlist": ["src/*"]})
    assert policy.decide(call("r", path="elsewhere"), READS) is NO_OPINION


def test_an_empty_allowlist_lets_nothing_be_written() -> None:
    policy = ApprovalPolicy.parse({"write_path_allowlist": []})
    assert policy.decide(call("w", path="a"), WRITES).verdict is DENY


def test_all_paths_of_a_call_must_be_allowed() -> None:
    annotations = CallAnnotations(ToolKind.MOVE, path_params=("source", "target"))
    policy = ApprovalPolicy.parse({"write_path_allowlist": ["src/*"]})
    moved = call("move", source="src/a", target="src/b")
    assert policy.decide(moved, annotations) is NO_OPINION
    stolen = call("move", source="src/a", target="b")
    assert policy.decide(stolen, annotations).verdict is DENY


def test_a_path_from_the_root_of_the_workspace_is_understood(tmp_path: Path) -> None:
    (tmp_path / "packages" / "demo").mkdir(parents=True)
    (tmp_path / "packages" / "demo" / "file.txt").touch()
    policy = ApprovalPolicy.parse({"write_path_allowlist": ["packages/demo/file.txt"]})
    inside = call("w", tmp_path, path="/packages/demo/file.txt")
    assert policy.decide(inside, WRITES) is NO_OPINION
    assert policy.decide(call("w", tmp_path, path="/etc/hosts"), WRITES).verdict is DENY


def test_merging_unites_what_is_refused_and_keeps_what_both_approve() -> None:
    first = ApprovalPolicy.parse(
        {"auto_deny": ["a"], "require_approval": ["b"], "auto_approve": ["x*"]}
    )
    second = ApprovalPolicy.parse(
        {"auto_deny": ["c"], "require_approval": ["d"], "auto_approve": ["*y"]}
    )
    merged = first.narrowed(second)
    assert merged.auto_deny == ("a", "c")
    assert merged.require_approval == ("b", "d")
    approved = {n for n in ("x", "y", "xy") if merged.decide(call(n), SAYS_NOTHING).rule}
    assert approved == {"xy"}


def test_a_list_that_only_one_side_has_counts_as_it_is() -> None:
    merged = ApprovalPolicy().narrowed(ApprovalPolicy.parse({"auto_approve": ["x"]}))
    assert merged.decide(call("x"), SAYS_NOTHING).rule == "approval.auto_approve"


def test_tools_odd_10_lists_without_anything_in_common_approve_and_allow_nothing() -> None:
    first = ApprovalPolicy.parse({"auto_approve": ["a"], "write_path_allowlist": ["a"]})
    second = ApprovalPolicy.parse({"auto_approve": ["b"], "write_path_allowlist": ["b"]})
    merged = first.narrowed(second)
    for name in ("a", "b"):
        assert merged.decide(call(name, path="z"), READS) is NO_OPINION
        assert merged.decide(call("w", path=name), WRITES).verdict is DENY


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ([], "approval"),
        ({"auto_aprove": []}, "approval.auto_aprove"),
        ({"auto_approve": "*"}, "approval.auto_approve"),
        ({"auto_deny": [1]}, "approval.auto_deny[0]"),
        ({"require_approval": [""]}, "approval.require_approval[0]"),
        ({"write_path_allowlist": {}}, "approval.write_path_allowlist"),
    ],
)
def test_tools_odd_17_a_malformed_policy_is_refused_by_name(data: JsonValue, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        ApprovalPolicy.parse(data)
    assert key in caught.value.message


GLOBS = st.lists(st.sampled_from(["a", "b", "a*", "*"]), max_size=2)
POLICIES = st.dictionaries(
    st.sampled_from(["auto_approve", "auto_deny", "require_approval", "write_path_allowlist"]),
    GLOBS,
).map(lambda data: ApprovalPolicy.parse(cast("JsonObject", data)))
ORDER = (ALLOW, ASK, DENY)


@given(POLICIES, POLICIES, st.sampled_from(["a", "b", "ab"]), st.sampled_from(["a", "b"]))
def test_merging_never_makes_a_verdict_milder(
    first: ApprovalPolicy, second: ApprovalPolicy, tool: str, path: str
) -> None:
    made = call(tool, path=path)
    merged = first.narrowed(second).decide(made, WRITES).verdict
    for policy in (first, second):
        verdict = policy.decide(made, WRITES).verdict
        if verdict is DENY:
            assert merged is DENY
        elif verdict is ASK and not (
            first.auto_approve.has(tool) and second.auto_approve.has(tool)
        ):
            assert ORDER.index(merged) >= ORDER.index(ASK)
