"""Remembering a person's answer for as long as they said."""

import pytest

from harn_tui.errors import ConfigError
from harn_tui.kinds import DecisionScope
from harn_tui.permissions.grants import SessionGrants
from harn_tui.permissions.remembering import proposed_grant, remember
from tests.unit.permissions.calls import call, run

ONCE, SESSION, ALWAYS = DecisionScope.ONCE, DecisionScope.SESSION, DecisionScope.ALWAYS


@pytest.mark.parametrize(
    ("command", "pattern"),
    [
        ("git commit -m x", "git commit *"),
        ("git status", "git status"),
        ("npm run build", "npm run *"),
        ("make test", "make test"),
        ("python3 x.py", "python3 x.py"),
        ("ls *.py [a]", "ls [*].py [[]a]"),
        ("git -C x status", None),
        ("a && b", None),
        ("$X", None),
        ("echo 'open", None),
        ("make > log", "make > log"),
        ("A=1 make", "A=1 make"),
    ],
)
def test_the_proposed_pattern_is_narrow(command: str, pattern: str | None) -> None:
    proposal = proposed_grant(run(command))
    assert (proposal.pattern if proposal else None) == pattern


@pytest.mark.parametrize("command", ["git commit -m x", "ls *.py $HOME", "make > log", "A=1 make"])
def test_a_proposed_pattern_covers_the_call_that_it_was_made_for(command: str) -> None:
    proposal = proposed_grant(run(command))
    assert proposal is not None
    grants = SessionGrants()
    remember(run(command), SESSION, grants, pattern=proposal.pattern)
    assert grants.grant_for(run(command)) is not None
    assert grants.grant_for(run(f"{command}; rm x")) is None


def test_a_path_is_proposed_as_it_is() -> None:
    proposal = proposed_grant(call("write_file", path="src/[a].py", content="*"))
    assert proposal is not None
    assert (proposal.pattern, proposal.argument) == ("src/[[]a].py", "path")
    assert proposed_grant(call("mcp", x=1)) is None


def test_a_call_with_two_paths_has_no_pattern_for_one_of_them() -> None:
    moved = call("move", source="a", target="b").with_paths(("source", "target"))
    assert proposed_grant(moved) is None


def test_tools_odd_31_a_grant_lasts_as_long_as_was_said() -> None:
    grants = SessionGrants()
    assert remember(run("make"), ONCE, grants) is None
    assert not grants.rules
    nested = grants.for_nested()
    assert remember(run("make"), SESSION, nested) == "run_command(make)"
    rule = remember(run("git log -1"), ALWAYS, nested, pattern="git log *")
    assert rule == "run_command matches git log *"
    assert grants.rules == (rule,)
    assert grants.grant_for(run("git log -p")) == rule
    assert SessionGrants(nested.rules).grant_for(run("git log -p")) == rule
    assert grants.forget(rule)
    assert nested.rules == ("run_command(make)",)


def test_a_pattern_covers_its_own_tool_only_and_nothing_that_hides() -> None:
    grants = SessionGrants()
    grants.remember_pattern("run_command", "git *")
    assert grants.grant_for(run("git log && git diff")) is not None
    for command in (
        "git log; rm x",
        "git log > f",
        "git $(rm x)",
        "A=1 git log",
        "sh -c 'git x; y'",
    ):
        assert grants.grant_for(run(command)) is None
    assert grants.grant_for(call("other", command="git log")) is None
    assert not grants.covers("run_command", {"command": "git log"})


def test_an_exact_command_that_looks_like_a_pattern_is_none() -> None:
    grants = SessionGrants()
    grants.remember("run_command", {"command": "x matches *"})
    assert grants.grant_for(run("anything")) is None
    grants.remember("run_command", {"command": "rm *"})
    assert grants.grant_for(run("rm x")) is None


def test_a_pattern_that_is_no_glob_is_refused() -> None:
    with pytest.raises(ConfigError, match="not a usable pattern"):
        remember(run("make"), SESSION, SessionGrants(), pattern="**/a/" * 8)
