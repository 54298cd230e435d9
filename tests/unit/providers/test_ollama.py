import contextlib
import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import ProviderError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ProviderErrorCategory as Category
from harn_tui.kinds import StopReason
from harn_tui.providers.base import (
    Completion,
    Delta,
    TextDelta,
    ThoughtDelta,
    ToolArgumentsDelta,
    ToolCallStarted,
    ToolSchema,
    Usage,
)
from harn_tui.providers.ollama_request import ollama_body
from tests.unit.providers.wire import (
    READ_FILE,
    RecordingTransport,
    ask,
    body_of,
    lines_of,
    parse,
    provider_over,
    request_of,
    settings_of,
)

TEXT = body_of("ollama_text.jsonl")
USER: JsonObject = {"role": "user", "content": "Hi"}


def line(**message: object) -> str:
    return json.dumps({"model": "served", "message": message, "done": False})


def done(**fields: object) -> str:
    message = {"role": "assistant", "content": ""}
    return json.dumps({"model": "served", "message": message, "done": True, **fields})


def call(name: object, arguments: object, **fields: object) -> dict[str, object]:
    return {"function": {"name": name, "arguments": arguments, "index": 0}, **fields}


def read(*payloads: str, deltas: list[Delta] | None = None) -> Completion:
    return parse("ollama", [lines_of(*payloads)], deltas)


def body(*messages: Any, settings: dict[str, object] | None = None, **fields: object) -> Any:
    return ollama_body(request_of(*messages, **fields), settings_of("ollama", **settings or {}))


async def refused(
    status: int, said: str, *, model: str = "qwen3", **settings: object
) -> ProviderError:
    """What a request comes to that the server answers with ``status`` and its error form."""
    transport = RecordingTransport(
        [json.dumps({"error": said}).encode()],
        status=status,
        headers={"content-type": "application/json; charset=utf-8"},
    )
    with pytest.raises(ProviderError) as caught:
        await ask(provider_over(transport, "ollama", **settings), request_of(model=model))
    return caught.value


# Replies ------------------------------------------------------------------------------------


def test_a_reply_tells_its_model_its_counts_and_why_it_ended() -> None:
    reply = parse("ollama", [TEXT])
    assert reply.model == "qwen3:4b"
    assert reply.usage == Usage(input_tokens=26, output_tokens=9)
    assert reply.stop_reason == StopReason.STOP


@pytest.mark.parametrize(
    ("word", "reason"),
    [("stop", StopReason.STOP), ("length", StopReason.LENGTH), ("unload", StopReason.OTHER)],
)
def test_the_reason_for_the_end_is_told_in_the_common_words(word: str, reason: StopReason) -> None:
    assert read(line(content="x"), done(done_reason=word)).stop_reason == reason


def test_an_old_server_gives_no_reason_and_no_counts() -> None:
    reply = read(line(content="x"), done())
    assert (reply.text, reply.stop_reason, reply.usage) == ("x", None, None)


def test_tools_10_4_calls_without_ids_are_told_apart_by_their_order_alone() -> None:
    deltas: list[Delta] = []
    reply = read(
        line(tool_calls=[call("look", {"n": 1}), call("look", {"n": 2})]),
        line(tool_calls=[call("look", {"n": 3})]),
        done(done_reason="stop"),
        deltas=deltas,
    )
    assert [one.arguments for one in reply.tool_calls] == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert [one.id for one in reply.tool_calls] == ["", "", ""]
    assert reply.stop_reason == StopReason.TOOL_CALLS
    started = [delta for delta in deltas if isinstance(delta, ToolCallStarted)]
    assert started == [ToolCallStarted(n, "", "look") for n in range(3)]


def test_an_id_that_a_newer_server_sends_is_kept() -> None:
    reply = read(line(tool_calls=[call("look", {}, id="call_x1")]), done())
    assert reply.tool_calls[0].id == "call_x1"


