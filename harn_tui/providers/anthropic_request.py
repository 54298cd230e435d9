"""Translate a request into the Anthropic Messages form (docs/loop.md, 7.8 and 7.9)."""

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.providers.anthropic_tool_search import (
    is_search_block,
    search_tool_entry,
    with_usable_searches,
)
from harn_tui.providers.base import CompletionRequest, ToolSchema
from harn_tui.providers.call_id import plain_id
from harn_tui.providers.claude_version import (
    takes_forced_tools,
    takes_prefill,
    takes_temperature,
    thinks_adaptively,
    thinks_unless_told_not_to,
)
from harn_tui.providers.content_parts import ImagePart, ShownPart
from harn_tui.providers.neutral_messages import ReadMessage, effort_for, read_messages
from harn_tui.providers.tool_choice import ToolChoice, read_tool_choice
from harn_tui.providers.tool_parameters import sendable_parameters
from harn_tui.providers.tool_search import deferred_names, search_of

_MIN_THINKING_TOKENS = 1024
_CACHED_TYPES = frozenset({"text", "image", "tool_result"})
_CACHE_TO_HERE: JsonObject = {"type": "ephemeral"}


def anthropic_body(request: CompletionRequest) -> JsonObject:
    """Return the JSON body of ``POST …/messages``.

    The prompt is marked for caching at two places: after tools and system prompt, which never
    change, and at the end of the conversation, which the next call only adds to.
    """
    conversation = read_messages(request.messages)
    thinking = _thinking(request, conversation)
    messages = _messages(conversation, request)
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
        body["tools"] = _tools(request)
        if request.tool_choice is not None:
            body["tool_choice"] = _tool_choice(request)
    if thinking:
        body.update(thinking)
    elif request.temperature is not None and takes_temperature(request.model):
        body["temperature"] = request.temperature
    return body


def sends_prefill(request: CompletionRequest) -> bool:
    """Whether the request's prefill goes out: not to Claude 4.6 and later, nor with thinking."""
    if not _prefill(request) or not takes_prefill(request.model):
        return False
    return not _thinking(request, read_messages(request.messages))


def _prefill(request: CompletionRequest) -> str:
    # The server refuses a final assistant message that ends in white space.
    return (request.prefill or "").rstrip()


def _thinking(request: CompletionRequest, conversation: list[ReadMessage]) -> JsonObject:
    """Return the body keys that set thinking; empty when it is left to the model's default.

    Thinking and a forced tool exclude each other, and the tool is what the loop depends on.
    """
    if _is_forced(request):
        is_on = thinks_unless_told_not_to(request.model)
        return {"thinking": {"type": "disabled"}} if is_on else {}
    budget = request.thinking_budget_tokens
    if budget is None:
        return {}
    if thinks_adaptively(request.model):
        thinking: JsonObject = {"type": "adaptive"}
        if not takes_temperature(request.model):
            # The newest models otherwise send their thinking blocks without the text.
            thinking["display"] = "summarized"
        return {"thinking": thinking, "output_config": {"effort": effort_for(budget)}}
    allowed = min(max(budget, _MIN_THINKING_TOKENS), request.max_tokens - 1)
    if allowed < _MIN_THINKING_TOKENS or _began_without_thinking(conversation):
        return {}
    return {"thinking": {"type": "enabled", "budget_tokens": allowed}}


def _began_without_thinking(conversation: list[ReadMessage]) -> bool:
    """Whether the turn that goes on called tools without thinking, which cannot begin now.

    That happens after a forced call, and when another server began the turn.
    """
    for message in reversed(conversation):
        if message.role == "assistant":
            return bool(message.calls) and not any(map(_is_thinking, message.thinking_blocks))
        if message.role != "tool":
            return False
    return False


def _is_forced(request: CompletionRequest) -> bool:
    return bool(request.tools) and _choice(request).is_forced


