"""Agents in the real program: seen, steered, and what a kill leaves of them."""

import json
import signal
import subprocess

from tests.e2e.conftest import Desk
from tests.support.reply_script import Reply, ToolCall
from tests.support.streaming_server import StreamingServer
from tests.support.terminal import harn_tui
from tests.support.waiting import wait_until_blocking

START = Reply.tools(ToolCall("run_agent", {"task": "count the files", "name": "counter"}))
WRAPPED = '<runtime_feedback kind="user">\n{}\n</runtime_feedback>'


def agent_log(desk: Desk) -> str:
    return (desk.sessions()[-1] / "event_log.jsonl").read_text(encoding="utf-8")


def test_agent_is_seen_and_steered_by_itself(desk: Desk, server: StreamingServer) -> None:
    server.enqueue(
        START,
        Reply.text("let me see").stalled_after(1),
        Reply.text("there are none"),
        Reply.text("none, it says"),
    )
    console = desk.console(server)
    console.submit("ask an agent")
    console.wait_for("Agent counter")
    server.wait_for_chunks(2, 1)
    console.type("hidden ones too")
    console.press("alt+s")
    console.wait_for("Sent to counter")
    console.wait_for("> hidden ones too")
    server.release()
    console.wait_for("none, it says")
    assert server.requests[2].messages[-1]["content"] == WRAPPED.format("hidden ones too")
    assert "hidden" not in str(server.requests[3].messages)
    assert len(desk.sessions()) == 2


def test_killed_program_leaves_both_sessions_to_be_taken_up(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(START, Reply.text("let me see").stalled_after(1))
    command = harn_tui("run", "--json", "--base-url", server.base_url, "ask an agent")
    process = subprocess.Popen(
        command, env=desk.environment(), cwd=desk.folder, stdout=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    with process:
        server.wait_for_chunks(2, 1)
        wait_until_blocking(lambda: "llm_call_start" in agent_log(desk), 20.0)
        process.send_signal(signal.SIGKILL)
    server.enqueue(Reply.text("it was cut short"), Reply.text("there are none"))
    root, agent = (path.name for path in desk.sessions())
    again = _run(desk, server, "--session", root, "what happened?")
    assert again.returncode == 0, again.stderr
    result = server.requests[2].messages[-2]
    assert (result["role"], "interrupted" in str(result["content"])) == ("tool", True)
    shown = _run(desk, server, replay=root)
    assert "agent counter, interrupted" in shown.stdout
    taken_up = _run(desk, server, "--session", agent, "well?")
    assert taken_up.returncode == 0, taken_up.stderr
    contents = [message["content"] for message in server.requests[3].messages]
    assert contents[-2:] == ["count the files", "well?"]
    listed = subprocess.run(
        harn_tui("sessions", "list", "--json"),
        env=desk.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    rows = {row["session_id"]: row for row in map(json.loads, listed.stdout.splitlines())}
    assert (rows[agent]["worker_name"], rows[agent]["parent_session_id"]) == ("counter", root)
    assert rows[root]["worker_name"] is None


def _run(
    desk: Desk, server: StreamingServer, *arguments: str, replay: str | None = None
) -> "subprocess.CompletedProcess[str]":
    if replay is None:
        command = harn_tui("run", "--base-url", server.base_url, *arguments)
    else:
        command = harn_tui("replay", "--headless", replay)
    return subprocess.run(
        command,
        env=desk.environment(),
        cwd=desk.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
