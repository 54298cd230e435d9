"""Permission rules: which calls run, which are refused and which are asked about.

Plain data of the form ``{"allow": …, "deny": …, "ask": …}`` (docs/tools.md 4.5): each is a list
of globs for tool names, or an object from glob to matcher. Deny beats ask beats allow.
"""

from dataclasses import dataclass
from pathlib import Path

from harn_tui.errors import ConfigError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import PermissionVerdict, ToolKind
from harn_tui.permissions.annotations import CallAnnotations
from harn_tui.permissions.call_texts import PermissionCall
from harn_tui.permissions.grants import SessionGrants
from harn_tui.permissions.policy_values import refuse
from harn_tui.permissions.rule import Rule
from harn_tui.permissions.rule_shapes import parse_rules

SECTIONS = (PermissionVerdict.ALLOW, PermissionVerdict.DENY, PermissionVerdict.ASK)
"""The keys of rules as plain data."""
SESSION_ORIGIN = "this session"
"""The origin of grants."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of one call.

    ``reason`` is a sentence for people and models. ``rule`` is the rule as written, ``None``
    when the kind of the tool decided; ``origin`` says where it was written, if anybody noted.
    """

    verdict: PermissionVerdict
    reason: str
    rule: str | None
    origin: str | None = None


class PermissionRules:
    """The rules of one session."""

    def __init__(
        self,
        *,
        allow: tuple[Rule, ...] = (),
        deny: tuple[Rule, ...] = (),
        ask: tuple[Rule, ...] = (),
        cwd: Path | None = None,
    ) -> None:
        self.allow = allow
        self.deny = deny
        self.ask = ask
        self.cwd = cwd

    @classmethod
    def parse(
        cls,
        data: JsonValue,
        *,
        cwd: Path | None = None,
        where: str = "permissions",
        origin: str | None = None,
    ) -> "PermissionRules":
        """Build rules from plain data; a missing section is empty.

        ``cwd`` is the folder that relative paths start from, ``origin`` the place that the
        rules were written in. Raises ConfigError that names the key, so that a malformed rule
        never becomes a permissive one.
        """
        if not isinstance(data, dict):
            refuse(where, "an object with the keys allow, deny and ask")
        for key in data:
            if key not in SECTIONS:
                raise ConfigError(
                    f"{where}.{key} is not known.", hint="Accepted: allow, deny, ask."
                )
        allow, deny, ask = (
            parse_rules(f"{where}.{section}", data.get(section), origin=origin)
            for section in SECTIONS
        )
        return cls(allow=allow, deny=deny, ask=ask, cwd=cwd)

    @property
    def has_rules(self) -> bool:
        """Whether there is a rule at all."""
        return bool(self.allow or self.deny or self.ask)

    def joined(self, other: "PermissionRules") -> "PermissionRules":
        """Return the rules of both; where one decides, those of ``self`` come first."""
        return PermissionRules(
            allow=(*self.allow, *other.allow),
            deny=(*self.deny, *other.deny),
            ask=(*self.ask, *other.ask),
            cwd=self.cwd or other.cwd,
        )

    def restricting(self) -> "PermissionRules":
        """Return the rules without those that allow something."""
        return PermissionRules(deny=self.deny, ask=self.ask, cwd=self.cwd)

    def decide(
        self,
        tool_name: str,
        kind: ToolKind,
        arguments: JsonObject,
        remembered: SessionGrants | None = None,
        *,
        path_params: tuple[str, ...] = ("path",),
    ) -> Verdict:
        """Return the verdict on one call; deny, then grants, ask, allow, then the kind decide.

        With a ``cwd`` it resolves links of path arguments on the disk, which takes microseconds.
        """
        call = PermissionCall(tool_name, arguments, path_params, self.cwd)
        return self.decide_call(call, CallAnnotations(kind), remembered)

    def decide_call(
        self,
        call: PermissionCall,
        annotations: CallAnnotations,
        remembered: SessionGrants | None = None,
    ) -> Verdict:
        """Return the verdict on ``call``, whose own folder counts."""
        for rule in self.deny:
            if rule.holds_back(call):
                return _verdict(PermissionVerdict.DENY, "denied by", rule)
        granted = remembered.grant_for(call) if remembered else None
        if remembered is not None and granted is not None:
            reason = f"allowed for this session: {granted}"
            allowed = Verdict(PermissionVerdict.ALLOW, reason, granted, SESSION_ORIGIN)
            is_exact = remembered.covers(call.tool_name, call.arguments)
            return allowed if is_exact else self._if_known(call, allowed)
        for rule in self.ask:
            if rule.holds_back(call):
                return _verdict(PermissionVerdict.ASK, "to be asked about by", rule)
        for rule in self.allow:
            if rule.lets_through(call):
                return self._if_known(call, _verdict(PermissionVerdict.ALLOW, "allowed by", rule))
        return self._without_rule(call, annotations)

    def _if_known(self, call: PermissionCall, allowed: Verdict) -> Verdict:
        """Return ``allowed``, unless what may run besides could be held back."""
        doubts = call.doubts()
        held = [held for held in (*self.deny, *self.ask) if held.might_hold_back(call)]
        if not doubts or not held:
            return allowed
        reason = f"not every command in it is known: it {doubts[0]}; {held[0].source} may apply"
        return Verdict(PermissionVerdict.ASK, reason, held[0].source, held[0].origin)

    def _without_rule(self, call: PermissionCall, annotations: CallAnnotations) -> Verdict:
        kind = annotations.kind
        limits = [rule for rule in self.allow if rule.names(call)]
        if limits:
            reason = f"outside what is allowed by {limits[0].source}"
            return Verdict(PermissionVerdict.ASK, reason, limits[0].source, limits[0].origin)
        if annotations.runs_unasked:
            reason = f"{call.tool_name} only reads (kind {kind})"
            return Verdict(PermissionVerdict.ALLOW, reason, None)
        if annotations.reaches_any_address:
            reason = (
                f"no rule names {call.tool_name}, and an address that a model writes can carry "
                "away what it has read"
            )
            return Verdict(PermissionVerdict.ASK, reason, None)
        reason = f"no rule names {call.tool_name} and its kind {kind} is not read-only"
        return Verdict(PermissionVerdict.ASK, reason, None)


def _verdict(verdict: PermissionVerdict, words: str, rule: Rule) -> Verdict:
    return Verdict(verdict, f"{words} {rule.source}", rule.source, rule.origin)
