"""Translate the words by which servers say why a reply ended into one vocabulary."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from harn_tui.kinds import StopReason

_NEUTRAL: Final[Mapping[str, StopReason]] = MappingProxyType(
    {
        # Chat Completions, and what the servers that imitate it add
        "stop": StopReason.STOP,
        "eos": StopReason.STOP,
        "tool_calls": StopReason.TOOL_CALLS,
        "function_call": StopReason.TOOL_CALLS,
        "length": StopReason.LENGTH,
        "content_filter": StopReason.CONTENT_FILTER,
        # Responses
        "completed": StopReason.STOP,
        "max_output_tokens": StopReason.LENGTH,
        # Anthropic Messages
        "end_turn": StopReason.STOP,
        "stop_sequence": StopReason.STOP,
        "tool_use": StopReason.TOOL_CALLS,
        "max_tokens": StopReason.LENGTH,
        "model_context_window_exceeded": StopReason.LENGTH,
        "pause_turn": StopReason.PAUSE,
        "refusal": StopReason.REFUSAL,
        # Gemini behind gateways
        "safety": StopReason.CONTENT_FILTER,
        "recitation": StopReason.CONTENT_FILTER,
    }
)


def neutral_stop_reason(
    word: str | None, *, has_calls: bool, is_refusal: bool = False
) -> StopReason | None:
    """Return the neutral word for a server's ``word``, ``None`` when it gave none.

    Some servers end a reply that holds calls like any other; ``has_calls`` tells. ``is_refusal``
    is for servers that mark the refusal's text instead of the end.
    """
    reason = _NEUTRAL.get(word.lower(), StopReason.OTHER) if word else None
    if reason not in {None, StopReason.STOP}:
        return reason
    if has_calls:
        return StopReason.TOOL_CALLS
    return StopReason.REFUSAL if is_refusal else reason
