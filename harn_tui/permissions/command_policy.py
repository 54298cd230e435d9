"""The command policy: which risks of a command are refused and which need a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from harn_tui.errors import ConfigError
from harn_tui.json_types import JsonValue
from harn_tui.kinds import PermissionVerdict
from harn_tui.permissions import policy_values
from harn_tui.permissions.call_texts import PermissionCall
from harn_tui.permissions.command_risk.assessment import assess
from harn_tui.permissions.command_risk.labels import Risk, RiskLabel
from harn_tui.permissions.glob_scope import EVERYTHING, GlobScope
from harn_tui.permissions.rules import Verdict
from harn_tui.permissions.shell_command.inside import names
from harn_tui.permissions.shell_command.model import CommandLine
from harn_tui.permissions.shell_command.parser import MOST_CHARACTERS
from harn_tui.permissions.workspace_roots import common_roots, parse_roots

_KEYS = (
    "tools",
    "workspace_roots",
    "default_shell_mode",
    "deny_patterns",
    "require_approval",
    "allow_recursive",
)
_STRICTNESS = (PermissionVerdict.ALLOW, PermissionVerdict.ASK, PermissionVerdict.DENY)
_OWN_PROGRAMS = names("harn harn-tui harn_tui harn-console")
NO_OBJECTION = Verdict(PermissionVerdict.ALLOW, "the command policy has no objection", None)
"""The verdict on a command that carries no risk the policy looks at."""


class ShellMode(StrEnum):
    """What a command line may be: one program with arguments, or anything a shell reads."""

    ARGV_ONLY = "argv_only"
    SHELL = "shell"


@dataclass(frozen=True, slots=True)
class CommandPolicy:
    """The policy of one loop.

    It looks at the ``command`` of the tools in ``tools``. ``workspace_roots`` are resolved
    folders, ``None`` for those of the session. ``actions`` say what each risk leads to; a label
    that is missing, to what is recommended. ``may_recurse`` lets commands start this program.
    """

    tools: GlobScope = EVERYTHING
    workspace_roots: tuple[Path, ...] | None = None
    shell_mode: ShellMode = ShellMode.SHELL
    deny_patterns: tuple[str, ...] = ()
    actions: Mapping[RiskLabel, PermissionVerdict] = field(default_factory=dict)
    may_recurse: bool = False

    @classmethod
    def parse(cls, data: JsonValue, *, cwd: Path, where: str = "command_policy") -> "CommandPolicy":
        """Return the policy that plain data describes. Raises ConfigError that names the key.

        ``require_approval`` lists the risks that a person decides on, also those that would be
        refused; the others are then refused or pass. Unset, what is recommended counts.
        """
        table = policy_values.table(where, data, _KEYS)
        tools, mode = table.get("tools"), table.get("default_shell_mode")
        patterns, recursive = table.get("deny_patterns"), table.get("allow_recursive")
        return cls(
            tools=EVERYTHING
            if tools is None
            else GlobScope.of(policy_values.globs(f"{where}.tools", tools)),
            workspace_roots=parse_roots(
                f"{where}.workspace_roots", table.get("workspace_roots"), cwd
            ),
            shell_mode=ShellMode.SHELL
            if mode is None
            else policy_values.choice(f"{where}.default_shell_mode", mode, ShellMode),
            deny_patterns=()
            if patterns is None
            else policy_values.globs(f"{where}.deny_patterns", patterns),
            actions=_actions(f"{where}.require_approval", table.get("require_approval")),
            may_recurse=recursive is not None
            and policy_values.flag(f"{where}.allow_recursive", recursive),
        )

    def narrowed(self, other: "CommandPolicy") -> "CommandPolicy":
        """Return the policy that refuses and asks whenever either does.

        It looks at every tool that either looks at, unless both look at the same ones.
        """
        return CommandPolicy(
            tools=self.tools if self.tools == other.tools else EVERYTHING,
            workspace_roots=common_roots(self.workspace_roots, other.workspace_roots),
            shell_mode=self.shell_mode
            if self.shell_mode is ShellMode.ARGV_ONLY
            else other.shell_mode,
            deny_patterns=tuple(dict.fromkeys((*self.deny_patterns, *other.deny_patterns))),
            actions={
                label: max(self.action(label), other.action(label), key=_STRICTNESS.index)
                for label in RiskLabel
            },
            may_recurse=self.may_recurse and other.may_recurse,
        )

    def action(self, label: RiskLabel) -> PermissionVerdict:
        """Return what a risk leads to."""
        return self.actions.get(label, label.recommended)

    def risks(self, line: CommandLine, *, cwd: Path, roots: tuple[Path, ...]) -> tuple[Risk, ...]:
        """Return the risks of ``line``; ``roots`` are the session's, resolved."""
        mine = self.workspace_roots
        return assess(
            line,
            cwd=cwd,
            roots=roots if mine is None else mine,
            deny_patterns=self.deny_patterns,
        )

    def decide(self, call: PermissionCall, line: CommandLine, risks: tuple[Risk, ...]) -> Verdict:
        """Return the verdict on one command line of ``call``."""
        if not self.tools.has(call.tool_name):
            return NO_OBJECTION
        if not self.may_recurse and any(c.program in _OWN_PROGRAMS for c in line.commands):
            reason = "the command starts this program again (command_policy.allow_recursive)"
            return Verdict(PermissionVerdict.DENY, reason, "command_policy.allow_recursive")
        if self.shell_mode is ShellMode.ARGV_ONLY and not _is_one_program(line):
            doubt = f", for it {line.doubts[0]}" if line.doubts else ""
            reason = (
                f"the command is not surely one program with its arguments{doubt} "
                "(command_policy.default_shell_mode = argv_only)"
            )
            return Verdict(PermissionVerdict.DENY, reason, "command_policy.default_shell_mode")
        worst = max(
            risks, key=lambda risk: _STRICTNESS.index(self.action(risk.label)), default=None
        )
        verdict = PermissionVerdict.ALLOW if worst is None else self.action(worst.label)
        if worst is not None and verdict is not PermissionVerdict.ALLOW:
            words = "is refused as" if verdict is PermissionVerdict.DENY else "needs approval as"
            reason = f"the command {words} {worst.label}: {worst.subject}"
            return Verdict(verdict, reason, f"command_policy: {worst.label}")
        if not line.is_known:
            reason = f"not every command in it is known: it {line.doubts[0]}"
            return Verdict(PermissionVerdict.ASK, reason, "command_policy: unknown")
        return NO_OBJECTION


