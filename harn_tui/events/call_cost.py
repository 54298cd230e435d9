"""Adds up what model calls cost, as a run itself does."""

from harn_tui.events.host import LlmCallEnd

FAILED_CALL = "error"
"""``stop_reason`` of a model call that no attempt brought to an end."""


def is_cut(event: LlmCallEnd) -> bool:
    """Whether the call failed or was interrupted."""
    return bool(event.partial) or event.stop_reason == FAILED_CALL


def cost_with(total_usd: float | None, event: LlmCallEnd) -> float | None:
    """Return ``total_usd`` with the cost of a call, ``None`` once one had no known price.

    A call that was cut before it had a bill changes nothing.
    """
    if is_cut(event) and not event.usage:
        return total_usd
    if total_usd is None or event.cost_usd is None:
        return None
    return total_usd + event.cost_usd
