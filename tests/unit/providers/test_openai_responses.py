import json

import pytest

from harn_tui.errors import ProviderError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ProviderErrorCategory as Category
from harn_tui.providers.base import Completion, Delta, ToolCallStarted, Usage
from harn_tui.providers.openai_responses_request import responses_body
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


def event(kind: str, **fields: object) -> str:
    return json.dumps({"type": kind, **fields})


def ended(kind: str = "response.completed", **response: object) -> str:
    return event(kind, response={"status": kind.partition(".")[2], "model": "served", **response})


def read(*payloads: str, deltas: list[Delta] | None = None) -> Completion:
    return parse("openai-responses", [stream_of(*payloads)], deltas)


TEXT = event("response.output_text.delta", delta="hello")
THOUGHT = event("response.reasoning_summary_text.delta", delta="hm")


def test_loop_10_21_a_stream_without_its_closing_event_was_cut() -> None:
    with pytest.raises(ProviderError) as caught:
        read(TEXT, "[DONE]")
    assert caught.value.category is Category.TRANSIENT_NETWORK


def test_the_closing_event_gives_usage_model_and_stop_reason() -> None:
    usage = {"input_tokens": 50, "output_tokens": 4, "input_tokens_details": {"cached_tokens": 20}}
    reply = read(TEXT, ended(usage=usage))
    assert reply.usage == Usage(50, 4, 20)
    assert (reply.model, reply.stop_reason) == ("served", "stop")


def test_a_reply_that_ran_into_the_token_limit_says_why_it_stopped() -> None:
    details = {"reason": "max_output_tokens"}
    reply = read(TEXT, ended("response.incomplete", incomplete_details=details))
    assert (reply.text, reply.stop_reason) == ("hello", "length")


def test_events_are_known_by_their_name_when_the_payload_has_no_type() -> None:
    body = (
        b'event: response.output_text.delta\ndata: {"delta": "hi"}\n\n'
        b'event: response.completed\ndata: {"response": {}}\n\n'
    )
    assert parse("openai-responses", [body]).text == "hi"


def test_calls_without_ids_of_items_are_told_apart_by_their_place() -> None:
    deltas: list[Delta] = []
    added = [
        event(
            "response.output_item.added",
            output_index=place,
            item={"type": "function_call", "call_id": f"c{place}", "name": "f", "arguments": ""},
        )
        for place in (1, 2)
    ]
    arguments = [
        event(
            "response.function_call_arguments.delta", output_index=place, delta=f'{{"n": {place}}}'
        )
        for place in (2, 1)
    ]
    reply = read(*added, *arguments, ended(), deltas=deltas)
    assert [(call.id, call.arguments) for call in reply.tool_calls] == [
        ("c1", {"n": 1}),
        ("c2", {"n": 2}),
    ]
    assert deltas[:2] == [ToolCallStarted(0, "c1", "f"), ToolCallStarted(1, "c2", "f")]


def test_arguments_that_come_only_with_the_finished_item_are_taken() -> None:
    item = {
        "type": "function_call",
        "id": "i",
        "call_id": "c",
        "name": "f",
        "arguments": '{"n": 1}',
    }
    reply = read(event("response.output_item.done", item=item), ended())
    assert [(call.id, call.arguments) for call in reply.tool_calls] == [("c", {"n": 1})]


def test_a_server_without_deltas_gives_its_text_with_the_closing_event() -> None:
    output = [
        {"type": "message", "content": [{"type": "output_text", "text": "all at once"}]},
        {"type": "function_call", "id": "i", "call_id": "c", "name": "f", "arguments": "{}"},
    ]
    reply = read(ended(output=output))
    assert reply.text == "all at once"
    assert [call.id for call in reply.tool_calls] == ["c"]


def test_parts_of_a_reasoning_summary_are_set_apart() -> None:
    part = event("response.reasoning_summary_part.added")
    assert read(part, THOUGHT, part, THOUGHT, TEXT, ended()).thinking == "hm\n\nhm"


def test_loop_10_22_reasoning_alone_is_an_empty_completion() -> None:
    with pytest.raises(ProviderError) as caught:
        read(THOUGHT, ended(usage={"input_tokens": 1, "output_tokens": 12}))
    assert caught.value.category is Category.EMPTY_COMPLETION
    assert "completion_tokens=12" in caught.value.message


@pytest.mark.parametrize(
    "payload",
    [
        ended("response.failed", error={"code": "rate_limit_exceeded", "message": "slow"}),
        event("error", code="rate_limit_exceeded", message="slow"),
        event("error", error={"type": "rate_limit_error", "message": "slow"}),
        json.dumps({"error": {"code": "rate_limit_exceeded", "message": "slow"}}),
    ],
)
def test_every_form_of_an_error_event_is_typed(payload: str) -> None:
    with pytest.raises(ProviderError) as caught:
        read(TEXT, payload)
    assert caught.value.category is Category.RATE_LIMIT
    assert "slow" in caught.value.message


