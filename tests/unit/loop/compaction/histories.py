"""Neutral messages in short, and random histories that are valid for every provider."""

from collections.abc import Sequence

from hypothesis import strategies as st

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import SUMMARY_KIND


def user(content: JsonValue = "q", **more: JsonValue) -> JsonObject:
    return {"role": "user", "content": content, **more}


def summary(content: str = "earlier") -> JsonObject:
    return user(content, kind=SUMMARY_KIND)


def assistant(content: JsonValue = "a", *call_ids: str, **more: JsonValue) -> JsonObject:
    message: JsonObject = {"role": "assistant", "content": content, **more}
    if call_ids:
        message["tool_calls"] = [
            {"id": call_id, "name": "read_file", "arguments": {"path": "x"}} for call_id in call_ids
        ]
    return message


def result(call_id: str, content: JsonValue = "ok") -> JsonObject:
    return {"role": "tool", "tool_call_id": call_id, "tool_name": "read_file", "content": content}


def call_block(call_id: str) -> JsonObject:
    return {"type": "tool_use", "id": call_id, "name": "read_file", "input": {"path": "x"}}


def result_block(call_id: str, content: JsonValue = "ok") -> JsonObject:
    return {"type": "tool_result", "tool_use_id": call_id, "content": content}


def talk(count: int) -> list[JsonObject]:
    """Return ``count`` messages in turn from a person and an assistant, numbered from 0."""
    return [user(f"q{n}") if n % 2 == 0 else assistant(f"a{n}") for n in range(count)]


_words = st.text(st.sampled_from("ab é\n😀<"), max_size=12)


@st.composite
def _turns(draw: st.DrawFn, number: int) -> list[JsonObject]:
    """Return a plain turn, one with calls, or one of an imported session with blocks."""
    kind = draw(st.sampled_from(["said", "answered", "called", "blocks", "thought"]))
    ids = [f"c{number}-{n}" for n in range(draw(st.integers(1, 3)))]
    if kind == "said":
        return [user(draw(_words))]
    if kind == "answered":
        return [assistant(draw(_words))]
    if kind == "thought":
        return [assistant(draw(_words), thinking_blocks=[{"type": "thinking", "thinking": "hm"}])]
    if kind == "called":
        # Some providers use the same ids in every turn.
        names = [f"call_{n}" for n in range(len(ids))] if draw(st.booleans()) else ids
        return [assistant(draw(_words), *names), *(result(i, draw(_words)) for i in names)]
    return [
        assistant([{"type": "text", "text": draw(_words)}, *map(call_block, ids)]),
        user([result_block(i, draw(_words)) for i in ids]),
    ]


@st.composite
def histories(draw: st.DrawFn, max_turns: int = 12) -> list[JsonObject]:
    """Return a history in which every call has its results right after it."""
    turns = draw(st.integers(0, max_turns))
    messages = [message for number in range(turns) for message in draw(_turns(number))]
    if draw(st.booleans()):
        messages.insert(0, summary(draw(_words)))
    return messages


def orphans(messages: Sequence[JsonObject]) -> list[str]:
    """Return the calls without a result and the results without a call, in the order of ids."""
    open_calls: list[str] = []
    found: list[str] = []
    for message in messages:
        for call_id in _answered(message):
            if call_id in open_calls:
                open_calls.remove(call_id)
            else:
                found.append(f"result {call_id}")
        open_calls += _called(message)
    return sorted([*found, *(f"call {call_id}" for call_id in open_calls)])


def _called(message: JsonObject) -> list[str]:
    calls, content = message.get("tool_calls"), message.get("content")
    entries = [*(calls if isinstance(calls, list) else [])]
    if isinstance(content, list):
        entries += [b for b in content if isinstance(b, dict) and b.get("type") == "tool_use"]
    return [str(entry["id"]) for entry in entries if isinstance(entry, dict)]


def _answered(message: JsonObject) -> list[str]:
    content = message.get("content")
    if message["role"] == "tool":
        return [str(message["tool_call_id"])]
    blocks = content if isinstance(content, list) else []
    return [str(b["tool_use_id"]) for b in blocks if isinstance(b, dict) and "tool_use_id" in b]