@pytest.mark.parametrize(
    ("sent", "arguments"),
    [
        ({"path": "ä"}, {"path": "ä"}),
        ('{"path": "a"}', {"path": "a"}),
        ({}, {}),
        (None, {}),
        ("", {}),
        ('{"path": "a', None),
        ([1], None),
        (7, None),
        (False, None),
    ],
)
def test_arguments_are_read_as_an_object_or_as_text_and_never_guessed(
    sent: object, arguments: JsonObject | None
) -> None:
    (one,) = read(line(tool_calls=[call("look", sent)]), done()).tool_calls
    assert one.arguments == arguments
    assert (one.parse_error is None) is (arguments is not None)


def test_ten_megabytes_of_arguments_arrive_whole_with_one_delta() -> None:
    text = "x" * (10 * 1024 * 1024)
    data = lines_of(line(tool_calls=[call("write", {"content": text})]), done())
    deltas: list[Delta] = []
    chunks = [data[start : start + 65_536] for start in range(0, len(data), 65_536)]
    reply = parse("ollama", chunks, deltas)
    assert reply.tool_calls[0].arguments == {"content": text}
    assert len([delta for delta in deltas if isinstance(delta, ToolArgumentsDelta)]) == 1


def test_reasoning_is_kept_apart_whether_in_its_field_or_between_tags() -> None:
    deltas: list[Delta] = []
    reply = read(line(content="<th"), line(content="ink>Hm.</think>\n\nYes"), done(), deltas=deltas)
    assert (reply.thinking, reply.text) == ("Hm.", "Yes")
    assert deltas == [ThoughtDelta("Hm."), TextDelta("Yes")]
    assert read(line(thinking="Hm."), line(content="Yes"), done()).thinking == "Hm."


def test_reasoning_before_calls_is_kept_to_be_sent_back_and_other_reasoning_is_not() -> None:
    before_calls = read(line(thinking="Hm."), line(tool_calls=[call("look", {})]), done())
    assert before_calls.thinking_blocks == ({"type": "thinking", "thinking": "Hm."},)
    assert read(line(thinking="Hm."), line(content="Yes"), done()).thinking_blocks == ()


@pytest.mark.parametrize("counts", [{"eval_count": 12}, {}])
def test_loop_7_10_reasoning_alone_is_an_empty_completion(counts: dict[str, int]) -> None:
    with pytest.raises(ProviderError) as caught:
        read(line(thinking="Hm."), done(**counts))
    assert caught.value.category is Category.EMPTY_COMPLETION


def test_loop_7_10_tokens_that_brought_nothing_are_an_empty_completion() -> None:
    with pytest.raises(ProviderError) as caught:
        read(done(prompt_eval_count=9, eval_count=3))
    assert caught.value.category is Category.EMPTY_COMPLETION
    assert read(done(prompt_eval_count=9)).text == ""


def test_loop_10_21_a_reply_without_its_last_line_was_cut() -> None:
    with pytest.raises(ProviderError) as caught:
        read(line(content="x"), line(content="y"))
    assert caught.value.category is Category.TRANSIENT_NETWORK


@pytest.mark.parametrize("garbage", ["[1, 2]", "null", "{", "hello", '{"done": tru', "[" * 100_000])
def test_a_line_that_is_no_object_breaks_the_reply(garbage: str) -> None:
    with pytest.raises(ProviderError) as caught:
        read(line(content="x"), garbage, done())
    assert caught.value.category is Category.TRANSIENT_NETWORK


def test_an_error_within_the_stream_shows_the_servers_words() -> None:
    with pytest.raises(ProviderError) as caught:
        read(line(content="x"), json.dumps({"error": "an error was encountered"}))
    assert caught.value.category is Category.SERVER_ERROR
    assert "an error was encountered" in caught.value.message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
