import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import SearchedBy
from harn_tui.providers.anthropic_request import anthropic_body
from harn_tui.providers.base import (
    Completion,
    CompletionRequest,
    ServerSearchQuery,
    ServerSearchResult,
    ToolSchema,
    ToolSearchRequest,
)
from harn_tui.providers.openai_chat_request import chat_body
from harn_tui.providers.openai_responses_request import responses_body
from harn_tui.providers.tool_search import exposes_tool_search
from tests.unit.providers.wire import READ_FILE, parse, request_of, stream_of

CLAUDE, GPT = "claude-opus-4-7", "gpt-5.5"
WEATHER = ToolSchema("get_weather", "Weather", {"type": "object"}, True, "ops")
DEPLOY = ToolSchema("deploy", "Ship it", {"type": "object"}, True, "crm")
TOOLS = (READ_FILE, WEATHER, DEPLOY)


def request(*messages: JsonObject, **fields: object) -> CompletionRequest:
    given_fields = {"tools": TOOLS, "tool_search": ToolSearchRequest(), **fields}
    return request_of(*messages, **given_fields)


def tools_of(body: JsonObject) -> list[JsonObject]:
    tools = body["tools"]
    assert isinstance(tools, list)
    return [tool for tool in tools if isinstance(tool, dict)]


# Who can search -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "model", "expected"),
    [
        ("anthropic", "claude-haiku-4-4", False),
        ("anthropic", "claude-haiku-4-5", True),
        ("anthropic", "claude-opus-4-7", True),
        ("anthropic", "claude-sonnet-4-20250514", True),
        ("anthropic", "anthropic/claude-opus-4.1", True),
        ("anthropic", "claude-3-5-sonnet-20241022", False),
        ("anthropic", "claude-3-opus", False),
        ("anthropic", "some-model", False),
        ("openai-responses", "gpt-5.4", True),
        ("openai-responses", "openai/gpt-5.4-mini", True),
        ("openai-responses", "gpt-6", True),
        ("openai-responses", "gpt-5.3", False),
        ("openai-responses", "gpt-5-2025-08-07", False),
        ("openai-responses", "gpt-4o", False),
        ("openai-responses", "gpt-oss-120b", False),
        ("openai-responses", "claude-opus-4-7", False),
        ("openai", "gpt-5.5", False),
        ("scripted", "claude-opus-4-7", False),
    ],
)
def test_servers_search_for_the_models_that_their_vendors_say(
    kind: str, model: str, expected: bool
) -> None:
    assert exposes_tool_search(kind, model) is expected


# Requests -----------------------------------------------------------------------------------


@pytest.mark.parametrize("variant", ["bm25", "regex"])
def test_messages_get_the_search_first_and_marks_on_what_waits(variant: str) -> None:
    search = ToolSearchRequest(variant)  # type: ignore[arg-type]  # both are variants
    entry, *tools = tools_of(anthropic_body(request(model=CLAUDE, tool_search=search)))
    assert entry == {
        "type": f"tool_search_tool_{variant}_20251119",
        "name": f"tool_search_tool_{variant}",
    }
    assert [tool.get("defer_loading") for tool in tools] == [None, True, True]
    assert all("namespace" not in tool for tool in tools)


def test_responses_get_the_search_first_and_marks_on_what_waits() -> None:
    entry, *tools = tools_of(responses_body(request(model=GPT)))
    assert entry == {"type": "tool_search"}
    assert [tool.get("defer_loading") for tool in tools] == [None, True, True]


def test_chat_completions_get_every_tool_as_if_none_waited() -> None:
    body = chat_body(request(model=GPT), is_official=True)
    assert body["tools"] == chat_body(request_of(tools=TOOLS), is_official=True)["tools"]
    assert all("defer_loading" not in tool for tool in tools_of(body))


