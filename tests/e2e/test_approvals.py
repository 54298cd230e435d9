"""Approvals that last: a rule is kept from the dock, and holds in the next session."""

import signal
import tomllib

import pytest

from tests.e2e.conftest import Desk
from tests.e2e.test_command_line import _run
from tests.e2e.test_steering import WRAPPED, approve
from tests.support.reply_script import Reply, ToolCall
from tests.support.streaming_server import StreamingServer
from tests.support.terminal import Terminal


def run(command: str) -> Reply:
    return Reply.tools(ToolCall("run_command", {"command": command}))


def wait_until_lit(console: Terminal, key: str) -> None:
    """Wait until ``key`` would count, which its bold name shows."""

    def is_lit(lines: list[str]) -> bool:
        rows = [row for row, line in enumerate(lines) if key in line]
        return bool(rows) and console.cell(rows[-1], lines[rows[-1]].index(key)).bold

    console.wait_for(is_lit)


def asked_in_console(desk: Desk, server: StreamingServer) -> Terminal:
    """Return a console that asks for ``touch one.txt``; its log has the question."""
    server.enqueue(run("touch one.txt"))
    console = desk.console(server)
    console.submit("make a file")
    console.wait_for("Allow run_command?")
    desk.wait_for_log("permission_request")
    return console


def test_an_edited_rule_is_kept_for_the_project_and_lets_the_next_session_run_unasked(
    desk: Desk, server: StreamingServer
) -> None:
    assert _run(desk, "config", "trust").returncode == 0
    server.enqueue(run("touch one.txt"), Reply.text("first done"))
    console = desk.console(server)
    console.submit("make a file")
    console.wait_for("Allow run_command?")
    console.wait_for("always would allow")
    console.press("alt+l")
    console.wait_for("Always allow run_command?")
    console.wait_for("this project")
    console.press(*["backspace"] * len("one.txt"))
    console.wait_for("does not match this call")
    console.type("*.txt")
    console.wait_for("touch *.txt")
    console.wait_for("It lets this call through")
    wait_until_lit(console, "Enter keeps")
    console.press("enter")
    console.wait_for("first done")
    console.press("ctrl+q")
    assert console.wait_exit() == 0
    file = desk.folder / ".harn" / "permissions.toml"
    kept = tomllib.loads(file.read_text(encoding="utf-8"))
    rule = {"arg_key": "command", "patterns": ["touch *.txt"]}
    assert kept == {"allow": {"run_command": rule}}
    (decision,) = [e for e in desk.events() if e["type"] == "permission_decision"]
    assert (decision["decision"], decision["scope"]) == ("allow", "always")
    assert decision["rule"] == "run_command matches touch *.txt"

    server.enqueue(run("touch two.txt"), run("touch three.md"), Reply.text("second done"))
    again = desk.console(server)
    again.submit("make another")
    again.wait_for("touch three.md")
    again.wait_for("Allow run_command?")
    assert (desk.folder / "two.txt").exists()
    approve(again)
    again.wait_for("second done")
    assert desk.types().count("permission_request") == 1


def test_a_note_with_an_approval_is_read_before_the_next_call(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(run("touch one.txt"), Reply.text("done"))
    console = desk.console(server)
    console.submit("make a file")
    console.wait_for("Allow run_command?")
    console.type("but no more")
    console.wait_for("but no more")
    wait_until_lit(console, "Alt+y")
    console.press("alt+g")
    console.wait_for("done")
    assert (desk.folder / "one.txt").exists()
    *_, result, line = server.wait_for_request(2).messages
    assert result["role"] == "tool"
    assert line["content"] == WRAPPED.format("but no more")
    assert "delivered" in desk.wait_for_log("delivered").read_text(encoding="utf-8")


@pytest.mark.parametrize("is_killed", [True, False])
def test_an_approval_that_was_open_is_asked_again_and_the_run_goes_on(
    desk: Desk, server: StreamingServer, is_killed: bool
) -> None:
    console = asked_in_console(desk, server)
    if is_killed:
        console.kill(signal.SIGKILL)
    else:
        console.press("ctrl+q")
        assert console.wait_exit() == 0
    assert not (desk.folder / "one.txt").exists()

    server.enqueue(Reply.text("made it"))
    again = desk.console(server, "--continue")
    again.wait_for("Allow run_command?")
    again.wait_for("waiting for approval")
    assert len(server.requests) == 1, "the model is not asked before the person was"
    approve(again)
    again.wait_for("made it")
    assert (desk.folder / "one.txt").exists()
    asked, answered = server.requests
    before = asked.messages
    assert answered.messages[: len(before)] == before
    call, result = answered.messages[len(before) :]
    assert [entry["id"] for entry in call["tool_calls"]] == [result["tool_call_id"]]


def test_an_approval_that_nobody_can_be_asked_for_is_named(
    desk: Desk, server: StreamingServer
) -> None:
    asked_in_console(desk, server).kill(signal.SIGKILL)
    server.enqueue(Reply.text("I see"))
    done = _run(desk, "run", "--base-url", server.base_url, "--continue", "go on")
    assert "I see" in done.stdout
    notices = [e for e in desk.events() if e["type"] == "notice"]
    assert sum("still waited" in notice["text"] for notice in notices) == 1
    assert "interrupted" in server.requests[1].messages[-2]["content"]
    assert not (desk.folder / "one.txt").exists()
