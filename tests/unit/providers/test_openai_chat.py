import json

import pytest

from harn_tui.errors import ProviderError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ProviderErrorCategory as Category
from harn_tui.providers.base import (
    Completion,
    Delta,
    ThoughtDelta,
    ToolArgumentsDelta,
    ToolCallStarted,
    Usage,
)
from harn_tui.providers.openai_chat_request import chat_body
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

HELLO = body_of("aimock_openai_hello.sse")


def chunk(finish: str | None = None, **delta: object) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return json.dumps({"model": "served", "choices": [choice]})


def call_chunk(**call: object) -> str:
    return chunk(tool_calls=[call])


def read(*payloads: str, deltas: list[Delta] | None = None) -> Completion:
    return parse("openai", [stream_of(*payloads)], deltas)


def function(name: str = "", arguments: object = "") -> dict[str, object]:
    return {"name": name, "arguments": arguments} if name else {"arguments": arguments}


def usage_chunk(completion_tokens: int, **details: object) -> str:
    usage = {"prompt_tokens": 40, "completion_tokens": completion_tokens, **details}
    return json.dumps({"choices": [], "usage": usage})


# Replies ------------------------------------------------------------------------------------


def test_loop_10_20_parallel_calls_keep_the_order_of_their_index() -> None:
    """Oddity 24 of the tools too: calls come in the order of their index, each under one id."""
    reply = read(
        call_chunk(index=2, id="c", function=function("third", "{}")),
        call_chunk(index=0, id="a", function=function("first", '{"n":')),
        call_chunk(index=1, id="b", function=function("second", "{}")),
        call_chunk(index=0, function=function(arguments=" 1}")),
        chunk("tool_calls"),
        "[DONE]",
    )
    assert [(call.id, call.name) for call in reply.tool_calls] == [
        ("a", "first"),
        ("b", "second"),
        ("c", "third"),
    ]
    assert reply.tool_calls[0].arguments == {"n": 1}


def test_loop_10_20_malformed_arguments_are_kept_raw_with_a_reason() -> None:
    reply = read(
        call_chunk(index=0, id="a", function=function("f", '{"path": "x')),
        chunk("tool_calls"),
        "[DONE]",
    )
    (call,) = reply.tool_calls
    assert call.arguments is None
    assert call.raw_arguments == '{"path": "x'
    assert call.parse_error


def test_a_call_is_announced_once_its_name_is_known_and_held_back_until_then() -> None:
    deltas: list[Delta] = []
    read(
        call_chunk(index=0, id="a", function={"arguments": '{"p"'}),
        call_chunk(index=0, function=function("f", ": 1")),
        call_chunk(index=0, function=function(arguments="}")),
        chunk("tool_calls"),
        "[DONE]",
        deltas=deltas,
    )
    assert deltas == [
        ToolCallStarted(0, "a", "f"),
        ToolArgumentsDelta(0, '{"p"'),
        ToolArgumentsDelta(0, ": 1"),
        ToolArgumentsDelta(0, "}"),
    ]


def test_an_id_that_comes_after_the_announcement_changes_nothing() -> None:
    deltas: list[Delta] = []
    reply = read(
        call_chunk(index=0, function=function("f", "{")),
        call_chunk(index=0, id="late", function=function(arguments="}")),
        chunk("tool_calls"),
        "[DONE]",
        deltas=deltas,
    )
    assert [delta for delta in deltas if isinstance(delta, ToolCallStarted)] == [
        ToolCallStarted(0, "", "f")
    ]
    assert [(call.id, call.arguments) for call in reply.tool_calls] == [("", {})]


def test_calls_without_an_index_are_told_apart_by_their_ids() -> None:
    reply = read(
        call_chunk(id="a", function=function("f", '{"n": 1}')),
        call_chunk(id="b", function=function("f", '{"n": 2}')),
        chunk("tool_calls"),
        "[DONE]",
    )
    assert [(call.id, call.arguments) for call in reply.tool_calls] == [
        ("a", {"n": 1}),
        ("b", {"n": 2}),
    ]


def test_calls_that_all_have_index_zero_are_told_apart_by_their_ids() -> None:
    reply = read(
        call_chunk(index=0, id="a", function=function("f", '{"n":')),
        call_chunk(index=0, function=function(arguments=" 1}")),
        call_chunk(index=0, id="b", function=function("f", '{"n":')),
        call_chunk(index=0, function=function(arguments=" 2}")),
        chunk("stop"),
        "[DONE]",
    )
    assert [(call.id, call.arguments) for call in reply.tool_calls] == [
        ("a", {"n": 1}),
        ("b", {"n": 2}),
    ]


