"""Statements of the reference on what goes over the wire to a model server (loop 7.7 to 7.9)."""

import json
from typing import Any

import pytest

from harn_tui.json_types import JsonObject
from harn_tui.providers.base import CompletionRequest, ProviderSettings, ToolSchema
from harn_tui.providers.factory import build_provider
from tests.support.reply_script import Reply
from tests.support.streaming_server import StreamingServer

KINDS = ("openai", "openai-responses", "anthropic", "ollama")
KINDS_WITH_A_CHOICE = KINDS[:-1]
LOOK = ToolSchema("look", "Look at a file.", {"type": "object", "properties": {}})
CALL: JsonObject = {"id": "c1", "name": "look", "arguments": {"path": "a"}}

HISTORY: tuple[JsonObject, ...] = (
    {"role": "user", "content": "Hi", "feedback_id": "feedback_1", "kind": "user"},
    {
        "role": "assistant",
        "content": "Looking.",
        "tool_calls": [{**CALL, "raw_arguments": "{"}],
        "interrupted": True,
        "metadata": {"ledger": 1},
    },
    {
        "role": "tool",
        "tool_call_id": "c1",
        "tool_name": "look",
        "content": "found",
        "metadata": {"ledger": 1},
    },
    {"role": "user", "content": "Go on", "kind": "user", "metadata": {"ledger": 2}},
)


async def sent(kind: str, **fields: Any) -> dict[str, Any]:
    """Return the body that the adapter of ``kind`` really sent to a server on this machine."""
    model = str(fields.pop("model", "m"))
    messages = fields.pop("messages", HISTORY)
    with StreamingServer([Reply.text("ok")]) as server:
        provider = build_provider(ProviderSettings("test", kind, model, server.base_url))
        await provider.complete(CompletionRequest(model, messages, **fields), lambda _: None)
        await provider.aclose()
        return server.requests[0].body


@pytest.mark.parametrize(
    ("kind", "choice"),
    [("openai", "required"), ("openai-responses", "required"), ("anthropic", {"type": "any"})],
)
async def test_loop_10_23_a_demand_for_a_tool_takes_the_form_of_the_api_not_of_the_name(
    kind: str, choice: object
) -> None:
    body = await sent(kind, tools=(LOOK,), tool_choice="required")
    assert body["tool_choice"] == choice


@pytest.mark.parametrize("kind", KINDS)
async def test_loop_7_7_without_tools_there_is_no_choice(kind: str) -> None:
    assert "tool_choice" not in await sent(kind, tool_choice="required")
    assert "tool_choice" not in await sent(kind, tools=(LOOK,))


@pytest.mark.parametrize("kind", KINDS_WITH_A_CHOICE)
@pytest.mark.parametrize(
    "choice",
    [
        {"type": "tool", "name": "look"},
        {"type": "function", "name": "look"},
        {"type": "function", "function": {"name": "look"}},
    ],
)
async def test_loop_7_7_an_explicit_choice_is_kept_on_every_server(
    kind: str, choice: JsonObject
) -> None:
    body = await sent(kind, tools=(LOOK,), tool_choice=choice)
    assert "look" in json.dumps(body["tool_choice"])