KEYS = ("model", "message", "done", "done_reason", "eval_count", "prompt_eval_count")
FIELDS = ("content", "thinking", "tool_calls")


@given(
    st.lists(
        st.dictionaries(st.sampled_from(KEYS), JSON)
        | st.fixed_dictionaries({"message": st.dictionaries(st.sampled_from(FIELDS), JSON)}),
        max_size=4,
    )
)
def test_fields_of_any_type_give_a_reply_or_a_typed_error(values: list[Any]) -> None:
    with contextlib.suppress(ProviderError):
        reply = read(*map(json.dumps, values), done())
        assert reply.model
        assert all(isinstance(one.raw_arguments, str) for one in reply.tool_calls)


# Requests -----------------------------------------------------------------------------------


def test_the_server_is_told_to_refuse_what_does_not_fit_instead_of_cutting_it() -> None:
    sent = body()
    assert (sent["truncate"], sent["shift"], sent["stream"]) == (False, False, True)
    assert sent["options"] == {"num_predict": 16384}
    assert {"think", "format", "keep_alive", "tools", "tool_choice"}.isdisjoint(sent)


def test_limits_temperature_and_window_are_options() -> None:
    sent = body(max_tokens=7, temperature=0.0, settings={"context_window": 32_768})
    assert sent["options"] == {"num_predict": 7, "temperature": 0.0, "num_ctx": 32_768}


@pytest.mark.parametrize(("text", "sent"), [("10m", "10m"), ("-1", -1), (" 3600 ", 3600)])
def test_the_time_that_a_model_stays_loaded_goes_out_as_the_server_reads_it(
    text: str, sent: object
) -> None:
    assert body(settings={"keep_alive": text})["keep_alive"] == sent


@pytest.mark.parametrize(
    ("model", "budget", "think"),
    [
        ("qwen3", 1024, True),
        ("gpt-oss:20b", 1024, "low"),
        ("gpt-oss:120b", 8192, "medium"),
        ("library/GPT-OSS", 32_768, "high"),
    ],
)
def test_thinking_is_asked_for_in_levels_where_the_model_has_them(
    model: str, budget: int, think: object
) -> None:
    assert body(model=model, thinking_budget_tokens=budget)["think"] == think


def test_json_is_asked_for_by_a_word_or_a_schema_and_never_beside_tools() -> None:
    schema: JsonObject = {"type": "object", "properties": {"age": {"type": "integer"}}}
    assert body(response_format="json")["format"] == "json"
    assert body(output_schema=schema, response_format="json")["format"] == schema
    assert "format" not in body(output_schema=schema, tools=(READ_FILE,))
    assert body(output_schema=schema, tools=(READ_FILE,), tool_choice="none")["format"] == schema


def test_tools_are_offered_as_functions_whose_schema_is_a_plain_object() -> None:
    odd = ToolSchema("odd", "Odd.", {"anyOf": [{"properties": {"a": {"type": "string"}}}]})
    first, second = body(tools=(READ_FILE, odd))["tools"]
    assert first == {
        "type": "function",
        "function": {
            "name": "read_file",
            "description": "Read a file.",
            "parameters": READ_FILE.parameters,
        },
    }
    assert second["function"]["parameters"]["type"] == "object"
    assert list(second["function"]["parameters"]["properties"]) == ["a"]


@pytest.mark.parametrize(
    ("choice", "offered"),
    [
        (None, ["read_file", "other"]),
        ("auto", ["read_file", "other"]),
        ("required", ["read_file", "other"]),
        ("other", ["other"]),
        ({"type": "function", "function": {"name": "other"}}, ["other"]),
        ("unknown", ["read_file", "other"]),
        ("none", []),
    ],
)
def test_a_choice_is_expressed_by_the_tools_that_are_offered(
    choice: Any, offered: list[str]
) -> None:
    other = ToolSchema("other", "", {"type": "object", "properties": {}})
    sent = body(tools=(READ_FILE, other), tool_choice=choice)
    assert [tool["function"]["name"] for tool in sent.get("tools", [])] == offered
    assert "tool_choice" not in sent


