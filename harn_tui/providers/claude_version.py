"""Tell a Claude model's version from its id, in whatever spelling a host gives it.

Seen spellings: ``claude-opus-4-6``, ``claude-opus-4-20250514``, ``claude-3-5-sonnet-20241022``,
``anthropic/claude-opus-4.7``, ``us.anthropic.claude-opus-4-6-v1:0``, ``claude-sonnet-5``.
What each version takes is said on the "What's new" pages of platform.claude.com/docs.
"""

import re
from typing import TypeAlias

ClaudeVersion: TypeAlias = tuple[int, int]

_NEWEST: ClaudeVersion = (99, 0)
_PREFILL_ENDED: ClaudeVersion = (4, 6)
_ADAPTIVE_THINKING_BEGAN: ClaudeVersion = (4, 6)
_SAMPLING_ENDED: ClaudeVersion = (4, 7)
_THINKING_BY_DEFAULT_BEGAN: ClaudeVersion = (5, 0)
_FORCED_TOOLS_ENDED: ClaudeVersion = (5, 5)
_FORCED_TOOLS_ENDED_WHERE_THINKING_IS_ALWAYS_ON: ClaudeVersion = (5, 1)

_ALWAYS_THINKING = ("fable", "mythos")

# Up to two short numbers; eight digits are a date and no part of the version.
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})(?:[-._ ](\d{1,2}))?(?!\d)")


def claude_version(model: str) -> ClaudeVersion | None:
    """Return (major, minor), or ``None`` for a model that is not a Claude.

    An id without a version names whatever is newest.
    """
    _, found, rest = model.lower().partition("claude")
    if not found:
        return None
    numbers = _NUMBERS.search(rest)
    if numbers is None:
        return _NEWEST
    return int(numbers[1]), int(numbers[2] or 0)


def takes_prefill(model: str) -> bool:
    """Whether the model continues a final assistant message; Claude 4.6 and later refuse it."""
    version = claude_version(model)
    return version is None or version < _PREFILL_ENDED


def thinks_adaptively(model: str) -> bool:
    """Whether the model decides itself how much to think, instead of taking a token budget."""
    version = claude_version(model)
    return version is not None and version >= _ADAPTIVE_THINKING_BEGAN


def takes_temperature(model: str) -> bool:
    """Whether the model accepts a temperature; Claude 4.7 and later refuse it."""
    version = claude_version(model)
    return version is None or version < _SAMPLING_ENDED


def takes_forced_tools(model: str) -> bool:
    """Whether the model may be made to call a tool; the newest refuse such requests."""
    version = claude_version(model)
    if version is None:
        return True
    if _is_always_thinking(model):
        return version < _FORCED_TOOLS_ENDED_WHERE_THINKING_IS_ALWAYS_ON
    return version < _FORCED_TOOLS_ENDED


def thinks_unless_told_not_to(model: str) -> bool:
    """Whether thinking is on by default and can be turned off, as a forced tool needs."""
    version = claude_version(model)
    if version is None or _is_always_thinking(model):
        return False
    return _THINKING_BY_DEFAULT_BEGAN <= version < _FORCED_TOOLS_ENDED


def _is_always_thinking(model: str) -> bool:
    return any(family in model.lower() for family in _ALWAYS_THINKING)