def test_a_forced_chat_server_gets_the_search_with_sorted_namespaces() -> None:
    third = ToolSchema("third", "", {"type": "object"}, True, "ops")
    forced = ToolSearchRequest(is_forced=True)
    body = chat_body(request(tools=(*TOOLS, third), tool_search=forced), is_official=False)
    entry, plain, deferred, *_ = tools_of(body)
    assert entry == {"type": "tool_search", "mode": "hosted", "namespaces": ["crm", "ops"]}
    assert set(plain) == {"type", "function"}
    assert (deferred["defer_loading"], deferred["namespace"]) == (True, "ops")


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        ("claude-3-opus", {}),
        (CLAUDE, {"tool_search": None}),
        (CLAUDE, {"tools": (READ_FILE,)}),
    ],
)
def test_where_nothing_can_be_searched_the_request_is_an_ordinary_one(
    model: str, fields: dict[str, object]
) -> None:
    tools = tools_of(anthropic_body(request(model=model, **fields)))
    assert all("defer_loading" not in tool and "input_schema" in tool for tool in tools)


def test_a_tool_that_must_be_called_does_not_wait() -> None:
    tools = tools_of(responses_body(request(model=GPT, tool_choice="deploy")))
    assert [tool["name"] for tool in tools if tool.get("defer_loading")] == ["get_weather"]


# Replies ------------------------------------------------------------------------------------


def anthropic_event(kind: str, **fields: object) -> str:
    return json.dumps({"type": kind, **fields})


def found(*names: str) -> JsonObject:
    references: list[JsonValue] = [{"type": "tool_reference", "tool_name": n} for n in names]
    return {"type": "tool_search_tool_search_result", "tool_references": references}