def test_a_choice_that_is_none_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(ProviderError) as caught:
        body(tools=(READ_FILE,), tool_choice={"type": "whatever"})
    assert caught.value.category is Category.INVALID_REQUEST


def test_images_go_beside_the_words_and_one_at_a_url_is_named() -> None:
    content = [
        {"type": "text", "text": "What is on it?"},
        {"type": "image", "media_type": "image/png", "data": "aW1hZ2U="},
        {"type": "image_url", "image_url": {"url": "https://h/a.png"}},
        {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,anBn"}},
    ]
    (message,) = body({"role": "user", "content": content})["messages"]
    assert message == {
        "role": "user",
        "content": "What is on it?\n[image: from a URL]",
        "images": ["aW1hZ2U=", "anBn"],
    }


def test_an_image_in_a_result_follows_as_the_users_when_all_calls_are_answered() -> None:
    image = {"type": "image", "media_type": "image/png", "data": "aW1hZ2U="}
    calls = [{"id": name, "name": "look", "arguments": {}} for name in "ab"]
    messages = body(
        USER,
        {"role": "assistant", "content": "", "tool_calls": calls},
        {"role": "tool", "tool_call_id": "a", "content": [image]},
        {"role": "tool", "tool_call_id": "b", "content": "nothing"},
    )["messages"]
    assert [message["role"] for message in messages] == [
        "user",
        "assistant",
        "tool",
        "tool",
        "user",
    ]
    assert messages[-1] == {"role": "user", "content": "", "images": ["aW1hZ2U="]}
    assert messages[2]["content"] == "[image: image/png]"


def test_a_result_names_the_tool_that_was_called_also_when_it_came_as_a_block() -> None:
    block = {"type": "tool_result", "tool_use_id": "a", "content": "found"}
    called = {"role": "assistant", "tool_calls": [{"id": "a", "name": "look", "arguments": {}}]}
    assert body(USER, called, {"role": "user", "content": [block]})["messages"][-1] == {
        "role": "tool",
        "tool_name": "look",
        "content": "found",
    }
    orphan = {"role": "tool", "tool_call_id": "z", "tool_name": "look", "content": "found"}
    assert body(orphan)["messages"][0]["tool_name"] == "look"
    assert "tool_name" not in body({"role": "tool", "content": "found"})["messages"][0]


def test_reasoning_goes_back_with_its_calls_but_not_another_servers() -> None:
    sealed = {"type": "thinking", "thinking": "sealed", "signature": "s"}
    own = {"type": "thinking", "thinking": "Hm."}
    turn = {"role": "assistant", "tool_calls": [{"id": "a", "name": "look", "arguments": {}}]}
    with_own = body(USER, {**turn, "thinking_blocks": [own]})["messages"][1]
    assert with_own["thinking"] == "Hm."
    assert "thinking" not in body(USER, {**turn, "thinking_blocks": [sealed]})["messages"][1]


# Over HTTP ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("http://h:11434", "http://h:11434/api/chat"),
        ("http://h:11434/", "http://h:11434/api/chat"),
        ("http://h:11434/v1", "http://h:11434/api/chat"),
        ("http://h/api", "http://h/api/chat"),
        ("http://h/api/chat", "http://h/api/chat"),
        ("https://h/models/ollama?x=1", "https://h/models/ollama/api/chat?x=1"),
    ],
)
async def test_calls_go_to_its_own_api_however_the_base_is_written(base_url: str, url: str) -> None:
    transport = RecordingTransport([TEXT])
    await ask(provider_over(transport, "ollama", base_url=base_url))
    (request,) = transport.requests
    assert (request.method, str(request.url)) == ("POST", url)
    assert request.headers["accept"] == "application/x-ndjson"
    assert "authorization" not in request.headers