def test_a_name_that_is_repeated_in_every_chunk_is_taken_once() -> None:
    reply = read(
        call_chunk(index=0, id="a", function=function("f", "{")),
        call_chunk(index=0, id="a", function=function("f", "}")),
        chunk("tool_calls"),
        "[DONE]",
    )
    assert [(call.name, call.raw_arguments) for call in reply.tool_calls] == [("f", "{}")]


def test_arguments_that_come_as_an_object_are_accepted() -> None:
    reply = read(
        call_chunk(index=0, id="a", function=function("f", {"path": "é"})),
        chunk("tool_calls"),
        "[DONE]",
    )
    assert reply.tool_calls[0].arguments == {"path": "é"}


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_reasoning_is_read_under_both_of_its_names(field: str) -> None:
    deltas: list[Delta] = []
    reply = read(
        chunk(**{field: "hm"}), chunk(content="yes"), chunk("stop"), "[DONE]", deltas=deltas
    )
    assert (reply.thinking, reply.text) == ("hm", "yes")
    assert deltas[0] == ThoughtDelta("hm")


def test_reasoning_that_comes_under_both_names_at_once_is_not_doubled() -> None:
    both = chunk(reasoning="hm", reasoning_content="hm")
    assert read(both, chunk(content="y"), chunk("stop"), "[DONE]").thinking == "hm"


def test_a_refusal_is_shown_as_text() -> None:
    assert read(chunk(refusal="I cannot."), chunk("stop"), "[DONE]").text == "I cannot."


def test_the_usage_chunk_without_choices_is_read_with_its_cache_figures() -> None:
    details = {"cached_tokens": 30, "cache_write_tokens": 5}
    reply = read(
        chunk(content="a"),
        chunk("stop"),
        usage_chunk(7, prompt_tokens_details=details),
        "[DONE]",
    )
    assert reply.usage == Usage(40, 7, 30, 5)
    assert reply.stop_reason == "stop"
    assert reply.model == "served"


def test_a_server_that_never_sends_the_end_marker_is_believed_after_a_finish_reason() -> None:
    assert read(chunk(content="a"), chunk("stop")).text == "a"


def test_loop_10_21_text_without_finish_reason_or_end_marker_was_cut() -> None:
    with pytest.raises(ProviderError) as caught:
        read(chunk(content="a"))
    assert caught.value.category is Category.TRANSIENT_NETWORK


def test_loop_10_22_reasoning_alone_is_an_empty_completion_and_not_text() -> None:
    with pytest.raises(ProviderError) as caught:
        read(chunk(reasoning_content="secret plan"), chunk("stop"), usage_chunk(9), "[DONE]")
    assert caught.value.category is Category.EMPTY_COMPLETION
    assert "completion_tokens=9" in caught.value.message
    assert "secret plan" not in str(caught.value)


def test_loop_10_22_reasoning_next_to_a_call_stays_reasoning() -> None:
    reply = read(
        chunk(reasoning_content="plan"),
        call_chunk(index=0, id="a", function=function("f", "{}")),
        chunk("tool_calls"),
        "[DONE]",
    )
    assert (reply.text, reply.thinking) == ("", "plan")


def test_loop_7_10_tokens_without_any_content_are_an_empty_completion() -> None:
    with pytest.raises(ProviderError) as caught:
        read(chunk("stop"), usage_chunk(3), "[DONE]")
    assert caught.value.category is Category.EMPTY_COMPLETION
    assert caught.value.is_transient


def test_loop_7_10_no_tokens_and_no_text_is_an_ordinary_empty_turn() -> None:
    assert read(chunk("stop"), usage_chunk(0), "[DONE]").text == ""


def test_reasoning_that_used_up_the_token_limit_says_so() -> None:
    with pytest.raises(ProviderError) as caught:
        read(chunk(reasoning_content="…"), chunk("length"), usage_chunk(16), "[DONE]")
    assert "max_tokens" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "junk", ['{"choices": [', "null", "[]", "17", "not json", '{"a":' * 20_000]
)
def test_a_broken_event_is_not_skipped(junk: str) -> None:
    with pytest.raises(ProviderError) as caught:
        read(chunk(content="a"), junk, chunk(content="b"), chunk("stop"), "[DONE]")
    assert caught.value.category is Category.TRANSIENT_NETWORK
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "payload",
    [
        "{}",
        '{"choices": null}',
        '{"choices": [null, 3]}',
        '{"choices": [{"index": [], "delta": {"tool_calls": [null]}}]}',
        '{"choices": [{"delta": {"tool_calls": [{"index": "x", "function": 3}]}}]}',
        '{"choices": [{"delta": {"content": 5, "reasoning": []}}]}',
        '{"choices": [], "usage": {"prompt_tokens": "1", "prompt_tokens_details": []}}',
        '{"error": null, "choices": [{"delta": null, "finish_reason": 4}], "model": 7}',
        '{"usage": {"prompt_tokens": 1e400, "completion_tokens": -5}}',
    ],
)
def test_fields_of_the_wrong_type_do_no_harm(payload: str) -> None:
    assert read(payload, chunk(content="a"), chunk("stop"), "[DONE]").text == "a"


