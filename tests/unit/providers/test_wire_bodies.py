"""Every recorded body through its adapter: whole, in pieces, and cut at every byte."""

from dataclasses import replace

import pytest

from harn_tui.errors import ProviderError
from harn_tui.kinds import ProviderErrorCategory as Category
from harn_tui.providers.base import (
    Accepted,
    Completion,
    Delta,
    TextDelta,
    ThoughtDelta,
    ToolArgumentsDelta,
    ToolCallStarted,
    Usage,
)
from harn_tui.providers.sse import SseEvent
from tests.unit.providers.wire import (
    PARSERS,
    WIRE,
    RecordingTransport,
    ask,
    body_of,
    decoder_of,
    kind_of,
    parse,
    provider_over,
)

WEATHER_ARGUMENTS = ({"city": "Paris", "unit": "c"}, {"tz": "Europe/Paris"})
HELLO = "Hello from aimock, streamed in chunks of twenty characters."

WHOLE = {
    "aimock_anthropic_hello.sse": (HELLO, "", ()),
    "aimock_openai_hello.sse": (HELLO, "", ()),
    "aimock_responses_hello.sse": (HELLO, "", ()),
    "aimock_anthropic_think.sse": ("The answer is 42.", "Let me think about this for a while.", ()),
    "aimock_openai_think.sse": ("The answer is 42.", "Let me think about this for a while.", ()),
    "aimock_responses_think.sse": ("The answer is 42.", "Let me think about this for a while.", ()),
    "aimock_anthropic_weather.sse": ("Let me check.", "", WEATHER_ARGUMENTS),
    "aimock_openai_weather.sse": ("Let me check.", "", WEATHER_ARGUMENTS),
    "aimock_responses_weather.sse": ("Let me check.", "", WEATHER_ARGUMENTS),
    "llama-server_anthropic_text.sse": ("Hello! How can I assist you today?", "", ()),
    "llama-server_anthropic_tooluse.sse": ("", "", ({"path": "src/main.py"},)),
    "llama-server_openai_length.sse": ("# Count to Fifty\n\nI'm sorry", "", ()),
    "llama-server_openai_toolcall.sse": ("", "", ({"path": "src/main.py"},)),
    "llama-server_responses_toolcall.sse": ("", "", ({"path": "src/main.py"},)),
    "ollama_text.jsonl": ("The sky is blue, 🌤 mostly.", "", ()),
    "ollama_think.jsonl": ("The answer is 42.", "Let me think about this for a while.", ()),
    "ollama_toolcalls.jsonl": ("Let me check.", "Both are needed.", WEATHER_ARGUMENTS),
}
GOOD = sorted({*WHOLE, "llama-server_openai_text.sse"})

FAULTY = {
    "llama-server_openai_midstream_error.sse": Category.SERVER_ERROR,
    "llmock_anthropic_disconnect.sse": Category.TRANSIENT_NETWORK,
    "llmock_anthropic_malformed.sse": Category.TRANSIENT_NETWORK,
    "llmock_anthropic_truncate.sse": Category.TRANSIENT_NETWORK,
    "llmock_v1_disconnect.sse": Category.TRANSIENT_NETWORK,
    "llmock_v1_malformed.sse": Category.TRANSIENT_NETWORK,
    "llmock_v1_truncate.sse": Category.TRANSIENT_NETWORK,
    "ollama_malformed.jsonl": Category.TRANSIENT_NETWORK,
    "ollama_midstream_error.jsonl": Category.SERVER_ERROR,
    "ollama_truncate.jsonl": Category.TRANSIENT_NETWORK,
}
FAILED = ("aimock_anthropic_fail.sse", "aimock_openai_fail.sse", "aimock_responses_fail.sse")


def one_byte_each(body: bytes) -> list[bytes]:
    return [bytes([byte]) for byte in body]


def without_usage(reply: Completion) -> Completion:
    return replace(reply, usage=None)


