"""Decides whether a turn's text declares the request complete (docs/loop.md, completion)."""

import re

from harn_tui.loop.config import LoopConfig
from harn_tui.loop.state import LoopState, Turn

_DONE_BLOCK = re.compile(r"<done>(.*?)</done>", re.DOTALL)


def is_completion_requested(text: str, sentinel: str) -> bool:
    """Whether ``text`` has the sentinel on a line of its own or in a ``<done>`` block.

    A sentinel inside a sentence or a fenced code block is talk about it, not a signal (10.24).
    """
    outside = _without_fences(text)
    if any(line.strip() == sentinel.strip() for line in outside.splitlines()):
        return True
    bodies = [body.strip() for body in _DONE_BLOCK.findall(outside) if body.strip()]
    return bool(bodies) and bodies[-1] == sentinel.strip()


def _without_fences(text: str) -> str:
    kept: list[str] = []
    fence: str | None = None
    for line in text.splitlines():
        marker = line.lstrip()[:3]
        if marker in {"```", "~~~"} and (fence is None or marker == fence):
            fence = marker if fence is None else None
        elif fence is None:
            kept.append(line)
    return "\n".join(kept)


def has_acted(state: LoopState, turn: Turn, *, has_tools: bool) -> bool:
    """Whether any call really ran, before or in this turn; always true without tools (10.48)."""
    return (
        not has_tools
        or bool(state.tools_used)
        or any(not outcome.is_rejected for outcome in turn.outcomes)
    )


def wants_completion(config: LoopConfig, text: str) -> bool:
    """Whether a persistent loop's turn asks to end the run."""
    return config.options.persistent and is_completion_requested(text, config.options.done_sentinel)


def without_sentinel(text: str, sentinel: str) -> str:
    """Return ``text`` as a person should see it: no sentinel lines, no done blocks."""
    text = _DONE_BLOCK.sub("", text)
    lines = [line for line in text.splitlines() if line.strip() != sentinel.strip()]
    return "\n".join(lines).strip()