def anthropic_reply(result: JsonObject, *, query: str = '{"query":"weather"}') -> Completion:
    name = "tool_search_tool_bm25"
    halves = (query[: len(query) // 2], query[len(query) // 2 :])
    blocks: list[JsonObject] = [
        {"type": "text", "text": "Let me look."},
        {"type": "server_tool_use", "id": "srv_1", "name": name, "input": {}},
        {"type": "tool_search_tool_result", "tool_use_id": "srv_1", "content": result},
        {"type": "tool_use", "id": "call_1", "name": "get_weather", "input": {"city": "Oslo"}},
    ]
    events = [anthropic_event("message_start", message={"model": "served"})]
    for index, content in enumerate(blocks):
        events.append(anthropic_event("content_block_start", index=index, content_block=content))
        if content["type"] == "server_tool_use":
            events += [
                anthropic_event(
                    "content_block_delta",
                    index=index,
                    delta={"type": "input_json_delta", "partial_json": half},
                )
                for half in halves
            ]
    events.append(anthropic_event("message_delta", delta={"stop_reason": "tool_use"}))
    events.append(anthropic_event("message_stop"))
    return parse("anthropic", [stream_of(*events)])


def history(reply: Completion) -> tuple[JsonObject, ...]:
    """The reply as the loop keeps it, and the result of its call."""
    calls: list[JsonValue] = [
        {"id": call.id, "name": call.name, "arguments": call.arguments} for call in reply.tool_calls
    ]
    return (
        {"role": "user", "content": "Weather?"},
        {
            "role": "assistant",
            "content": reply.text,
            "tool_calls": calls,
            "thinking_blocks": list(reply.thinking_blocks),
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "Sunny"},
    )


def assistant_content(body: JsonObject) -> list[JsonObject]:
    messages = body["messages"]
    assert isinstance(messages, list)
    message = messages[1]
    assert isinstance(message, dict)
    content = message["content"]
    assert isinstance(content, list)
    return [block for block in content if isinstance(block, dict)]


def test_a_search_by_the_messages_api_is_two_values_and_no_tool_call() -> None:
    reply = anthropic_reply(found("get_weather", "deploy"))
    assert reply.searches == (
        ServerSearchQuery(
            "srv_1", SearchedBy.ANTHROPIC, "tool_search_tool_bm25", {"query": "weather"}
        ),
        ServerSearchResult("srv_1", SearchedBy.ANTHROPIC, ("get_weather", "deploy")),
    )
    assert [call.name for call in reply.tool_calls] == ["get_weather"]
    assert reply.text == "Let me look."


def test_a_search_that_failed_has_its_code() -> None:
    reply = anthropic_reply({"type": "tool_search_tool_result_error", "error_code": "unavailable"})
    assert reply.searches[1] == ServerSearchResult("srv_1", SearchedBy.ANTHROPIC, (), "unavailable")


def test_a_query_that_cannot_be_read_is_empty() -> None:
    query = anthropic_reply(found(), query='{"query":').searches[0]
    assert isinstance(query, ServerSearchQuery)
    assert query.query == {}


def test_other_tools_of_the_server_are_passed_over() -> None:
    block = {"type": "server_tool_use", "id": "srv_1", "name": "web_search", "input": {}}
    events = [
        anthropic_event("content_block_start", index=0, content_block=block),
        anthropic_event(
            "content_block_start", index=1, content_block={"type": "text", "text": "x"}
        ),
        anthropic_event("message_delta", delta={"stop_reason": "end_turn"}),
    ]
    reply = parse("anthropic", [stream_of(*events)])
    assert (reply.searches, reply.thinking_blocks) == ((), ())


def test_a_search_goes_back_to_the_messages_api_before_the_turns_own_words() -> None:
    messages = history(anthropic_reply(found("get_weather")))
    content = assistant_content(anthropic_body(request(*messages, model=CLAUDE)))
    assert [block["type"] for block in content] == [
        "server_tool_use",
        "tool_search_tool_result",
        "text",
        "tool_use",
    ]
    assert content[0]["input"] == {"query": "weather"}
    assert content[1] == {
        "type": "tool_search_tool_result",
        "tool_use_id": "srv_1",
        "content": found("get_weather"),
    }


def test_references_to_tools_that_are_gone_are_left_out() -> None:
    messages = history(anthropic_reply(found("vanished", "deploy")))
    content = assistant_content(anthropic_body(request(*messages, model=CLAUDE)))
    assert content[1]["content"] == found("deploy")


@pytest.mark.parametrize(
    "fields",
    [
        {"tool_search": None},
        {"tool_search": ToolSearchRequest("regex")},
        {"model": "claude-3-opus"},
        {"tools": (READ_FILE,)},
    ],
)
def test_a_search_that_the_server_would_not_know_now_stays_away(fields: dict[str, object]) -> None:
    messages = history(anthropic_reply(found("get_weather")))
    body = anthropic_body(request(*messages, **{"model": CLAUDE, **fields}))
    assert [block["type"] for block in assistant_content(body)] == ["text", "tool_use"]


def test_half_a_search_stays_away() -> None:
    reply = anthropic_reply(found("get_weather"))
    user, assistant, result = history(reply)
    for half in reply.thinking_blocks:
        cut: JsonObject = {**assistant, "thinking_blocks": [half]}
        body = anthropic_body(request(user, cut, result, model=CLAUDE))
        assert [block["type"] for block in assistant_content(body)] == ["text", "tool_use"]


def test_a_search_is_no_thinking_that_a_turn_began_with() -> None:
    messages = history(anthropic_reply(found("get_weather")))
    asked = request(*messages, model="claude-opus-4-1", thinking_budget_tokens=2000)
    assert "thinking" not in anthropic_body(asked)


# Responses ----------------------------------------------------------------------------------

CALL: JsonObject = {
    "type": "tool_search_call",
    "id": "tsc_1",
    "execution": "server",
    "call_id": None,
    "status": "completed",
    "arguments": {"paths": ["crm"]},
}
OUTPUT: JsonObject = {
    "type": "tool_search_output",
    "id": "tso_1",
    "execution": "server",
    "call_id": None,
    "status": "completed",
    "tools": [
        {"type": "function", "name": "get_weather", "parameters": {}},
        {"type": "namespace", "name": "crm", "tools": [{"type": "function", "name": "deploy"}]},
    ],
}


def responses_reply(*items: JsonObject) -> Completion:
    function: JsonObject = {
        "type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "get_weather",
        "arguments": "{}",
    }  # fmt: skip
    events = [
        json.dumps({"type": "response.output_item.done", "item": item})
        for item in (*items, function)
    ]
    events.append(json.dumps({"type": "response.completed", "response": {"model": "served"}}))
    return parse("openai-responses", [stream_of(*events)])


def input_types(body: JsonObject) -> list[JsonValue]:
    items = body["input"]
    assert isinstance(items, list)
    return [item.get("type") for item in items if isinstance(item, dict)]


def test_a_search_by_the_responses_api_is_two_values_with_one_id() -> None:
    reply = responses_reply(CALL, OUTPUT)
    assert reply.searches == (
        ServerSearchQuery("tsc_1", SearchedBy.OPENAI, "tool_search", {"paths": ["crm"]}),
        ServerSearchResult("tsc_1", SearchedBy.OPENAI, ("get_weather", "deploy")),
    )
    assert [call.name for call in reply.tool_calls] == ["get_weather"]


def test_outputs_belong_to_calls_in_their_order() -> None:
    second = {**CALL, "id": "tsc_2"}
    reply = responses_reply(CALL, second, OUTPUT, OUTPUT, OUTPUT)
    assert [search.search_id for search in reply.searches] == [
        "tsc_1", "tsc_2", "tsc_1", "tsc_2", "tso_1",
    ]  # fmt: skip


def test_a_search_that_the_client_should_run_is_none_of_the_servers() -> None:
    assert responses_reply({**CALL, "execution": "client"}).searches == ()


def test_a_search_goes_back_to_the_responses_api_before_the_call_that_it_led_to() -> None:
    messages = history(responses_reply(CALL, OUTPUT))
    body = responses_body(request(*messages, model=GPT))
    assert input_types(body) == [
        "message", "tool_search_call", "tool_search_output", "function_call",
        "function_call_output",
    ]  # fmt: skip


def test_tools_that_are_gone_are_left_out_of_what_goes_back() -> None:
    messages = history(responses_reply(CALL, OUTPUT))
    body = responses_body(request(*messages, model=GPT, tools=(READ_FILE, WEATHER)))
    items = body["input"]
    assert isinstance(items, list)
    output = items[2]
    assert isinstance(output, dict)
    assert output["tools"] == [{"type": "function", "name": "get_weather", "parameters": {}}]


@pytest.mark.parametrize("items", [(CALL,), (OUTPUT,), (OUTPUT, CALL)])
def test_halves_of_searches_stay_away_from_the_responses_api(items: tuple[JsonObject, ...]) -> None:
    messages = history(responses_reply(*items))
    body = responses_body(request(*messages, model=GPT))
    assert input_types(body) == ["message", "function_call", "function_call_output"]


def test_a_search_of_another_api_stays_away() -> None:
    of_claude = history(anthropic_reply(found("get_weather")))
    of_gpt = history(responses_reply(CALL, OUTPUT))
    assert "server_tool_use" not in input_types(responses_body(request(*of_claude, model=GPT)))
    content = assistant_content(anthropic_body(request(*of_gpt, model=CLAUDE)))
    assert [block["type"] for block in content] == ["tool_use"]


@given(st.lists(st.sampled_from([CALL, OUTPUT]), max_size=6))
def test_what_goes_back_always_pairs_calls_with_outputs(items: list[JsonObject]) -> None:
    messages = history(responses_reply(*items))
    types = input_types(responses_body(request(*messages, model=GPT)))
    assert types.count("tool_search_call") == types.count("tool_search_output")
    depth = 0
    for kind in types:
        depth += {"tool_search_call": 1, "tool_search_output": -1}.get(str(kind), 0)
        assert depth >= 0
