"""Translate a request into the OpenAI Responses form.

The server keeps nothing (``store`` is false): the whole conversation goes out each time, with the
encrypted reasoning items that belong to it.
"""

import json
from collections.abc import Iterable

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.providers.base import CompletionRequest, ToolSchema
from harn_tui.providers.call_id import short_id
from harn_tui.providers.content_parts import CallPart, ImagePart, ShownPart
from harn_tui.providers.neutral_messages import (
    ReadMessage,
    effort_for,
    with_images_behind_results,
)
from harn_tui.providers.openai_tool_search import (
    is_search_item,
    server_search_entry,
    with_usable_searches,
)
from harn_tui.providers.tool_choice import read_tool_choice
from harn_tui.providers.tool_parameters import sendable_parameters
from harn_tui.providers.tool_search import deferred_names, search_of

_SCHEMA_NAME = "reply"
_LONGEST_ID = 64


def responses_body(request: CompletionRequest) -> JsonObject:
    """Return the JSON body of ``POST …/responses``. The protocol knows no prefill."""
    body: JsonObject = {
        "model": request.model,
        "input": _input(request),
        "stream": True,
        "store": False,
        "max_output_tokens": request.max_tokens,
    }
    if request.system:
        body["instructions"] = request.system
    if request.temperature is not None:
        body["temperature"] = request.temperature
    if request.tools:
        body["tools"] = _tools(request)
        if request.tool_choice is not None:
            body["tool_choice"] = _tool_choice(request.tool_choice)
    if text_format := _text_format(request):
        body["text"] = {"format": text_format}
    if request.thinking_budget_tokens is not None:
        effort = effort_for(request.thinking_budget_tokens)
        body["reasoning"] = {"effort": effort, "summary": "auto"}
    return body


def _input(request: CompletionRequest) -> list[JsonValue]:
    items: list[JsonValue] = []
    for message in with_images_behind_results(request.messages):
        items += _items(message, request)
    return items


def _items(message: ReadMessage, request: CompletionRequest) -> list[JsonValue]:
    if message.role == "tool":
        output: JsonObject = {
            "type": "function_call_output",
            "call_id": short_id(message.call_id, _LONGEST_ID),
            "output": message.text,
        }
        return [output]
    if message.role != "assistant":
        return [_user_item(message.parts)]
    items: list[JsonValue] = [
        block
        for block in with_usable_searches(message.thinking_blocks, request)
        if _is_reasoning(block) or is_search_item(block)
    ]
    if message.text:
        part: JsonObject = {"type": "output_text", "text": message.text, "annotations": []}
        items.append({"type": "message", "role": "assistant", "content": [part]})
    items += [_call_item(call) for call in message.calls]
    return items


def _is_reasoning(block: JsonObject) -> bool:
    return block.get("type") == "reasoning" and bool(block.get("encrypted_content"))


def _call_item(call: CallPart) -> JsonObject:
    return {
        "type": "function_call",
        "call_id": short_id(call.id, _LONGEST_ID),
        "name": call.name,
        "arguments": json.dumps(call.arguments, ensure_ascii=False),
    }


def _user_item(parts: Iterable[ShownPart]) -> JsonObject:
    content: list[JsonValue] = [_part(part) for part in parts]
    return {
        "type": "message",
        "role": "user",
        "content": content or [{"type": "input_text", "text": ""}],
    }


def _part(part: ShownPart) -> JsonValue:
    if isinstance(part, ImagePart):
        return {"type": "input_image", "image_url": part.address}
    return {"type": "input_text", "text": part.text}


def _text_format(request: CompletionRequest) -> JsonObject:
    """Return the form in which JSON is asked for, empty when it is not.

    ``strict`` stays off: it refuses every schema that is not closed, which most are not.
    """
    if request.output_schema is not None:
        return {
            "type": "json_schema",
            "name": _SCHEMA_NAME,
            "schema": request.output_schema,
            "strict": False,
        }
    return {"type": "json_object"} if request.response_format == "json" else {}


def _tools(request: CompletionRequest) -> list[JsonValue]:
    deferred = deferred_names(request, "openai-responses")
    entries: list[JsonValue] = []
    if search_of(request, "openai-responses") is not None:
        entries.append(server_search_entry())
    for tool in request.tools:
        entry = _tool(tool)
        if tool.name in deferred:
            entry["defer_loading"] = True
        entries.append(entry)
    return entries


def _tool(tool: ToolSchema) -> JsonObject:
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": sendable_parameters(tool.parameters),
        "strict": False,
    }


def _tool_choice(value: str | JsonObject) -> JsonValue:
    choice = read_tool_choice(value)
    return choice.mode if choice.mode != "named" else {"type": "function", "name": choice.name}
