"""Pieces of styled text of which a call is put together."""

from typing import TypeAlias

Part: TypeAlias = tuple[str, str]
"""Text and its style."""

DIFF_STYLES = {"+": "$success", "-": "$error", "@": "$muted", "\\": "$muted"}
"""The style of a line of a diff by its first character."""
