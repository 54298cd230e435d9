import json
import re

import pytest

from harn_tui.errors import ProviderError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import ProviderErrorCategory as Category
from harn_tui.providers.anthropic_request import anthropic_body
from harn_tui.providers.base import (
    Completion,
    Delta,
    ToolArgumentsDelta,
    ToolCallStarted,
    Usage,
)
from tests.unit.providers.wire import (
    READ_FILE,
    RecordingTransport,
    ask,
    body_of,
    parse,
    provider_over,
    request_of,
    stream_of,
)

HELLO = body_of("aimock_anthropic_hello.sse")
OLD = "claude-3-5-sonnet-20241022"


def event(kind: str, **fields: object) -> str:
    return json.dumps({"type": kind, **fields})


def start(**usage: int) -> str:
    return event("message_start", message={"model": "served", "usage": usage})


def block(index: int, **content: object) -> str:
    return event("content_block_start", index=index, content_block=content)


def delta(index: int, kind: str, **fields: object) -> str:
    return event("content_block_delta", index=index, delta={"type": kind, **fields})


def stop(reason: str = "end_turn", **usage: int) -> str:
    return event("message_delta", delta={"stop_reason": reason}, usage=usage)


END = event("message_stop")
TEXT = delta(0, "text_delta", text="hello")


def read(*payloads: str, deltas: list[Delta] | None = None) -> Completion:
    return parse("anthropic", [stream_of(*payloads)], deltas)


# Replies ------------------------------------------------------------------------------------


def test_the_input_count_includes_what_the_cache_read_and_wrote() -> None:
    reply = read(
        start(
            input_tokens=10,
            cache_read_input_tokens=200,
            cache_creation_input_tokens=30,
            output_tokens=1,
        ),
        block(0, type="text", text=""),
        TEXT,
        stop(output_tokens=9),
        END,
    )
    assert reply.usage == Usage(
        input_tokens=240, output_tokens=9, cache_read_tokens=200, cache_write_tokens=30
    )
    assert (reply.model, reply.stop_reason) == ("served", "stop")


def test_later_counts_are_totals_and_a_missing_one_keeps_the_earlier() -> None:
    reply = read(
        start(input_tokens=10, output_tokens=1),
        TEXT,
        stop(output_tokens=5, input_tokens=12),
        stop(output_tokens=7),
        END,
    )
    assert reply.usage == Usage(input_tokens=12, output_tokens=7)


def test_a_reply_without_any_usage_has_none() -> None:
    assert read(TEXT, END).usage is None


def test_thinking_keeps_its_signature_and_its_sealed_blocks_in_order() -> None:
    reply = read(
        start(),
        block(0, type="thinking", thinking="", signature=""),
        delta(0, "thinking_delta", thinking="let me "),
        delta(0, "thinking_delta", thinking="see"),
        delta(0, "signature_delta", signature="si"),
        delta(0, "signature_delta", signature="gn"),
        block(1, type="redacted_thinking", data="sealed"),
        block(2, type="text", text=""),
        delta(2, "text_delta", text="done"),
        stop(),
        END,
    )
    assert (reply.thinking, reply.text) == ("let me see", "done")
    assert reply.thinking_blocks == (
        {"type": "thinking", "thinking": "let me see", "signature": "sign"},
        {"type": "redacted_thinking", "data": "sealed"},
    )


def test_calls_are_numbered_among_themselves_and_not_among_all_blocks() -> None:
    deltas: list[Delta] = []
    reply = read(
        start(),
        block(0, type="text", text="Let me look."),
        block(1, type="tool_use", id="t1", name="f"),
        delta(1, "input_json_delta", partial_json=""),
        delta(1, "input_json_delta", partial_json='{"n": 1}'),
        event("content_block_stop", index=1),
        block(2, type="tool_use", id="t2", name="g", input={}),
        event("content_block_stop", index=2),
        stop("tool_use"),
        END,
        deltas=deltas,
    )
    assert deltas[1:] == [
        ToolCallStarted(0, "t1", "f"),
        ToolArgumentsDelta(0, '{"n": 1}'),
        ToolCallStarted(1, "t2", "g"),
    ]
    assert [(call.id, call.arguments) for call in reply.tool_calls] == [
        ("t1", {"n": 1}),
        ("t2", {}),
    ]


