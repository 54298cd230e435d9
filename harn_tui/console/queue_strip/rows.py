"""What a row of the queue says: glyph, words, age."""

from harn_tui.console.amounts import format_seconds
from harn_tui.kinds import Boundary, FeedbackState
from harn_tui.view.model import QueuedLine

EARLY_PREFIX = "early-"
"""Start of the ids of lines that were typed before the session was open."""

_BOUNDARY_WORDS = {
    Boundary.NEXT_PREFLIGHT: "before the next model call",
    Boundary.AFTER_RUN: "after this run",
    Boundary.NOW: "now",
}

_STATE_GLYPHS = {
    FeedbackState.QUEUED: "○",
    FeedbackState.HELD: "✎",
    FeedbackState.CLAIMED: "→",
    FeedbackState.DELIVERED: "✓",
    FeedbackState.WITHDRAWN: "✗",
    FeedbackState.UNDELIVERED: "✗",
}


def glyph_of(line: QueuedLine) -> str:
    """Return the one-cell sign of the line's state."""
    return _STATE_GLYPHS[line.state]


def where_it_goes(line: QueuedLine, *, is_running: bool) -> str:
    """Return in words what will become of the line."""
    if line.feedback_id.startswith(EARLY_PREFIX):
        return "when the session is open"
    if line.state is FeedbackState.HELD:
        return "held while you edit it"
    if line.state is FeedbackState.CLAIMED:
        return "entering the next model call"
    if line.state is FeedbackState.UNDELIVERED:
        return "not delivered: the run ended first"
    if not is_running:
        return "with the next run"
    return _BOUNDARY_WORDS[line.boundary]


def age_of(line: QueuedLine, now_ms: int) -> str:
    """Return how long the line has been waiting."""
    return format_seconds(now_ms - line.queued_at_ms)