def test_an_error_object_within_the_stream_is_typed_and_cleaned() -> None:
    error = json.dumps({"error": {"message": "over\x1b[2J loaded", "type": "overloaded_error"}})
    with pytest.raises(ProviderError) as caught:
        read(chunk(content="a"), error, "[DONE]")
    assert caught.value.category is Category.OVERLOADED
    assert caught.value.message.isprintable()


def test_text_cut_between_surrogate_halves_is_joined() -> None:
    reply = read(
        '{"choices": [{"index": 0, "delta": {"content": "a\\ud83d"}}]}',
        '{"choices": [{"index": 0, "delta": {"content": "\\ude00b"}}]}',
        chunk("stop"),
    )
    assert reply.text == "a\U0001f600b"


def test_u_2028_and_its_like_arrive_as_they_were_sent() -> None:
    text = "a\u2028b\x85c\x1cd"
    payload = json.dumps(
        {"choices": [{"index": 0, "delta": {"content": text}}]}, ensure_ascii=False
    )
    body = stream_of(payload.replace("\\u001c", "\x1c"), chunk("stop"), "[DONE]")
    assert parse("openai", [b"\xef\xbb\xbf" + body.replace(b"\n", b"\r\n")]).text == text


# Requests -----------------------------------------------------------------------------------

CALL: JsonObject = {"id": "c1", "name": "read_file", "arguments": {"path": "é.txt"}}


def test_loop_7_08_a_turn_with_calls_and_its_result_take_the_openai_shape() -> None:
    request = request_of(
        {"role": "user", "content": "Hi", "feedback_id": "f1", "kind": "user"},
        {"role": "assistant", "content": "", "tool_calls": [CALL], "thinking_blocks": [{}]},
        {"role": "tool", "tool_call_id": "c1", "tool_name": "read_file", "content": "text"},
        system="Be brief.",
    )
    assert chat_body(request, is_official=False)["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [
                {
                    "id": "c1",
                    "type": "function",
                    "function": {"name": "read_file", "arguments": '{"path": "é.txt"}'},
                }
            ],
        },
        {"role": "tool", "content": "text", "tool_call_id": "c1"},
    ]


def test_loop_10_58_keys_that_are_not_of_the_protocol_stay_at_home() -> None:
    bad: JsonObject = {**CALL, "arguments": {}, "raw_arguments": '{"path'}
    request = request_of(
        {"role": "assistant", "content": "x", "interrupted": True, "tool_calls": [bad]},
    )
    sent = json.dumps(chat_body(request, is_official=False)["messages"])
    assert "interrupted" not in sent
    assert "raw_arguments" not in sent


def test_loop_10_45_an_empty_assistant_turn_is_not_sent() -> None:
    request = request_of({"role": "user", "content": "a"}, {"role": "assistant", "content": ""})
    assert chat_body(request, is_official=False)["messages"] == [{"role": "user", "content": "a"}]


def test_usage_is_asked_for_within_the_stream() -> None:
    body = chat_body(request_of(), is_official=False)
    assert body["stream"] is True
    assert body["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize(
    ("is_official", "key"), [(True, "max_completion_tokens"), (False, "max_tokens")]
)
def test_the_token_limit_has_the_name_that_the_server_knows(is_official: bool, key: str) -> None:
    body = chat_body(request_of(max_tokens=77), is_official=is_official)
    assert {name: body[name] for name in body if "max_" in name} == {key: 77}


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("auto", "auto"),
        ("required", "required"),
        ("none", "none"),
        ("read_file", {"type": "function", "function": {"name": "read_file"}}),
    ],
)
def test_loop_7_07_the_tool_choice_takes_the_openai_form(choice: str, sent: object) -> None:
    request = request_of(tools=(READ_FILE,), tool_choice=choice)
    assert chat_body(request, is_official=False)["tool_choice"] == sent


def test_tools_take_the_openai_form_and_no_choice_is_sent_without_them() -> None:
    body = chat_body(request_of(tools=(READ_FILE,)), is_official=False)
    assert body["tools"] == [
        {
            "type": "function",
            "function": {
                "name": "read_file",
                "description": "Read a file.",
                "parameters": READ_FILE.parameters,
            },
        }
    ]
    assert "tool_choice" not in body
    assert "tool_choice" not in chat_body(request_of(tool_choice="required"), is_official=False)


