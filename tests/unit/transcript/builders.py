"""Blocks for tests, and what a screenful says."""

from harn_tui.console.transcript.viewport import Viewport
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolCallStatus, ToolKind
from harn_tui.view.model import AssistantBlock, ThoughtBlock, ToolBlock, UserBlock

NOW = 1_700_000_000_000


def assistant(*parts: str, is_open: bool = False) -> AssistantBlock:
    return AssistantBlock(NOW, 1, list(parts), is_open=is_open)


def thought(text: str, *, is_open: bool = False) -> ThoughtBlock:
    ended = None if is_open else NOW + 3200
    return ThoughtBlock(NOW, 1, [text], is_open=is_open, ended_at_ms=ended)


def user(text: str) -> UserBlock:
    return UserBlock(NOW, text, starts_run=True)


def tool(
    name: str = "run_command",
    status: ToolCallStatus = ToolCallStatus.COMPLETED,
    kind: ToolKind | None = ToolKind.EXECUTE,
    arguments: JsonObject | None = None,
    result: str | None = None,
    details: JsonObject | None = None,
    error: str | None = None,
) -> ToolBlock:
    return ToolBlock(
        NOW,
        "call-1",
        name,
        kind,
        status,
        arguments=arguments or {},
        result_text=result,
        details=details or {},
        error=error,
    )


def rows(viewport: Viewport) -> list[str]:
    """What is in view, without blanks at the ends of rows."""
    return [strip.text.rstrip() for strip in viewport.compose().strips]


def lines(count: int, word: str = "line") -> str:
    """A text of ``count`` paragraphs that take a row and a blank row each."""
    return "\n\n".join(f"{word} {number}" for number in range(count))


def items(count: int, word: str = "item") -> str:
    """A list of ``count`` items of one row each."""
    return "".join(f"- {word} {number}\n" for number in range(count))
