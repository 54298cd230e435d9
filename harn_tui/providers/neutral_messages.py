"""Read neutral messages (docs/messages.md) on their way into a provider's own form."""

from collections.abc import Iterable

from harn_tui.json_types import JsonObject
from harn_tui.providers.wire_json import object_of, objects_of, text_of

_LOW_EFFORT_BELOW = 4096
_HIGH_EFFORT_FROM = 16384


def said_something(message: JsonObject) -> bool:
    """Whether an assistant message has text or calls; empty turns are refused by some servers."""
    return bool(text_of(message.get("content")) or objects_of(message.get("tool_calls")))


def calls_of(message: JsonObject) -> Iterable[tuple[str, str, JsonObject]]:
    """Yield (id, name, arguments) of each call of a neutral assistant message."""
    for call in objects_of(message.get("tool_calls")):
        yield text_of(call.get("id")), text_of(call.get("name")), object_of(call.get("arguments"))


def effort_for(thinking_budget_tokens: int) -> str:
    """Return the reasoning effort nearest to a budget in tokens."""
    if thinking_budget_tokens < _LOW_EFFORT_BELOW:
        return "low"
    return "high" if thinking_budget_tokens >= _HIGH_EFFORT_FROM else "medium"
