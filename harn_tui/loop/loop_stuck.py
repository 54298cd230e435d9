"""Counts turns that get nowhere, and ends a run that had too many of them in a row."""

from harn_tui.events.agent import LoopStuck
from harn_tui.kinds import LoopStatus
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.state import LoopState, Turn
from harn_tui.sinks.emit import aemit

_EXCERPT_CHARS = 240


def is_past_nudging(config: LoopConfig, state: LoopState) -> bool:
    """Count a turn without a tool call; return whether it was one too many."""
    state.consecutive_text_only += 1
    return state.consecutive_text_only > config.options.max_nudges


def is_past_parse_failures(config: LoopConfig, state: LoopState) -> bool:
    """Count a turn whose calls could all not be read; return whether it was one too many."""
    state.consecutive_parse_failures += 1
    return state.consecutive_parse_failures > config.options.max_parse_failures


def turns_in_a_row(count: int) -> str:
    """Return ``count`` turns in words."""
    return "a turn" if count == 1 else f"{count} turns in a row"


async def end_stuck(state: LoopState, turn: Turn, *, limit: int, reason: str) -> None:
    """End the run as ``stuck``, with the end of its last text for whoever looks."""
    state.end(LoopStatus.STUCK, reason)
    text = turn.reply.interpreted_text.strip() if turn.reply else ""
    excerpt = text if len(text) <= _EXCERPT_CHARS else f"{text[:_EXCERPT_CHARS]}…"
    await aemit(LoopStuck(state.session_id, limit, turn.iteration, excerpt))