def test_sealed_reasoning_is_kept_to_be_sent_back() -> None:
    sealed = {"type": "reasoning", "id": "r", "encrypted_content": "xyz", "summary": []}
    item = event("response.output_item.done", item={**sealed, "status": "completed"})
    open_item = event("response.output_item.done", item={"type": "reasoning", "id": "r2"})
    reply = read(item, open_item, TEXT, ended())
    assert reply.thinking_blocks == (sealed,)


def test_the_conversation_takes_the_shape_of_input_items() -> None:
    sealed: JsonObject = {"type": "reasoning", "id": "r", "encrypted_content": "xyz", "summary": []}
    foreign: JsonObject = {"type": "thinking", "thinking": "hm", "signature": "s"}
    call: JsonObject = {"id": "c1", "name": "read_file", "arguments": {"path": "a"}}
    request = request_of(
        {"role": "user", "content": "Hi", "feedback_id": "f"},
        {
            "role": "assistant",
            "content": "Reading.",
            "tool_calls": [call],
            "thinking_blocks": [sealed, foreign],
        },
        {"role": "tool", "tool_call_id": "c1", "tool_name": "read_file", "content": "text"},
        system="Be brief.",
    )
    body = responses_body(request)
    assert body["instructions"] == "Be brief."
    assert body["store"] is False
    assert body["input"] == [
        {
            "type": "message",
            "role": "user",
            "content": [{"type": "input_text", "text": "Hi"}],
        },
        sealed,
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "Reading.", "annotations": []}],
        },
        {
            "type": "function_call",
            "call_id": "c1",
            "name": "read_file",
            "arguments": '{"path": "a"}',
        },
        {"type": "function_call_output", "call_id": "c1", "output": "text"},
    ]


def test_tools_and_choices_take_the_flat_form() -> None:
    body = responses_body(
        request_of(tools=(READ_FILE,), tool_choice="read_file", max_tokens=9, temperature=0.5)
    )
    assert body["tools"] == [
        {
            "type": "function",
            "name": "read_file",
            "description": "Read a file.",
            "parameters": READ_FILE.parameters,
            "strict": False,
        }
    ]
    assert body["tool_choice"] == {"type": "function", "name": "read_file"}
    assert (body["max_output_tokens"], body["temperature"]) == (9, 0.5)


def test_a_thinking_budget_becomes_an_effort() -> None:
    body = responses_body(request_of(thinking_budget_tokens=2000))
    assert body["reasoning"] == {"effort": "low", "summary": "auto"}


async def test_loop_10_14_this_protocol_has_no_prefill_and_says_so() -> None:
    transport = RecordingTransport([body_of("aimock_responses_hello.sse")])
    provider = provider_over(transport, "openai-responses")
    reply, _ = await ask(provider, request_of(prefill="Sure,"))
    assert reply.prefill_sent is False
    assert b"Sure," not in transport.requests[0].content
    assert str(transport.requests[0].url) == "http://model.test:8080/v1/responses"


@pytest.mark.parametrize(
    "payload",
    [
        '{"type": "response.output_item.added", "item": 3}',
        '{"type": "response.function_call_arguments.delta"}',
        '{"type": "response.output_text.delta", "delta": 4}',
        '{"type": "something.new", "item": {}}',
        "{}",
    ],
)
def test_fields_of_the_wrong_type_and_unknown_events_do_no_harm(payload: str) -> None:
    assert read(payload, TEXT, ended()).text == "hello"


SCHEMA: JsonObject = {"type": "object", "properties": {"n": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        ({}, None),
        ({"response_format": "json"}, {"format": {"type": "json_object"}}),
        (
            {"output_schema": SCHEMA},
            {
                "format": {
                    "type": "json_schema",
                    "name": "reply",
                    "schema": SCHEMA,
                    "strict": False,
                }
            },
        ),
    ],
)
def test_json_is_asked_for_in_the_form_of_responses(
    fields: dict[str, object], sent: JsonObject | None
) -> None:
    assert responses_body(request_of(**fields)).get("text") == sent


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ({"type": "any"}, "required"),
        ("any", "required"),
        ({"type": "tool", "name": "a"}, {"type": "function", "name": "a"}),
        ({"type": "function", "function": {"name": "a"}}, {"type": "function", "name": "a"}),
    ],
)
def test_loop_10_23_a_choice_in_another_servers_form_is_translated(
    choice: str | JsonObject, sent: object
) -> None:
    request = request_of(tools=(READ_FILE,), tool_choice=choice)
    assert responses_body(request)["tool_choice"] == sent


def test_a_refusal_is_shown_as_text_and_told_apart_by_its_ending() -> None:
    refusal = json.dumps({"type": "response.refusal.delta", "delta": "I will not."})
    reply = read(refusal, ended())
    assert (reply.text, reply.stop_reason) == ("I will not.", "refusal")


def test_a_content_filter_is_told_apart_by_its_ending() -> None:
    details = {"reason": "content_filter"}
    reply = read(TEXT, ended("response.incomplete", incomplete_details=details))
    assert reply.stop_reason == "content_filter"
