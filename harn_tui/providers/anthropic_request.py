"""Translate a request into the Anthropic Messages form (docs/loop.md, 7.8 and 7.9)."""

import re

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.providers.base import CompletionRequest, ToolSchema
from harn_tui.providers.claude_version import (
    takes_prefill,
    takes_temperature,
    thinks_adaptively,
)
from harn_tui.providers.neutral_messages import calls_of, effort_for
from harn_tui.providers.wire_json import objects_of, text_of

_MIN_THINKING_TOKENS = 1024
_FORCED_CHOICES = {"required": "any"}
_PLAIN_CHOICES = frozenset({"auto", "none"})
_BAD_ID_CHARACTER = re.compile(r"[^a-zA-Z0-9_-]")
_CACHE_TO_HERE: JsonObject = {"type": "ephemeral"}


def anthropic_body(request: CompletionRequest) -> JsonObject:
    """Return the JSON body of ``POST …/messages``.

    The prompt is marked for caching at two places: after tools and system prompt, which never
    change, and at the end of the conversation, which the next call only adds to.
    """
    thinking = _thinking(request)
    messages = _messages(request.messages)
    _cache_up_to_last(messages)
    if sends_prefill(request):
        messages.append({"role": "assistant", "content": _prefill(request)})
    body: JsonObject = {
        "model": request.model,
        "max_tokens": request.max_tokens,
        "messages": list(messages),
        "stream": True,
    }
    if request.system:
        body["system"] = [
            {"type": "text", "text": request.system, "cache_control": dict(_CACHE_TO_HERE)}
        ]
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
        if request.tool_choice is not None:
            body["tool_choice"] = _tool_choice(request.tool_choice)
    if thinking:
        body.update(thinking)
    elif request.temperature is not None and takes_temperature(request.model):
        body["temperature"] = request.temperature
    return body


def sends_prefill(request: CompletionRequest) -> bool:
    """Whether the request's prefill goes out: not to Claude 4.6 and later, nor with thinking."""
    return bool(_prefill(request)) and takes_prefill(request.model) and not _thinking(request)


def _prefill(request: CompletionRequest) -> str:
    # The server refuses a final assistant message that ends in white space.
    return (request.prefill or "").rstrip()


def _thinking(request: CompletionRequest) -> JsonObject:
    """Return the body keys that ask for thinking; empty when it was not asked for or cannot be.

    Thinking and a forced tool exclude each other, and the tool is what the loop depends on.
    """
    budget = request.thinking_budget_tokens
    if budget is None or _is_forced(request):
        return {}
    if thinks_adaptively(request.model):
        thinking: JsonObject = {"type": "adaptive"}
        if not takes_temperature(request.model):
            # The newest models otherwise send their thinking blocks without the text.
            thinking["display"] = "summarized"
        return {"thinking": thinking, "output_config": {"effort": effort_for(budget)}}
    allowed = min(max(budget, _MIN_THINKING_TOKENS), request.max_tokens - 1)
    if allowed < _MIN_THINKING_TOKENS:
        return {}
    return {"thinking": {"type": "enabled", "budget_tokens": allowed}}


def _is_forced(request: CompletionRequest) -> bool:
    choice = request.tool_choice
    return bool(request.tools) and choice is not None and choice not in _PLAIN_CHOICES


def _messages(neutral: tuple[JsonObject, ...]) -> list[JsonObject]:
    """Return user and assistant messages in turn; neighbours of one role become one message."""
    messages: list[JsonObject] = []
    for message in neutral:
        role = "assistant" if message.get("role") == "assistant" else "user"
        blocks = _assistant_blocks(message) if role == "assistant" else _user_blocks(message)
        if not blocks:
            continue
        last = messages[-1] if messages else None
        if last is not None and last["role"] == role and isinstance(last["content"], list):
            last["content"] += blocks
        else:
            messages.append({"role": role, "content": blocks})
    return messages


def _user_blocks(message: JsonObject) -> list[JsonValue]:
    content = text_of(message.get("content"))
    if message.get("role") == "tool":
        call_id = _valid_id(text_of(message.get("tool_call_id")))
        return [
            {
                "type": "tool_result",
                "tool_use_id": call_id,
                "content": content if content.strip() else "(no output)",
            }
        ]
    # The server refuses text blocks without a visible character.
    return [{"type": "text", "text": content}] if content.strip() else []


def _assistant_blocks(message: JsonObject) -> list[JsonValue]:
    blocks: list[JsonValue] = [
        block for block in objects_of(message.get("thinking_blocks")) if _is_returnable(block)
    ]
    content = text_of(message.get("content"))
    if content.strip():
        blocks.append({"type": "text", "text": content})
    for call_id, name, arguments in calls_of(message):
        blocks.append(
            {"type": "tool_use", "id": _valid_id(call_id), "name": name, "input": arguments}
        )
    return blocks


def _is_returnable(block: JsonObject) -> bool:
    """Whether the server would take a thinking block back: only with its own seal on it."""
    if block.get("type") == "thinking":
        return bool(block.get("signature"))
    return block.get("type") == "redacted_thinking"


def _valid_id(call_id: str) -> str:
    """Return an id in the server's alphabet; other providers' ids may hold other characters."""
    return _BAD_ID_CHARACTER.sub("_", call_id)


def _cache_up_to_last(messages: list[JsonObject]) -> None:
    content = messages[-1]["content"] if messages else None
    last = content[-1] if isinstance(content, list) and content else None
    if isinstance(last, dict) and last.get("type") in {"text", "tool_result"}:
        last["cache_control"] = dict(_CACHE_TO_HERE)


def _tool(tool: ToolSchema) -> JsonObject:
    return {"name": tool.name, "description": tool.description, "input_schema": tool.parameters}


def _tool_choice(choice: str) -> JsonObject:
    if choice in _PLAIN_CHOICES:
        return {"type": choice}
    if choice in _FORCED_CHOICES:
        return {"type": _FORCED_CHOICES[choice]}
    return {"type": "tool", "name": choice}
