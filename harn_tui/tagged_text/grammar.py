"""The words of the text format (docs/tool_formats.md)."""

from typing import Final

NATIVE_FORMAT: Final = "native"
"""The one tool format in which calls come through the provider; every other one is text."""

TOOL_CALL: Final = "tool_call"
ASSISTANT_PROSE: Final = "assistant_prose"
USER_RESPONSE: Final = "user_response"
DONE: Final = "done"
THINK: Final = "think"

BLOCKS: Final = (TOOL_CALL, ASSISTANT_PROSE, USER_RESPONSE, DONE)
"""The tags that a reply is made of."""

FENCE: Final = "```"

LABELS: Final = frozenset(
    {
        "tool_code",
        "tool_call",
        "tool_output",
        "call",
        "tool",
        "use",
        "python",
        "javascript",
        "typescript",
        "shell",
        "bash",
    }
)
"""Words that models put before a call, with a colon; they are read over."""


def opening(tag: str) -> str:
    """Return the opening tag."""
    return f"<{tag}>"


def closing(tag: str) -> str:
    """Return the closing tag."""
    return f"</{tag}>"


OPEN_CALL: Final = opening(TOOL_CALL)
CLOSE_CALL: Final = closing(TOOL_CALL)


def preview(text: str, length: int) -> str:
    """Return the beginning of ``text`` on one line, at most ``length`` characters and ``…``."""
    line = " ".join(text[: length * 4].split())
    is_whole = len(line) <= length and len(text) <= length * 4
    return line if is_whole else line[:length].rstrip() + "…"
