"""Permission rules: which calls run, which are refused and which are asked about.

Plain data of the form ``{"allow": …, "deny": …, "ask": …}`` (docs/tools.md 4.5): each is a list
of globs for tool names, or an object from glob to matcher. Deny beats ask beats allow.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from harn_tui.errors import ConfigError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import PermissionVerdict, ToolKind
from harn_tui.permissions.call_texts import CallText, PermissionCall
from harn_tui.permissions.globs import glob_matches
from harn_tui.permissions.grants import SessionGrants

_SECTIONS = (PermissionVerdict.ALLOW, PermissionVerdict.DENY, PermissionVerdict.ASK)
_ARGUMENT_KEYS = ("arg_key", "key")
_PATTERN_KEYS = ("patterns", "arg_patterns", "allow")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of one call.

    ``reason`` is a sentence for people and models. ``rule`` is the rule as written, ``None``
    when the kind of the tool decided.
    """

    verdict: PermissionVerdict
    reason: str
    rule: str | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of a section.

    ``patterns`` is ``None`` for every call of the tool and empty for none. ``argument`` limits
    the patterns to one parameter.
    """

    source: str
    tool_glob: str
    patterns: tuple[str, ...] | None = None
    argument: str | None = None

    def names(self, call: PermissionCall) -> bool:
        """Whether the rule is about the tool of ``call``."""
        return glob_matches(self.tool_glob, call.tool_name)

    def holds_back(self, call: PermissionCall) -> bool:
        """Whether the rule, as a deny or ask rule, matches: one matching string is enough."""
        return self._matches(call, call.texts(self.argument), call.any_form_matches, any)

    def lets_through(self, call: PermissionCall) -> bool:
        """Whether the rule, as an allow rule, matches: what the call acts on must match."""
        texts = call.subjects() if self.argument is None else call.texts(self.argument)
        return self._matches(call, texts, call.is_surely_matched, all)

    def _matches(
        self,
        call: PermissionCall,
        texts: list[CallText],
        is_match: Callable[[tuple[str, ...], CallText], bool],
        combine: Callable[[list[bool]], bool],
    ) -> bool:
        if not self.names(call) or not (texts or self.patterns is None):
            return False
        patterns = self.patterns
        return patterns is None or combine([is_match(patterns, text) for text in texts])


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
        self._allow = allow
        self._deny = deny
        self._ask = ask
        self._cwd = cwd

    @classmethod
    def parse(
        cls, data: JsonValue, *, cwd: Path | None = None, where: str = "permissions"
    ) -> "PermissionRules":
        """Build rules from plain data; a missing section is empty.

        ``cwd`` is the folder that relative paths start from. Raises ConfigError that names the
        key, so that a malformed rule never becomes a permissive one.
        """
        if not isinstance(data, dict):
            _refuse(where, "an object with the keys allow, deny and ask")
        for key in data:
            if key not in _SECTIONS:
                raise ConfigError(
                    f"{where}.{key} is not known.", hint="Accepted: allow, deny, ask."
                )
        allow, deny, ask = (
            _rules(f"{where}.{section}", data.get(section)) for section in _SECTIONS
        )
        return cls(allow=allow, deny=deny, ask=ask, cwd=cwd)

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
        call = PermissionCall(tool_name, arguments, path_params, self._cwd)
        for rule in self._deny:
            if rule.holds_back(call):
                return _verdict(PermissionVerdict.DENY, "denied by", rule)
        granted = remembered.rule_for(tool_name, arguments) if remembered else None
        if granted is not None:
            reason = f"allowed for this session: {granted}"
            return Verdict(PermissionVerdict.ALLOW, reason, granted)
        for rule in self._ask:
            if rule.holds_back(call):
                return _verdict(PermissionVerdict.ASK, "to be asked about by", rule)
        for rule in self._allow:
            if rule.lets_through(call):
                return _verdict(PermissionVerdict.ALLOW, "allowed by", rule)
        return self._without_rule(call, kind)

    def _without_rule(self, call: PermissionCall, kind: ToolKind) -> Verdict:
        limits = [rule for rule in self._allow if rule.names(call)]
        if limits:
            reason = f"outside what is allowed by {limits[0].source}"
            return Verdict(PermissionVerdict.ASK, reason, limits[0].source)
        if kind.is_read_only:
            reason = f"{call.tool_name} only reads (kind {kind})"
            return Verdict(PermissionVerdict.ALLOW, reason, None)
        reason = f"no rule names {call.tool_name} and its kind {kind} is not read-only"
        return Verdict(PermissionVerdict.ASK, reason, None)


def _verdict(verdict: PermissionVerdict, words: str, rule: Rule) -> Verdict:
    return Verdict(verdict, f"{words} {rule.source}", rule.source)


def _rules(where: str, section: JsonValue) -> tuple[Rule, ...]:
    if section is None:
        return ()
    if isinstance(section, list):
        globs = [_glob(f"{where}[{index}]", glob) for index, glob in enumerate(section)]
        return tuple(Rule(f"{where}: {glob}", glob) for glob in globs)
    if not isinstance(section, dict):
        _refuse(where, "a list of tool names or an object from tool name to matcher")
    return tuple(_rule(where, glob, section[glob]) for glob in sorted(section))


def _rule(where: str, tool_glob: str, matcher: JsonValue) -> Rule:
    key = f"{where}.{tool_glob}"
    _glob(key, tool_glob)
    if matcher is None or matcher is True:
        return Rule(key, tool_glob)
    if matcher is False:
        return Rule(key, tool_glob, patterns=())
    if isinstance(matcher, dict):
        return _argument_rule(key, tool_glob, matcher)
    patterns = _patterns(key, matcher)
    return Rule(f"{key}: {', '.join(patterns)}", tool_glob, patterns)


def _argument_rule(key: str, tool_glob: str, matcher: Mapping[str, JsonValue]) -> Rule:
    for name in matcher:
        if name not in {*_ARGUMENT_KEYS, *_PATTERN_KEYS}:
            raise ConfigError(f"{key}.{name} is not known.", hint="Accepted: arg_key, patterns.")
    argument = _single(key, matcher, _ARGUMENT_KEYS)
    if not isinstance(argument, str) or not argument:
        _refuse(f"{key}.arg_key", "the name of a parameter")
    patterns = _patterns(f"{key}.patterns", _single(key, matcher, _PATTERN_KEYS))
    return Rule(f"{key}: {argument} = {', '.join(patterns)}", tool_glob, patterns, argument)


def _single(key: str, matcher: Mapping[str, JsonValue], names: tuple[str, ...]) -> JsonValue:
    given = [name for name in names if name in matcher]
    if len(given) != 1:
        raise ConfigError(f"{key} must have exactly one of: {', '.join(names)}.")
    return matcher[given[0]]


def _patterns(key: str, value: JsonValue) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not items:
        _refuse(key, "true, false, a glob, a list of globs, or {arg_key, patterns}")
    return tuple(_glob(key, item) for item in items)


def _glob(key: str, value: JsonValue) -> str:
    if not isinstance(value, str) or not value:
        _refuse(key, "a glob (text that is not empty)")
    try:
        glob_matches(value, "")
    except ValueError as error:
        raise ConfigError(f"{key} is not a usable glob: {error}.") from error
    return value


def _refuse(key: str, wanted: str) -> NoReturn:
    raise ConfigError(f"{key} must be {wanted}.")
