"""Permissions that a program gives a loop, with tests of its own and escalations."""

from collections.abc import Callable

import pytest

from harn_tui.errors import ConfigError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import DecisionScope
from harn_tui.permissions.dynamic_permissions import (
    DynamicDecision,
    DynamicPermissions,
    DynamicPermissionStack,
)
from harn_tui.permissions.escalation import read_reply
from harn_tui.permissions.grants import SessionGrants
from tests.unit.permissions.calls import call, run

COMMAND = run("make test")


def stack(*layers: object) -> DynamicPermissionStack:
    built = DynamicPermissionStack()
    for data in layers:
        built = built.within(DynamicPermissions.parse(data))
    return built


async def decide(*layers: object) -> DynamicDecision:
    return await stack(*layers).decide(COMMAND, "s1")


def answering(value: object) -> tuple[Callable[[JsonObject], object], list[JsonObject]]:
    """Return an escalation that answers ``value``, and what it was asked."""
    asked: list[JsonObject] = []

    def escalation(request: JsonObject) -> object:
        asked.append(request)
        return value

    return escalation, asked


@pytest.mark.parametrize(
    ("data", "is_granted"),
    [
        ({}, True),
        ({"allow": None}, True),
        ({"allow": []}, False),
        ({"allow": ["run_*"]}, True),
        ({"allow": ["other"]}, False),
        ({"deny": ["run_*"]}, False),
        ({"allow": ["run_*"], "deny": ["*"]}, False),
        ({"allow": {"run_command": None}}, True),
        ({"allow": {"run_command": False}}, False),
        ({"allow": {"run_command": "make *"}}, True),
        ({"allow": {"run_command": ["ls", "rm *"]}}, False),
        ({"allow": {"run_command": {"arg_key": "command", "patterns": "make *"}}}, True),
        ({"allow": {"run_command": {"key": "gone", "arg_patterns": ["*"]}}}, False),
        ({"allow": {"run_command": lambda args: args["command"] == "make test"}}, True),
        ({"allow": {"run_command": lambda _: ""}}, False),
        ({"deny": {"run_command": lambda _: 1}}, False),
        ({"allow": {"run_command": lambda args: args["missing"]}}, False),
        ({"deny": {"run_command": lambda args: args["missing"]}}, False),
    ],
)
async def test_rules_decide_as_written(data: object, is_granted: bool) -> None:
    assert (await decide(data)).is_granted is is_granted


async def test_every_layer_must_grant_and_the_first_objection_counts() -> None:
    assert (await decide({"allow": ["*"]}, {"allow": ["run_*"]})).is_granted
    refused = await decide({"allow": ["*"]}, {"deny": ["run_*"]}, {"deny": ["*"]})
    assert refused.reason == "denied by permissions.deny: run_*"


async def test_an_unknown_command_is_not_granted_past_a_denied_pattern() -> None:
    permissions = stack({"deny": {"run_command": ["rm *"]}, "allow": ["run_command"]})
    assert not (await permissions.decide(run("$X y"), "s1")).is_granted
    assert (await permissions.decide(run("ls"), "s1")).is_granted


async def test_an_escalation_is_asked_only_when_the_call_would_be_denied() -> None:
    escalation, asked = answering(True)
    decision = await decide({"allow": ["run_*"], "on_escalation": escalation})
    assert (decision.is_granted, decision.is_escalated, asked) == (True, False, [])
    decision = await decide({"allow": [], "on_escalation": escalation})
    assert (decision.is_granted, decision.is_escalated) == (True, True)
    assert asked == [
        {
            "_type": "PermissionRequest",
            "tool": "run_command",
            "args": {"command": "make test"},
            "session_id": "s1",
            "reason": "no rule of the permissions allows run_command",
            "grant_options": ["once", "session", False],
        }
    ]


async def test_a_trigger_adds_what_it_knows_to_the_request() -> None:
    escalation, asked = answering(None)
    permissions = stack({"allow": [], "on_escalation": escalation})
    await permissions.decide(COMMAND, "s1", {"agent": "a", "tool": "forged"})
    assert (asked[0]["agent"], asked[0]["tool"]) == ("a", "run_command")


