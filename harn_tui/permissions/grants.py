"""What a person allowed for the rest of the session, as narrow as it can be told.

A grant covers one tool and one subject: the exact command of ``run_command``, the exact path of
a built-in tool that writes files, or else the exact arguments.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from harn_tui.json_types import JsonObject

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


class SessionGrants:
    """The grants of one session, in the order in which they were given."""

    def __init__(self, rules: Iterable[str] = ()) -> None:
        """``rules`` are those of an earlier run of the session, as ``grant_rule`` wrote them."""
        self._rules = dict.fromkeys(rules)

    @property
    def rules(self) -> tuple[str, ...]:
        """The grants as text, oldest first."""
        return tuple(self._rules)

    def remember(self, tool_name: str, arguments: JsonObject) -> str:
        """Grant this call and those like it; return the rule."""
        rule = grant_rule(tool_name, arguments)
        self._rules[rule] = None
        return rule

    def forget(self, rule: str) -> bool:
        """Take a grant back; return whether there was one."""
        if rule not in self._rules:
            return False
        del self._rules[rule]
        return True

    def covers(self, tool_name: str, arguments: JsonObject) -> bool:
        """Whether a grant covers this call."""
        return self.rule_for(tool_name, arguments) is not None

    def rule_for(self, tool_name: str, arguments: JsonObject) -> str | None:
        """Return the grant that covers this call, or ``None``."""
        rule = grant_rule(tool_name, arguments)
        return rule if rule in self._rules else None


def _subject(tool_name: str, arguments: JsonObject) -> str:
    parameter = _SUBJECT_PARAMETERS.get(tool_name)
    subject = arguments.get(parameter) if parameter is not None else None
    if not isinstance(subject, str) or not subject:
        return json.dumps(arguments, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if parameter == "path":
        # Takes "./" and doubled slashes out but no "..": that can lead elsewhere over a link.
        return str(PurePosixPath(subject))
    return subject
