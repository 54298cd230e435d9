"""What a killed console leaves is there again: place, folds, draft, queue; and going elsewhere."""

import json
import signal
from typing import Any

import pytest

from tests.e2e.conftest import Desk
from tests.e2e.test_approvals import wait_until_lit
from tests.e2e.test_command_line import _run
from tests.e2e.test_steering import approve
from tests.support.reply_script import Reply, ToolCall
from tests.support.streaming_server import StreamingServer
from tests.support.waiting import wait_until_blocking

ITEMS = "".join(f"- item {number}\n" for number in range(90))


def test_place_folds_and_draft_survive_a_kill(desk: Desk, server: StreamingServer) -> None:
    (desk.folder / "a.txt").write_text("the content of the file\n")
    server.enqueue(Reply.tools(ToolCall("read_file", {"path": "a.txt"})), Reply.text(ITEMS))
    console = desk.console(server)
    console.submit("list them")
    console.wait_for("item 89")
    state = desk.sessions()[0] / "state.json"

    def kept(name: str) -> Any:
        members = json.loads(state.read_text())
        return members[name] if name == "draft" else members["reading"].get(name)

    def wait_until_kept(name: str) -> None:
        wait_until_blocking(lambda: kept(name), 20.0, what=name, describe=console.text)

    console.press("pageup")
    console.press("pageup")
    console.wait_until_gone("item 89")
    wait_until_kept("top")
    console.press("alt+o")  # opens the newest call
    wait_until_kept("folded")
    console.type("half a thought")
    wait_until_blocking(lambda: kept("draft") == "half a thought", describe=console.text)
    before = [row[:50] for row in console.lines() if "item" in row]
    folded = kept("folded")
    console.kill(signal.SIGKILL)

    again = desk.console(server, "--resume", "last")
    again.wait_for("half a thought")
    again.wait_for(before[0].strip())
    again.wait_for(lambda rows: [row[:50] for row in rows if "item" in row] == before)
    assert kept("folded") == folded
    again.press("ctrl+q")
    assert again.wait_exit() == 0


@pytest.mark.parametrize("moment", ["streaming", "asking", "running"])
def test_a_queued_line_survives_a_kill_and_is_delivered_once(
    desk: Desk, server: StreamingServer, moment: str
) -> None:
    busy = {
        "streaming": Reply.text("half an answer").stalled_after(2),
        "asking": Reply.tools(ToolCall("run_command", {"command": "touch never"})),
        "running": Reply.tools(ToolCall("run_command", {"command": "echo begun; sleep 60"})),
    }[moment]
    server.enqueue(busy, Reply.text("both heard"), Reply.text("again"))
    console = desk.console(server)
    console.submit("go")
    console.wait_for({"streaming": "half", "asking": "Allow run_command?"}.get(moment, "Allow"))
    if moment == "running":
        approve(console)
        desk.wait_for_log('"in_progress"')
    console.submit("one more thing")
    wait_until_blocking(
        lambda: b"one more thing" in (desk.sessions()[0] / "feedback.jsonl").read_bytes()
    )
    said = _run(desk, "feedback", "last", "and from elsewhere")
    assert said.stdout == "queued for the next call of a running session\n"
    console.kill(signal.SIGKILL)
    kept = _run(desk, "feedback", "last", "and after the end")
    assert kept.stdout == "kept: no one holds the session open; the next run will deliver it\n"

    again = desk.console(server, "--resume", "last")
    again.wait_for("one more thing")
    if moment == "asking":
        again.wait_for("Allow run_command?")
        wait_until_lit(again, "Alt+n")
        again.press("alt+n")
    else:
        again.press("alt+r")
    again.wait_for("both heard")
    again.submit("and then?")
    again.wait_for("again")
    sent = server.wait_for_request(3).text()
    lines = ("go", "one more thing", "and from elsewhere", "and after the end", "and then?")
    messages = [str(m["content"]) for m in server.requests[2].messages if m["role"] == "user"]
    assert [sum(line in message for message in messages) for line in lines] == [1] * 5, sent
    assert not (desk.folder / "never").exists()
    again.press("ctrl+q")
    assert again.wait_exit() == 0


def test_a_session_is_left_for_another_one_from_within(desk: Desk, server: StreamingServer) -> None:
    server.enqueue(Reply.text("remember this"), Reply.text("the other one"), Reply.text("I do"))
    _run(desk, "run", "--base-url", server.base_url, "first request")
    console = desk.console(server)
    console.submit("second request")
    console.wait_for("the other one")
    console.type("/rename The second one")
    console.press("enter")
    console.wait_for("This session is called: The second one")
    console.type("/sessions")
    console.press("enter")
    console.wait_for("2 sessions")
    console.wait_for("The second one")
    console.type("first")
    console.wait_for("1 session ")
    console.press("enter")
    console.wait_for("Session resumed")
    console.wait_until_gone("opening the session")
    console.submit("do you?")
    console.wait_for("I do")
    assert "remember this" in server.wait_for_request(3).text()
    console.press("ctrl+q")
    assert console.wait_exit() == 0
    assert len(desk.sessions()) == 2
    for folder in desk.sessions():
        assert f"harn-tui --resume {folder.name}" in console.printed()
    assert "The second one" in _run(desk, "sessions", "list").stdout


def test_a_session_to_continue_that_is_open_elsewhere_is_shown_from_there(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(Reply.text("the first answer"))
    first = desk.console(server)
    first.submit("hello")
    first.wait_for("the first answer")
    desk.wait_for_log("loop_end")

    for words in (("--continue",), ("--session", desk.sessions()[0].name)):
        second = desk.open("--base-url", server.base_url, "--model", "m", *words)
        second.wait_for("read only")
        second.wait_for("the first answer")
        second.press("q")
        assert second.wait_exit() == 0
    first.press("ctrl+q")
    assert first.wait_exit() == 0