def test_input_that_comes_whole_with_the_start_of_its_block_is_taken() -> None:
    reply = read(start(), block(0, type="tool_use", id="t", name="f", input={"n": 1}), stop(), END)
    assert reply.tool_calls[0].arguments == {"n": 1}


def test_loop_10_20_malformed_arguments_are_reported() -> None:
    reply = read(
        start(),
        block(0, type="tool_use", id="t", name="f", input={}),
        delta(0, "input_json_delta", partial_json='{"n": '),
        stop("tool_use"),
        END,
    )
    assert reply.tool_calls[0].arguments is None
    assert reply.tool_calls[0].raw_arguments == '{"n": '


def test_the_servers_own_tools_are_no_calls_of_ours() -> None:
    reply = read(
        start(),
        block(0, type="server_tool_use", id="s", name="web_search", input={"q": "x"}),
        delta(0, "input_json_delta", partial_json="{}"),
        block(1, type="text", text="found"),
        stop(),
        END,
    )
    assert reply.tool_calls == ()
    assert reply.text == "found"


def test_pings_and_unknown_events_are_passed_over() -> None:
    assert read(event("ping"), start(), event("new_thing"), TEXT, stop(), END).text == "hello"


@pytest.mark.parametrize(
    ("kind", "category"),
    [
        ("overloaded_error", Category.OVERLOADED),
        ("api_error", Category.SERVER_ERROR),
        ("rate_limit_error", Category.RATE_LIMIT),
        ("invalid_request_error", Category.INVALID_REQUEST),
    ],
)
def test_an_error_event_is_typed(kind: str, category: Category) -> None:
    with pytest.raises(ProviderError) as caught:
        read(start(), TEXT, event("error", error={"type": kind, "message": "sorry"}))
    assert caught.value.category is category


def test_loop_10_21_a_stream_without_stop_reason_was_cut() -> None:
    with pytest.raises(ProviderError) as caught:
        read(start(), TEXT, event("content_block_stop", index=0))
    assert caught.value.category is Category.TRANSIENT_NETWORK


def test_loop_10_22_thinking_alone_is_an_empty_completion() -> None:
    with pytest.raises(ProviderError) as caught:
        read(
            start(),
            block(0, type="thinking"),
            delta(0, "thinking_delta", thinking="hm"),
            stop(output_tokens=8),
            END,
        )
    assert caught.value.category is Category.EMPTY_COMPLETION
    assert "completion_tokens=8" in caught.value.message


def test_a_refusal_is_final_and_said_as_such() -> None:
    with pytest.raises(ProviderError) as caught:
        read(start(), stop("refusal", output_tokens=3), END)
    assert not caught.value.is_transient
    assert "declined" in caught.value.message


@pytest.mark.parametrize(
    "payload",
    [
        '{"type": "content_block_delta", "index": "x", "delta": 4}',
        '{"type": "content_block_delta", "index": 9, "delta": {"type": "thinking_delta"}}',
        '{"type": "content_block_start", "index": 5, "content_block": null}',
        '{"type": "message_start", "message": {"usage": {"input_tokens": "many"}, "model": []}}',
        '{"type": "message_delta", "delta": null, "usage": null}',
    ],
)
def test_fields_of_the_wrong_type_do_no_harm(payload: str) -> None:
    assert read(start(), payload, TEXT, stop(), END).text == "hello"


# Requests -----------------------------------------------------------------------------------


def call(call_id: str) -> JsonObject:
    return {"id": call_id, "name": "read_file", "arguments": {"path": call_id}}


