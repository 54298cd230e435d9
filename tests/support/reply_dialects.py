"""A scripted reply in the streaming form of each API; which one, the request's path says."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.support.reply_script import Chunk, Malformed, Reply, Step, ToolCall


def steps_for(path: str, reply: Reply, model: str, number: int) -> Iterator[Step]:
    """Yield what goes over the wire for a request to ``path``; ``number`` makes ids unique.

    ``reply`` is paced only in the form of chat completions.
    """
    if path.endswith("/messages"):
        return _with_mishap(reply, _anthropic_content(reply, model, number), _anthropic_end(reply))
    if path.endswith("/responses"):
        return _with_mishap(reply, _responses_content(reply, number), _responses_end(reply, model))
    if is_in_lines(path):
        ended = _ollama_end(reply, model)
        return _with_mishap(_in_lines(reply), _ollama_content(reply, model), ended)
    return reply.steps(model, number)


def is_in_lines(path: str) -> bool:
    """Whether a reply to ``path`` is a stream of JSON lines instead of events."""
    return path.endswith("/api/chat")


def _in_lines(reply: Reply) -> Reply:
    if not isinstance(reply.mishap, Malformed):
        return reply
    bare = reply.mishap.data.removeprefix(b"data: ").strip()
    return replace(reply, mishap=Malformed(bare + b"\n"))


def _with_mishap(
    reply: Reply, content: Iterator[dict[str, Any]], end: list[dict[str, Any]]
) -> Iterator[Step]:
    for sent, event in enumerate((*content, *end)):
        if reply.mishap is not None and sent == reply.mishap_after:
            yield reply.mishap
            if not reply.goes_on:
                return
        yield Chunk(json.dumps(event, ensure_ascii=False).encode())


def _call_id(call: ToolCall, number: int, place: int) -> str:
    return call.id or f"call_{number}_{place}"


def _raw_arguments(call: ToolCall) -> str:
    return call.arguments if isinstance(call.arguments, str) else json.dumps(call.arguments)


def _halves(text: str) -> Iterator[str]:
    middle = len(text) // 2
    return (piece for piece in (text[:middle], text[middle:]) if piece)


def _anthropic_content(reply: Reply, model: str, number: int) -> Iterator[dict[str, Any]]:
    read, written = reply.cached
    fresh = (reply.usage or (0, 0))[0] - read - written
    usage = {
        "input_tokens": fresh,
        "output_tokens": 0,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": written,
    }
    message = {"role": "assistant", "model": model, "content": [], "usage": usage}
    yield {"type": "message_start", "message": message if reply.usage else {"model": model}}
    blocks: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    if reply.thoughts:
        thinking = [{"type": "thinking_delta", "thinking": text} for text in reply.thoughts]
        sealed = {"type": "signature_delta", "signature": "sealed"}
        blocks.append(({"type": "thinking", "thinking": ""}, [*thinking, sealed]))
    if reply.tokens:
        texts = [{"type": "text_delta", "text": text} for text in reply.tokens]
        blocks.append(({"type": "text", "text": ""}, texts))
    for place, call in enumerate(reply.calls):
        begun = {"type": "tool_use", "id": _call_id(call, number, place), "name": call.name}
        pieces = _halves(_raw_arguments(call))
        deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
        blocks.append(({**begun, "input": {}}, deltas))
    for index, (block, deltas) in enumerate(blocks):
        yield {"type": "content_block_start", "index": index, "content_block": block}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}


def _anthropic_end(reply: Reply) -> list[dict[str, Any]]:
    reason = reply.finish_reason or ("tool_use" if reply.calls else "end_turn")
    ended: dict[str, Any] = {"type": "message_delta", "delta": {"stop_reason": reason}}
    if reply.usage is not None:
        ended["usage"] = {"output_tokens": reply.usage[1]}
    return [ended, {"type": "message_stop"}]


def _responses_content(reply: Reply, number: int) -> Iterator[dict[str, Any]]:
    yield {"type": "response.created", "response": {"status": "in_progress"}}
    for text in reply.thoughts:
        yield {"type": "response.reasoning_text.delta", "item_id": "rs", "delta": text}
    for text in reply.tokens:
        yield {"type": "response.output_text.delta", "item_id": "msg", "delta": text}
    for place, call in enumerate(reply.calls):
        raw = _raw_arguments(call)
        item = {
            "type": "function_call",
            "id": f"fc_{place}",
            "call_id": _call_id(call, number, place),
            "name": call.name,
        }
        yield {"type": "response.output_item.added", "item": {**item, "arguments": ""}}
        for piece in _halves(raw):
            kind = "response.function_call_arguments.delta"
            yield {"type": kind, "item_id": item["id"], "delta": piece}
        yield {"type": "response.output_item.done", "item": {**item, "arguments": raw}}


def _responses_end(reply: Reply, model: str) -> list[dict[str, Any]]:
    response: dict[str, Any] = {"status": reply.finish_reason or "completed", "model": model}
    if reply.usage is not None:
        response["usage"] = {
            "input_tokens": reply.usage[0],
            "output_tokens": reply.usage[1],
            "input_tokens_details": {
                "cached_tokens": reply.cached[0],
                "cache_write_tokens": reply.cached[1],
            },
        }
    return [{"type": "response.completed", "response": response}]


def _ollama_line(model: str, *, done: bool = False, **message: Any) -> dict[str, Any]:
    said = {"role": "assistant", "content": "", **message}
    return {"model": model, "message": said, "done": done}


def _ollama_content(reply: Reply, model: str) -> Iterator[dict[str, Any]]:
    for text in reply.thoughts:
        yield _ollama_line(model, thinking=text)
    for text in reply.tokens:
        yield _ollama_line(model, content=text)
    for call in reply.calls:
        function = {"index": 0, "name": call.name, "arguments": call.arguments}
        told = {"id": call.id} if call.id else {}
        yield _ollama_line(model, tool_calls=[{**told, "function": function}])


def _ollama_end(reply: Reply, model: str) -> list[dict[str, Any]]:
    ended = _ollama_line(model, done=True)
    ended["done_reason"] = reply.finish_reason or "stop"
    if reply.usage is not None:
        ended["prompt_eval_count"], ended["eval_count"] = reply.usage
    return [ended]
