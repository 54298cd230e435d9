"""Tries out what a rule that is kept for good would do, before a person gives it."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace

from harn_tui.errors import ConfigError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import PermissionVerdict
from harn_tui.permissions.annotations import CallAnnotations
from harn_tui.permissions.call_texts import PermissionCall
from harn_tui.permissions.gate import Gate, GateDecision, is_long
from harn_tui.permissions.globs import literal_glob
from harn_tui.permissions.grants import SessionGrants
from harn_tui.permissions.policy_values import glob
from harn_tui.permissions.remembering import GrantProposal, proposed_grant
from harn_tui.permissions.rule import Rule
from harn_tui.permissions.rules import PermissionRules
from harn_tui.permissions.stored_rules import RuleText


@dataclass(frozen=True, slots=True)
class RuleTrial:
    """Tells what rules about calls like ``call``, which is asked about, would do.

    ``gate`` has no grants, as in another session. ``proposal`` is a narrow pattern that lets the
    call through, ``None`` when none can be told. ``obstacle`` says why no rule could: a clause.
    """

    gate: Gate
    call: PermissionCall
    annotations: CallAnnotations
    proposal: GrantProposal | None
    obstacle: str | None

    def problem(self, pattern: str) -> str | None:
        """Return why ``pattern`` cannot be given for the call: a sentence, ``None`` if it can."""
        if not pattern.strip():
            return "A pattern is needed; * stands for any text."
        try:
            glob("The pattern", pattern)
        except ConfigError as error:
            return error.message
        if self.obstacle is not None:
            return f"No rule would let this call through: {self.obstacle}."
        if not self._rule(pattern).lets_through(self.call):
            several = "every command in it, " if self.call.command_lines() else ""
            return f"It does not match this call: {several}the whole text must match."
        return None

    def kept_rule(self, pattern: str) -> RuleText:
        """Return the rule as a file keeps it. Raises ConfigError for a pattern that is no glob."""
        name = literal_glob(self.call.tool_name)
        return RuleText(PermissionVerdict.ALLOW, name, pattern, self.argument)

    @property
    def argument(self) -> str | None:
        """The parameter that the pattern is about, ``None`` for all that the call acts on."""
        return None if self.proposal is None else self.proposal.argument

    def allowed_by(self, pattern: str, calls: Iterable[JsonObject]) -> list[JsonObject]:
        """Return the arguments of those calls of the tool that ``pattern`` would have allowed.

        Looks at commands and paths, so many calls belong in a thread. Empty for no usable glob.
        """
        try:
            glob("The pattern", pattern)
        except ConfigError:
            return []
        rule = self._rule(pattern)
        return [arguments for arguments in calls if self._allows(rule, arguments)]

    def _allows(self, rule: Rule, arguments: JsonObject) -> bool:
        call = replace(self.call, arguments=arguments, inner_paths=())
        if not rule.lets_through(call):
            return False
        return _decided(self.gate, rule, call, self.annotations).verdict is PermissionVerdict.ALLOW

    def _rule(self, pattern: str) -> Rule:
        return Rule(pattern, literal_glob(self.call.tool_name), (pattern,), self.argument)


async def try_rules(gate: Gate, call: PermissionCall, annotations: CallAnnotations) -> RuleTrial:
    """Return the trial for ``call``. Long commands are looked at in a thread."""
    if is_long(call):
        return await asyncio.to_thread(_trial, gate, call, annotations)
    return _trial(gate, call, annotations)


def _trial(gate: Gate, call: PermissionCall, annotations: CallAnnotations) -> RuleTrial:
    call, annotations = gate.completed(call, annotations)
    gate = replace(gate, grants=SessionGrants())
    every = Rule("a rule for every call", literal_glob(call.tool_name))
    decision = _decided(gate, every, call, annotations)
    if decision.verdict is not PermissionVerdict.ALLOW:
        return RuleTrial(gate, call, annotations, None, decision.reason.rstrip("."))
    trial = RuleTrial(gate, call, annotations, proposed_grant(call), None)
    if trial.proposal is not None and trial.problem(trial.proposal.pattern) is not None:
        return replace(trial, proposal=None)
    return trial


def _decided(
    gate: Gate, rule: Rule, call: PermissionCall, annotations: CallAnnotations
) -> GateDecision:
    """Return what the gate would say if ``rule`` allowed calls too."""
    rules = gate.rules.joined(PermissionRules(allow=(rule,)))
    return replace(gate, rules=rules).decide(call, annotations)