def _choice(request: CompletionRequest) -> ToolChoice:
    """Return the choice of tools; a model that refuses to be made to call one is left free."""
    choice = read_tool_choice(request.tool_choice or "auto")
    is_refused = choice.is_forced and not takes_forced_tools(request.model)
    return ToolChoice("auto") if is_refused else choice


def _messages(conversation: list[ReadMessage], request: CompletionRequest) -> list[JsonObject]:
    """Return user and assistant messages in turn; neighbours of one role become one message."""
    messages: list[JsonObject] = []
    for message in conversation:
        role = "assistant" if message.role == "assistant" else "user"
        is_reply = role == "assistant"
        blocks = _assistant_blocks(message, request) if is_reply else _user_blocks(message)
        if not blocks:
            continue
        last = messages[-1] if messages else None
        if last is not None and last["role"] == role and isinstance(last["content"], list):
            last["content"] += blocks
        else:
            messages.append({"role": role, "content": blocks})
    return messages


def _user_blocks(message: ReadMessage) -> list[JsonValue]:
    if message.role != "tool":
        return _shown_blocks(message.parts)
    blocks = _shown_blocks(message.parts)
    has_image = any(isinstance(part, ImagePart) for part in message.parts)
    content = blocks if has_image else message.text
    return [
        {
            "type": "tool_result",
            "tool_use_id": plain_id(message.call_id),
            "content": content if blocks else "(no output)",
        }
    ]


def _shown_blocks(parts: tuple[ShownPart, ...]) -> list[JsonValue]:
    # The server refuses text blocks without a visible character.
    return [_block(part) for part in parts if isinstance(part, ImagePart) or part.text.strip()]


def _block(part: ShownPart) -> JsonObject:
    if not isinstance(part, ImagePart):
        return {"type": "text", "text": part.text}
    source: JsonObject = {"type": "url", "url": part.url}
    if part.data:
        source = {"type": "base64", "media_type": part.media_type, "data": part.data}
    return {"type": "image", "source": source}


def _assistant_blocks(message: ReadMessage, request: CompletionRequest) -> list[JsonValue]:
    blocks: list[JsonValue] = [
        block
        for block in with_usable_searches(message.thinking_blocks, request)
        if _is_thinking(block) or is_search_block(block)
    ]
    if message.text.strip():
        blocks.append({"type": "text", "text": message.text})
    for call in message.calls:
        block: JsonObject = {
            "type": "tool_use",
            "id": plain_id(call.id),
            "name": call.name,
            "input": call.arguments,
        }
        blocks.append(block)
    return blocks


def _is_thinking(block: JsonObject) -> bool:
    """Whether a block is thinking that the server takes back: only with its own seal on it."""
    if block.get("type") == "thinking":
        return bool(block.get("signature"))
    return block.get("type") == "redacted_thinking"


def _cache_up_to_last(messages: list[JsonObject]) -> None:
    content = messages[-1]["content"] if messages else None
    last = content[-1] if isinstance(content, list) and content else None
    if isinstance(last, dict) and last.get("type") in _CACHED_TYPES:
        last["cache_control"] = dict(_CACHE_TO_HERE)


def _tools(request: CompletionRequest) -> list[JsonValue]:
    search = search_of(request, "anthropic")
    deferred = deferred_names(request, "anthropic")
    entries: list[JsonValue] = [] if search is None else [search_tool_entry(search)]
    return [*entries, *(_tool(tool, is_deferred=tool.name in deferred) for tool in request.tools)]


def _tool(tool: ToolSchema, *, is_deferred: bool) -> JsonObject:
    entry: JsonObject = {
        "name": tool.name,
        "description": tool.description,
        "input_schema": sendable_parameters(tool.parameters),
    }
    if is_deferred:
        entry["defer_loading"] = True
    return entry


def _tool_choice(request: CompletionRequest) -> JsonObject:
    choice = _choice(request)
    if choice.mode == "named":
        return {"type": "tool", "name": choice.name}
    return {"type": "any" if choice.mode == "required" else choice.mode}