def too_long(line: CommandLine) -> str | None:
    """Return why a command line is too long to be looked at, ``None`` when it is not."""
    if len(line.source) <= MOST_CHARACTERS:
        return None
    return (
        f"the command has {len(line.source)} characters; more than {MOST_CHARACTERS} cannot be "
        "checked. Write it into a file and run that"
    )


def _is_one_program(line: CommandLine) -> bool:
    if not line.is_known or len(line.commands) != 1:
        return False
    command = line.commands[0]
    words = (*command.words, *command.assignments)
    return (
        bool(command.words)
        and not command.redirections
        and not command.assignments
        and all(word.is_fixed for word in words)
        and command.raw == line.source.strip()
    )


def _actions(where: str, value: JsonValue) -> Mapping[RiskLabel, PermissionVerdict]:
    if value is None:
        return {}
    if not isinstance(value, list):
        policy_values.refuse(where, f"a list of {', '.join(RiskLabel)}")
    asked = {policy_values.choice(where, item, RiskLabel) for item in value}
    if RiskLabel.DENY_PATTERN in asked:
        raise ConfigError(f"{where} cannot have deny_pattern: what deny_patterns match is refused.")
    passing = {
        label: PermissionVerdict.ALLOW
        for label in RiskLabel
        if label.recommended is PermissionVerdict.ASK
    }
    return {**passing, **dict.fromkeys(asked, PermissionVerdict.ASK)}
