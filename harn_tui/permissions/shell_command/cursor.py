"""A place in the text of a command line."""

import re
from collections.abc import Callable

from harn_tui.permissions.shell_command.findings import Findings

_BLANKS = re.compile(r"(?:[ \t]|\\\n)+")


class Cursor:
    """Stands at ``at`` of one text.

    ``speaks_bash`` is false for the text of another shell: what only bash knows is a doubt there.
    """

    def __init__(self, text: str, findings: Findings, *, speaks_bash: bool) -> None:
        self.text = text
        self.end = len(text)
        self.at = 0
        self.findings = findings
        self.speaks_bash = speaks_bash

    def here(self) -> str:
        """Return the character at ``at``, empty at the end."""
        return self.text[self.at] if self.at < self.end else ""

    def starts(self, token: str) -> bool:
        """Whether ``token`` stands at ``at``."""
        return self.text.startswith(token, self.at)

    def instead_of(self, wanted: str) -> str:
        """Return what stands here where ``wanted`` must, for an UnclearError."""
        found = f"has {self.here()!r}" if self.here() else "ends"
        return f"{found} where {wanted} must stand"

    def skip_blanks(self) -> None:
        """Skip blanks, line continuations and a comment."""
        found = _BLANKS.match(self.text, self.at)
        if found:
            self.at = found.end()
        if self.here() == "#":
            line_end = self.text.find("\n", self.at)
            self.at = self.end if line_end < 0 else line_end

    def only_bash(self, what: str) -> None:
        """Note that ``what`` means something else in other shells."""
        if not self.speaks_bash:
            self.findings.doubt(f"has {what}, which not every shell reads alike")

    def read_nested(self, read: Callable[[], object]) -> None:
        """Read what stands within something. Raises UnclearError when that is nested too deeply."""
        self.findings.go_in()
        try:
            read()
        finally:
            self.findings.come_out()
