"""Turns policies and rules of configuration and stored files into those of a session."""

from dataclasses import dataclass
from pathlib import Path

from harn_tui.config.schema import Configuration
from harn_tui.kinds import RulePlace
from harn_tui.paths import config_directory
from harn_tui.permissions.policy_set import PolicySet
from harn_tui.permissions.rule_files import (
    FILE_NAME,
    PROJECT_FILE,
    RuleFile,
    load_stored_rules,
)
from harn_tui.permissions.rules import PermissionRules


@dataclass(frozen=True, slots=True)
class WiredPermissions:
    """``protected`` hold configuration and rules; ``warnings`` are told to the person.

    ``files`` are those whose rules count here: a person's own, and that of a trusted project.
    """

    rules: PermissionRules
    policies: PolicySet
    protected: tuple[Path, ...]
    warnings: tuple[str, ...]
    files: tuple[RuleFile, ...]


def wire_permissions(
    configuration: Configuration, cwd: Path, *, is_trusted: bool
) -> WiredPermissions:
    """Return what holds for calls in ``cwd``; reads the files of rules.

    Raises ConfigError for rules and policies that cannot be used: nothing malformed ever allows.
    """
    directory = config_directory()
    user = RuleFile(RulePlace.USER, directory / FILE_NAME)
    project = RuleFile(RulePlace.PROJECT, cwd / PROJECT_FILE)
    stored = load_stored_rules(user, project, cwd=cwd, is_project_trusted=is_trusted)
    own = PermissionRules.parse(configuration.permissions, cwd=cwd)
    return WiredPermissions(
        rules=own.joined(stored.rules),
        policies=PolicySet.parse(cwd=cwd, **configuration.policies),
        protected=(directory.resolve(), (cwd / ".harn").resolve()),
        warnings=stored.warnings,
        files=(user, project) if is_trusted else (user,),
    )
