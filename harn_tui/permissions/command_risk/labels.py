"""The names of risks that a command may carry, and what is recommended for each."""

from dataclasses import dataclass
from enum import StrEnum

from harn_tui.kinds import PermissionVerdict


class RiskLabel(StrEnum):
    """One kind of risk."""

    DESTRUCTIVE = "destructive"
    WRITE_INTENT = "write_intent"
    CURL_PIPE_SHELL = "curl_pipe_shell"
    CREDENTIAL_FILE_READ = "credential_file_read"
    NETWORK_EXFIL = "network_exfil"
    SUDO = "sudo"
    PACKAGE_INSTALL = "package_install"
    GIT_FORCE_PUSH = "git_force_push"
    PROCESS_KILL = "process_kill"
    OUTSIDE_WORKSPACE = "outside_workspace"
    DENY_PATTERN = "deny_pattern"

    @property
    def recommended(self) -> PermissionVerdict:
        """DENY or ASK: what to do with a command of this risk when nothing else is said."""
        return PermissionVerdict.DENY if self in _DENIED else PermissionVerdict.ASK


_DENIED = frozenset(
    {
        RiskLabel.DESTRUCTIVE,
        RiskLabel.CURL_PIPE_SHELL,
        RiskLabel.CREDENTIAL_FILE_READ,
        RiskLabel.NETWORK_EXFIL,
        RiskLabel.DENY_PATTERN,
    }
)


@dataclass(frozen=True, slots=True)
class Risk:
    """A risk of a command line; ``subject`` is the part that carries it, as written."""

    label: RiskLabel
    subject: str
