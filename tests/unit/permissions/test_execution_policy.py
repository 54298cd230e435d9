"""The execution policy: checking calls, reading plain data, merging."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import ConfigError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import PermissionVerdict, ToolKind
from harn_tui.permissions.annotations import CallAnnotations, SideEffectLevel
from harn_tui.permissions.execution_policy import ExecutionPolicy
from harn_tui.permissions.execution_policy_data import (
    intersect,
    narrowed,
    parse_execution_policy,
)
from tests.unit.permissions.calls import FETCHES, READS, RUNS, SAYS_NOTHING, WRITES, call, run

ALLOW, DENY = PermissionVerdict.ALLOW, PermissionVerdict.DENY
HERE = Path("/")
CARGO: JsonObject = {"tool": "run*", "arg_patterns": ["cargo *"], "arg_key": "command"}
TESTS: JsonObject = {"tool": "*", "arg_patterns": ["tests/*"]}


def policy(cwd: Path = HERE, /, **data: JsonValue) -> ExecutionPolicy:
    return parse_execution_policy(data, cwd=cwd)


def names(tools: ExecutionPolicy) -> set[str]:
    known = ("read_file", "read_all", "write_file", "run_command")
    return {name for name in known if tools.check(call(name), CallAnnotations()).verdict is ALLOW}


def test_an_unset_policy_allows_everything() -> None:
    for annotations in (READS, WRITES, RUNS, FETCHES, SAYS_NOTHING):
        assert ExecutionPolicy().check(call("x"), annotations).verdict is ALLOW


@pytest.mark.parametrize(
    ("tools", "expected"),
    [
        (None, {"read_file", "read_all", "write_file", "run_command"}),
        ([], set()),
        (["read_file"], {"read_file"}),
        (["read*", "write_file"], {"read_file", "read_all", "write_file"}),
    ],
)
def test_tools_odd_8_no_list_means_every_tool_and_an_empty_one_means_none(
    tools: JsonValue, expected: set[str]
) -> None:
    assert names(policy(tools=tools)) == expected


def test_a_denial_names_the_limit_that_it_comes_from() -> None:
    verdict = policy(tools=["read*"]).check(call("write_file"), WRITES)
    assert (verdict.verdict, verdict.rule) == (DENY, "policy.tools")
    assert "exceeds tool ceiling" in verdict.reason
    assert "read*" in verdict.reason


@pytest.mark.parametrize(
    ("capabilities", "operations", "is_allowed"),
    [
        (None, ("write_text",), True),
        ({}, ("write_text",), False),
        ({"workspace": []}, ("write_text",), False),
        ({"workspace": ["read_text"]}, ("write_text",), False),
        ({"workspace": ["read_text", "write_text"]}, ("read_text", "write_text"), True),
        ({"workspace": ["*"]}, ("write_text",), True),
        ({"process": ["*"]}, ("write_text",), False),
        ({"process": ["*"]}, (), True),
    ],
)
def test_each_operation_of_a_tool_must_be_allowed(
    capabilities: JsonValue, operations: tuple[str, ...], is_allowed: bool
) -> None:
    annotations = CallAnnotations(ToolKind.EDIT, capabilities={"workspace": operations})
    verdict = policy(capabilities=capabilities).check(call("x"), annotations)
    assert (verdict.verdict is ALLOW) is is_allowed
    assert is_allowed or "exceeds capability ceiling" in verdict.reason


@pytest.mark.parametrize(
    ("level", "allowed"),
    [
        ("none", set()),
        ("read_only", {"reads"}),
        ("workspace_write", {"reads", "writes"}),
        ("process_exec", {"reads", "writes", "runs"}),
        ("network", {"reads", "writes", "runs", "fetches", "says nothing"}),
    ],
)
def test_tools_reach_as_far_as_the_ceiling(level: str, allowed: set[str]) -> None:
    kinds = {
        "reads": READS,
        "writes": WRITES,
        "runs": RUNS,
        "fetches": FETCHES,
        "says nothing": SAYS_NOTHING,
    }
    limits = policy(side_effect_level=level)
    found = {name for name, a in kinds.items() if limits.check(call("x"), a).verdict is ALLOW}
    assert found == allowed


def test_a_tool_without_a_level_has_that_of_its_kind() -> None:
    limits = policy(side_effect_level="read_only")
    assert limits.check(call("x"), CallAnnotations(ToolKind.THINK)).verdict is ALLOW
    assert limits.check(call("x"), CallAnnotations(ToolKind.SEARCH)).verdict is ALLOW
    assert limits.check(call("x"), CallAnnotations(ToolKind.DELETE)).verdict is DENY


def test_paths_are_compared_with_the_roots_after_links_are_resolved(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (inside / "link").symlink_to(outside)
    limits = policy(inside, workspace_roots=["."])
    for path in ("a", "sub/../a", str(inside / "a"), "./x"):
        assert limits.check(call("w", inside, path=path), WRITES).verdict is ALLOW
    for path in ("link/a", "../outside/a", "/etc/passwd", "~/a", "a/../../b", "x\x00"):
        verdict = limits.check(call("w", inside, path=path), WRITES)
        assert (verdict.verdict, verdict.rule) == (DENY, "policy.workspace_roots")


def test_a_root_may_itself_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    limits = policy(tmp_path, workspace_roots=["link"])
    assert limits.check(call("w", tmp_path, path="real/a"), WRITES).verdict is ALLOW


def test_tools_odd_8_an_empty_list_of_roots_allows_no_path(tmp_path: Path) -> None:
    limits = policy(tmp_path, workspace_roots=[])
    assert limits.check(call("w", tmp_path, path="a"), WRITES).verdict is DENY
    assert limits.check(call("list", tmp_path), READS).verdict is DENY
    assert limits.check(run("ls", tmp_path), RUNS).verdict is DENY


def test_a_process_must_start_within_the_roots(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    limits = policy(tmp_path, workspace_roots=["a"])
    assert limits.check(run("ls", tmp_path / "a"), RUNS).verdict is ALLOW
    assert limits.check(run("ls", tmp_path), RUNS).verdict is DENY


@pytest.mark.parametrize(
    ("constraint", "tool", "arguments", "is_allowed"),
    [
        (CARGO, "run", {"command": "cargo test"}, True),
        (CARGO, "run", {"command": "cargo x; rm y"}, False),
        (CARGO, "run", {"command": "rm x"}, False),
        (CARGO, "run", {"other": "rm x"}, True),
        ({"tool": "other", "arg_patterns": ["x"], "arg_key": "path"}, "write", {"path": "y"}, True),
        (TESTS, "write", {"path": "tests/a", "action": "z"}, True),
        (TESTS, "write", {"path": "src/a"}, False),
        (TESTS, "write", {"path": "tests/../src/a"}, False),
        ({"tool": "*", "arg_patterns": []}, "write", {"path": "src/a"}, True),
        ({"tool": "*", "arg_patterns": ["3"], "arg_key": "n"}, "write", {"n": 3}, True),
        ({"tool": "*", "arg_patterns": ["3"], "arg_key": "n"}, "write", {"n": 4}, False),
    ],
)
def test_constraints_look_at_one_argument(
    constraint: JsonObject, tool: str, arguments: JsonObject, is_allowed: bool
) -> None:
    limits = policy(tool_arg_constraints=[constraint])
    verdict = limits.check(call(tool, **arguments), WRITES)
    assert (verdict.verdict is ALLOW) is is_allowed


def test_a_broken_constraint_names_key_value_and_patterns() -> None:
    limits = policy(tool_arg_constraints=[{"tool": "*", "arg_patterns": ["tests/*"]}])
    verdict = limits.check(call("w", action="delete", path="src/a"), WRITES)
    assert verdict.rule == "policy.tool_arg_constraints"
    for part in ("path", "'src/a'", "tests/*", "only path was checked"):
        assert part in verdict.reason
    assert "delete" not in verdict.reason


def test_tools_odd_7_what_a_policy_says_of_a_tool_stands_over_what_it_says_itself() -> None:
    limits = policy(
        side_effect_level="read_only",
        tool_annotations={"x": {"kind": "read"}, "y": {"side_effect_level": "network"}},
    )
    assert limits.annotated("x", SAYS_NOTHING).kind is ToolKind.READ
    assert limits.check(call("x"), SAYS_NOTHING).verdict is ALLOW
    assert limits.check(call("y"), READS).verdict is DENY
    assert limits.annotated("y", READS).path_params == ("path",)
    assert limits.annotated("z", READS) == READS


def test_the_depth_of_loops_is_limited() -> None:
    assert ExecutionPolicy().allows_depth(100)
    assert policy(recursion_limit=1).allows_depth(1)
    assert not policy(recursion_limit=1).allows_depth(2)
    assert not policy(recursion_limit=0).allows_depth(1)


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ([], "policy"),
        ("", "policy"),
        ({"tool": []}, "policy.tool"),
        ({"tools": "x"}, "policy.tools"),
        ({"tools": [1]}, "policy.tools[0]"),
        ({"tools": [""]}, "policy.tools[0]"),
        ({"tools": ["**/a/" * 8]}, "policy.tools[0]"),
        ({"capabilities": []}, "policy.capabilities"),
        ({"capabilities": {"a": "b"}}, "policy.capabilities.a"),
        ({"capabilities": {"": []}}, "policy.capabilities"),
        ({"workspace_roots": "."}, "policy.workspace_roots"),
        ({"workspace_roots": ["a\x00"]}, "policy.workspace_roots"),
        ({"workspace_roots": ["~nobody-here/x"]}, "policy.workspace_roots"),
        ({"side_effect_level": "all"}, "policy.side_effect_level"),
        ({"side_effect_level": 5}, "policy.side_effect_level"),
        ({"recursion_limit": -1}, "policy.recursion_limit"),
        ({"recursion_limit": True}, "policy.recursion_limit"),
        ({"tool_arg_constraints": {}}, "policy.tool_arg_constraints"),
        ({"tool_arg_constraints": [{}]}, "policy.tool_arg_constraints[0].tool"),
        ({"tool_arg_constraints": [{"tool": "a"}]}, "policy.tool_arg_constraints[0].arg_patterns"),
        (
            {"tool_arg_constraints": [{"tool": "a", "arg_patterns": ["b"], "arg_key": 1}]},
            "policy.tool_arg_constraints[0].arg_key",
        ),
        ({"tool_annotations": []}, "policy.tool_annotations"),
        ({"tool_annotations": {"a": {"kind": "reads"}}}, "policy.tool_annotations.a.kind"),
        ({"tool_annotations": {"a": {"level": "x"}}}, "policy.tool_annotations.a.level"),
        ({"tool_annotations": {"a": {"capabilities": {"b": 1}}}}, "a.capabilities.b"),
    ],
)
def test_tools_odd_17_and_29_a_malformed_policy_is_refused_by_name(
    data: JsonValue, key: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_execution_policy(data, cwd=HERE)
    assert key in caught.value.message


def test_an_error_tells_what_is_accepted() -> None:
    with pytest.raises(
        ConfigError, match="none, read_only, workspace_write, process_exec, network"
    ):
        policy(side_effect_level="everything")
    with pytest.raises(ConfigError) as caught:
        policy(tols=[])
    assert "tools" in str(caught.value.hint)


def test_intersecting_narrows_levels_limits_and_operations() -> None:
    merged = intersect(
        policy(
            side_effect_level="workspace_write",
            capabilities={"workspace": ["read_text", "write_text"]},
            recursion_limit=8,
        ),
        policy(
            side_effect_level="process_exec",
            capabilities={"workspace": ["write_text"]},
            recursion_limit=3,
        ),
    )
    assert merged.side_effect_level is SideEffectLevel.WORKSPACE_WRITE
    assert merged.allows_operation("workspace", "write_text")
    assert not merged.allows_operation("workspace", "read_text")
    assert merged.recursion_limit == 3


@pytest.mark.parametrize(
    ("ceiling", "requested"),
    [
        ({"tools": ["read_file"]}, {"tools": ["read_file", "write_file"]}),
        ({"tools": []}, {"tools": ["read_file"]}),
        ({"capabilities": {"a": ["b"]}}, {"capabilities": {"process": ["exec"]}}),
        ({"capabilities": {"a": ["b"]}}, {"capabilities": {"a": ["c"]}}),
        ({"capabilities": {}}, {"capabilities": {"a": []}}),
    ],
)
def test_asking_for_more_than_the_ceiling_has_is_an_error(
    ceiling: JsonObject, requested: JsonObject
) -> None:
    with pytest.raises(ConfigError, match="host ceiling"):
        intersect(policy(**ceiling), policy(**requested))


def test_tools_odd_8_an_empty_list_of_operations_does_not_become_all_of_them() -> None:
    merged = intersect(policy(capabilities={"a": ["b"]}), policy(capabilities={"a": []}))
    assert not merged.allows_operation("a", "b")
    wildcard = intersect(policy(capabilities={"a": ["b"]}), policy(capabilities={"a": ["*"]}))
    assert wildcard.allows_operation("a", "b")
    assert not wildcard.allows_operation("a", "c")


def test_tools_odd_8_roots_without_a_common_folder_allow_no_folder(tmp_path: Path) -> None:
    first, second = policy(tmp_path, workspace_roots=["a"]), policy(tmp_path, workspace_roots=["b"])
    assert intersect(first, second).workspace_roots == ()
    inner = policy(tmp_path, workspace_roots=["a/c", "d"])
    assert intersect(first, inner).workspace_roots == (tmp_path / "a" / "c",)
    assert intersect(inner, first).workspace_roots == (tmp_path / "a" / "c",)
    assert intersect(first, policy()).workspace_roots == (tmp_path / "a",)


def test_tools_odd_10_globs_without_a_common_tool_allow_no_tool() -> None:
    assert names(intersect(policy(tools=["read*"]), policy(tools=["write*"]))) == set()
    assert names(intersect(policy(tools=["read*"]), policy(tools=["*_file"]))) == {"read_file"}


def test_tools_odd_8_annotations_survive_and_the_ceiling_is_believed() -> None:
    ceiling = policy(tool_annotations={"x": {"kind": "execute"}})
    requested = policy(tool_annotations={"x": {"kind": "read"}, "y": {"kind": "edit"}})
    merged = intersect(ceiling, requested)
    assert merged.annotated("x", SAYS_NOTHING).kind is ToolKind.EXECUTE
    assert merged.annotated("y", SAYS_NOTHING).kind is ToolKind.EDIT


def test_constraints_of_both_hold() -> None:
    merged = intersect(
        policy(tool_arg_constraints=[{"tool": "*", "arg_patterns": ["src/*"]}]),
        policy(tool_arg_constraints=[{"tool": "*", "arg_patterns": ["*.py"]}]),
    )
    allowed = {
        path
        for path in ("src/a.py", "src/a.c", "a.py")
        if merged.check(call("w", path=path), WRITES).verdict is ALLOW
    }
    assert allowed == {"src/a.py"}


TOOLS = st.none() | st.lists(st.sampled_from(["read*", "*_file", "run_command", "*"]), max_size=3)
LEVELS = st.none() | st.sampled_from([level.value for level in SideEffectLevel])
OPERATIONS = st.none() | st.dictionaries(
    st.sampled_from("ab"), st.lists(st.sampled_from(["c", "d", "*"]), max_size=2), max_size=2
)
POLICIES = st.builds(
    lambda tools, level, operations: policy(
        tools=tools, side_effect_level=level, capabilities=operations
    ),
    TOOLS,
    LEVELS,
    OPERATIONS,
)
CALLS = st.sampled_from(["read_file", "write_file", "run_command", "other"])
ANNOTATIONS = st.sampled_from(
    [READS, WRITES, RUNS, SAYS_NOTHING, CallAnnotations(ToolKind.EDIT, capabilities={"a": ("c",)})]
)


@given(POLICIES, POLICIES, CALLS, ANNOTATIONS)
def test_a_merged_policy_allows_exactly_what_both_allow(
    first: ExecutionPolicy, second: ExecutionPolicy, tool: str, annotations: CallAnnotations
) -> None:
    both = all(p.check(call(tool), annotations).verdict is ALLOW for p in (first, second))
    merged = narrowed(first, second).check(call(tool), annotations).verdict
    assert (merged is ALLOW) is both