async def test_loop_7_8_chat_completions_get_calls_with_json_text_and_tool_messages() -> None:
    body = await sent("openai")
    assert body["messages"][1:3] == [
        {
            "role": "assistant",
            "content": "Looking.",
            "tool_calls": [
                {
                    "id": "c1",
                    "type": "function",
                    "function": {"name": "look", "arguments": '{"path": "a"}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "found"},
    ]


async def test_loop_7_8_anthropic_gets_blocks_and_results_as_the_users() -> None:
    body = await sent("anthropic")
    _, called, answered = body["messages"]
    assert called["content"] == [
        {"type": "text", "text": "Looking."},
        {"type": "tool_use", "id": "c1", "name": "look", "input": {"path": "a"}},
    ]
    assert answered["role"] == "user"
    assert answered["content"][0] == {
        "type": "tool_result",
        "tool_use_id": "c1",
        "content": "found",
    }


async def test_loop_7_8_ollama_gets_calls_with_objects_and_results_by_the_name_of_the_tool() -> (
    None
):
    body = await sent("ollama")
    assert body["messages"][1:3] == [
        {
            "role": "assistant",
            "content": "Looking.",
            "tool_calls": [
                {
                    "type": "function",
                    "function": {"index": 0, "name": "look", "arguments": {"path": "a"}},
                }
            ],
        },
        {"role": "tool", "tool_name": "look", "content": "found"},
    ]


async def test_loop_7_9_a_prefill_is_the_last_message_for_ollama() -> None:
    body = await sent("ollama", prefill="Sure,")
    assert body["messages"][-1] == {"role": "assistant", "content": "Sure,"}


@pytest.mark.parametrize("kind", KINDS)
async def test_loop_10_58_keys_of_our_own_never_reach_a_server(kind: str) -> None:
    body = json.dumps(await sent(kind))
    own_keys = {"feedback_id", "kind", "interrupted", "raw_arguments", "metadata", "tool_name"}
    for key in own_keys - ({"tool_name"} if kind == "ollama" else set()):
        assert f'"{key}"' not in body


@pytest.mark.parametrize("kind", KINDS)
async def test_loop_10_12_list_content_reaches_every_server(kind: str) -> None:
    image: JsonObject = {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": "aW1hZ2U="},
    }
    content: JsonObject = {
        "role": "user",
        "content": [{"type": "text", "text": "What is on it?"}, image],
    }
    body = json.dumps(await sent(kind, messages=(content,)))
    assert "What is on it?" in body
    assert "aW1hZ2U=" in body


@pytest.mark.parametrize("kind", KINDS)
async def test_loop_10_45_an_empty_assistant_turn_is_sent_to_no_server(kind: str) -> None:
    messages = (HISTORY[0], {"role": "assistant", "content": ""}, HISTORY[3])
    body = await sent(kind, messages=messages)
    items = body["messages"] if "messages" in body else body["input"]
    assert all(item["role"] == "user" for item in items)


async def test_loop_7_9_a_prefill_continues_the_turn_on_compatible_servers() -> None:
    body = await sent("openai", prefill="Sure,")
    assert body["messages"][-1] == {"role": "assistant", "content": "Sure,"}
    assert (body["add_generation_prompt"], body["continue_final_message"]) == (False, True)
    without = await sent("openai")
    assert not {"add_generation_prompt", "continue_final_message"} & set(without)


@pytest.mark.parametrize(
    ("model", "is_sent"),
    [
        ("claude-3-5-sonnet-20241022", True),
        ("anthropic/claude-opus-4.1", True),
        ("claude-opus-4-5", True),
        ("claude-opus-4-6", False),
        ("claude-opus-4-7", False),
        ("anthropic/claude-opus-4.7", False),
    ],
)
async def test_loop_7_9_a_prefill_is_dropped_for_claude_4_6_and_later(
    model: str, is_sent: bool
) -> None:
    body = await sent("anthropic", model=model, prefill="Sure,")
    assert (body["messages"][-1]["role"] == "assistant") is is_sent


async def test_json_is_asked_for_where_the_api_has_a_form() -> None:
    schema: JsonObject = {"type": "object", "properties": {}}
    chat = await sent("openai", response_format="json")
    assert chat["response_format"] == {"type": "json_object"}
    chat = await sent("openai", output_schema=schema)
    assert chat["response_format"]["json_schema"]["schema"] == schema
    responses = await sent("openai-responses", output_schema=schema)
    assert responses["text"]["format"]["schema"] == schema
    assert (await sent("ollama", response_format="json"))["format"] == "json"
    assert (await sent("ollama", output_schema=schema))["format"] == schema
    anthropic = await sent("anthropic", response_format="json", output_schema=schema)
    assert "properties" not in json.dumps(anthropic)
