"""Keeps tool calls and their results together (docs/messages.md, rules).

A result belongs to the last assistant message before it, because ids may come again in a later
turn of the same session.
"""

from collections.abc import Iterator, Sequence

from harn_tui.json_types import JsonObject

NO_RESULT = "No result: the call had not finished when the conversation was cut off here."
"""Content of the result that is made up for a call without one."""


def cut_after(messages: Sequence[JsonObject], keep_first: int) -> int:
    """Return the first cut at or behind ``keep_first`` that no call is parted from its result by.

    A cut is the number of messages before it.
    """
    cut = min(keep_first, len(messages))
    calls = _calls_open_at(messages, cut)
    for position in _turn_behind(messages, cut) if calls else ():
        if result_id(messages[position]) in calls:
            cut = position + 1
    return cut


def cut_before(messages: Sequence[JsonObject], keep_last: int) -> int:
    """Return the last cut that leaves ``keep_last`` messages or more, and parts no call so."""
    cut = max(0, len(messages) - keep_last)
    calls = _calls_open_at(messages, cut)
    is_parted = calls and any(
        result_id(messages[position]) in calls for position in _turn_behind(messages, cut)
    )
    return _assistant_before(messages, cut) if is_parted else cut


def with_every_call_answered(messages: Sequence[JsonObject]) -> list[JsonObject]:
    """Return the messages as a provider accepts them.

    Behind each assistant message stands one result for each of its calls, in their order; a call
    without a result gets one that says so. Of two results the first counts, which the model has
    read; results that belong to no call are left out.
    """
    valid: list[JsonObject] = []
    for assistant, following in _split_at_assistants(messages):
        if assistant is not None:
            valid.append(assistant)
            results = {result_id(m): m for m in reversed(following) if is_result(m)}
            for call_id, name in calls_of(assistant):
                valid.append(results.get(call_id) or _no_result(call_id, name))
        valid += [message for message in following if not is_result(message)]
    return valid


def is_result(message: JsonObject) -> bool:
    """Whether the message is the result of a tool call, in our form or the reference's."""
    return message.get("role") in {"tool", "tool_result"}


def result_id(message: JsonObject) -> str | None:
    """Return the id of the call that the message answers, ``None`` when it is no result."""
    if not is_result(message):
        return None
    for key in ("tool_call_id", "tool_use_id"):
        found = message.get(key)
        if isinstance(found, str):
            return found
    return None


def calls_of(message: JsonObject) -> list[tuple[str, str]]:
    """Return (id, tool name) of the message's calls, each id once."""
    calls = message.get("tool_calls")
    if not isinstance(calls, list):
        return []
    named = {
        str(call["id"]): str(call.get("name", ""))
        for call in calls
        if isinstance(call, dict) and "id" in call
    }
    return list(named.items())


def _no_result(call_id: str, name: str) -> JsonObject:
    return {"role": "tool", "tool_call_id": call_id, "tool_name": name, "content": NO_RESULT}


def _calls_open_at(messages: Sequence[JsonObject], cut: int) -> set[str | None]:
    """Return the ids of the calls that a cut could part from results behind it."""
    position = _assistant_before(messages, cut)
    return set() if position < 0 else {call_id for call_id, _ in calls_of(messages[position])}


def _assistant_before(messages: Sequence[JsonObject], cut: int) -> int:
    for position in range(cut - 1, -1, -1):
        if messages[position].get("role") == "assistant":
            return position
    return -1


def _turn_behind(messages: Sequence[JsonObject], cut: int) -> Iterator[int]:
    """Yield the positions from ``cut`` on until the next assistant message."""
    for position in range(cut, len(messages)):
        if messages[position].get("role") == "assistant":
            return
        yield position


def _split_at_assistants(
    messages: Sequence[JsonObject],
) -> list[tuple[JsonObject | None, list[JsonObject]]]:
    parts: list[tuple[JsonObject | None, list[JsonObject]]] = [(None, [])]
    for message in messages:
        if message.get("role") == "assistant":
            parts.append((message, []))
        else:
            parts[-1][1].append(message)
    return parts
