"""Going over to another model of another provider, from the screen, in lines and without either."""

import json
import subprocess
from collections.abc import Iterator

import pytest

from tests.e2e.conftest import Desk
from tests.support.reply_script import Reply, ToolCall
from tests.support.streaming_server import StreamingServer
from tests.support.terminal import Terminal, harn_tui

WAIT = "echo begun; while [ ! -e go ]; do sleep 0.05; done; echo it-is-there"


@pytest.fixture
def other() -> Iterator[StreamingServer]:
    """A second model server."""
    with StreamingServer(models=("small", "large")) as running:
        yield running


def options(first: StreamingServer, second: StreamingServer, *more: str) -> list[str]:
    """Two providers with APIs of their own, and one that is gone."""
    settings = (
        'provider="claude"',
        f'providers.claude={{kind="anthropic", base_url="{first.base_url}", model="m"}}',
        f'providers.local={{kind="openai", base_url="{second.base_url}", model="large"}}',
        'providers.gone={kind="openai", base_url="http://127.0.0.1:9/v1", model="x"}',
        "permissions.allow={run_command=true}",
        "loop.thinking_budget_tokens=2000",
        *more,
    )
    return [word for setting in settings for word in ("--set", setting)]


def opened(terminal: Terminal) -> Terminal:
    terminal.wait_for("What shall be done?")
    terminal.wait_until_gone("opening the session")
    return terminal


def test_a_switch_while_a_tool_runs_holds_from_the_next_call_and_is_resumed(
    desk: Desk, server: StreamingServer, other: StreamingServer
) -> None:
    server.enqueue(Reply.tools(ToolCall("run_command", {"command": WAIT})).thinking("secret plan"))
    other.enqueue(Reply.text("said by the second"), Reply.text("said again"))
    console = opened(desk.open(*options(server, other), columns=120))
    console.wait_for("m (claude)")
    console.submit("begin")
    console.wait_for("begun")
    console.submit("/model small")
    console.wait_for("small (local) takes over with the next model call.")
    console.wait_for("m (claude) → small (local)")
    (desk.folder / "go").touch()
    console.wait_for("said by the second")
    console.wait_for("The model from here on: small (local)")

    request = other.wait_for_request(1)
    assert request.body["model"] == "small"
    assert [m["role"] for m in request.messages] == ["system", "user", "assistant", "tool"]
    assert "it-is-there" in request.text()
    assert "secret plan" not in json.dumps(request.messages)
    desk.wait_for_log("loop_end")
    switches = [event for event in desk.events() if event["type"] == "model_switch"]
    assert [event["state"] for event in switches] == ["pending", "active"]
    console.press("ctrl+q")
    assert console.wait_exit() == 0

    again = opened(desk.open(*options(server, other), "--continue", columns=120))
    again.wait_for("small (local)")
    again.submit("once more")
    again.wait_for("said again")
    assert other.wait_for_request(2).body["model"] == "small"
    assert len(server.requests) == 1
    again.press("ctrl+q")
    assert again.wait_exit() == 0


def test_the_list_is_used_while_an_approval_waits(
    desk: Desk, server: StreamingServer, other: StreamingServer
) -> None:
    server.enqueue(Reply.tools(ToolCall("write_file", {"path": "a", "content": "b"})))
    other.enqueue(Reply.text("written, says the second"))
    console = opened(desk.open(*options(server, other), columns=120))
    console.submit("write")
    console.wait_for("Allow write_file?")
    console.press("alt+m")
    console.wait_for("gone: 127.0.0.1:9 does not take a connection.")
    console.type("large")
    console.wait_until_gone("small")
    console.press("enter")
    console.wait_for("m (claude) → large (local)")
    assert other.requests == []
    console.press("alt+y")
    console.wait_for("written, says the second")
    assert (desk.folder / "a").read_text() == "b"
    console.press("ctrl+q")
    assert console.wait_exit() == 0


def test_plain_lines_and_control_lines_go_over_too(
    desk: Desk, server: StreamingServer, other: StreamingServer
) -> None:
    other.enqueue(Reply.text("said by the second"))
    console = desk.open(*options(server, other), "--linear")
    console.wait_for("/help says what else can be typed.")
    console.type("/model\r")
    console.wait_for("local has small, large.")
    console.wait_for("gone: 127.0.0.1:9 does not take a connection.")
    console.type("/model smal\r")
    console.wait_for("Not done: No provider has a model smal.")
    console.type("/model small\r")
    console.wait_for("small (local) is in use from now on.")
    console.type("hello\r")
    console.wait_for("Assistant: said by the second")
    console.type("/quit\r")
    assert console.wait_exit() == 0

    server.enqueue(Reply.tools(ToolCall("run_command", {"command": WAIT})))
    other.enqueue(Reply.text("headless, by the second"))
    lines = [{"type": "model", "name": "nowhere:x"}, {"type": "model", "name": "local"}]
    with subprocess.Popen(
        harn_tui("run", "--json", "--input", "jsonl", *options(server, other), "go"),
        env=desk.environment(),
        cwd=desk.folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdin is not None
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdin.write("".join(json.dumps(line) + "\n" for line in lines))
        run.stdin.flush()
        switches = []
        for line in run.stdout:
            event = json.loads(line)
            if event["type"] == "model_switch":
                switches.append((event["state"], event["model"]))
                (desk.folder / "go").touch()
        problems = run.stderr.read()
        assert run.wait(20) == 0
    assert switches == [("pending", "large"), ("active", "large")]
    assert "the model stays: No provider has a model nowhere:x." in problems
    assert "headless, by the second" in line