def result(call_id: str, content: str = "text") -> JsonObject:
    return {
        "role": "tool",
        "tool_call_id": call_id,
        "tool_name": "read_file",
        "content": content,
    }


def bare(body: JsonObject) -> JsonObject:
    """The body's messages without the marks for the cache."""
    text = json.dumps(body["messages"])
    mark = ', "cache_control": {"type": "ephemeral"}'
    assert text.count(mark) <= 1
    return {"messages": json.loads(text.replace(mark, ""))}


def test_loop_7_08_calls_and_results_take_the_anthropic_shape() -> None:
    request = request_of(
        {"role": "user", "content": "Hi", "feedback_id": "f"},
        {"role": "assistant", "content": "Reading.", "tool_calls": [call("a"), call("b")]},
        result("a"),
        result("b"),
        {"role": "user", "content": "and hurry", "kind": "user"},
    )
    assert bare(anthropic_body(request))["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "Reading."},
                {"type": "tool_use", "id": "a", "name": "read_file", "input": {"path": "a"}},
                {"type": "tool_use", "id": "b", "name": "read_file", "input": {"path": "b"}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "a", "content": "text"},
                {"type": "tool_result", "tool_use_id": "b", "content": "text"},
                {"type": "text", "text": "and hurry"},
            ],
        },
    ]


def test_the_system_prompt_is_apart_and_marked_for_the_cache() -> None:
    body = anthropic_body(request_of(system="Be brief."))
    assert body["system"] == [
        {"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}
    ]
    assert "system" not in anthropic_body(request_of())


def test_the_end_of_the_conversation_is_marked_for_the_cache() -> None:
    messages = anthropic_body(request_of())["messages"]
    assert messages == [
        {
            "role": "user",
            "content": [{"type": "text", "text": "Hello", "cache_control": {"type": "ephemeral"}}],
        }
    ]


def test_building_a_body_twice_gives_the_same_and_leaves_the_request_alone() -> None:
    block: JsonObject = {"type": "thinking", "thinking": "x", "signature": "s"}
    request = request_of(
        {"role": "assistant", "content": "", "thinking_blocks": [block], "tool_calls": [call("a")]},
        result("a"),
    )
    before = json.dumps(request.messages)
    assert anthropic_body(request) == anthropic_body(request)
    assert json.dumps(request.messages) == before


def test_only_thinking_that_the_server_sealed_is_sent_back_first_in_its_turn() -> None:
    sealed: JsonObject = {"type": "thinking", "thinking": "x", "signature": "s"}
    unsigned: JsonObject = {"type": "thinking", "thinking": "y", "signature": ""}
    foreign: JsonObject = {"type": "reasoning", "encrypted_content": "z"}
    request = request_of(
        {
            "role": "assistant",
            "content": "Hi",
            "thinking_blocks": [sealed, unsigned, foreign],
        },
        {"role": "user", "content": "go on"},
    )
    messages = bare(anthropic_body(request))["messages"]
    assert isinstance(messages, list)
    assert messages[0] == {"role": "assistant", "content": [sealed, {"type": "text", "text": "Hi"}]}


def test_blank_texts_are_left_out_and_an_empty_result_is_not() -> None:
    request = request_of(
        {"role": "user", "content": " \n"},
        {"role": "assistant", "content": " ", "tool_calls": [call("a")]},
        result("a", ""),
        {"role": "assistant", "content": ""},
    )
    messages = bare(anthropic_body(request))["messages"]
    assert messages == [
        {
            "role": "assistant",
            "content": [
                {"type": "tool_use", "id": "a", "name": "read_file", "input": {"path": "a"}}
            ],
        },
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "a", "content": "(no output)"}],
        },
    ]