@pytest.mark.parametrize(
    ("answer", "scope"),
    [
        (True, DecisionScope.ONCE),
        ("once", DecisionScope.ONCE),
        ("session", DecisionScope.SESSION),
        (False, None),
        (None, None),
        ("always", None),
        ("yes", None),
        (1, None),
        ([], None),
        ({"grant": True}, DecisionScope.ONCE),
        ({"granted": "session", "approver": "me"}, DecisionScope.SESSION),
        ({"granted": False, "reason": "no"}, None),
        ({"grant": True, "granted": False}, None),
        ({"reason": "x"}, None),
        ({"grant": True, "extra": 1}, None),
    ],
)
def test_only_a_clear_yes_is_a_grant(answer: object, scope: DecisionScope | None) -> None:
    assert read_reply(answer).scope is scope


async def test_tools_odd_39_an_escalation_that_fails_denies_this_call_and_raises_nothing() -> None:
    def escalation(request: JsonObject) -> object:
        raise RuntimeError("broken")

    decision = await decide({"allow": [], "on_escalation": escalation})
    assert not decision.is_granted
    assert "broken" in decision.reason


async def test_an_escalation_may_be_a_coroutine_function() -> None:
    async def escalation(request: JsonObject) -> object:
        return {"granted": "once", "reason": "fine", "approver": "me"}

    decision = await decide({"allow": [], "on_escalation": escalation})
    assert (decision.is_granted, decision.reason, decision.approver) == (True, "fine", "me")


async def test_tools_odd_31_a_grant_for_the_session_outlives_the_loop() -> None:
    escalation, asked = answering("session")
    permissions = DynamicPermissions.parse({"allow": [], "on_escalation": escalation})
    grants = SessionGrants()
    first = await DynamicPermissionStack().within(permissions, grants).decide(COMMAND, "s1")
    again = DynamicPermissionStack().within(permissions, SessionGrants(grants.rules))
    second = await again.decide(COMMAND, "s1")
    assert (first.scope, second.is_granted, second.is_escalated) == (
        DecisionScope.SESSION,
        True,
        False,
    )
    assert len(asked) == 1
    assert (await again.decide(run("rm x"), "s1")).is_escalated
    assert len(asked) == 2


async def test_a_grant_of_one_layer_does_not_count_for_another() -> None:
    escalation, asked = answering("session")
    permissions = stack({"allow": [], "on_escalation": escalation}, {"deny": ["run_*"]})
    for _ in range(2):
        assert not (await permissions.decide(COMMAND, "s1")).is_granted
    assert len(asked) == 1


async def test_a_grant_for_once_is_asked_for_again() -> None:
    escalation, asked = answering("once")
    permissions = stack({"allow": [], "on_escalation": escalation})
    for _ in range(2):
        assert (await permissions.decide(COMMAND, "s1")).is_granted
    assert len(asked) == 2


async def test_only_a_rule_or_somebody_makes_a_grant_explicit() -> None:
    assert not (await decide({})).is_explicit
    assert not (await decide({"deny": ["x"]})).is_explicit
    assert (await decide({"allow": ["run_*"]})).is_explicit
    assert (await decide({"allow": [], "on_escalation": lambda _: True})).is_explicit


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ([], "permissions"),
        ({"ask": []}, "permissions.ask"),
        ({"on_escalation": "ask"}, "permissions.on_escalation"),
        ({"allow": "x"}, "permissions.allow"),
        ({"deny": {"x": 3}}, "permissions.deny.x"),
        ({"deny": {3: True}}, "permissions.deny.3"),
    ],
)
def test_malformed_permissions_are_refused_by_name(data: object, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        DynamicPermissions.parse(data)
    assert key in caught.value.message


async def test_without_layers_there_is_nothing_to_ask() -> None:
    assert DynamicPermissionStack().is_empty
    assert (await DynamicPermissionStack().decide(call("x"), "")).is_granted
