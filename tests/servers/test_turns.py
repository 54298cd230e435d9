"""Whole turns against servers that nobody here wrote: headless, and in a console."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.servers.conftest import StartAimock
from tests.servers.mock_servers import Aimock, LlmockServer
from tests.support.terminal import Terminal, harn_tui, isolated_environment

KEYS = {"OPENAI_API_KEY": "test", "ANTHROPIC_API_KEY": "test"}

LOOK_THEN_ANSWER: list[dict[str, Any]] = [
    {
        "match": {"toolCallId": "call_list"},
        "response": {"content": "The notes say: buy milk."},
    },
    {
        "match": {"userMessage": "what do the notes say", "hasToolResult": False},
        "response": {
            "content": "I will look.",
            "toolCalls": [
                {"id": "call_look", "name": "read_file", "arguments": '{"path": "notes.txt"}'},
                {"id": "call_list", "name": "list_directory", "arguments": "{}"},
            ],
        },
    },
]


def _provider_flags(kind: str, server: Aimock | LlmockServer) -> list[str]:
    url = server.anthropic_url if kind == "anthropic" else server.openai_url
    return ["--provider", kind, "--base-url", url, "--model", "gpt-4o"]


def _run_headless(folder: Path, home: Path, *arguments: str) -> tuple[int, list[Any], str]:
    done = subprocess.run(
        harn_tui("run", "--json", *arguments),
        env=isolated_environment(home, **KEYS),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working folder with notes in it."""
    path = tmp_path / "work"
    path.mkdir()
    (path / "notes.txt").write_text("buy milk\n")
    return path


@pytest.mark.parametrize("kind", ["openai", "openai-responses", "anthropic"])
def test_headless_turn_with_parallel_tools_over_every_api(
    start_aimock: StartAimock, folder: Path, tmp_path: Path, kind: str
) -> None:
    server = start_aimock(LOOK_THEN_ANSWER)
    code, events, _ = _run_headless(
        folder, tmp_path / "home", *_provider_flags(kind, server), "what do the notes say"
    )
    result = events[-1]
    assert (code, result["status"]) == (0, "done")
    assert result["visible_text"] == "The notes say: buy milk."
    assert result["tools"]["successful"] == ["read_file", "list_directory"]
    assert kind != "openai" or result["llm"]["input_tokens"] > 0
    ends = [e for e in events if e["type"] == "tool_call_update" and e["status"] == "completed"]
    by_tool = {end["tool_name"]: end["raw_output"]["text"] for end in ends}
    assert "buy milk" in by_tool["read_file"]
    assert len(server.requests()) == 2


@pytest.mark.parametrize("kind", ["openai", "anthropic"])
def test_console_turn_with_tools(
    start_aimock: StartAimock, folder: Path, tmp_path: Path, kind: str
) -> None:
    server = start_aimock(LOOK_THEN_ANSWER)
    with Terminal(
        harn_tui(*_provider_flags(kind, server)),
        env=isolated_environment(tmp_path / "home", **KEYS),
        cwd=folder,
        columns=100,
        rows=30,
    ) as console:
        console.wait_for("What shall be done?")
        console.submit("what do the notes say")
        console.wait_for("The notes say: buy milk.")
        console.wait_for("Read notes.txt")
        console.press("ctrl+q")
        assert console.wait_exit() == 0


def test_reasoning_is_kept_apart_from_the_answer(
    start_aimock: StartAimock, folder: Path, tmp_path: Path
) -> None:
    server = start_aimock(
        [
            {
                "match": {"userMessage": "think"},
                "response": {"content": "Four.", "reasoning": "Two and two."},
            }
        ]
    )
    for kind in ("openai", "openai-responses", "anthropic"):
        code, events, _ = _run_headless(
            folder, tmp_path / kind, *_provider_flags(kind, server), "--model", "o3", "think"
        )
        thoughts = "".join(e["content"] for e in events if e["type"] == "agent_thought_chunk")
        assert (kind, code, events[-1]["text"], thoughts) == (kind, 0, "Four.", "Two and two.")


@pytest.mark.parametrize("kind", ["openai", "anthropic"])
@pytest.mark.parametrize(
    "fault",
    [
        {"type": "fail", "status": 429, "retry_after": 1, "times": 1},
        {"type": "fail", "status": 500, "times": 1},
        {"type": "stream_fault", "kind": "truncate", "after_chunks": 3},
        {"type": "stream_fault", "kind": "disconnect", "after_chunks": 3},
        {"type": "stream_fault", "kind": "malformed", "after_chunks": 3},
    ],
    ids=["429", "500", "truncate", "disconnect", "malformed"],
)
def test_client_copes_with_a_fault_and_gets_a_clean_verdict(
    llmock: LlmockServer, folder: Path, tmp_path: Path, kind: str, fault: dict[str, Any]
) -> None:
    llmock.reset()
    llmock.plan(fault)
    code, events, _ = _run_headless(
        folder,
        tmp_path / "home",
        *_provider_flags(kind, llmock),
        "--no-tools",
        "--set",
        "loop.llm_backoff_ms=100",
        "hello there",
    )
    assert code == 0
    assert [e["attempt"] for e in events if e["type"] == "llm_retry"] == [1]
    assert events[-1]["text"]
    assert "FAIL" not in llmock.verdict()


def test_stalled_stream_ends_by_the_time_limit_and_is_retried(
    llmock: LlmockServer, folder: Path, tmp_path: Path
) -> None:
    llmock.reset()
    llmock.plan({"type": "stream_fault", "kind": "stall", "after_chunks": 2})
    code, events, _ = _run_headless(
        folder,
        tmp_path / "home",
        "--provider",
        "local",
        "--set",
        'providers.local.kind="openai"',
        "--set",
        f'providers.local.base_url="{llmock.openai_url}"',
        "--set",
        "providers.local.timeout_s=1",
        "--set",
        "loop.llm_backoff_ms=10",
        "--model",
        "gpt-4o",
        "--no-tools",
        "hello there",
    )
    assert code == 0
    assert [e["category"] for e in events if e["type"] == "llm_retry"] == ["timeout"]
