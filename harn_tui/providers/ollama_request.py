"""Translate a request into the form of Ollama's own API (docs/loop.md, 7.8 and 7.9)."""

import re
from typing import Final

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.providers.base import CompletionRequest, ProviderSettings, ToolSchema
from harn_tui.providers.content_parts import CallPart, ImagePart, ShownPart, joined_text
from harn_tui.providers.neutral_messages import (
    ReadMessage,
    effort_for,
    with_images_behind_results,
)
from harn_tui.providers.openai_chat_request import function_entry
from harn_tui.providers.tool_choice import read_tool_choice
from harn_tui.providers.tool_parameters import sendable_parameters
from harn_tui.providers.wire_json import text_of

THINKING_BLOCK_TYPE: Final = "thinking"

_TAKES_LEVELS: Final = "gpt-oss"
_WHOLE_NUMBER: Final = re.compile(r"-?\d+")


def ollama_body(request: CompletionRequest, settings: ProviderSettings) -> JsonObject:
    """Return the JSON body of ``POST …/api/chat``.

    The server is told to refuse what does not fit its context: left alone it cuts the oldest
    messages away, or pushes them out while it writes, and says nothing. Raises ProviderError for
    a tool choice that is none.
    """
    tools = _offered(request)
    body: JsonObject = {
        "model": request.model,
        "messages": _messages(request),
        "stream": True,
        "truncate": False,
        "shift": False,
        "options": _options(request, settings),
    }
    if tools:
        body["tools"] = [
            function_entry(tool, sendable_parameters(tool.parameters)) for tool in tools
        ]
    elif (form := _format(request)) is not None:
        body["format"] = form
    if request.thinking_budget_tokens is not None:
        # Only that family takes a level; other models are refused one.
        takes_levels = _TAKES_LEVELS in request.model.lower()
        body["think"] = effort_for(request.thinking_budget_tokens) if takes_levels else True
    if settings.keep_alive is not None:
        body["keep_alive"] = _duration(settings.keep_alive)
    return body


def _options(request: CompletionRequest, settings: ProviderSettings) -> JsonObject:
    options: JsonObject = {"num_predict": request.max_tokens}
    if request.temperature is not None:
        options["temperature"] = request.temperature
    if settings.context_window is not None:
        options["num_ctx"] = settings.context_window
    return options


def _duration(text: str) -> JsonValue:
    """Return a time as the server reads it: seconds as a number, ``10m`` and the like as text."""
    return int(text) if _WHOLE_NUMBER.fullmatch(text.strip()) else text.strip()


def _offered(request: CompletionRequest) -> tuple[ToolSchema, ...]:
    """Return the tools to offer. The API knows no choice, so they are all that can express one."""
    if request.tool_choice is None:
        return request.tools
    choice = read_tool_choice(request.tool_choice)
    if choice.mode == "none":
        return ()
    if choice.mode == "named":
        named = tuple(tool for tool in request.tools if tool.name == choice.name)
        return named or request.tools
    return request.tools


def _format(request: CompletionRequest) -> JsonValue:
    """Return the form in which JSON is asked for, ``None`` when it is not.

    It binds every word of a reply, so it never goes out with tools: none could be called.
    """
    if request.output_schema is not None:
        return request.output_schema
    return request.response_format


def _messages(request: CompletionRequest) -> list[JsonValue]:
    messages: list[JsonValue] = []
    if request.system:
        messages.append({"role": "system", "content": request.system})
    names: dict[str, str] = {}
    for message in with_images_behind_results(request.messages):
        names |= {call.id: call.name for call in message.calls}
        if message.role == "tool":
            messages.append(_result(message, names))
        elif message.role == "assistant":
            if message.says_something:
                messages.append(_assistant(message))
        else:
            messages.append(_said(message))
    if request.prefill:
        messages.append({"role": "assistant", "content": request.prefill})
    return messages


def _result(message: ReadMessage, names: dict[str, str]) -> JsonObject:
    """Return a result; the server knows its call by the tool's name and by the order."""
    result: JsonObject = {"role": "tool", "content": message.text}
    if name := names.get(message.call_id) or message.tool_name:
        result["tool_name"] = name
    return result


def _assistant(message: ReadMessage) -> JsonObject:
    translated: JsonObject = {"role": "assistant"}
    if message.text:
        translated["content"] = message.text
    thoughts = [
        text_of(block.get("thinking")) for block in message.thinking_blocks if _is_own(block)
    ]
    if thoughts:
        translated["thinking"] = "".join(thoughts)
    if message.calls:
        translated["tool_calls"] = [_call(index, call) for index, call in enumerate(message.calls)]
    return translated


def _is_own(block: JsonObject) -> bool:
    """Whether a block is reasoning that this API gave; another's is sealed for that one."""
    return block.get("type") == THINKING_BLOCK_TYPE and "signature" not in block


def _call(index: int, call: CallPart) -> JsonObject:
    return {
        "type": "function",
        "function": {"index": index, "name": call.name, "arguments": call.arguments},
    }


def _said(message: ReadMessage) -> JsonObject:
    """Return a person's words. The server fetches nothing: an image at a URL is only named."""
    images: list[JsonValue] = []
    others: list[ShownPart] = []
    for part in message.parts:
        if isinstance(part, ImagePart) and part.data:
            images.append(part.data)
        else:
            others.append(part)
    translated: JsonObject = {"role": message.role, "content": joined_text(others)}
    if images:
        translated["images"] = images
    return translated
