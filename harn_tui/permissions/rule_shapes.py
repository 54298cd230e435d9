"""Reads rules from plain data, in the shapes of docs/tools.md 4.5."""

from collections.abc import Mapping

from harn_tui.errors import ConfigError
from harn_tui.permissions.policy_values import glob, refuse, table
from harn_tui.permissions.rule import Rule

_ARGUMENT_KEYS = ("arg_key", "key")
_PATTERN_KEYS = ("patterns", "arg_patterns", "allow")


def parse_rules(where: str, section: object, *, origin: str | None = None) -> tuple[Rule, ...]:
    """Return the rules of one section, ``None`` meaning an empty one.

    Besides plain data a matcher may be a function of the arguments. Raises ConfigError that
    names the key, so that a malformed rule never becomes a permissive one.
    """
    if section is None:
        return ()
    if isinstance(section, list):
        globs = [glob(f"{where}[{index}]", item) for index, item in enumerate(section)]
        return tuple(Rule(f"{where}: {name}", name, origin=origin) for name in globs)
    if not isinstance(section, Mapping):
        refuse(where, "a list of tool names or an object from tool name to matcher")
    return tuple(_rule(where, name, section[name], origin) for name in sorted(section, key=str))


def _rule(where: str, tool_glob: object, matcher: object, origin: str | None) -> Rule:
    key = f"{where}.{tool_glob}"
    name = glob(key, tool_glob)
    if matcher is None or matcher is True:
        return Rule(key, name, origin=origin)
    if matcher is False:
        return Rule(key, name, patterns=(), origin=origin)
    if callable(matcher):
        return Rule(key, name, predicate=matcher, origin=origin)
    if isinstance(matcher, Mapping):
        return _argument_rule(key, name, matcher, origin)
    patterns = _patterns(key, matcher)
    return Rule(f"{key}: {', '.join(patterns)}", name, patterns, origin=origin)


def _argument_rule(
    key: str, tool_glob: str, matcher: Mapping[str, object], origin: str | None
) -> Rule:
    for name in table(key, matcher):
        if name not in {*_ARGUMENT_KEYS, *_PATTERN_KEYS}:
            raise ConfigError(f"{key}.{name} is not known.", hint="Accepted: arg_key, patterns.")
    argument = _single(key, matcher, _ARGUMENT_KEYS)
    if not isinstance(argument, str) or not argument:
        refuse(f"{key}.arg_key", "the name of a parameter")
    patterns = _patterns(f"{key}.patterns", _single(key, matcher, _PATTERN_KEYS))
    source = f"{key}: {argument} = {', '.join(patterns)}"
    return Rule(source, tool_glob, patterns, argument, origin=origin)


def _single(key: str, matcher: Mapping[str, object], names: tuple[str, ...]) -> object:
    given = [name for name in names if name in matcher]
    if len(given) != 1:
        raise ConfigError(f"{key} must have exactly one of: {', '.join(names)}.")
    return matcher[given[0]]


def _patterns(key: str, value: object) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not items:
        refuse(key, "true, false, a glob, a list of globs, or {arg_key, patterns}")
    return tuple(glob(key, item) for item in items)