def test_ids_of_other_providers_are_put_into_the_servers_alphabet() -> None:
    request = request_of(
        {"role": "assistant", "content": "", "tool_calls": [call("call:1/a"), call("call/1:a")]},
        result("call:1/a"),
        result("call/1:a"),
    )
    sent = json.dumps(anthropic_body(request)["messages"])
    ids = re.findall(r'"(?:id|tool_use_id)": "(call_1_a[a-z0-9_]*)"', sent)
    assert len(ids) == 4
    assert ids[:2] == ids[2:]
    assert ids[0] != ids[1]


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("auto", {"type": "auto"}),
        ("required", {"type": "any"}),
        ("none", {"type": "none"}),
        ("read_file", {"type": "tool", "name": "read_file"}),
    ],
)
def test_loop_7_07_the_tool_choice_takes_the_anthropic_form(choice: str, sent: JsonObject) -> None:
    body = anthropic_body(request_of(tools=(READ_FILE,), tool_choice=choice))
    assert body["tool_choice"] == sent
    assert body["tools"] == [
        {
            "name": "read_file",
            "description": "Read a file.",
            "input_schema": READ_FILE.parameters,
        }
    ]


@pytest.mark.parametrize(
    ("model", "sent"),
    [
        (OLD, True),
        ("claude-opus-4-5", True),
        ("anthropic/claude-opus-4.1", True),
        ("claude-sonnet-4-6", False),
        ("us.anthropic.claude-opus-4-6-v1:0", False),
        ("anthropic/claude-opus-4.7", False),
        ("claude-sonnet-5", False),
    ],
)
async def test_loop_10_14_prefill_goes_out_only_to_models_that_take_it(
    model: str, sent: bool
) -> None:
    transport = RecordingTransport([HELLO])
    provider = provider_over(transport, "anthropic")
    reply, _ = await ask(provider, request_of(model=model, prefill="Sure, "))
    body = json.loads(transport.requests[0].content)
    assert reply.prefill_sent is sent
    assert (body["messages"][-1] == {"role": "assistant", "content": "Sure,"}) is sent


def test_a_blank_prefill_is_no_prefill() -> None:
    assert len(anthropic_body(request_of(model=OLD, prefill="  "))["messages"]) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("model", "thinking"),
    [
        ("claude-opus-4-5", {"type": "enabled", "budget_tokens": 5000}),
        ("claude-opus-4-6", {"type": "adaptive"}),
        ("claude-sonnet-5", {"type": "adaptive", "display": "summarized"}),
    ],
)
def test_thinking_is_asked_for_in_the_form_that_the_model_takes(
    model: str, thinking: JsonObject
) -> None:
    request = request_of(model=model, thinking_budget_tokens=5000, temperature=0.2, prefill="x")
    body = anthropic_body(request)
    assert body["thinking"] == thinking
    assert "temperature" not in body
    assert ("output_config" in body) == (thinking["type"] == "adaptive")
    assert body["messages"] == anthropic_body(request_of())["messages"]


@pytest.mark.parametrize(("budget", "limit", "sent"), [(10, 4096, 1024), (9000, 4096, 4095)])
def test_a_thinking_budget_is_kept_within_what_the_server_takes(
    budget: int, limit: int, sent: int
) -> None:
    request = request_of(model=OLD, thinking_budget_tokens=budget, max_tokens=limit)
    assert anthropic_body(request)["thinking"] == {"type": "enabled", "budget_tokens": sent}


def test_thinking_gives_way_to_a_forced_tool_and_to_a_small_limit() -> None:
    forced = request_of(
        model=OLD, thinking_budget_tokens=2000, tools=(READ_FILE,), tool_choice="required"
    )
    small = request_of(model=OLD, thinking_budget_tokens=2000, max_tokens=1000)
    assert "thinking" not in anthropic_body(forced)
    assert "thinking" not in anthropic_body(small)


def test_a_temperature_is_sent_only_to_models_that_take_one() -> None:
    assert anthropic_body(request_of(model=OLD, temperature=0.2))["temperature"] == 0.2
    assert "temperature" not in anthropic_body(request_of(model="claude-opus-4-7", temperature=0.2))


