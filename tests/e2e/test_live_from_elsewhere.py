"""Another terminal talks to a session that a console, plain lines or a headless run has open."""

import json
import subprocess
from collections.abc import Callable

import pytest

from tests.e2e.conftest import Desk
from tests.e2e.test_command_line import _run
from tests.support.reply_script import Reply
from tests.support.streaming_server import StreamingServer
from tests.support.terminal import harn_tui
from tests.support.waiting import wait_until_blocking


def _console(desk: Desk, server: StreamingServer) -> Callable[[], int]:
    console = desk.console(server)
    console.submit("hello")

    def leave() -> int:
        console.wait_for("delivered")
        console.wait_for("heard you")
        console.press("ctrl+q")
        return console.wait_exit()

    return leave


def _linear(desk: Desk, server: StreamingServer) -> Callable[[], int]:
    console = desk.open("--base-url", server.base_url, "--model", "m", "--linear")
    console.wait_for("/help says")
    console.type("hello\r")

    def leave() -> int:
        console.wait_for("Assistant: heard you")
        console.type("/quit\r")
        return console.wait_exit()

    return leave


def _headless(desk: Desk, server: StreamingServer) -> Callable[[], int]:
    words = ("run", "--base-url", server.base_url, "--model", "m", "hello")
    run = subprocess.Popen(
        harn_tui(*words), env=desk.environment(), cwd=desk.folder, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip

    def leave() -> int:
        out, _ = run.communicate(timeout=60)
        assert "heard you" in out
        return run.returncode

    return leave


@pytest.mark.parametrize("front_end", [_console, _linear, _headless])
def test_a_line_from_another_terminal_reaches_the_next_call(
    desk: Desk, server: StreamingServer, front_end: Callable[..., Callable[[], int]]
) -> None:
    stalled = Reply.text("half an answer").stalled_after(2)
    server.enqueue(stalled, Reply.text("heard you"))
    leave = front_end(desk, server)
    server.wait_for_request(1)
    wait_until_blocking(lambda: list(desk.sessions()[0].glob("lines.sock")) != [])

    said = _run(desk, "feedback", "last", "use", "tabs")
    assert (said.returncode, said.stdout) == (0, "queued for the next call of a running session\n")
    session_id = desk.sessions()[0].name
    tail = subprocess.Popen(
        harn_tui("tail", "--json", "--from-start", session_id), env=desk.environment(),
        cwd=desk.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    renamed = _run(desk, "sessions", "rename", "last", "A", "live", "one")
    assert renamed.returncode == 0, renamed.stderr
    server.release()

    assert "use tabs" in server.wait_for_request(2).text()
    assert leave() == 0
    lines = [json.loads(line) for line in tail.communicate(timeout=60)[0].splitlines()]
    states = [line["state"] for line in lines if line["type"] == "feedback_state"]
    assert states[-1] == "delivered"
    assert "A live one" in _run(desk, "sessions", "list").stdout
    later = _run(desk, "feedback", "A live one", "--when", "now", "-", stdin="and spaces\n")
    assert later.stdout == "kept: no one holds the session open; the next run will deliver it\n"

    server.enqueue(Reply.text("both"))
    _run(desk, "run", "--base-url", server.base_url, "--session", session_id, "on")
    sent = server.wait_for_request(3).text()
    assert [sent.count(text) for text in ("use tabs", "and spaces")] == [1, 1]
    assert not (desk.sessions()[0] / "lines.sock").exists()


def test_the_list_of_sessions_is_drawn_as_it_changes(desk: Desk, server: StreamingServer) -> None:
    watching = desk.open("sessions", "list", "--watch")
    watching.wait_for("0 sessions")
    server.enqueue(Reply.text("done"))
    _run(desk, "run", "--base-url", server.base_url, "a first request")
    watching.wait_for("a first request")
    watching.wait_for("1 sessions")
    watching.press("ctrl+c")
    assert watching.wait_exit() == 0
    assert not watching.is_full_screen
