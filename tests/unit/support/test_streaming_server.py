import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.reply_script import Reply, ToolCall
from tests.support.streaming_server import StreamingServer


@pytest.fixture
def server() -> Iterator[StreamingServer]:
    with StreamingServer() as server:
        yield server


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=10, trust_env=False) as client:
        yield client


def ask(client: httpx.Client, server: StreamingServer, text: str = "hi") -> httpx.Response:
    body = {"model": "mock", "stream": True, "messages": [{"role": "user", "content": text}]}
    return client.post(f"{server.base_url}/chat/completions", json=body)


def events(response: httpx.Response) -> list[Any]:
    lines = [line for line in response.text.split("\n\n") if line]
    assert all(line.startswith("data: ") for line in lines)
    return [json.loads(line[6:]) for line in lines if line != "data: [DONE]"]


def content(response: httpx.Response) -> str:
    deltas = [c["delta"] for e in events(response) for c in e.get("choices", [])]
    return "".join(delta.get("content") or "" for delta in deltas)


def test_a_reply_streams_its_text_usage_and_end(
    server: StreamingServer, client: httpx.Client
) -> None:
    server.enqueue(Reply.text("Good morning to you").using(12, 4))
    response = ask(client, server)
    assert content(response) == "Good morning to you"
    assert response.text.endswith("data: [DONE]\n\n")
    assert events(response)[-1]["usage"]["prompt_tokens"] == 12


def test_replies_come_in_the_order_in_which_they_were_enqueued(
    server: StreamingServer, client: httpx.Client
) -> None:
    server.enqueue(Reply.text("first"), lambda request: Reply.text(request.text()))
    assert [content(ask(client, server, "echo")) for _ in range(2)] == ["first", "echo"]
    assert [request.text() for request in server.requests] == ["echo", "echo"]


def test_tool_calls_stream_their_arguments_in_pieces(
    server: StreamingServer, client: httpx.Client
) -> None:
    server.enqueue(Reply.tools(ToolCall("read_file", {"path": "a.txt"}), ToolCall("bad", "{no")))
    deltas = [e["choices"][0]["delta"] for e in events(ask(client, server)) if e["choices"]]
    calls = [call for delta in deltas for call in delta.get("tool_calls", [])]
    arguments = ["", ""]
    for call in calls:
        arguments[call["index"]] += call["function"]["arguments"]
    assert arguments == ['{"path": "a.txt"}', "{no"]
    assert [call["id"] for call in calls if "id" in call] == ["call_0_0", "call_0_1"]


def test_a_paced_reply_takes_its_time(server: StreamingServer, client: httpx.Client) -> None:
    server.enqueue(Reply.words(10, tokens_per_second=100))
    started = time.monotonic()
    ask(client, server)
    assert time.monotonic() - started >= 0.1


def test_a_failure_has_its_status_and_retry_after(
    server: StreamingServer, client: httpx.Client
) -> None:
    server.enqueue(Reply.failure(429, "slow down", retry_after="2"))
    response = ask(client, server)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "2")
    assert response.json()["error"]["message"] == "slow down"


def test_a_cut_reply_breaks_the_connection(server: StreamingServer, client: httpx.Client) -> None:
    server.enqueue(Reply.words(10).cut_after(3))
    with pytest.raises(httpx.RemoteProtocolError):
        ask(client, server)
    assert server.wait_for_end(1) == "cut"


def test_a_truncated_reply_ends_politely_without_its_end(
    server: StreamingServer, client: httpx.Client
) -> None:
    server.enqueue(Reply.words(10).truncated_after(3))
    response = ask(client, server)
    assert content(response) == "word0 word1 word2 "
    assert "[DONE]" not in response.text


def test_an_error_event_can_come_in_the_middle(
    server: StreamingServer, client: httpx.Client
) -> None:
    server.enqueue(Reply.words(10).failing_after(2, "out of memory"))
    assert events(ask(client, server))[-1]["error"]["message"] == "out of memory"


def test_a_stalled_reply_goes_on_when_it_is_released(
    server: StreamingServer, client: httpx.Client
) -> None:
    server.enqueue(Reply.words(4).stalled_after(2))
    with client.stream(
        "POST", f"{server.base_url}/chat/completions", json={"model": "m", "messages": []}
    ) as response:
        server.wait_for_chunks(1, 3)
        server.release()
        response.read()
    assert content(response) == "word0 word1 word2 word3 "


def test_closing_the_server_ends_a_stalled_reply(client: httpx.Client) -> None:
    with StreamingServer([Reply.words(4).stalled_after(2)]) as server:
        stream = client.stream("POST", f"{server.base_url}/chat/completions", json={})
        response = stream.__enter__()
        server.wait_for_chunks(1, 3)
    with pytest.raises(httpx.HTTPError):
        response.read()
    stream.__exit__(None, None, None)


def test_waiting_for_a_request_that_never_comes_fails_with_what_came(
    server: StreamingServer,
) -> None:
    with pytest.raises(AssertionError, match="0 requests so far"):
        server.wait_for_request(1, timeout_s=0.01)


def test_the_models_are_listed(server: StreamingServer, client: httpx.Client) -> None:
    assert client.get(f"{server.base_url}/models").json()["data"][0]["id"] == "mock"
