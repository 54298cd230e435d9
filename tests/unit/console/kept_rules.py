"""Calls that ask in a console on stand-ins, with rules that can be kept for them."""

from pathlib import Path

from harn_tui.events.host import PermissionRequest
from harn_tui.events.record import Event
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import ToolKind
from harn_tui.permissions.annotations import CallAnnotations
from harn_tui.permissions.call_texts import PermissionCall
from harn_tui.permissions.gate import Gate
from harn_tui.permissions.rule_trial import RuleTrial, try_rules
from harn_tui.permissions.rules import PermissionRules
from tests.unit.console import scenes
from tests.unit.console.stand_ins import SESSION_ID, FakeSession

CWD = Path("/home/ann/project")


def trial_of(command: str, rules: JsonValue = None) -> RuleTrial:
    """Return the trial for a short command, which is there without waiting."""
    gate = Gate(PermissionRules.parse(rules or {}, cwd=CWD), CWD, roots=(CWD,))
    call = PermissionCall("run_command", {"command": command})
    coroutine = try_rules(gate, call, CallAnnotations(ToolKind.EXECUTE))
    try:
        coroutine.send(None)
    except StopIteration as done:
        trial: RuleTrial = done.value
        return trial
    raise AssertionError(f"{command!r} is too long")


def asks_with_rule(
    session: FakeSession, number: int, command: str, rules: JsonValue = None
) -> list[Event]:
    """Return the events of a command that asks; a rule for it can be tried out."""
    request_id, call_id = f"p{number}", f"t{number}"
    trial = trial_of(command, rules)
    session.approvals.trials[request_id] = trial
    proposal = trial.proposal
    proposed: JsonObject | None = None
    if proposal is not None:
        proposed = {
            "tool": proposal.tool_name,
            "pattern": proposal.pattern,
            "argument": proposal.argument,
        }
    return [
        scenes.tool(call_id, "run_command", ToolKind.EXECUTE, {"command": command}),
        PermissionRequest(
            SESSION_ID,
            request_id,
            call_id,
            "run_command",
            "outside what is allowed by rules.allow.run_command: make test",
            command,
            risks=["network_access", "outside_workspace"],
            origin="project rules, /home/ann/project/.harn/permissions.toml",
            proposed_rule=proposed,
        ),
    ]


def ran(number: int, command: str) -> list[Event]:
    """Return the events of a command that ran before."""
    call_id = f"e{number}"
    return [
        scenes.tool(call_id, "run_command", ToolKind.EXECUTE, {"command": command}),
        scenes.tool_runs(call_id, "run_command"),
        scenes.tool_done(call_id, "run_command", "ok"),
    ]
