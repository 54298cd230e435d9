"""The shapes of the tables of policies, checked before any policy is built."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from harn_tui.config.value_rules import (
    Fault,
    ValueRule,
    flag,
    one_of,
    table_of,
    text,
    texts,
    texts_not_empty,
    whole_number,
)
from harn_tui.json_types import JsonValue
from harn_tui.kinds import ToolKind

SIDE_EFFECT_LEVELS = ("none", "read_only", "workspace_write", "process_exec", "network")
"""Weakest first."""
ARGV_ONLY = "argv_only"
"""The stricter of the shell modes."""
SHELL_MODES = (ARGV_ONLY, "shell")
RISK_LABELS = (
    "destructive",
    "write_intent",
    "curl_pipe_shell",
    "credential_file_read",
    "network_exfil",
    "sudo",
    "package_install",
    "git_force_push",
    "process_kill",
    "outside_workspace",
)


_Parts: TypeAlias = Callable[[JsonValue], "list[tuple[str, JsonValue]] | None"]


def _tables_of(wanted: str, rule: ValueRule) -> ValueRule:
    """Return the rule for a table of any names, whose values ``rule`` accepts."""
    return _each(
        wanted, rule, lambda value: list(value.items()) if isinstance(value, dict) else None
    )


def _lists_of(wanted: str, rule: ValueRule) -> ValueRule:
    """Return the rule for a list whose items ``rule`` accepts; they are numbered from 1."""
    return _each(
        wanted,
        rule,
        lambda value: (
            [(str(number), item) for number, item in enumerate(value, start=1)]
            if isinstance(value, list)
            else None
        ),
    )


def _each(wanted: str, rule: ValueRule, parts: _Parts) -> ValueRule:
    def find_fault(value: JsonValue) -> Fault | None:
        found = parts(value)
        if found is None:
            return Fault((), wanted)
        for name, item in found:
            fault = rule.find_fault(item) if name else Fault((), "under a name that is not empty")
            if fault is not None:
                return Fault((name, *fault.path), fault.wanted)
        return None

    return ValueRule(wanted, find_fault)


def _with(rule: ValueRule, required: tuple[str, ...]) -> ValueRule:
    """Return ``rule`` for a table that has all ``required`` keys."""

    def find_fault(value: JsonValue) -> Fault | None:
        fault = rule.find_fault(value)
        if fault is None and isinstance(value, dict):
            missing = [key for key in required if key not in value]
            if missing:
                return Fault((), f"a table that has {' and '.join(required)}")
        return fault

    return ValueRule(rule.wanted, find_fault)


def _capabilities() -> ValueRule:
    return _tables_of("a table from capability to its operations", texts())


POLICY: Mapping[str, ValueRule] = MappingProxyType(
    {
        "tools": texts(),
        "capabilities": _capabilities(),
        "workspace_roots": texts(),
        "side_effect_level": one_of(SIDE_EFFECT_LEVELS),
        "recursion_limit": whole_number(0),
        "tool_arg_constraints": _lists_of(
            "a list of tables of tool, arg_patterns and perhaps arg_key",
            _with(
                table_of(
                    {
                        "tool": text(),
                        "arg_patterns": texts_not_empty(),
                        "arg_key": text(),
                    }
                ),
                ("tool", "arg_patterns"),
            ),
        ),
        "tool_annotations": _tables_of(
            "a table from tool to its annotations",
            table_of(
                {
                    "kind": one_of(tuple(ToolKind)),
                    "side_effect_level": one_of(SIDE_EFFECT_LEVELS),
                    "path_params": texts(),
                    "capabilities": _capabilities(),
                }
            ),
        ),
    }
)
"""The keys of ``[policy]``."""

APPROVAL: Mapping[str, ValueRule] = MappingProxyType(
    {
        "auto_approve": texts(),
        "auto_deny": texts(),
        "require_approval": texts(),
        "write_path_allowlist": texts(),
    }
)
"""The keys of ``[approval]``."""

COMMAND_POLICY: Mapping[str, ValueRule] = MappingProxyType(
    {
        "tools": texts(),
        "workspace_roots": texts(),
        "default_shell_mode": one_of(SHELL_MODES),
        "deny_patterns": texts(),
        "require_approval": _lists_of(f"a list of {', '.join(RISK_LABELS)}", one_of(RISK_LABELS)),
        "allow_recursive": flag(),
    }
)
"""The keys of ``[command_policy]``."""
