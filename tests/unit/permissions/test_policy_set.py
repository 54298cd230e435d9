"""The three policies together, and those in force where code runs."""

import asyncio
from pathlib import Path

import pytest

from harn_tui.errors import ConfigError
from harn_tui.json_types import JsonValue
from harn_tui.permissions.policy_set import PolicySet, policies_in_force, policies_pushed

HERE = Path("/")


def policies(**tables: JsonValue) -> PolicySet:
    return PolicySet.parse(cwd=HERE, **tables)


def test_a_command_policy_may_stand_in_the_policy_but_only_once() -> None:
    inner: JsonValue = {"deny_patterns": ["x"]}
    found = policies(policy={"tools": ["a"], "command_policy": inner})
    assert found.command is not None
    assert found.command.deny_patterns == ("x",)
    assert found.execution.tools.globs == ("a",)
    with pytest.raises(ConfigError, match="twice"):
        policies(policy={"command_policy": inner}, command_policy=inner)


@pytest.mark.parametrize("table", ["policy", "approval", "command_policy"])
def test_loop_10_33_a_malformed_policy_is_never_a_permissive_one(table: str) -> None:
    wrong_tables: list[JsonValue] = [[], "x", 3, {"unknown": 1}]
    for wrong in wrong_tables:
        with pytest.raises(ConfigError, match=table):
            policies(**{table: wrong})


def test_policies_of_a_nested_loop_stand_under_those_around_it() -> None:
    outer = policies(policy={"tools": ["a*"]}, approval={"auto_deny": ["x"]})
    inner = policies(policy={"tools": ["ab"]}, command_policy={})
    merged = inner.under(outer)
    assert [merged.execution.tools.has(name) for name in ("ab", "ac")] == [True, False]
    assert merged.approval.auto_deny == ("x",)
    assert merged.command is not None
    with pytest.raises(ConfigError, match="host ceiling"):
        policies(policy={"tools": ["b"]}).under(outer)
    assert not policies(policy={"tools": ["b"]}).narrowed(outer).execution.tools.has("b")


def test_only_one_command_policy_counts_as_it_is_and_two_are_merged() -> None:
    strict, mild = policies(command_policy={}), policies(command_policy={"require_approval": []})
    assert PolicySet().narrowed(strict).command == strict.command
    merged = mild.narrowed(strict).command
    assert merged is not None
    assert strict.command is not None
    assert all(merged.action(label) is strict.command.action(label) for label in merged.actions)


async def test_policies_are_in_force_inside_and_nowhere_else() -> None:
    outer, inner = policies(policy={"tools": ["a*"]}), policies(policy={"tools": ["ab"]})
    seen: list[PolicySet | None] = []

    async def nested() -> None:
        with policies_pushed(inner):
            await asyncio.sleep(0)
            seen.append(policies_in_force())

    async def beside() -> None:
        await asyncio.sleep(0)
        seen.append(policies_in_force())

    assert policies_in_force() is None
    with policies_pushed(outer) as merged:
        assert merged == outer
        await asyncio.gather(nested(), beside())
        with pytest.raises(ConfigError), policies_pushed(policies(policy={"tools": ["b"]})):
            pass
        with policies_pushed(None) as same:
            assert same == outer
        assert policies_in_force() == outer
    assert policies_in_force() is None
    assert inner.under(outer) in seen
    assert outer in seen


def test_without_any_policy_nothing_is_limited() -> None:
    with policies_pushed(None) as merged:
        assert merged == PolicySet()
