"""Translate a request into the Chat Completions form (docs/loop.md, 7.8 and 7.9)."""

import json

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.providers.base import CompletionRequest, ToolSchema
from harn_tui.providers.call_id import short_id
from harn_tui.providers.content_parts import ImagePart, ShownPart
from harn_tui.providers.neutral_messages import (
    ReadMessage,
    effort_for,
    with_images_behind_results,
)
from harn_tui.providers.openai_tool_search import hosted_search_entry
from harn_tui.providers.tool_choice import read_tool_choice
from harn_tui.providers.tool_parameters import sendable_parameters
from harn_tui.providers.tool_search import deferred_names, search_of

_SCHEMA_NAME = "reply"
_LONGEST_ID = 40


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
        body["tools"] = _tools(request, is_official=is_official)
        if request.tool_choice is not None:
            body["tool_choice"] = _tool_choice(request.tool_choice)
    if response_format := _response_format(request):
        body["response_format"] = response_format
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
    messages += [
        _message(message)
        for message in with_images_behind_results(request.messages)
        if message.role != "assistant" or message.says_something
    ]
    if with_prefill:
        messages.append({"role": "assistant", "content": request.prefill})
    return messages


def _message(message: ReadMessage) -> JsonObject:
    translated: JsonObject = {"role": message.role, "content": _content(message)}
    if message.role == "tool":
        translated["tool_call_id"] = short_id(message.call_id, _LONGEST_ID)
    calls: list[JsonValue] = [
        {
            "id": short_id(call.id, _LONGEST_ID),
            "type": "function",
            "function": {
                "name": call.name,
                "arguments": json.dumps(call.arguments, ensure_ascii=False),
            },
        }
        for call in message.calls
    ]
    if calls:
        translated["tool_calls"] = calls
    return translated


def _content(message: ReadMessage) -> JsonValue:
    """Return a list of parts only where there are images: simple servers take text alone."""
    if message.role == "user" and any(isinstance(part, ImagePart) for part in message.parts):
        return [_part(part) for part in message.parts]
    return message.text


def _part(part: ShownPart) -> JsonValue:
    if isinstance(part, ImagePart):
        return {"type": "image_url", "image_url": {"url": part.address}}
    return {"type": "text", "text": part.text}


def _response_format(request: CompletionRequest) -> JsonObject:
    """Return the form in which JSON is asked for, empty when it is not.

    ``strict`` stays off: it refuses every schema that is not closed, which most are not.
    """
    if request.output_schema is not None:
        schema: JsonObject = {
            "name": _SCHEMA_NAME,
            "schema": request.output_schema,
            "strict": False,
        }
        return {"type": "json_schema", "json_schema": schema}
    return {"type": "json_object"} if request.response_format == "json" else {}


def _tools(request: CompletionRequest, *, is_official: bool) -> list[JsonValue]:
    deferred = deferred_names(request, "openai")
    entries: list[JsonValue] = []
    if search_of(request, "openai") is not None:
        entries.append(hosted_search_entry(request.tools))
    for tool in request.tools:
        parameters = sendable_parameters(tool.parameters) if is_official else tool.parameters
        entry = function_entry(tool, parameters)
        if tool.name in deferred:
            entry["defer_loading"] = True
            if tool.namespace:
                entry["namespace"] = tool.namespace
        entries.append(entry)
    return entries


def function_entry(tool: ToolSchema, parameters: JsonObject) -> JsonObject:
    """Return how a request offers ``tool`` with ``parameters``."""
    return {
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description,
            "parameters": parameters,
        },
    }


def _tool_choice(value: str | JsonObject) -> JsonValue:
    choice = read_tool_choice(value)
    if choice.mode != "named":
        return choice.mode
    return {"type": "function", "function": {"name": choice.name}}
