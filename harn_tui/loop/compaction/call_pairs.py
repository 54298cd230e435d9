"""Which calls and results of a history belong together, and where it may be cut between them.

Neutral messages have calls in ``tool_calls`` and results in the role ``tool``. Imported ones may
have both as blocks of their content, a result then in a message of the role ``user``.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate

from harn_tui.json_types import JsonObject

_RESULT_ROLES = frozenset({"tool", "tool_result"})
CALL_BLOCKS = frozenset({"tool_use", "tool_call"})
RESULT_BLOCKS = frozenset({"tool_result"})


def is_result(message: JsonObject) -> bool:
    """Whether ``message`` answers a tool call."""
    if message.get("role") in _RESULT_ROLES:
        return True
    return any(block.get("type") in RESULT_BLOCKS for block in blocks_of(message))


def has_calls(message: JsonObject) -> bool:
    """Whether ``message`` asks for tool calls."""
    return next(_call_ids(message), None) is not None


def blocks_of(message: JsonObject) -> Iterator[JsonObject]:
    """Yield the blocks of a message whose content is a list."""
    content = message.get("content")
    if isinstance(content, list):
        yield from (block for block in content if isinstance(block, dict))


def safe_cuts(messages: Sequence[JsonObject]) -> list[bool]:
    """Return for every position, the end included, whether a cut there separates no pair.

    A result belongs to the last message before it that has its call; one without an id, to the
    last message with calls. A call whose result is still to come keeps its message at the end.
    """
    # Each pair adds one to all positions after its call up to its result.
    crossing = [0] * (len(messages) + 2)
    callers: dict[str, int] = {}
    answered: set[tuple[int, str]] = set()
    last_caller: int | None = None
    for index, message in enumerate(messages):
        for call_id in _result_ids(message):
            caller = callers.get(call_id) if call_id else last_caller
            if caller is not None:
                answered.add((caller, call_id))
                crossing[caller + 1] += 1
                crossing[index + 1] -= 1
        for call_id in _call_ids(message):
            callers[call_id] = last_caller = index
    if last_caller is not None and _waits(messages, last_caller, answered):
        crossing[last_caller + 1] += 1
    return [count == 0 for count in accumulate(crossing[: len(messages) + 1])]


def _waits(messages: Sequence[JsonObject], caller: int, answered: set[tuple[int, str]]) -> bool:
    """Whether calls of the message at ``caller``, the last one with any, may yet be answered."""
    if (
        not all(is_result(message) for message in messages[caller + 1 :])
        or (caller, "") in answered
    ):
        return False
    return any((caller, call_id) not in answered for call_id in _call_ids(messages[caller]))


def _call_ids(message: JsonObject) -> Iterator[str]:
    calls = message.get("tool_calls")
    if isinstance(calls, list):
        yield from (str(call.get("id") or "") for call in calls if isinstance(call, dict))
    for block in blocks_of(message):
        if block.get("type") in CALL_BLOCKS:
            yield str(block.get("id") or "")


def _result_ids(message: JsonObject) -> Iterator[str]:
    """Yield the id of the call of each result, empty when it has none."""
    if message.get("role") in _RESULT_ROLES:
        yield _answered_id(message)
    for block in blocks_of(message):
        if block.get("type") in RESULT_BLOCKS:
            yield _answered_id(block)


def _answered_id(result: JsonObject) -> str:
    return str(result.get("tool_call_id") or result.get("tool_use_id") or "")
