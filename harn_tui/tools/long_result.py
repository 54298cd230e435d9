"""Bounds the result of any tool: of a long one both ends are given, and all of it is kept."""

from dataclasses import replace

from harn_tui.tools.base import Tool, ToolResult
from harn_tui.tools.output_blobs import OutputBlobs
from harn_tui.tools.output_capture import INLINE_BYTES, capture_text

_LONGEST_CHARACTER = 4


async def bounded_result(tool: Tool, result: ToolResult, blobs: OutputBlobs | None) -> ToolResult:
    """Return ``result``, or both ends of one that is longer than what is given whole.

    All of that is kept in ``blobs``; with ``None`` nothing is cut, because it could not be read on.
    A tool that bounds its results itself is left alone: so is a page that the model asked for.
    """
    if blobs is None or tool.is_output_bounded or not _is_long(result.text):
        return result
    captured = await capture_text(result.text, blobs)
    text = captured.text
    if captured.note:
        line_end = "" if text.endswith("\n") else "\n"
        text = f"{text}{line_end}{captured.note}"
    return replace(result, text=text, details={**result.details, **captured.details})


def _is_long(text: str) -> bool:
    if len(text) * _LONGEST_CHARACTER <= INLINE_BYTES:
        return False
    return len(text) > INLINE_BYTES or len(text.encode("utf-8", "replace")) > INLINE_BYTES
