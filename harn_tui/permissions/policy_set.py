"""The three policies of a loop together, and those that are in force where code runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from harn_tui.errors import ConfigError
from harn_tui.json_types import JsonValue
from harn_tui.permissions.approval_policy import ApprovalPolicy
from harn_tui.permissions.command_policy import CommandPolicy
from harn_tui.permissions.execution_policy import ExecutionPolicy
from harn_tui.permissions.execution_policy_data import (
    intersect,
    narrowed,
    parse_execution_policy,
)

_INNER = "command_policy"


@dataclass(frozen=True, slots=True)
class PolicySet:
    """The policies of one loop.

    ``command`` ``None`` means that risks of commands are told to people and decide nothing.
    """

    execution: ExecutionPolicy = field(default_factory=ExecutionPolicy)
    approval: ApprovalPolicy = field(default_factory=ApprovalPolicy)
    command: CommandPolicy | None = None

    @classmethod
    def parse(
        cls,
        *,
        policy: JsonValue = None,
        approval: JsonValue = None,
        command_policy: JsonValue = None,
        cwd: Path,
    ) -> "PolicySet":
        """Return the policies that plain data describes; ``None`` is one that is not set.

        A ``command_policy`` may also stand in ``policy``. Raises ConfigError that names the key:
        a malformed policy is never a permissive one.
        """
        if isinstance(policy, dict) and _INNER in policy:
            if command_policy is not None:
                raise ConfigError("command_policy is given twice, once of them in policy.")
            command_policy = policy[_INNER]
            policy = {key: value for key, value in policy.items() if key != _INNER}
        return cls(
            execution=ExecutionPolicy()
            if policy is None
            else parse_execution_policy(policy, cwd=cwd),
            approval=ApprovalPolicy() if approval is None else ApprovalPolicy.parse(approval),
            command=None
            if command_policy is None
            else CommandPolicy.parse(command_policy, cwd=cwd),
        )

    def under(self, ceiling: "PolicySet") -> "PolicySet":
        """Return these policies as a nested loop under ``ceiling`` has them.

        Raises ConfigError when they name what the ceiling does not allow.
        """
        return _merged(intersect(ceiling.execution, self.execution), ceiling, self)

    def narrowed(self, other: "PolicySet") -> "PolicySet":
        """Return the policies that allow only what both allow; never raises."""
        return _merged(narrowed(self.execution, other.execution), self, other)


def _merged(execution: ExecutionPolicy, ceiling: PolicySet, inner: PolicySet) -> PolicySet:
    if ceiling.command is None or inner.command is None:
        command = ceiling.command or inner.command
    else:
        command = ceiling.command.narrowed(inner.command)
    return PolicySet(execution, ceiling.approval.narrowed(inner.approval), command)


_IN_FORCE: ContextVar[PolicySet | None] = ContextVar("policies_in_force", default=None)


def policies_in_force() -> PolicySet | None:
    """Return the policies of the loop that this code runs in, ``None`` outside of loops."""
    return _IN_FORCE.get()


@contextmanager
def policies_pushed(own: PolicySet | None) -> Iterator[PolicySet]:
    """Put ``own`` under the policies in force for as long as the context lasts.

    Yields what is then in force. Tasks that begin inside have them too; nothing outside does.
    Raises ConfigError when ``own`` names what is not allowed.
    """
    around = _IN_FORCE.get()
    merged = own or around or PolicySet()
    if own is not None and around is not None:
        merged = own.under(around)
    token = _IN_FORCE.set(merged)
    try:
        yield merged
    finally:
        _IN_FORCE.reset(token)