@pytest.mark.parametrize(
    ("base_url", "sent"), [("http://model.test", True), ("https://api.openai.com/v1", False)]
)
async def test_loop_10_14_prefill_is_reported_as_sent_only_when_it_was(
    base_url: str, sent: bool
) -> None:
    transport = RecordingTransport([HELLO])
    provider = provider_over(transport, base_url=base_url, api_key="sk-1")
    reply, _ = await ask(provider, request_of(prefill="Sure,"))
    body = json.loads(transport.requests[0].content)
    assert reply.prefill_sent is sent
    assert (body["messages"][-1] == {"role": "assistant", "content": "Sure,"}) is sent
    assert (body.get("continue_final_message") is True) is sent
    assert (body.get("add_generation_prompt") is False) is sent


def test_optional_fields_are_left_out_unless_they_are_set() -> None:
    plain = chat_body(request_of(), is_official=True)
    assert not {"temperature", "tools", "tool_choice", "reasoning_effort"} & set(plain)
    full = chat_body(request_of(temperature=0.0, thinking_budget_tokens=20_000), is_official=True)
    assert (full["temperature"], full["reasoning_effort"]) == (0.0, "high")


async def test_a_key_goes_into_the_header_and_no_key_sends_none() -> None:
    for key, header in {"sk-1": "Bearer sk-1", None: None}.items():
        transport = RecordingTransport([HELLO])
        await ask(provider_over(transport, api_key=key))
        assert transport.requests[0].headers.get("authorization") == header
        assert str(transport.requests[0].url) == "http://model.test:8080/v1/chat/completions"


async def test_openai_itself_without_a_key_is_not_even_asked() -> None:
    transport = RecordingTransport([HELLO])
    with pytest.raises(ProviderError) as caught:
        await ask(provider_over(transport, base_url=None))
    assert caught.value.category is Category.AUTH
    assert "OPENAI_API_KEY" in str(caught.value)
    assert transport.requests == []


# Formats, choices and endings -----------------------------------------------------------------

SCHEMA: JsonObject = {"type": "object", "properties": {"n": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        ({}, None),
        ({"response_format": "json"}, {"type": "json_object"}),
        (
            {"output_schema": SCHEMA},
            {
                "type": "json_schema",
                "json_schema": {"name": "reply", "schema": SCHEMA, "strict": False},
            },
        ),
        (
            {"response_format": "json", "output_schema": SCHEMA},
            {
                "type": "json_schema",
                "json_schema": {"name": "reply", "schema": SCHEMA, "strict": False},
            },
        ),
    ],
)
@pytest.mark.parametrize("is_official", [True, False])
def test_json_is_asked_for_in_the_form_of_chat_completions(
    fields: dict[str, object], sent: JsonObject | None, is_official: bool
) -> None:
    body = chat_body(request_of(**fields), is_official=is_official)
    assert body.get("response_format") == sent


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ({"type": "any"}, "required"),
        ({"type": "auto"}, "auto"),
        ({"type": "tool", "name": "a"}, {"type": "function", "function": {"name": "a"}}),
        (
            {"type": "function", "function": {"name": "a"}},
            {"type": "function", "function": {"name": "a"}},
        ),
        ({"type": "function", "name": "a"}, {"type": "function", "function": {"name": "a"}}),
    ],
)
def test_loop_10_23_a_choice_in_another_servers_form_is_translated(
    choice: JsonObject, sent: object
) -> None:
    request = request_of(tools=(READ_FILE,), tool_choice=choice)
    assert chat_body(request, is_official=False)["tool_choice"] == sent


@pytest.mark.parametrize(
    ("reason", "category"),
    [
        ("abort", Category.TRANSIENT_NETWORK),
        ("insufficient_system_resource", Category.OVERLOADED),
        ("error", Category.SERVER_ERROR),
    ],
)
def test_loop_10_21_a_reply_that_the_server_gave_up_is_no_reply(
    reason: str, category: Category
) -> None:
    text = json.dumps({"choices": [{"delta": {"content": "half"}}]})
    end = json.dumps({"choices": [{"delta": {}, "finish_reason": reason}]})
    with pytest.raises(ProviderError) as caught:
        parse("openai", [stream_of(text, end)])
    assert caught.value.category is category
    assert caught.value.is_transient


def test_a_refusal_is_shown_as_text_and_told_apart_by_its_ending() -> None:
    text = json.dumps({"choices": [{"delta": {"refusal": "I will not."}}]})
    end = json.dumps({"choices": [{"delta": {}, "finish_reason": "stop"}]})
    reply = parse("openai", [stream_of(text, end)])
    assert (reply.text, reply.stop_reason) == ("I will not.", "refusal")


def test_calls_end_a_reply_for_servers_that_say_stop_too() -> None:
    function: JsonObject = {"name": "read_file", "arguments": "{}"}
    call: JsonObject = {"index": 0, "id": "c", "function": function}
    called = json.dumps({"choices": [{"delta": {"tool_calls": [call]}}]})
    end = json.dumps({"choices": [{"delta": {}, "finish_reason": "stop"}]})
    assert parse("openai", [stream_of(called, end)]).stop_reason == "tool_calls"