def split_http(file_name: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of a recorded ``.http`` response."""
    head, _, body = body_of(file_name).partition(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    headers.pop("transfer-encoding", None)
    headers.pop("content-length", None)
    return int(status_line.split()[1]), headers, body


def test_no_recorded_body_is_left_out() -> None:
    recorded = {path.name for path in WIRE.iterdir()}
    tested = {*GOOD, *FAULTY, *FAILED}
    tested |= {"llama-server_bad_json.http", "llama-server_context_overflow.http"}
    assert recorded == tested


@pytest.mark.parametrize("file_name", sorted(WHOLE))
def test_a_recorded_reply_is_read_whole(file_name: str) -> None:
    reply = parse(kind_of(file_name), [body_of(file_name)])
    text, thinking, arguments = WHOLE[file_name]
    assert reply.text == text
    assert reply.thinking == thinking
    assert tuple(call.arguments for call in reply.tool_calls) == arguments
    assert all(call.parse_error is None for call in reply.tool_calls)
    # Ollama sends no ids: the loop makes them.
    assert {bool(call.id) for call in reply.tool_calls} <= {not file_name.startswith("ollama")}


def test_the_long_recorded_reply_keeps_its_emoji_and_usage() -> None:
    reply = parse("openai", [body_of("llama-server_openai_text.sse")])
    assert reply.text.startswith("Paris is a")
    assert reply.text.endswith("🌟 🌟 🌟")
    assert reply.stop_reason == "length"
    assert reply.model == "qwen05"
    assert reply.usage == Usage(input_tokens=25, output_tokens=160)


@pytest.mark.parametrize("file_name", GOOD)
def test_a_recorded_reply_is_the_same_byte_by_byte(file_name: str) -> None:
    body, kind = body_of(file_name), kind_of(file_name)
    whole: list[Delta] = []
    pieces: list[Delta] = []
    assert parse(kind, one_byte_each(body), pieces) == parse(kind, [body], whole)
    assert pieces == whole


@pytest.mark.parametrize("file_name", GOOD)
def test_the_deltas_add_up_to_the_reply(file_name: str) -> None:
    deltas: list[Delta] = []
    reply = parse(kind_of(file_name), [body_of(file_name)], deltas)
    assert "".join(d.text for d in deltas if isinstance(d, TextDelta)) == reply.text
    assert "".join(d.text for d in deltas if isinstance(d, ThoughtDelta)) == reply.thinking
    started = [d for d in deltas if isinstance(d, ToolCallStarted)]
    assert [(d.index, d.id, d.name) for d in started] == [
        (index, call.id, call.name) for index, call in enumerate(reply.tool_calls)
    ]
    for index, call in enumerate(reply.tool_calls):
        fragments = [
            d.fragment for d in deltas if isinstance(d, ToolArgumentsDelta) and d.index == index
        ]
        assert "".join(fragments) == call.raw_arguments


def events_of(kind: str, body: bytes) -> tuple[list[SseEvent], list[int]]:
    """The events of ``body``, and how many of them are complete after each byte."""
    decoder = decoder_of(kind)
    events: list[SseEvent] = []
    counts: list[int] = []
    for byte in one_byte_each(body):
        events += decoder.feed(byte)
        counts.append(len(events))
    return events, counts


def verdict(kind: str, events: list[SseEvent]) -> Completion | ProviderError:
    parser = PARSERS[kind]("m", lambda _delta: None)
    try:
        for event in events:
            parser.feed(event)
        return parser.completion()
    except ProviderError as error:
        return error


@pytest.mark.parametrize("file_name", GOOD)
def test_loop_10_21_a_reply_cut_at_any_byte_is_never_taken_as_complete(file_name: str) -> None:
    kind = kind_of(file_name)
    events, counts = events_of(kind, body_of(file_name))
    verdicts = [verdict(kind, events[:count]) for count in range(len(events) + 1)]
    whole = verdicts[-1]
    assert isinstance(whole, Completion)
    cut_count = 0
    for count in [0, *counts]:
        found = verdicts[count]
        if isinstance(found, Completion):
            assert without_usage(found) == without_usage(whole)
            assert found.usage in {None, whole.usage}
        else:
            assert found.category is Category.TRANSIENT_NETWORK
            assert found.is_transient
            cut_count += 1
    assert cut_count > len(counts) // 2


@pytest.mark.parametrize("file_name", sorted(FAULTY))
def test_a_faulty_stream_gives_a_typed_error_at_every_cut(file_name: str) -> None:
    kind = kind_of(file_name)
    events, _ = events_of(kind, body_of(file_name))
    for count in range(len(events) + 1):
        found = verdict(kind, events[:count])
        assert isinstance(found, ProviderError)
        assert found.is_transient
    assert isinstance(found, ProviderError)
    assert found.category is FAULTY[file_name]


@pytest.mark.parametrize("file_name", GOOD)
async def test_a_recorded_reply_through_http_begins_with_acceptance(file_name: str) -> None:
    body, kind = body_of(file_name), kind_of(file_name)
    chunks = [body[start : start + 37] for start in range(0, len(body), 37)]
    reply, deltas = await ask(provider_over(RecordingTransport(chunks), kind))
    assert reply == parse(kind, [body])
    assert deltas[0] == Accepted()
    assert Accepted() not in deltas[1:]


@pytest.mark.parametrize("file_name", sorted(FAULTY))
async def test_a_faulty_stream_through_http_is_a_clean_transient_error(file_name: str) -> None:
    transport = RecordingTransport([body_of(file_name)])
    with pytest.raises(ProviderError) as caught:
        await ask(provider_over(transport, kind_of(file_name)))
    assert caught.value.category is FAULTY[file_name]
    assert "Traceback" not in str(caught.value)
    assert "{" not in str(caught.value)


@pytest.mark.parametrize("status", [200, 503, 529])
@pytest.mark.parametrize("file_name", FAILED)
async def test_a_refusal_is_overloaded_whatever_its_status(file_name: str, status: int) -> None:
    json_headers = {"content-type": "application/json"}
    transport = RecordingTransport([body_of(file_name)], status=status, headers=json_headers)
    with pytest.raises(ProviderError) as caught:
        await ask(provider_over(transport, kind_of(file_name)))
    assert "overloaded" in caught.value.message
    assert caught.value.category is Category.OVERLOADED


@pytest.mark.parametrize("kind", ["openai", "openai-responses", "anthropic", "ollama"])
async def test_a_recorded_bad_request_shows_the_servers_words(kind: str) -> None:
    status, headers, body = split_http("llama-server_bad_json.http")
    with pytest.raises(ProviderError) as caught:
        await ask(provider_over(RecordingTransport([body], status=status, headers=headers), kind))
    assert caught.value.category is Category.INVALID_REQUEST
    assert caught.value.status == 400
    assert "parse error at line 1, column 10" in caught.value.message
    assert "model.test:8080" in caught.value.message


@pytest.mark.parametrize("kind", ["openai", "openai-responses", "anthropic"])
async def test_a_recorded_stream_of_keep_alives_only_is_a_cut_reply(kind: str) -> None:
    status, headers, body = split_http("llama-server_context_overflow.http")
    with pytest.raises(ProviderError) as caught:
        await ask(provider_over(RecordingTransport([body], status=status, headers=headers), kind))
    assert caught.value.category is Category.TRANSIENT_NETWORK
