"""The one place that decides on a call: execution policy, command policy, rules, approval policy.

Every denial wins over every approval, whoever said it. Deciding changes nothing and can be
repeated: arguments that a hook or a host rewrote are decided on anew.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from harn_tui.json_types import JsonObject
from harn_tui.kinds import DecisionScope, PermissionVerdict, ToolErrorCategory
from harn_tui.permissions.annotations import CallAnnotations, SideEffectLevel
from harn_tui.permissions.call_texts import COMMAND_KEY, PermissionCall
from harn_tui.permissions.command_policy import CommandPolicy, too_long
from harn_tui.permissions.command_risk.labels import Risk, RiskLabel
from harn_tui.permissions.dynamic_permissions import DynamicPermissionStack
from harn_tui.permissions.grants import SessionGrants
from harn_tui.permissions.policy_set import PolicySet
from harn_tui.permissions.protected_files import touched_file
from harn_tui.permissions.rules import SESSION_ORIGIN, PermissionRules, Verdict
from harn_tui.permissions.shell_command.model import CommandLine

_Assessed: TypeAlias = tuple[CommandLine, tuple[Risk, ...]]
_LONG = 2_000  # characters of a command that are parsed in well under 5 ms
_CONFIGURATION = "configuration"


@dataclass(frozen=True, slots=True)
class GateDecision:
    """What is decided on one call.

    ``reason`` is a sentence for people and models. ``rule`` is the rule or limit that decided,
    ``None`` when nothing names the call and the tool's kind decided; ``origin`` says where that
    was written. ``risks`` are those of its command, whatever they led to. ``category`` is set
    for denials. ``is_escalated`` tells that somebody was asked by ``on_escalation``, ``scope``
    and ``approver`` what came of it.
    """

    verdict: PermissionVerdict
    reason: str
    rule: str | None = None
    origin: str | None = None
    risks: tuple[Risk, ...] = ()
    category: ToolErrorCategory | None = None
    is_escalated: bool = False
    scope: DecisionScope | None = None
    approver: str | None = None

    @property
    def risk_labels(self) -> tuple[RiskLabel, ...]:
        """The labels of the risks, in their order."""
        return tuple(risk.label for risk in self.risks)


@dataclass(frozen=True, slots=True)
class Gate:
    """Decides on the calls of one loop.

    ``rules`` are those of the configuration and of stored files, joined. ``cwd`` is the folder
    of the loop, ``roots`` the resolved folders that tools keep to and commands should,
    ``protected`` the resolved files and folders that hold configuration and rules.
    """

    rules: PermissionRules
    cwd: Path
    policies: PolicySet = field(default_factory=PolicySet)
    grants: SessionGrants = field(default_factory=SessionGrants)
    dynamic: DynamicPermissionStack = field(default_factory=DynamicPermissionStack)
    roots: tuple[Path, ...] = ()
    protected: tuple[Path, ...] = ()

    def decide(self, call: PermissionCall, annotations: CallAnnotations) -> GateDecision:
        """Return ALLOW, DENY or ASK for ``call``, whatever was decided on it before.

        A caller that has a person's answer to the very same arguments takes ASK for that
        answer; after a rewrite it asks again. Resolves links on the disk, so a call with many
        paths belongs in a thread.
        """
        call, annotations = self.completed(call, annotations)
        lines = call.command_lines()
        assessed = [(line, self._risks(line)) for line in lines]
        verdict = self._verdict(call, annotations, assessed)
        origin = verdict.origin or (_CONFIGURATION if verdict.rule else None)
        is_denied = verdict.verdict is PermissionVerdict.DENY
        return GateDecision(
            verdict.verdict,
            verdict.reason,
            verdict.rule,
            origin,
            tuple(risk for _, risks in assessed for risk in risks),
            ToolErrorCategory.PERMISSION_DENIED if is_denied else None,
        )

    async def settle(
        self,
        call: PermissionCall,
        annotations: CallAnnotations,
        *,
        session_id: str = "",
        context: JsonObject | None = None,
    ) -> GateDecision:
        """Decide, then ask the dynamic permissions, which may call ``on_escalation``.

        They are not asked about what is denied anyway. A grant of theirs stands for the
        question that only the tool's kind would have raised. Long commands are looked at in a
        thread.
        """
        if is_long(call):
            decision = await asyncio.to_thread(self.decide, call, annotations)
        else:
            decision = self.decide(call, annotations)
        if decision.verdict is PermissionVerdict.DENY or self.dynamic.is_empty:
            return decision
        call, _ = self.completed(call, annotations)
        dynamic = await self.dynamic.decide(call, session_id, context)
        decision = replace(
            decision,
            is_escalated=dynamic.is_escalated,
            scope=dynamic.scope,
            approver=dynamic.approver,
        )
        if not dynamic.is_granted:
            return replace(
                decision,
                verdict=PermissionVerdict.DENY,
                reason=dynamic.reason,
                rule="permissions",
                origin="the host program",
                category=ToolErrorCategory.PERMISSION_DENIED,
            )
        if decision.rule is None and dynamic.is_explicit:
            return replace(decision, verdict=PermissionVerdict.ALLOW, reason=dynamic.reason)
        return decision

    def completed(
        self, call: PermissionCall, annotations: CallAnnotations
    ) -> tuple[PermissionCall, CallAnnotations]:
        """Return both with what the policies say of the tool and where the loop works."""
        known = self.policies.execution.annotated(call.tool_name, annotations)
        return replace(call.with_paths(known.path_params), cwd=call.cwd or self.cwd), known

    def _risks(self, line: CommandLine) -> tuple[Risk, ...]:
        policy = self.policies.command or CommandPolicy()
        return policy.risks(line, cwd=self.cwd, roots=self.roots)

    def _verdict(
        self, call: PermissionCall, annotations: CallAnnotations, assessed: list[_Assessed]
    ) -> Verdict:
        lines = [line for line, _ in assessed]
        command = self._of_command_policy(call, assessed)
        approval = self.policies.approval.decide(call, annotations)
        rules = self.rules.decide_call(call, annotations, self.grants)
        limits = self.policies.execution.check(call, annotations)
        place = self._of_workspace(call, annotations)
        for verdict in (limits, place, *_too_long(lines), command, rules, approval):
            if verdict.verdict is PermissionVerdict.DENY:
                return verdict
        exact = self.grants.rule_for(call.tool_name, call.arguments)
        if exact is not None:
            reason = f"allowed for this session: {exact}"
            return Verdict(PermissionVerdict.ALLOW, reason, exact, SESSION_ORIGIN)
        protected = touched_file(call, annotations, lines, self.protected)
        if protected is not None:
            reason = f"it may change {protected}, which decides what is allowed"
            return Verdict(PermissionVerdict.ASK, reason, "protected files", "this program")
        return _first_that_counts(command, rules, approval)

    def _of_workspace(self, call: PermissionCall, annotations: CallAnnotations) -> Verdict:
        """Deny what a tool that writes in the workspace would refuse itself: ask nobody for it."""
        allowed = Verdict(PermissionVerdict.ALLOW, "within the workspace", None)
        if annotations.side_effect_level is not SideEffectLevel.WORKSPACE_WRITE or not self.roots:
            return allowed
        try:
            paths = call.resolved_paths()
        except ValueError:
            return allowed  # the tool says what is wrong with it
        for path in paths:
            if not any(path.is_relative_to(root) for root in self.roots):
                folders = ", ".join(map(str, self.roots))
                reason = (
                    f"{path} is outside the workspace; allowed folders: {folders}. A person can add"
                    " folders to permissions.workspace_roots"
                )
                return Verdict(PermissionVerdict.DENY, reason, "workspace roots", "this program")
        return allowed

    def _of_command_policy(self, call: PermissionCall, assessed: list[_Assessed]) -> Verdict:
        """Return the strictest verdict of the command policy on the lines of ``call``."""
        verdict = Verdict(PermissionVerdict.ALLOW, "no command policy", None)
        policy = self.policies.command
        if policy is None:
            return verdict
        for line, risks in assessed:
            found = policy.decide(call, line, risks)
            if found.verdict is PermissionVerdict.DENY:
                return found
            if found.verdict is PermissionVerdict.ASK:
                verdict = found
        return verdict


def is_long(call: PermissionCall) -> bool:
    """Whether a command of ``call`` is so long that it is looked at in a thread."""
    return any(len(line.text) > _LONG for line in call.texts(COMMAND_KEY))


def _first_that_counts(command: Verdict, rules: Verdict, approval: Verdict) -> Verdict:
    """Return what holds when nothing is denied.

    A question of the command policy stays one. A grant of the session answers the others; else
    they stand, and an approval by name answers only the one that nobody wrote a rule for.
    """
    if command.verdict is PermissionVerdict.ASK:
        return command
    if rules.origin == SESSION_ORIGIN:
        return rules
    if rules.verdict is PermissionVerdict.ASK and rules.rule is not None:
        return rules
    if approval.rule is not None:
        return approval
    return rules


def _too_long(lines: list[CommandLine]) -> Iterator[Verdict]:
    for line in lines:
        reason = too_long(line)
        if reason is not None:
            yield Verdict(PermissionVerdict.DENY, reason, "length", "this program")
