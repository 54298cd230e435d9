"""What a person allowed for the rest of the session, as narrow as it can be told.

A grant covers one tool and one subject: the exact command of ``run_command``, the exact path of
a built-in tool that writes files, or else the exact arguments. A person may also grant a pattern
of subjects.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from harn_tui.json_types import JsonObject
from harn_tui.permissions.call_texts import PermissionCall
from harn_tui.permissions.globs import glob_matches

_MATCHES = " matches "
# Only tools whose other arguments add no power. A tool of a server may also take a "path" or a
# "command", but what else it takes is not known, so its grants are for exact arguments.
_SUBJECT_PARAMETERS: Mapping[str, str] = {
    "run_command": "command",
    "write_file": "path",
    "edit_file": "path",
}


def grant_rule(tool_name: str, arguments: JsonObject) -> str:
    """Return the rule that a grant of this call makes, such as ``run_command(make test)``.

    People read it before they decide, and ``permission_decision.rule`` stores it.
    """
    return f"{tool_name}({_subject(tool_name, arguments)})"


def granted_parameter(tool_name: str, arguments: JsonObject) -> str | None:
    """Return the one parameter that a grant of this call is about, ``None`` for all of them."""
    parameter = _SUBJECT_PARAMETERS.get(tool_name)
    subject = arguments.get(parameter) if parameter is not None else None
    return parameter if isinstance(subject, str) and subject else None


def pattern_rule(tool_name: str, pattern: str) -> str:
    """Return the rule of a grant for all calls whose subject matches ``pattern``.

    Raises ValueError when ``pattern`` is no usable glob.
    """
    glob_matches(pattern, "")
    return f"{tool_name}{_MATCHES}{pattern}"


class SessionGrants:
    """The grants of one session, in the order in which they were given.

    A nested loop has grants of its own. Those that always hold it shares with all others.
    """

    def __init__(self, rules: Iterable[str] = (), *, always: dict[str, None] | None = None) -> None:
        """``rules`` are those of an earlier run of the session, as ``grant_rule`` wrote them."""
        self._rules = dict.fromkeys(rules)
        self._always: dict[str, None] = {} if always is None else always

    @property
    def rules(self) -> tuple[str, ...]:
        """The grants as text, oldest first."""
        return tuple(self._rules | self._always)

    def for_nested(self) -> "SessionGrants":
        """Return a copy for a nested loop: what is granted there ends with it, if not always."""
        return SessionGrants(self._rules, always=self._always)

    def remember(self, tool_name: str, arguments: JsonObject) -> str:
        """Grant this call and those like it; return the rule."""
        rule = grant_rule(tool_name, arguments)
        self._rules[rule] = None
        return rule

    def remember_pattern(self, tool_name: str, pattern: str) -> str:
        """Grant all calls of a tool whose subject matches ``pattern``; return the rule.

        Raises ValueError when ``pattern`` is no usable glob.
        """
        rule = pattern_rule(tool_name, pattern)
        self._rules[rule] = None
        return rule

    def hold_always(self, tool_name: str, pattern: str) -> str:
        """Grant such calls to every loop of the session at once; return the rule.

        Raises ValueError when ``pattern`` is no usable glob.
        """
        rule = pattern_rule(tool_name, pattern)
        self._always[rule] = None
        return rule

    def forget(self, rule: str) -> bool:
        """Take a grant back; return whether there was one."""
        found = [rules for rules in (self._rules, self._always) if rule in rules]
        for rules in found:
            del rules[rule]
        return bool(found)

    def covers(self, tool_name: str, arguments: JsonObject) -> bool:
        """Whether a grant covers this call."""
        return self.rule_for(tool_name, arguments) is not None

    def rule_for(self, tool_name: str, arguments: JsonObject) -> str | None:
        """Return the grant that covers this call, or ``None``."""
        rule = grant_rule(tool_name, arguments)
        return rule if rule in self._rules else None

    def grant_for(self, call: PermissionCall) -> str | None:
        """Return the grant that covers ``call``, for exactly it or by a pattern, or ``None``."""
        exact = self.rule_for(call.tool_name, call.arguments)
        if exact is not None:
            return exact
        subjects = call.subjects()
        for rule in self.rules:
            tool_name, separator, pattern = rule.partition(_MATCHES)
            is_about = separator and tool_name == call.tool_name and bool(subjects)
            if is_about and all(call.is_surely_matched((pattern,), text) for text in subjects):
                return rule
        return None


def _subject(tool_name: str, arguments: JsonObject) -> str:
    parameter = granted_parameter(tool_name, arguments)
    if parameter is None:
        return json.dumps(arguments, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    subject = str(arguments[parameter])
    if parameter == "path":
        # Takes "./" and doubled slashes out but no "..": that can lead elsewhere over a link.
        return str(PurePosixPath(subject))
    return subject
