"""Limits what one argument of a tool may be."""

import json
import logging
from dataclasses import dataclass

from harn_tui.json_types import JsonValue
from harn_tui.permissions.call_texts import CallText, PermissionCall
from harn_tui.permissions.globs import glob_matches

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ArgumentConstraint:
    """``argument`` of the tools that ``tool`` matches must match one of ``patterns``.

    Without ``argument`` the first parameter that holds a path counts. Paths are compared as
    they really are: without ``..`` and with links resolved; of a command, each of its commands
    must match.
    """

    tool: str
    patterns: tuple[str, ...]
    argument: str | None = None

    def fault(self, call: PermissionCall, path_params: tuple[str, ...]) -> str | None:
        """Return what is wrong with ``call``, ``None`` when it is within the constraint.

        A call without the argument is within it: nothing is said about a default.
        """
        if not self.patterns or not glob_matches(self.tool, call.tool_name):
            return None
        key = self.argument or _first_path(call, path_params)
        if key is None and call.inner_paths:
            return self._inner_fault(call)
        if key is None:
            if not path_params:
                log.warning("a constraint names no argument tool=%s", call.tool_name)
            return None
        if key not in call.arguments:
            return None
        value = call.arguments[key]
        if call.is_surely_matched(self.patterns, CallText(key, _text(value))):
            return None
        return (
            f"{call.tool_name}: {key} = {_text(value)!r} matches none of "
            f"{', '.join(self.patterns)} (only {key} was checked)"
        )

    def _inner_fault(self, call: PermissionCall) -> str | None:
        for path in call.path_texts(()):
            if not call.is_surely_matched(self.patterns, path):
                allowed = ", ".join(self.patterns)
                return f"{call.tool_name}: {path.text!r} matches none of {allowed}"
        return None


def _first_path(call: PermissionCall, path_params: tuple[str, ...]) -> str | None:
    return next((key for key in path_params if isinstance(call.arguments.get(key), str)), None)


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
