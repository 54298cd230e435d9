"""Whose turn it is above the prompt when an approval and a question wait for the person."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harn_tui.view.model import SessionView


def waits_longer(view: SessionView) -> bool:
    """Whether a question is open, and was asked before every open permission request."""
    if not view.questions:
        return False
    return not view.permissions or view.questions[0].asked_at_ms < view.permissions[0].asked_at_ms
