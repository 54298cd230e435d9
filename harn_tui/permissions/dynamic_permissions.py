"""Permissions that a program gives a loop: rules with tests of its own, and whom to ask.

Those of nested loops stand on each other: every one must grant (docs/tools.md, 4.5).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import cast

from harn_tui.errors import ConfigError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import DecisionScope
from harn_tui.permissions.call_texts import PermissionCall
from harn_tui.permissions.escalation import Escalation, escalate, escalation_request
from harn_tui.permissions.grants import SessionGrants
from harn_tui.permissions.rule import Rule
from harn_tui.permissions.rule_shapes import parse_rules

_KEYS = ("allow", "deny", "on_escalation")


@dataclass(frozen=True, slots=True)
class DynamicPermissions:
    """The permissions of one loop.

    ``allow`` ``None`` allows what is not denied, empty nothing. ``on_escalation`` is called when
    a call would be denied, ``None`` for nobody to ask.
    """

    allow: tuple[Rule, ...] | None = None
    deny: tuple[Rule, ...] = ()
    on_escalation: Escalation | None = None

    @classmethod
    def parse(cls, data: object, *, where: str = "permissions") -> "DynamicPermissions":
        """Return the permissions that a program's mapping holds. Raises ConfigError."""
        if not isinstance(data, Mapping):
            raise ConfigError(f"{where} must be an object with the keys {', '.join(_KEYS)}.")
        for key in data:
            if key not in _KEYS:
                raise ConfigError(
                    f"{where}.{key} is not known.", hint=f"Accepted: {', '.join(_KEYS)}."
                )
        escalation = data.get("on_escalation")
        if escalation is not None and not callable(escalation):
            raise ConfigError(f"{where}.on_escalation must be a function.")
        allow = data.get("allow")
        return cls(
            allow=None if allow is None else parse_rules(f"{where}.allow", allow),
            deny=parse_rules(f"{where}.deny", data.get("deny")),
            on_escalation=cast("Callable[[JsonObject], object] | None", escalation),
        )

    def objection(self, call: PermissionCall) -> str | None:
        """Return why the call would be denied, ``None`` when it is granted."""
        for rule in self.deny:
            if rule.holds_back(call):
                return f"denied by {rule.source}"
        if self.allow is None:
            return None
        if any(rule.lets_through(call) for rule in self.allow):
            doubts = call.doubts()
            held = next((rule for rule in self.deny if rule.might_hold_back(call)), None)
            if not doubts or held is None:
                return None
            return f"not every command in it is known: it {doubts[0]}; {held.source} may apply"
        return f"no rule of the permissions allows {call.tool_name}"


@dataclass(frozen=True, slots=True)
class DynamicDecision:
    """What the permissions of all loops say.

    ``scope`` is set when somebody granted the call, ``is_explicit`` when a rule, a grant or
    somebody allowed it, not only the lack of an objection.
    """

    is_granted: bool
    reason: str
    is_escalated: bool = False
    scope: DecisionScope | None = None
    approver: str | None = None
    is_explicit: bool = False


_GRANTED = DynamicDecision(True, "granted by the dynamic permissions")


class DynamicPermissionStack:
    """The permissions of a loop and of those around it, outermost first.

    What an escalation grants for the session is kept in the grants of its own layer, which may
    outlive the loop; it never counts for another layer.
    """

    def __init__(self, layers: tuple[tuple[DynamicPermissions, SessionGrants], ...] = ()) -> None:
        self._layers = layers

    def within(
        self, inner: DynamicPermissions, grants: SessionGrants | None = None
    ) -> "DynamicPermissionStack":
        """Return the stack of a loop inside; ``grants`` are those of its session so far."""
        kept = SessionGrants() if grants is None else grants
        return DynamicPermissionStack((*self._layers, (inner, kept)))

    @property
    def is_empty(self) -> bool:
        """Whether there are no permissions to ask."""
        return not self._layers

    async def decide(
        self, call: PermissionCall, session_id: str, context: JsonObject | None = None
    ) -> DynamicDecision:
        """Return the decision; asks where a layer would deny and knows whom to ask."""
        decision = _GRANTED
        for layer, grants in self._layers:
            objection = layer.objection(call)
            if objection is None:
                is_explicit = decision.is_explicit or layer.allow is not None
                decision = replace(decision, is_explicit=is_explicit)
                continue
            granted = grants.grant_for(call)
            if granted is not None:
                reason = f"session grant: {granted}"
                decision = replace(decision, reason=reason, is_explicit=True)
                continue
            if layer.on_escalation is None:
                return DynamicDecision(False, objection)
            request = escalation_request(call, session_id, objection, context)
            reply = await escalate(layer.on_escalation, request)
            reason = reply.reason or objection
            decision = DynamicDecision(
                reply.is_granted, reason, True, reply.scope, reply.approver, reply.is_granted
            )
            if not reply.is_granted:
                return decision
            if reply.scope is DecisionScope.SESSION:
                grants.remember(call.tool_name, call.arguments)
        return decision
