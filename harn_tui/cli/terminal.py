"""What must be set before Textual is imported, and checked before a screen is opened."""

import os
import sys

from harn_tui.errors import UsageError


def require_terminal(instead: str) -> None:
    """Raise UsageError unless both ends are a terminal; ``instead`` is what works without one."""
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        raise UsageError(
            "The console needs a terminal, and standard input or output is not one.",
            hint=instead,
        )


def prepare_terminal() -> None:
    """Set what Textual reads when it is imported.

    Its paint timer skips a period after each pause; at 240 a second that costs 4 ms instead of
    17. Our own frame pump decides how often the stream is drawn (docs/architecture.md).
    """
    os.environ.setdefault("TEXTUAL_FPS", "240")
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
