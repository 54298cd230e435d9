"""The approval policy: which tools need nobody, somebody, or are refused, and where may be written.

The order is: refused tools, the write allowlist, approved tools, tools to be approved; a tool that
none names is fine here.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from harn_tui.json_types import JsonValue
from harn_tui.kinds import PermissionVerdict, ToolKind
from harn_tui.permissions import policy_values
from harn_tui.permissions.annotations import CallAnnotations
from harn_tui.permissions.call_texts import CallText, PermissionCall
from harn_tui.permissions.glob_scope import EVERYTHING, GlobScope
from harn_tui.permissions.globs import glob_matches
from harn_tui.permissions.rules import Verdict

_KEYS = ("auto_approve", "auto_deny", "require_approval", "write_path_allowlist")
NO_OPINION = Verdict(PermissionVerdict.ALLOW, "the approval policy does not name it", None)
"""The verdict on a call that no key of the policy is about."""


@dataclass(frozen=True, slots=True)
class ApprovalPolicy:
    """The policy of one loop; scopes without globs are not set.

    ``auto_approve`` unset approves nothing by name. ``write_path_allowlist`` unset lets every
    path be written, empty none.
    """

    auto_approve: GlobScope = EVERYTHING
    auto_deny: tuple[str, ...] = ()
    require_approval: tuple[str, ...] = ()
    write_path_allowlist: GlobScope = EVERYTHING

    @classmethod
    def parse(cls, data: JsonValue, *, where: str = "approval") -> "ApprovalPolicy":
        """Return the policy that plain data describes. Raises ConfigError that names the key."""
        table = policy_values.table(where, data, _KEYS)
        lists = {
            key: policy_values.globs(f"{where}.{key}", table[key])
            for key in _KEYS
            if table.get(key) is not None
        }
        return cls(
            auto_approve=GlobScope.of(lists.get("auto_approve")),
            auto_deny=lists.get("auto_deny", ()),
            require_approval=lists.get("require_approval", ()),
            write_path_allowlist=GlobScope.of(lists.get("write_path_allowlist")),
        )

    def narrowed(self, other: "ApprovalPolicy") -> "ApprovalPolicy":
        """Return the policy that approves only what both approve.

        What either refuses or wants approved stays so. A list that only one of them has counts
        as it is; two without anything in common leave nothing.
        """
        return ApprovalPolicy(
            auto_approve=self.auto_approve.narrowed(other.auto_approve),
            auto_deny=_united(self.auto_deny, other.auto_deny),
            require_approval=_united(self.require_approval, other.require_approval),
            write_path_allowlist=self.write_path_allowlist.narrowed(other.write_path_allowlist),
        )

    def decide(self, call: PermissionCall, annotations: CallAnnotations) -> Verdict:
        """Return the verdict; ``NO_OPINION`` when the policy does not name the call."""
        denied = _first(self.auto_deny, call.tool_name)
        if denied is not None:
            reason = f"{call.tool_name} is denied by approval.auto_deny: {denied}"
            return Verdict(PermissionVerdict.DENY, reason, f"approval.auto_deny: {denied}")
        written = self._write_verdict(call, annotations)
        if written is not None:
            return written
        if self.auto_approve.is_limited and self.auto_approve.has(call.tool_name):
            reason = f"{call.tool_name} is approved by approval.auto_approve"
            return Verdict(PermissionVerdict.ALLOW, reason, "approval.auto_approve")
        required = _first(self.require_approval, call.tool_name)
        if required is not None:
            reason = f"{call.tool_name} needs approval (approval.require_approval: {required})"
            return Verdict(PermissionVerdict.ASK, reason, f"approval.require_approval: {required}")
        return NO_OPINION

    def _write_verdict(self, call: PermissionCall, annotations: CallAnnotations) -> Verdict | None:
        """Return a verdict when the allowlist holds the call back."""
        if not self.write_path_allowlist.is_limited or annotations.kind.is_read_only:
            return None
        rule = "approval.write_path_allowlist"
        call = call.with_paths(annotations.path_params)
        paths = call.path_texts(annotations.path_params)
        if not paths:
            is_process = annotations.kind is ToolKind.EXECUTE
            verdict = PermissionVerdict.ASK if is_process else PermissionVerdict.DENY
            return Verdict(verdict, f"what {call.tool_name} writes is not known ({rule})", rule)
        outside = [path.text for path in paths if not self._may_write(call, path)]
        if not outside:
            return None
        allowed = ", ".join(self.write_path_allowlist.globs) or "none"
        reason = f"{outside[0]} is not among the paths that may be written: {allowed} ({rule})"
        return Verdict(PermissionVerdict.DENY, reason, rule)

    def _may_write(self, call: PermissionCall, path: CallText) -> bool:
        texts = [path, *_as_workspace_relative(call, path)]
        return all(
            any(call.is_surely_matched(group, text) for text in texts)
            for group in self.write_path_allowlist.groups
        )


def _as_workspace_relative(call: PermissionCall, path: CallText) -> list[CallText]:
    """Return ``/packages/a`` as ``packages/a`` when only the workspace has such a file."""
    if call.cwd is None or not path.text.startswith("/") or "\x00" in path.text:
        return []
    absolute = Path(os.path.normpath(path.text))
    inside = call.cwd / str(absolute).lstrip("/")
    if absolute.exists() or absolute.parent.exists() or not inside.exists():
        return []
    return [CallText(path.key, str(inside))]


def _first(globs: Iterable[str], name: str) -> str | None:
    return next((glob for glob in globs if glob_matches(glob, name)), None)


def _united(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
