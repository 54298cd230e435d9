import json
from typing import Any

import httpx

from tests.servers.conftest import StartAimock
from tests.servers.mock_servers import LlmockServer


def ask(url: str, text: str) -> httpx.Response:
    body = {
        "model": "gpt-4o",
        "stream": True,
        "stream_options": {"include_usage": True},
        "messages": [{"role": "user", "content": text}],
    }
    headers = {"Authorization": "Bearer test"}
    return httpx.post(
        f"{url}/chat/completions", json=body, headers=headers, trust_env=False, timeout=30.0
    )


def text_of(response: httpx.Response) -> str:
    events: list[Any] = [
        json.loads(line.removeprefix("data: "))
        for line in response.text.split("\n\n")
        if line.startswith("data: {")
    ]
    choices = [choice for event in events for choice in event["choices"]]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


def test_aimock_streams_the_fixture_that_matches_and_keeps_a_journal(
    start_aimock: StartAimock,
) -> None:
    server = start_aimock(
        [{"match": {"userMessage": "hello"}, "response": {"content": "Good day to you."}}]
    )
    response = ask(server.openai_url, "hello")
    assert text_of(response) == "Good day to you."
    assert '"usage"' in response.text
    assert server.bodies()[0]["messages"] == [{"role": "user", "content": "hello"}]


def test_aimock_refuses_what_no_fixture_matches(start_aimock: StartAimock) -> None:
    server = start_aimock([{"match": {"userMessage": "hello"}, "response": {"content": "Hi."}}])
    assert ask(server.openai_url, "something else").status_code >= 400


def test_llmock_streams_an_answer(llmock: LlmockServer) -> None:
    response = ask(llmock.openai_url, "hello")
    assert response.status_code == 200
    assert text_of(response)


def test_llmock_refuses_as_planned_and_notices_a_client_that_gives_up(
    llmock: LlmockServer,
) -> None:
    llmock.plan({"type": "fail", "status": 429, "retry_after": 1, "times": 1})
    response = ask(llmock.openai_url, "hello")
    assert (response.status_code, response.headers["retry-after"]) == (429, "1")
    assert "gave_up" in llmock.verdict()


def test_llmock_cuts_a_stream_as_planned(llmock: LlmockServer) -> None:
    llmock.plan({"type": "stream_fault", "kind": "truncate", "after_chunks": 3})
    assert "[DONE]" not in ask(llmock.openai_url, "hello").text