async def test_the_headers_carry_version_and_key_and_no_bearer_token() -> None:
    transport = RecordingTransport([HELLO])
    await ask(provider_over(transport, "anthropic", api_key="sk-ant-1"))
    headers = transport.requests[0].headers
    assert headers["anthropic-version"] == "2023-06-01"
    assert headers["x-api-key"] == "sk-ant-1"
    assert "authorization" not in headers
    assert str(transport.requests[0].url) == "http://model.test:8080/v1/messages"


async def test_anthropic_itself_without_a_key_is_not_even_asked() -> None:
    transport = RecordingTransport([HELLO])
    with pytest.raises(ProviderError) as caught:
        await ask(provider_over(transport, "anthropic", base_url=None))
    assert "ANTHROPIC_API_KEY" in str(caught.value)
    assert transport.requests == []


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ({"type": "any"}, {"type": "any"}),
        ("any", {"type": "any"}),
        ({"type": "tool", "name": "a"}, {"type": "tool", "name": "a"}),
        ({"type": "function", "function": {"name": "a"}}, {"type": "tool", "name": "a"}),
        ({"type": "function", "name": "a"}, {"type": "tool", "name": "a"}),
        ({"type": "none"}, {"type": "none"}),
    ],
)
def test_loop_10_23_a_choice_in_another_servers_form_is_translated(
    choice: str | JsonObject, sent: JsonObject
) -> None:
    request = request_of(tools=(READ_FILE,), tool_choice=choice)
    assert anthropic_body(request)["tool_choice"] == sent


@pytest.mark.parametrize(
    ("model", "sent", "thinking"),
    [
        ("claude-opus-4-6", {"type": "any"}, None),
        ("claude-sonnet-5", {"type": "any"}, {"type": "disabled"}),
        ("anthropic/claude-opus-5", {"type": "any"}, {"type": "disabled"}),
        ("claude-fable-5", {"type": "any"}, None),
        ("claude-sonnet-5-5", {"type": "auto"}, None),
        ("claude-opus-5.5", {"type": "auto"}, None),
        ("claude-fable-5-1", {"type": "auto"}, None),
        ("qwen3", {"type": "any"}, None),
    ],
)
def test_loop_10_23_a_tool_is_demanded_only_of_models_that_let_it_be_demanded(
    model: str, sent: JsonObject, thinking: JsonObject | None
) -> None:
    request = request_of(model=model, tools=(READ_FILE,), tool_choice="required")
    body = anthropic_body(request)
    assert (body["tool_choice"], body.get("thinking")) == (sent, thinking)


def test_a_model_that_is_left_free_to_call_may_think() -> None:
    request = request_of(
        model="claude-sonnet-5-5",
        tools=(READ_FILE,),
        tool_choice="required",
        thinking_budget_tokens=5000,
    )
    assert anthropic_body(request)["thinking"] == {"type": "adaptive", "display": "summarized"}


SEALED: JsonObject = {"type": "thinking", "thinking": "x", "signature": "s"}


@pytest.mark.parametrize(
    ("blocks", "last", "thinks"),
    [
        ([], result("a"), False),
        ([SEALED], result("a"), True),
        ([], {"role": "user", "content": "go on"}, True),
    ],
)
def test_thinking_does_not_begin_in_the_middle_of_a_turn_that_began_without(
    blocks: list[JsonValue], last: JsonObject, thinks: bool
) -> None:
    called: JsonObject = {
        "role": "assistant",
        "content": "",
        "tool_calls": [call("a")],
        "thinking_blocks": blocks,
    }
    request = request_of(
        {"role": "user", "content": "Hi"}, called, last, model=OLD, thinking_budget_tokens=2000
    )
    assert ("thinking" in anthropic_body(request)) is thinks


def test_a_schema_is_left_to_the_prompt() -> None:
    plain = anthropic_body(request_of())
    assert anthropic_body(request_of(response_format="json", output_schema={})) == plain
