"""What a rule would do, told before a person gives it."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import PermissionVerdict, RulePlace, ToolKind
from harn_tui.permissions.annotations import CallAnnotations
from harn_tui.permissions.call_texts import PermissionCall
from harn_tui.permissions.gate import Gate
from harn_tui.permissions.policy_set import PolicySet
from harn_tui.permissions.rule_files import RuleFile, read_rules
from harn_tui.permissions.rule_trial import RuleTrial, try_rules
from harn_tui.permissions.rules import PermissionRules
from harn_tui.permissions.stored_rules import add_rule
from tests.unit.permissions.calls import call, run

CWD = Path("/home/ann/project")


async def trial(
    asked: PermissionCall,
    *,
    rules: JsonValue = None,
    kind: ToolKind = ToolKind.EXECUTE,
    protected: tuple[Path, ...] = (),
    **policies: JsonObject,
) -> RuleTrial:
    gate = Gate(
        PermissionRules.parse(rules or {}, cwd=CWD),
        CWD,
        PolicySet.parse(cwd=CWD, **policies),
        roots=(CWD,),
        protected=protected,
    )
    return await try_rules(gate, asked, CallAnnotations(kind))


async def test_the_proposed_rule_is_told_with_its_argument() -> None:
    tried = await trial(run("git commit -m x"))
    assert tried.proposal is not None
    assert (tried.proposal.pattern, tried.argument) == ("git commit *", "command")
    assert tried.problem("git commit *") is None


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("", "A pattern is needed"),
        ("  ", "A pattern is needed"),
        ("**/a/" * 8, "is not a usable glob"),
        ("git push *", "does not match this call"),
        ("git commit", "does not match this call"),
    ],
)
async def test_a_pattern_that_cannot_be_given_is_refused_with_its_reason(
    pattern: str, says: str
) -> None:
    problem = (await trial(run("git commit -m x"))).problem(pattern)
    assert problem is not None
    assert says in problem


async def test_a_pattern_must_match_every_command_of_a_line() -> None:
    tried = await trial(run("git add . && rm x"))
    assert tried.proposal is None
    assert "every command in it" in (tried.problem("git *") or "")
    assert tried.problem("*") is None


async def test_where_an_ask_rule_asks_no_stored_rule_would_help() -> None:
    tried = await trial(run("git commit -m x"), rules={"ask": ["run_command"]})
    assert tried.proposal is None
    assert "run_command" in (tried.obstacle or "")
    assert "No rule would let this call through" in (tried.problem("*") or "")


async def test_where_the_command_policy_asks_no_stored_rule_would_help() -> None:
    policy: JsonObject = {"require_approval": ["sudo"]}
    assert (await trial(run("sudo make"), command_policy=policy)).obstacle is not None
    assert (await trial(run("make"), command_policy=policy)).obstacle is None


async def test_protected_files_are_always_asked_about() -> None:
    asked = call("write_file", path=".harn/config.toml", content="x")
    tried = await trial(asked, kind=ToolKind.EDIT, protected=(CWD / ".harn",))
    assert tried.obstacle is not None
    assert "which decides what is allowed" in tried.obstacle


async def test_past_calls_that_a_pattern_would_have_allowed_are_told() -> None:
    tried = await trial(
        run("git commit -m x"), rules={"deny": {"run_command": ["git commit -n *"]}}
    )
    past: list[JsonObject] = [
        {"command": "git commit -m y"},
        {"command": "git push"},
        {"command": "git commit -m y; rm z"},
        {"command": "git commit -n z"},
        {"other": 1},
    ]
    assert tried.allowed_by("git commit *", past) == [{"command": "git commit -m y"}]
    assert tried.allowed_by("**/a/" * 8, past) == []


@pytest.mark.parametrize(
    ("asked", "kind", "pattern", "like"),
    [
        (run("git commit -m x"), ToolKind.EXECUTE, "git commit *", run("git commit -m y")),
        (
            call("write_file", path="a.txt", content="x"),
            ToolKind.EDIT,
            "*.txt",
            call("write_file", path="b.txt", content="y"),
        ),
        (call("mcp__x", a="1", b="2"), ToolKind.OTHER, "?", call("mcp__x", a="3", b="4")),
    ],
)
async def test_what_the_trial_promises_a_kept_rule_does(
    tmp_path: Path, asked: PermissionCall, kind: ToolKind, pattern: str, like: PermissionCall
) -> None:
    tried = await trial(asked, kind=kind)
    assert tried.problem(pattern) is None
    file = RuleFile(RulePlace.USER, tmp_path / "permissions.toml")
    add_rule(file, tried.kept_rule(pattern))
    kept = read_rules(file, cwd=tmp_path)
    for one in (asked, like):
        verdict = kept.decide(one.tool_name, kind, one.arguments).verdict
        assert verdict is PermissionVerdict.ALLOW
    assert tried.allowed_by(pattern, [like.arguments]) == [like.arguments]


async def test_a_long_command_is_tried_out_too() -> None:
    words = " ".join(f"word{number}" for number in range(600))
    tried = await trial(run(f"git add {words}"))
    assert tried.proposal is not None
    assert tried.proposal.pattern == "git add *"


@given(
    st.text(alphabet="git pusho*?[]!x;&", min_size=1, max_size=12),
    st.sampled_from(["git push", "git push x", "git push; x", "git", "x && git push"]),
)
def test_a_pattern_can_be_given_exactly_when_a_rule_of_it_lets_the_call_through(
    pattern: str, command: str
) -> None:
    tried = asyncio.run(trial(run(command)))
    matcher: JsonObject = {"patterns": [pattern], "arg_key": "command"}
    plain: JsonValue = matcher if tried.argument is not None else [pattern]
    rules = PermissionRules.parse({"allow": {"run_command": plain}}, cwd=CWD)
    verdict = Gate(rules, CWD, roots=(CWD,)).decide(run(command), CallAnnotations(ToolKind.EXECUTE))
    is_allowed = verdict.verdict is PermissionVerdict.ALLOW
    assert (tried.problem(pattern) is None) == (is_allowed and bool(pattern.strip()))
