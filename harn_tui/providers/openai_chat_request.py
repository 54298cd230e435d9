"""Translate a request into the Chat Completions form (docs/loop.md, 7.8 and 7.9)."""

import json

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.providers.base import CompletionRequest, ToolSchema
from harn_tui.providers.neutral_messages import calls_of, effort_for, said_something
from harn_tui.providers.wire_json import text_of


def chat_body(request: CompletionRequest, *, is_official: bool) -> JsonObject:
    """Return the JSON body of ``POST …/chat/completions``.

    ``is_official`` is true for api.openai.com, which renamed the token limit, knows reasoning
    effort and refuses the fields by which other servers continue a prefilled turn.
    """
    body: JsonObject = {
        "model": request.model,
        "messages": _messages(request, with_prefill=sends_prefill(request, is_official)),
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    body["max_completion_tokens" if is_official else "max_tokens"] = request.max_tokens
    if request.temperature is not None:
        body["temperature"] = request.temperature
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
        if request.tool_choice is not None:
            body["tool_choice"] = _tool_choice(request.tool_choice)
    if is_official and request.thinking_budget_tokens is not None:
        body["reasoning_effort"] = effort_for(request.thinking_budget_tokens)
    if sends_prefill(request, is_official):
        body["add_generation_prompt"] = False
        body["continue_final_message"] = True
    return body


def sends_prefill(request: CompletionRequest, is_official: bool) -> bool:
    """Whether the request's prefill goes out: OpenAI itself would answer it as a message."""
    return bool(request.prefill) and not is_official


def _messages(request: CompletionRequest, *, with_prefill: bool) -> list[JsonValue]:
    messages: list[JsonValue] = []
    if request.system:
        messages.append({"role": "system", "content": request.system})
    messages += [_message(message) for message in request.messages if _is_sendable(message)]
    if with_prefill:
        messages.append({"role": "assistant", "content": request.prefill})
    return messages


def _is_sendable(message: JsonObject) -> bool:
    return message.get("role") != "assistant" or said_something(message)


def _message(message: JsonObject) -> JsonObject:
    role = text_of(message.get("role")) or "user"
    translated: JsonObject = {"role": role, "content": text_of(message.get("content"))}
    if role == "tool":
        translated["tool_call_id"] = text_of(message.get("tool_call_id"))
    calls: list[JsonValue] = [
        {
            "id": call_id,
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)},
        }
        for call_id, name, arguments in calls_of(message)
    ]
    if calls:
        translated["tool_calls"] = calls
    return translated


def _tool(tool: ToolSchema) -> JsonObject:
    return {
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description,
            "parameters": tool.parameters,
        },
    }


def _tool_choice(choice: str) -> JsonValue:
    if choice in {"auto", "required", "none"}:
        return choice
    return {"type": "function", "function": {"name": choice}}