async def test_a_key_is_sent_and_the_vendors_own_server_needs_one() -> None:
    transport = RecordingTransport([TEXT])
    await ask(provider_over(transport, "ollama", api_key="k1"))
    assert transport.requests[0].headers["authorization"] == "Bearer k1"
    with pytest.raises(ProviderError, match="OLLAMA_API_KEY") as caught:
        await ask(provider_over(transport, "ollama", base_url="https://ollama.com"))
    assert caught.value.category is Category.AUTH


async def test_a_prefill_is_the_last_message_and_said_to_be_sent() -> None:
    transport = RecordingTransport([TEXT])
    reply, _ = await ask(provider_over(transport, "ollama"), request_of(prefill="Sure,"))
    sent = json.loads(transport.requests[0].content)
    assert sent["messages"][-1] == {"role": "assistant", "content": "Sure,"}
    assert reply.prefill_sent


@pytest.mark.parametrize(
    "said", ["model 'qwen3' not found", 'model "qwen3" not found, try pulling it first']
)
async def test_a_model_that_is_not_there_comes_with_the_command_that_fetches_it(said: str) -> None:
    error = await refused(404, said)
    assert error.category is Category.NOT_FOUND
    assert error.hint is not None
    assert "`ollama pull qwen3`" in error.hint
    assert not error.is_transient


async def test_the_name_of_a_model_cannot_bring_control_characters_into_the_advice() -> None:
    error = await refused(404, "model not found", model="a\x1b[31mb")
    assert "\x1b" not in str(error)


async def test_a_path_that_is_not_there_is_no_missing_model() -> None:
    error = await refused(404, "404 page not found")
    assert error.hint is not None
    assert "ollama pull" not in error.hint
    assert "http://model.test:8080/api/chat" in error.hint


async def test_in_the_network_there_is_nothing_to_pull() -> None:
    error = await refused(404, "model not found", base_url="https://ollama.com", api_key="k")
    assert "ollama pull" not in str(error)


LLAMA_SERVER_REFUSAL = json.dumps(
    {
        "error": {
            "code": 400,
            "message": "request (2622 tokens) exceeds the available context size (512 tokens)",
            "type": "exceed_context_size_error",
        }
    }
)


@pytest.mark.parametrize(
    "said", ["the input length exceeds the context length", LLAMA_SERVER_REFUSAL]
)
async def test_a_conversation_that_does_not_fit_is_an_overflow_with_the_key_to_raise(
    said: str,
) -> None:
    error = await refused(400, said, name="here")
    assert error.category is Category.CONTEXT_OVERFLOW
    assert error.hint is not None
    assert "providers.here.context_window" in error.hint
    assert "{" not in error.message


@pytest.mark.parametrize(
    ("said", "option"),
    [
        ("registry.ollama.ai/library/gemma:latest does not support tools", "loop.tool_format"),
        ('"llama3" does not support thinking', "loop.thinking_budget_tokens"),
    ],
)
async def test_what_a_model_cannot_do_comes_with_the_option_to_change(
    said: str, option: str
) -> None:
    error = await refused(400, said)
    assert error.category is Category.INVALID_REQUEST
    assert error.hint is not None
    assert option in error.hint


async def test_a_connection_that_breaks_within_a_reply_is_transient() -> None:
    transport = RecordingTransport([TEXT[:300]], fault=httpx.ReadError("gone"))
    with pytest.raises(ProviderError) as caught:
        await ask(provider_over(transport, "ollama"))
    assert caught.value.category is Category.TRANSIENT_NETWORK


async def test_a_connection_that_breaks_after_the_last_line_took_nothing_with_it() -> None:
    transport = RecordingTransport([TEXT], fault=httpx.ReadError("gone"))
    reply, _ = await ask(provider_over(transport, "ollama"))
    assert reply.text == "The sky is blue, 🌤 mostly."
