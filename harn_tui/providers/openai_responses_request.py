"""Translate a request into the OpenAI Responses form.

The server keeps nothing (``store`` is false): the whole conversation goes out each time, with the
encrypted reasoning items that belong to it.
"""

import json

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.providers.base import CompletionRequest, ToolSchema
from harn_tui.providers.neutral_messages import calls_of, effort_for
from harn_tui.providers.wire_json import objects_of, text_of


def responses_body(request: CompletionRequest) -> JsonObject:
    """Return the JSON body of ``POST …/responses``. The protocol knows no prefill."""
    items: list[JsonValue] = []
    for message in request.messages:
        items += _items(message)
    body: JsonObject = {
        "model": request.model,
        "input": items,
        "stream": True,
        "store": False,
        "max_output_tokens": request.max_tokens,
    }
    if request.system:
        body["instructions"] = request.system
    if request.temperature is not None:
        body["temperature"] = request.temperature
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
        if request.tool_choice is not None:
            body["tool_choice"] = _tool_choice(request.tool_choice)
    if request.thinking_budget_tokens is not None:
        effort = effort_for(request.thinking_budget_tokens)
        body["reasoning"] = {"effort": effort, "summary": "auto"}
    return body


def _items(message: JsonObject) -> list[JsonValue]:
    content = text_of(message.get("content"))
    role = message.get("role")
    if role == "tool":
        call_id = text_of(message.get("tool_call_id"))
        return [{"type": "function_call_output", "call_id": call_id, "output": content}]
    if role != "assistant":
        return [
            {
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": content}],
            }
        ]
    items: list[JsonValue] = [
        block
        for block in objects_of(message.get("thinking_blocks"))
        if block.get("type") == "reasoning" and block.get("encrypted_content")
    ]
    if content:
        part: JsonObject = {"type": "output_text", "text": content, "annotations": []}
        items.append({"type": "message", "role": "assistant", "content": [part]})
    for call_id, name, arguments in calls_of(message):
        items.append(
            {
                "type": "function_call",
                "call_id": call_id,
                "name": name,
                "arguments": json.dumps(arguments, ensure_ascii=False),
            }
        )
    return items


def _tool(tool: ToolSchema) -> JsonObject:
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
        "strict": False,
    }


def _tool_choice(choice: str) -> JsonValue:
    if choice in {"auto", "required", "none"}:
        return choice
    return {"type": "function", "name": choice}
